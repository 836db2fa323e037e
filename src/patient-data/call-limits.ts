/** Bytes, resources and calls are for one hook, pages for one search. */
export interface CallLimits {
  bytes: number;
  resources: number;
  calls: number;
  pages: number;
}

export const LIMITS: CallLimits = { bytes: 20_000_000, resources: 5_000, calls: 150, pages: 10 };
