/** What became of one mutant. */
export interface Outcome {
  line: string;
  usedIn: string;
  /** `unread`: it survived because no case reads the number. */
  fate: 'noticed' | 'survived' | 'unread' | 'not played';
}

export interface MutationReport {
  lines: string[];
  /** There were mutants, none survived or was left unplayed, and what is called equivalent is. */
  passed: boolean;
}

/**
 * The survivors by the libraries that name their define, then one line that sums up.
 *
 * @param equivalent reasons by line; an entry that some case notices, or that is no mutant, is told too
 * @param complete false when only some of the mutants were made
 */
export function mutationReport(
  outcomes: readonly Outcome[],
  equivalent: ReadonlyMap<string, string>,
  complete: boolean,
): MutationReport {
  const unnoticed = outcomes.filter(({ fate }) => fate === 'survived' || fate === 'unread');
  const survivors = unnoticed.filter(({ line }) => !equivalent.has(line));
  const unread = survivors.filter(({ fate }) => fate === 'unread');
  const groups = new Set(survivors.map(({ usedIn }) => usedIn));
  const listed = [...groups].flatMap((group) => [
    `${group}:`,
    ...survivors
      .filter(({ usedIn }) => usedIn === group)
      .map(({ line, fate }) => `  ${line}${fate === 'unread' ? ' (no case reads it)' : ''}`),
  ]);
  const stale = [...equivalent.keys()].filter((line) => {
    const fate = outcomes.find((outcome) => outcome.line === line)?.fate;
    return fate === 'noticed' || (fate === undefined && complete);
  });
  const count = (fate: Outcome['fate']) => outcomes.filter((outcome) => outcome.fate === fate).length;
  const unplayed = count('not played');
  return {
    lines: [
      ...listed,
      ...stale.map((line) => `not equivalent after all: ${line}`),
      `${outcomes.length} mutants: ${count('noticed')} noticed, ${survivors.length} survived (${unread.length} read by no case), ` +
        `${unnoticed.length - survivors.length} equivalent, ${unplayed} not played`,
    ],
    passed: outcomes.length > 0 && survivors.length === 0 && unplayed === 0 && stale.length === 0,
  };
}
