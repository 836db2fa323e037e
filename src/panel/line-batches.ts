import type { Weighed } from './work.js';

const LINE_BREAK = 10;

export interface BatchSizes {
  /** A batch is complete with the line that reaches this many bytes. */
  batchBytes: number;
  /** A longer line is not kept. */
  lineBytes: number;
}

export const BATCH_SIZES: BatchSizes = { batchBytes: 4_000_000, lineBytes: 100_000_000 };

/**
 * Cuts a stream into batches of whole lines. Where it is cut depends on the bytes alone, not on how they arrive, so that a
 * run that is taken up again meets the same batches.
 */
export async function* lineBatches(
  stream: AsyncIterable<Uint8Array>,
  sizes: BatchSizes = BATCH_SIZES,
): AsyncGenerator<Weighed> {
  let batch = new Batch(sizes);
  for await (const chunk of stream) {
    for (let from = 0; from < chunk.length;) {
      const end = chunk.indexOf(LINE_BREAK, from);
      const next = end < 0 ? chunk.length : end + 1;
      batch.add(chunk.subarray(from, next), end >= 0);
      from = next;
      if (!batch.isComplete) continue;
      yield batch.weighed();
      batch = new Batch(sizes);
    }
  }
  batch.add(new Uint8Array(), true);
  if (!batch.isEmpty) yield batch.weighed();
}

class Batch {
  readonly #sizes: BatchSizes;
  readonly #lines: Uint8Array[] = [];
  #line: Uint8Array[] = [];
  #lineBytes = 0;
  #bytes = 0;
  #read = 0;
  #tooLong = 0;

  constructor(sizes: BatchSizes) {
    this.#sizes = sizes;
  }

  get isEmpty(): boolean {
    return this.#read === 0;
  }

  get isComplete(): boolean {
    return this.#lineBytes === 0 && this.#read >= this.#sizes.batchBytes;
  }

  add(piece: Uint8Array, isEndOfLine: boolean): void {
    this.#lineBytes += piece.length;
    this.#read += piece.length;
    if (this.#lineBytes > this.#sizes.lineBytes) this.#line = [];
    else if (piece.length > 0) this.#line.push(piece);
    if (!isEndOfLine) return;
    if (this.#lineBytes > this.#sizes.lineBytes) this.#tooLong += 1;
    else this.#keepLine();
    this.#line = [];
    this.#lineBytes = 0;
  }

  #keepLine(): void {
    for (const piece of this.#line) this.#lines.push(piece);
    this.#bytes += this.#lineBytes;
  }

  weighed(): Weighed {
    const bytes = new Uint8Array(this.#bytes);
    let at = 0;
    for (const piece of this.#lines) {
      bytes.set(piece, at);
      at += piece.length;
    }
    return { work: { kind: 'lines', bytes, tooLong: this.#tooLong }, weight: this.#read };
  }
}
