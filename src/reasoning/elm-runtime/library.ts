import type { CompiledRun } from './compiled-run.js';

/**
 * What every compiled library is: its defines and functions are methods, and it remembers what it has computed. Each
 * sets its members itself, in this order: in V8 one place that sets them for objects of fifty classes is slow.
 */
export abstract class Library {
  declare readonly run: CompiledRun;
  /** Values of the defines, by their number, at first what is the same for every patient; undefined where none is known yet. */
  declare readonly known: unknown[];
  /** What computing a define threw, by its number: whoever asks again is told the same. */
  declare failures: Map<number, unknown> | undefined;

  /** The value of a define that is asked for from outside. */
  answer(define: string): unknown {
    // The compiler gives each define a method of this name.
    return (this as unknown as Record<string, () => unknown>)[define]?.();
  }

  throwAgain(index: number): void {
    if (this.failures?.has(index)) throw this.failures.get(index);
  }

  /** Notes what computing a define threw. */
  failed(index: number, error: unknown): unknown {
    this.failures ??= new Map();
    this.failures.set(index, error);
    return error;
  }
}
