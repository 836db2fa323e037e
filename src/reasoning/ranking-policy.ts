import { z } from 'zod';

const libraries = z.array(z.string().min(1));

/** When a cause is not shown although it applies; every condition given must fail for it to be shown. */
const unless = z.strictObject({
  /** Another cause accounts for this abnormality. */
  explained: z.string().optional(),
  /** One of these libraries applies, whatever its points. */
  fits: libraries.optional(),
  /** One of `of` (all other causes when absent) has at least this many points. */
  points: z.int().optional(),
  of: libraries.optional(),
  /** Data are missing or not settled. */
  unsettled: z.literal(true).optional(),
});

/** The `ranking` part of `cards/policy.yaml`: how findings become at most two cards. */
export const rankingPolicySchema = z.strictObject({
  likely: z.int().min(1).max(100),
  possible: z.int().min(1).max(100),
  'causes-shown': z.int().min(1),
  'leads-the-cause-card': libraries,
  'last-resort': z.string().min(1),
  /** Not ranked by: its criteria are shown by an explanation. */
  gate: z.strictObject({ library: z.string().min(1), expression: z.string().min(1) }),
  unless: z.record(z.string(), unless),
  'info-only': libraries,
  'tie-order': libraries,
});

/** The expression that every rule asks first. */
export type Gate = z.infer<typeof rankingPolicySchema>['gate'];
export type RankingPolicy = Omit<z.infer<typeof rankingPolicySchema>, 'gate'>;
export type Unless = z.infer<typeof unless>;
