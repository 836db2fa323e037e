import { type Date as CqlDate, DateTime } from 'cql-execution';
import type { CodeTable } from '../code-table.js';
import type { RecordSource } from '../record-source.js';
import type { Library } from './library.js';

/** A compiled library, ready to be run on one patient after another. */
export interface LibraryClass {
  new (run: CompiledRun): Library;
  /** What is the same for every patient, by the number of the define. */
  known: unknown[];
}

/** One of the libraries that are loaded together. */
export interface CompiledLibrary {
  name: string;
  /** From 0. */
  number: number;
  /** Once it is loaded. */
  made?: LibraryClass;
}

/** What one retrieve of the knowledge asks for. */
export interface Retrieve {
  /** Of the retrieves of one knowledge, from 0. */
  number: number;
  type: string;
  /** Where it asks for codes: it stands there by its number. */
  table?: CodeTable;
}

/** What compiled libraries read. */
export type RecordParts = Pick<RecordSource, 'findRecords' | 'recordsFor'>;

interface RunParts {
  record: RecordParts;
  now: DateTime;
  parameters: Readonly<Record<string, unknown>>;
}

/** One patient's record at one moment, as compiled libraries see it: one object of each library for all that read it. */
export class CompiledRun {
  readonly now: DateTime;
  readonly #parts: RunParts;
  readonly #opened: Library[] = [];
  readonly #retrieved: unknown[][] = [];

  constructor(parts: RunParts) {
    this.now = parts.now;
    this.#parts = parts;
  }

  library({ number, name, made }: CompiledLibrary): Library {
    const known = this.#opened[number];
    if (known !== undefined) return known;
    if (made === undefined) throw new Error(`there is no compiled library ${name}`);
    return (this.#opened[number] = new made(this));
  }

  parameter(name: string, standard: () => unknown): unknown {
    const given = this.#parts.parameters[name];
    return given === undefined ? standard() : given;
  }

  today(): CqlDate {
    return this.now.getDate();
  }

  /** What is not said is not known, but for the offset: that of the moment, whole hours of it as the engine reads it. */
  dateTime(...parts: unknown[]): DateTime {
    const ownOffset = Number.parseInt(String(this.now.timezoneOffset), 10);
    // The knowledge gives numbers or nulls.
    const [year, month, day, hour, minute, second, millisecond, offset = ownOffset] = parts as (number | undefined)[];
    return new DateTime(year, month, day, hour, minute, second, millisecond, offset);
  }

  /** The same list whenever the same is asked. */
  retrieve({ number, type, table }: Retrieve): unknown[] {
    const known = this.#retrieved[number];
    if (known !== undefined) return known;
    const { record } = this.#parts;
    const found = table === undefined ? record.findRecords(type) : record.recordsFor(table, number);
    return (this.#retrieved[number] = found);
  }
}
