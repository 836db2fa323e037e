/** A hook waits for it. */
const ANSWER_WITHIN_MS = 1_000;

/** What comes too late is no answer, and its failure is nobody's any more. */
export async function withinTime<Result>(work: Promise<Result>): Promise<Result> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => {
      reject(Object.assign(new Error('late'), { code: 'ETIMEDOUT' }));
    }, ANSWER_WITHIN_MS);
  });
  work.catch(() => {});
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}
