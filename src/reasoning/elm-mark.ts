import { createHash } from 'node:crypto';

/** The mark by which a compiled library is known to be made of this very ELM. */
export function elmMark(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
