import { describe, expect, it } from '@jest/globals';
import { createLog } from '../../src/log.js';

function logTo(level: string) {
  const lines: string[] = [];
  const log = createLog(level, { write: (line) => void lines.push(line) });
  return { log, entries: () => lines.map((line) => JSON.parse(line)) };
}

describe('createLog', () => {
  it('writes the fields of an event and drops what a caller adds', () => {
    const { log, entries } = logTo('info');
    const entry = { service: 'renal', instance: '0123', cards: 2, ms: 41, patientId: 'canary', token: 'canary' };
    log.hookAnswered(entry);
    expect(entries()).toEqual([
      {
        level: 30,
        time: expect.any(String),
        msg: 'hookAnswered',
        service: 'renal',
        instance: '0123',
        cards: 2,
        ms: 41,
      },
    ]);
  });

  it('warns of a refusal and calls a failure of our own an error', () => {
    const { log, entries } = logTo('info');
    log.requestFailed({ code: 'too-large', status: 413, ms: 1 });
    log.requestFailed({ code: 'unexpected', status: 500, ms: 1 });
    expect(entries().map(({ level }) => level)).toEqual([40, 50]);
  });

  it('is silent when told so', () => {
    const { log, entries } = logTo('silent');
    log.stopped({ reason: 'SIGTERM' });
    expect(entries()).toEqual([]);
  });
});
