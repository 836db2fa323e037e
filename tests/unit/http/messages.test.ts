import { Socket } from 'node:net';
import { describe, expect, it, jest } from '@jest/globals';
import express from 'express';
import { messagesOf } from '../../../src/http/messages.js';
import { listen } from '../../../src/http/server.js';

describe('messages of an app', () => {
  it('have what Express would give them, so that it leaves them as they are', () => {
    const app = express();
    const { request: ofExpress, response: alsoOfExpress } = app;
    const { IncomingMessage, ServerResponse } = messagesOf(app);
    const request = new IncomingMessage(new Socket());
    const response = new ServerResponse(request);
    expect(Object.getPrototypeOf(request)).toBe(app.request);
    expect(Object.getPrototypeOf(response)).toBe(app.response);
    expect(Object.getPrototypeOf(app.request)).toBe(ofExpress);
    expect(Object.getPrototypeOf(app.response)).toBe(alsoOfExpress);
    expect([request, response]).toEqual([expect.objectContaining({ app }), expect.objectContaining({ app })]);
  });

  it('get no other prototype on their way through a server', async () => {
    const app = express();
    app.use((request, response) => {
      response.json({ query: request.query, language: request.get('Accept-Language') });
    });
    const { url, close } = await listen(app, { host: '127.0.0.1', port: 0 });
    const changed: string[] = [];
    jest.spyOn(Object, 'setPrototypeOf').mockImplementation((target: object, prototype) => {
      if (Object.getPrototypeOf(target) !== prototype) changed.push(target.constructor.name);
      Reflect.setPrototypeOf(target, prototype);
      return target;
    });
    const answer = await fetch(`${url}/?a=b`, { headers: { 'Accept-Language': 'fi' } });
    jest.restoreAllMocks();
    await close();
    expect(await answer.json()).toEqual({ query: { a: 'b' }, language: 'fi' });
    expect(changed).toEqual([]);
  });
});
