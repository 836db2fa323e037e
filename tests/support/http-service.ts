import { expect } from '@jest/globals';
import type { OperationOutcome } from 'fhir/r4.js';
import type { CdsRequest, CdsResponse, CdsService } from '../../src/cds-hooks.js';
import type { FeedbackStore } from '../../src/feedback/feedback-store.js';
import { createApp, type AppParts, type HttpSettings } from '../../src/http/app.js';
import type { CallRecord, HookCall } from '../../src/http/call-record.js';
import { listen } from '../../src/http/server.js';
import type { Advise } from '../../src/http/service-call.js';
import { createLog } from '../../src/log.js';
import { forgetfulStore } from './forgetful-store.js';

export const PATIENT_VIEW: CdsService = {
  id: 'test-patient-view',
  hook: 'patient-view',
  title: 'Test service',
  description: 'Answers when a chart is opened.',
  prefetch: { patient: 'Patient/{{context.patientId}}' },
  usageRequirements: 'None.',
  version: '2.0.1',
};
export const ORDER_SELECT: CdsService = { ...PATIENT_VIEW, id: 'test-order-select', hook: 'order-select' };
export const ORDER_SIGN: CdsService = { ...PATIENT_VIEW, id: 'test-order-sign', hook: 'order-sign' };

const SETTINGS: HttpSettings = {
  corsOrigins: [],
  maxBodyBytes: 100_000,
  hookDeadlineMs: 2_000,
  rateLimitPerMinute: 10_000,
  allowEvaluationTime: false,
  isLocal: true,
};

export type Body = NonNullable<RequestInit['body']>;

export interface TestService {
  url: string;
  /** What the stub was asked, in order. */
  calls: { request: CdsRequest; call: HookCall }[];
  /** How its requests ended, in order. */
  ended: CallRecord[];
  /** The log lines written so far. */
  logged: () => Record<string, unknown>[];
  post: (body: unknown, id?: string) => Promise<Response>;
  close: () => Promise<void>;
}

export interface TestServiceParts {
  settings?: Partial<HttpSettings>;
  services?: CdsService[];
  advise?: Advise;
  large?: NonNullable<AppParts['large']>;
  isReady?: () => boolean;
  clock?: () => Date;
  feedback?: FeedbackStore;
  auth?: NonNullable<AppParts['auth']>;
}

const open: (() => Promise<void>)[] = [];

/** To be called after the tests of a file: a service left open by a failed test would keep the run from ending. */
export async function closeServices(): Promise<void> {
  await Promise.all(open.splice(0).map((close) => close()));
}

/** The HTTP layer on a free loopback port, with `advise` stubbed. */
export async function startService(parts: TestServiceParts = {}): Promise<TestService> {
  const calls: TestService['calls'] = [];
  const ended: CallRecord[] = [];
  const lines: string[] = [];
  const advise = parts.advise ?? silence;
  const app = createApp({
    config: { ...SETTINGS, ...parts.settings },
    services: parts.services ?? [PATIENT_VIEW, ORDER_SELECT, ORDER_SIGN],
    advise: (request, call) => {
      calls.push({ request, call });
      return advise(request, call);
    },
    isReady: parts.isReady ?? (() => true),
    onCallEnded: (call) => void ended.push(call),
    log: createLog('info', { write: (line) => void lines.push(line) }),
    about: { name: 'test-service', version: '1.2.3', knowledgeVersion: '4.5.6' },
    feedback: parts.feedback ?? forgetfulStore(),
    ...(parts.clock ? { clock: parts.clock } : {}),
    ...(parts.auth ? { auth: parts.auth } : {}),
    ...(parts.large ? { large: parts.large } : {}),
  });
  const { url, close } = await listen(app, { host: '127.0.0.1', port: 0 });
  open.push(close);
  const post = (body: unknown, id = PATIENT_VIEW.id) => postJson(`${url}/cds-services/${id}`, JSON.stringify(body));
  return { url, calls, ended, logged: () => lines.map((line) => JSON.parse(line)), post, close };
}

export const silence = (): Promise<CdsResponse> => Promise.resolve({ cards: [] });

export function postJson(url: string, body: Body, headers: Record<string, string> = {}): Promise<Response> {
  return fetch(url, { method: 'POST', headers: { 'Content-Type': 'application/json', ...headers }, body });
}

/** The answer is a refusal as the contract describes it, and says no more than it should. */
export async function expectOutcome(response: Response, status: number, code: string): Promise<string> {
  // Its shape is what is checked here.
  const body = (await response.json()) as OperationOutcome;
  expect({ status: response.status, code: body.issue[0]?.code }).toEqual({ status, code });
  expect(response.headers.get('content-type')).toMatch(/^application\/fhir\+json(;|$)/);
  expect(body).toEqual({
    resourceType: 'OperationOutcome',
    issue: [{ severity: 'error', code, diagnostics: expect.stringMatching(/^[^\n]{10,300}$/) }],
  });
  const text = body.issue[0]?.diagnostics ?? '';
  expect(text).not.toMatch(/node_modules|\.[jt]s\b| {4}at /);
  return text;
}
