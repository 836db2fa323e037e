import { ServiceError } from './errors.js';

/** Goes through everything that may be wrong at start, so that one look shows all of it. */
export class StartProblems {
  readonly #errors: ServiceError[] = [];

  /** What is read; undefined when it is wrong. */
  attempt<Result>(read: () => Result): Result | undefined {
    try {
      return read();
    } catch (error) {
      if (!(error instanceof ServiceError)) throw error;
      this.#errors.push(error);
      return undefined;
    }
  }

  /**
   * The parts read so far.
   *
   * @throws ServiceError that names everything that is wrong with any of them
   */
  complete<Parts extends object>(parts: Parts): { [Name in keyof Parts]: NonNullable<Parts[Name]> } {
    const [first, ...others] = this.#errors;
    // as: a part is undefined only where its reading was refused.
    if (first === undefined) return parts as { [Name in keyof Parts]: NonNullable<Parts[Name]> };
    if (others.length === 0) throw first;
    const problems = this.#errors.flatMap((error) => error.problems);
    throw new ServiceError(first.code, problems.join('\n'), { problems });
  }
}
