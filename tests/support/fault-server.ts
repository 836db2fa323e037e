import type { FhirResource } from 'fhir/r4.js';
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { answerTo } from './prefetched.js';

/** What was asked of the server: the target without the base, such as `Patient/p1`. */
export interface FaultCall {
  target: string;
  authorization: string | undefined;
}

/** Writes an answer, or breaks it. */
export type Reply = (socket: Socket, call: FaultCall) => void;

/**
 * A FHIR server on raw sockets that holds one record and answers well, but for what it is told to get wrong.
 * Every answer closes its connection.
 */
export class FaultServer {
  readonly calls: FaultCall[] = [];
  url = '';
  connections = 0;
  /** Calls whose connection the other side closed before they were answered. */
  abandoned = 0;
  #faults: { pattern: RegExp; replies: Reply[] }[] = [];
  readonly #record: readonly FhirResource[];
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  /** Those that brought a call: the client's pool opens others in advance. */
  readonly #busy = new Set<Socket>();

  private constructor(record: readonly FhirResource[]) {
    this.#record = record;
    this.#server = createServer({ allowHalfOpen: true }, (socket) => {
      this.#accept(socket);
    });
  }

  static async open(record: readonly FhirResource[]): Promise<FaultServer> {
    const opened = new FaultServer(record);
    await new Promise<void>((resolve) => opened.#server.listen(0, '127.0.0.1', resolve));
    // It listens on TCP, where the address is no text.
    opened.url = `http://127.0.0.1:${(opened.#server.address() as AddressInfo).port}/fhir`;
    return opened;
  }

  /** Calls whose target matches are answered with these, in order; the last one stays. */
  answer(pattern: RegExp, ...replies: Reply[]): this {
    this.#faults.push({ pattern, replies });
    return this;
  }

  async close(): Promise<void> {
    this.#sockets.forEach((socket) => socket.destroy());
    await new Promise((resolve) => this.#server.close(resolve));
  }

  /** Settles when no call is open any more. */
  async quiet(): Promise<void> {
    while (this.#busy.size > 0) await new Promise((resolve) => setTimeout(resolve, 10));
  }

  #accept(socket: Socket): void {
    this.connections += 1;
    this.#sockets.add(socket);
    let head = '';
    socket.on('error', () => undefined);
    socket.on('end', () => {
      if (!socket.writableEnded) socket.destroy();
    });
    socket.on('close', () => {
      this.#sockets.delete(socket);
      if (this.#busy.delete(socket) && !socket.writableEnded) this.abandoned += 1;
    });
    socket.on('data', (bytes) => {
      const isRead = head.includes('\r\n\r\n');
      head += bytes.toString('latin1');
      if (isRead || !head.includes('\r\n\r\n')) return;
      this.#busy.add(socket);
      this.#reply(socket, head);
    });
  }

  #reply(socket: Socket, head: string): void {
    const call = {
      target: (head.split(' ')[1] ?? '').replace(/^\/fhir\/?/, ''),
      authorization: /^authorization: (.*)$/im.exec(head)?.[1]?.trim(),
    };
    this.calls.push(call);
    const fault = this.#faults.find(({ pattern }) => pattern.test(call.target));
    const reply = fault && fault.replies.length > 1 ? fault.replies.shift() : fault?.replies[0];
    (reply ?? this.#healthy)(socket, call);
  }

  readonly #healthy: Reply = (socket, call) => {
    const found = answerTo(call.target, this.#record);
    (found === null ? status(404) : json(found))(socket, call);
  };
}

/** As the record has it, after a while. */
export function json(body: unknown, headers: Record<string, string> = {}): Reply {
  return status(200, JSON.stringify(body), { 'Content-Type': 'application/fhir+json', ...headers });
}

export function status(code: number, body: string | Buffer = '', headers: Record<string, string> = {}): Reply {
  const lines = Object.entries({ 'Content-Length': String(Buffer.byteLength(body)), Connection: 'close', ...headers });
  const head = [`HTTP/1.1 ${String(code)} Told`, ...lines.map(([name, value]) => `${name}: ${value}`), '', ''].join(
    '\r\n',
  );
  return (socket) => {
    socket.write(head);
    socket.end(body);
  };
}

/** Bytes as they are, then the end of the connection. */
export function bytes(text: string): Reply {
  return (socket) => socket.end(text);
}

/** Nothing, ever. */
export const silent: Reply = () => undefined;

/** The begin of an answer, then nothing. */
export function stalled(begin: string): Reply {
  return (socket) => socket.write(begin);
}

export const reset: Reply = (socket) => socket.resetAndDestroy();

/** The head and half of a body, then a reset. */
export const resetInBody: Reply = (socket) => {
  socket.write('HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n{"resourceType":"Bundle",', () => {
    setTimeout(() => socket.resetAndDestroy(), 20);
  });
};

/** A head that promises much, then a blank every 20 ms. */
export const dripping: Reply = (socket) => {
  socket.write('HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n');
  const timer = setInterval(() => socket.write(' '), 20);
  socket.on('close', () => {
    clearInterval(timer);
  });
};
