import type { FhirResource } from 'fhir/r4.js';
import { z } from 'zod';
import {
  type Action,
  type Card,
  type CdsResponse,
  type CdsService,
  type Coding,
  HOOK_NAMES,
  type Link,
  type OverrideReason,
  type Suggestion,
} from '../cds-hooks.js';
import { CARD_ID, MOST_ENTRIES } from './feedback-body.js';

/** Schemas of what the service sends, and of feedback as clients should send it, for the description of the interface. */

const text = z.string().min(1);
const address = z.url({ protocol: /^https?$/ });

const coding = z.object({ system: text, code: text, display: text.exactOptional() }) satisfies z.ZodType<Coding>;

const overrideReason = coding.extend({ display: text }) satisfies z.ZodType<OverrideReason>;

const resource = z.custom<FhirResource>().meta({
  type: 'object',
  properties: { resourceType: { type: 'string' } },
  required: ['resourceType'],
  description: 'A whole FHIR R4 resource.',
});

const action = z.discriminatedUnion('type', [
  z.object({ type: z.enum(['create', 'update']), description: text, resource }),
  z.object({ type: z.literal('delete'), description: text, resourceId: text.meta({ description: 'Type/id' }) }),
]) satisfies z.ZodType<Action>;

const suggestion = z.object({
  label: text,
  uuid: z.uuid(),
  isRecommended: z.boolean().exactOptional(),
  actions: z.array(action).min(1).exactOptional(),
}) satisfies z.ZodType<Suggestion>;

const link = z.object({
  label: text,
  url: address,
  type: z.enum(['absolute', 'smart']),
  appContext: text.exactOptional(),
}) satisfies z.ZodType<Link>;

const source = z.object({
  label: text,
  url: address.exactOptional().meta({ description: 'What the knowledge rests on.' }),
  icon: address.exactOptional(),
  topic: coding.exactOptional().meta({ description: 'The same for every patient: the kind of card.' }),
}) satisfies z.ZodType<Card['source']>;

const card = z.object({
  uuid: z.uuid(),
  summary: text.max(139),
  detail: text.exactOptional().meta({ description: 'GitHub-flavoured Markdown.' }),
  indicator: z.enum(['info', 'warning', 'critical']),
  source,
  suggestions: z.array(suggestion).min(1).exactOptional(),
  selectionBehavior: z.enum(['at-most-one', 'any']).exactOptional(),
  overrideReasons: z.array(overrideReason).min(1).exactOptional(),
  links: z.array(link).min(1).exactOptional(),
  extension: z.record(z.string(), z.unknown()).exactOptional(),
}) satisfies z.ZodType<Card>;

const answer = z.object({ cards: z.array(card) }) satisfies z.ZodType<CdsResponse>;

const service = z.object({
  id: text,
  hook: z.enum(HOOK_NAMES),
  title: text,
  description: text,
  prefetch: z.record(z.string(), text).exactOptional(),
  usageRequirements: text.exactOptional(),
  version: text.meta({ description: 'The CDS Hooks release.' }),
}) satisfies z.ZodType<CdsService>;

const feedbackEntry = z.object({
  card: z.string().regex(CARD_ID).meta({ description: 'The uuid of the card.' }),
  outcome: z.enum(['accepted', 'overridden']),
  acceptedSuggestions: z
    .array(z.object({ id: text }))
    .min(1)
    .exactOptional()
    .meta({ description: 'The uuids of the suggestions that were accepted.' }),
  overrideReason: z
    .object({ reason: overrideReason.exactOptional(), userComment: text.exactOptional() })
    .exactOptional(),
  outcomeTimestamp: z.iso.datetime({ offset: true }),
});

const count = z.int().nonnegative();

const reasonCount = z.object({
  system: text.exactOptional(),
  code: text.exactOptional(),
  display: text.exactOptional(),
  cards: count,
});

const feedbackSummary = z.object({
  since: z.iso.date().exactOptional(),
  until: z.iso.date().exactOptional(),
  by: z.enum(['day', 'week', 'all']),
  rows: z.array(
    z.object({
      period: text,
      topic: text,
      knowledgeVersion: text,
      shown: count,
      accepted: count,
      suggestionsAccepted: count,
      overridden: count,
      reasons: z.array(reasonCount),
    }),
  ),
});

const operationOutcome = z.object({
  resourceType: z.literal('OperationOutcome'),
  issue: z
    .array(z.object({ severity: z.literal('error'), code: text, diagnostics: text }))
    .length(1)
    .meta({ description: 'The diagnostics name fields, never values.' }),
});

/** By the name they have in the description. */
export const SENT_SCHEMAS = {
  Services: z.object({ services: z.array(service) }),
  Cards: answer,
  Feedback: z.object({ feedback: z.array(feedbackEntry).max(MOST_ENTRIES) }),
  FeedbackSummary: feedbackSummary,
  OperationOutcome: operationOutcome,
} satisfies Record<string, z.ZodType>;
