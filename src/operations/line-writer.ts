import { writeSync } from 'node:fs';

export interface LineWriter {
  /** Never throws. */
  write(line: string): void;
}

/** A reader of a pipe that stands still holds nobody up for longer. */
const MOST_WAITS = 10;
const WAIT_MS = 10;

/**
 * Writes lines to an open file or pipe, each before anything else happens, so that a kill loses none. What cannot be
 * written, on a full disk or to a reader that has gone, is lost and told; the next line is tried as any other.
 */
export function lineWriter(file: number, onLost: (lines: number) => void): LineWriter {
  let isCutOff = false;
  return {
    write: (line) => {
      // What was cut off must not spoil the next line.
      const left = writtenWhole(file, Buffer.from(isCutOff ? `\n${line}` : line));
      if (left === 'all') isCutOff = false;
      else {
        isCutOff ||= left === 'part';
        onLost(line.split('\n').length - 1);
      }
    },
  };
}

const LINES_TOGETHER_CHARACTERS = 4_096;
const WRITE_AFTER_MS = 100;

/**
 * Lines are written together, every tenth of a second or so: a write to the system for each answer costs as much as
 * ranking its findings. What must not wait so long, and what is left at the end, is flushed.
 */
export function linesTogether(writer: LineWriter): LineWriter & { flush(): void } {
  let waiting = '';
  const flush = () => {
    const lines = waiting;
    waiting = '';
    if (lines !== '') writer.write(lines);
  };
  setInterval(flush, WRITE_AFTER_MS).unref();
  return {
    flush,
    write: (line) => {
      waiting += line;
      if (waiting.length >= LINES_TOGETHER_CHARACTERS) flush();
    },
  };
}

function writtenWhole(file: number, bytes: Buffer): 'all' | 'part' | 'none' {
  let done = 0;
  for (let waits = 0; done < bytes.length && waits <= MOST_WAITS;) {
    try {
      done += writeSync(file, bytes, done);
    } catch (error) {
      const isBusy = error instanceof Error && 'code' in error && error.code === 'EAGAIN';
      if (!isBusy) break;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, WAIT_MS);
      waits += 1;
    }
  }
  if (done === bytes.length) return 'all';
  return done > 0 ? 'part' : 'none';
}
