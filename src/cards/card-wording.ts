import { z } from 'zod';

const text = z.string().min(1);

/** The `wording` part of `cards/policy.yaml`: everything a card says that no single library owns. */
export const cardWordingSchema = z.strictObject({
  source: text,
  lead: text,
  'urgent-lead': text,
  headings: z.strictObject({
    'also-found': text,
    against: text,
    missing: text,
    'can-be-done': text,
    'not-suggested': text,
    evidence: text,
    'self-care': text,
  }),
  'self-care': z.array(text).min(1),
  'no-self-care': z.array(text),
  footer: text,
  capped: text,
  'not-checked': z.strictObject({ summary: text, title: text }),
  gaps: z.strictObject({
    'not-had': text,
    incomplete: text,
    unreadable: text,
    foreign: text,
    'medication-unresolved': text,
    failed: text,
  }),
  reasons: z.strictObject({ 'not-provided': text, failed: text, 'not-permitted': text, 'timed-out': text }),
  'resource-types': z.record(z.string(), text),
  'override-reasons': z.strictObject({
    system: text,
    reasons: z.array(z.strictObject({ code: text, display: text })).min(1),
  }),
  'remove-draft': text,
  'handout-link': text,
  'smart-link': text,
  tests: z.strictObject({
    system: z.url(),
    'at-most': z.int().min(1),
    'ordered-within-days': z.int().min(1),
    reason: text,
    'counted-as-one': z.array(z.array(text)),
    // A site's own order stands for a test that has no code of its own; without one the card says it as text alone.
    'site-orders': z.record(z.string(), z.enum(['ecgOrder'])).default({}),
    names: z.record(z.string(), text),
  }),
});

export type CardWording = z.infer<typeof cardWordingSchema>;
