interface Counted {
  entries: readonly unknown[];
}

/** How much of each answer there is room for: one that floods the call is cut before the others lose anything. */
export function sharesOf<Answer extends Counted>(
  answers: readonly Answer[],
  most: number,
): ReadonlyMap<Answer, number> {
  let left = most;
  const smallestFirst = [...answers].sort((one, other) => one.entries.length - other.entries.length);
  return new Map(
    smallestFirst.map((answer) => {
      const share = Math.min(left, answer.entries.length);
      left -= share;
      return [answer, share] as const;
    }),
  );
}
