import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { lineBatches } from '../../../src/panel/line-batches.js';

const SIZES = { batchBytes: 10, lineBytes: 20 };

async function* chunks(text: string, size: number): AsyncGenerator<Uint8Array> {
  const bytes = Buffer.from(text);
  for (let from = 0; from < bytes.length; from += size) yield await Promise.resolve(bytes.subarray(from, from + size));
}

async function batchesOf(text: string, size: number) {
  const found: { text: string; tooLong: number; weight: number }[] = [];
  for await (const { work, weight } of lineBatches(chunks(text, size), SIZES)) {
    if (work.kind !== 'lines') throw new Error('no lines');
    found.push({ text: Buffer.from(work.bytes).toString(), tooLong: work.tooLong, weight });
  }
  return found;
}

describe('batches of lines', () => {
  it('are complete with the line that reaches the size', async () => {
    expect(await batchesOf('one\ntwo\nthree\nfour\n', 5)).toEqual([
      { text: 'one\ntwo\nthree\n', tooLong: 0, weight: 14 },
      { text: 'four\n', tooLong: 0, weight: 5 },
    ]);
  });

  it('hold a last line without a line break', async () => {
    expect(await batchesOf('one\ntwo', 100)).toEqual([{ text: 'one\ntwo', tooLong: 0, weight: 7 }]);
  });

  it('leave out a line that is too long, and count it', async () => {
    expect(await batchesOf(`a\n${'x'.repeat(21)}\nb\n`, 4)).toEqual([
      { text: 'a\n', tooLong: 1, weight: 24 },
      { text: 'b\n', tooLong: 0, weight: 2 },
    ]);
  });

  it('are the same however the bytes arrive, and lose none', async () => {
    const lines = fc.array(
      fc.string({ maxLength: 18 }).map((line) => line.replaceAll('\n', '')),
      { maxLength: 30 },
    );
    await fc.assert(
      fc.asyncProperty(lines, fc.integer({ min: 1, max: 50 }), async (texts, size) => {
        const text = texts.map((line) => `${line}\n`).join('');
        const found = await batchesOf(text, size);
        expect(found).toEqual(await batchesOf(text, 1_000));
        const tooLong = texts.filter((line) => Buffer.byteLength(`${line}\n`) > SIZES.lineBytes);
        const kept = texts.filter((line) => !tooLong.includes(line));
        expect(found.map((batch) => batch.text).join('')).toBe(kept.map((line) => `${line}\n`).join(''));
        expect(found.reduce((sum, batch) => sum + batch.tooLong, 0)).toBe(tooLong.length);
      }),
    );
  });
});
