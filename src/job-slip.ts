const ROOM = 1_024;
/** When it began (eight bytes), the length of what is noted (four), what is noted as JSON in UTF-8. */
const [BEGUN, LENGTH, TEXT] = [0, 8, 12];
const NS_PER_MS = 1e6;

/** Of all threads the same clock: milliseconds since no moment in particular. */
export function sharedClock(): number {
  return Number(process.hrtime.bigint()) / NS_PER_MS;
}

/**
 * What a job leaves in memory that it shares with whoever ordered it: read when it is needed, also when the job's thread
 * has been ended. A message would wake the ordering thread for each job, and where all cores are busy hold up another.
 */
export class JobSlip<Noted = unknown> {
  readonly memory: SharedArrayBuffer;
  readonly #begunAt: BigInt64Array;
  readonly #length: Int32Array;

  /** @param memory of the slip that is written here and was made elsewhere */
  constructor(memory = new SharedArrayBuffer(ROOM)) {
    this.memory = memory;
    this.#begunAt = new BigInt64Array(memory, BEGUN, 1);
    this.#length = new Int32Array(memory, LENGTH, 1);
  }

  begin(): void {
    Atomics.store(this.#begunAt, 0, process.hrtime.bigint());
  }

  /** By the shared clock. */
  get begunAt(): number | undefined {
    const ns = Atomics.load(this.#begunAt, 0);
    return ns === 0n ? undefined : Number(ns) / NS_PER_MS;
  }

  /** Once for each job, since it may be read at any moment. @throws RangeError where its JSON does not fit */
  note(noted: Noted): void {
    if (Atomics.load(this.#length, 0) !== 0) throw new Error('A job notes one thing.');
    const text = Buffer.from(JSON.stringify(noted));
    if (text.length > ROOM - TEXT) throw new RangeError(`A job can note ${ROOM - TEXT} bytes of JSON.`);
    text.copy(Buffer.from(this.memory, TEXT));
    Atomics.store(this.#length, 0, text.length);
  }

  get noted(): Noted | undefined {
    const length = Atomics.load(this.#length, 0);
    if (length === 0) return undefined;
    // as: `note` alone writes it.
    return JSON.parse(Buffer.from(this.memory, TEXT, length).toString()) as Noted;
  }
}
