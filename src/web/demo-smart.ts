import { createHash, createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import express, { type ErrorRequestHandler, Router, type Request, type Response } from 'express';
import { z } from 'zod';
import { ServiceError } from '../errors.js';

/** Where the sign-in of the demo endpoint is mounted. */
export const DEMO_SMART_PATH = '/demo/smart';
/** Our own registration with it. */
export const DEMO_CLIENT_ID = 'renal-cramp-demo';
export const SMART_CONFIGURATION_PATH = '/.well-known/smart-configuration';

const MOST_BYTES = 20_000;
const MINUTE = 60_000;
const CODE_LIFETIME = MINUTE;
const TOKEN_LIFETIME_SECONDS = 3600;

/** What an EHR keeps under its `launch` value; ours carries it, so that nothing is kept. */
const launchContext = z.object({
  patient: z.string().regex(/^[A-Za-z0-9\-.]{1,64}$/),
  appContext: z.string().max(2_000).optional(),
  needPatientBanner: z.boolean().optional(),
});

const authorizeQuery = z.object({
  response_type: z.literal('code'),
  client_id: z.literal(DEMO_CLIENT_ID),
  redirect_uri: z.url(),
  state: z.string().max(500),
  scope: z.string().max(2_000),
  aud: z.url(),
  launch: z.string().max(4_000).optional(),
  code_challenge: z.string().min(43).max(128),
  code_challenge_method: z.literal('S256'),
});

const tokenBody = z.object({
  grant_type: z.literal('authorization_code'),
  code: z.string().max(8_000),
  redirect_uri: z.string(),
  code_verifier: z.string().min(43).max(128),
});

const grantSchema = z.object({
  context: launchContext,
  redirectUri: z.string(),
  challenge: z.string(),
  scope: z.string(),
  expires: z.number(),
});
type Grant = z.infer<typeof grantSchema>;

/** The discovery document of SMART App Launch for the demo endpoint. */
export function smartConfiguration(baseUrl: string): object {
  return {
    authorization_endpoint: `${baseUrl}${DEMO_SMART_PATH}/authorize`,
    token_endpoint: `${baseUrl}${DEMO_SMART_PATH}/token`,
    grant_types_supported: ['authorization_code'],
    code_challenge_methods_supported: ['S256'],
    capabilities: ['launch-ehr', 'client-public', 'context-ehr-patient', 'context-banner', 'permission-patient'],
  };
}

/**
 * The least a SMART launch needs, for the sample patients alone: everybody is let in at once, and the token opens nothing
 * that is not open. Shows the app's way through an EHR's launch; it is no authorization server.
 */
export function demoSmart({ clock = () => new Date() }: { clock?: () => Date } = {}): Router {
  const key = randomBytes(32);
  const router = Router();
  router.get('/authorize', (request, response) => {
    authorize(request, response, { key, now: clock() });
  });
  router.post('/token', express.urlencoded({ extended: false, limit: MOST_BYTES }), (request, response) => {
    response.json(tokenFor(request.body, { key, now: clock() }));
  });
  router.use(refuseBody);
  return router;
}

/** The body parser tells its errors apart by status. */
const refuseBody: ErrorRequestHandler = (error: unknown, _request, _response, next) => {
  const status = error instanceof Error && 'status' in error ? error.status : undefined;
  if (status === 413) next(new ServiceError('too-large', `The body must not be longer than ${MOST_BYTES} bytes.`));
  else if (status === 415) next(new ServiceError('wrong-media-type', 'The body must be a form in UTF-8.'));
  else if (typeof status === 'number' && status < 500) next(malformed());
  else next(error);
};

interface Secret {
  key: Buffer;
  now: Date;
}

function authorize(request: Request, response: Response, secret: Secret): void {
  const parsed = authorizeQuery.safeParse(request.query);
  if (!parsed.success || !isOwnApp(parsed.data.redirect_uri, request)) throw malformed();
  const { redirect_uri: redirectUri, state, scope, launch = '', code_challenge: challenge } = parsed.data;
  const context = readLaunch(launch);
  const back = new URL(redirectUri);
  back.searchParams.set('state', state);
  if (context === undefined) {
    back.searchParams.set('error', 'access_denied');
    back.searchParams.set('error_description', 'The launch is not known here.');
  } else {
    const expires = secret.now.getTime() + CODE_LIFETIME;
    back.searchParams.set('code', seal({ context, redirectUri, challenge, scope, expires }, secret.key));
  }
  response.redirect(302, back.href);
}

/** Codes go to our own app only, at the address the browser has called. */
function isOwnApp(redirectUri: string, request: Request): boolean {
  const { protocol, host, pathname } = new URL(redirectUri);
  return /^https?:$/.test(protocol) && host === request.get('Host') && pathname.endsWith('/app');
}

function readLaunch(launch: string): Grant['context'] | undefined {
  try {
    return launchContext.safeParse(JSON.parse(Buffer.from(launch, 'base64url').toString('utf8'))).data;
  } catch {
    return undefined;
  }
}

function tokenFor(body: unknown, { key, now }: Secret): object {
  const parsed = tokenBody.safeParse(body);
  const grant = parsed.success ? unseal(parsed.data.code, key) : undefined;
  if (!parsed.success || grant === undefined || grant.expires < now.getTime()) throw malformed();
  const challenge = createHash('sha256').update(parsed.data.code_verifier).digest('base64url');
  if (challenge !== grant.challenge || parsed.data.redirect_uri !== grant.redirectUri) throw malformed();
  const { patient, appContext, needPatientBanner = true } = grant.context;
  return {
    access_token: randomBytes(24).toString('base64url'),
    token_type: 'Bearer',
    expires_in: TOKEN_LIFETIME_SECONDS,
    scope: grant.scope,
    patient,
    need_patient_banner: needPatientBanner,
    ...(appContext === undefined ? {} : { appContext }),
  };
}

function seal(grant: Grant, key: Buffer): string {
  const content = Buffer.from(JSON.stringify(grant)).toString('base64url');
  return `${content}.${signed(content, key).toString('base64url')}`;
}

function unseal(code: string, key: Buffer): Grant | undefined {
  const [content = '', signature = ''] = code.split('.');
  const given = Buffer.from(signature, 'base64url');
  const right = signed(content, key);
  if (given.length !== right.length || !timingSafeEqual(given, right)) return undefined;
  return grantSchema.parse(JSON.parse(Buffer.from(content, 'base64url').toString('utf8')));
}

function signed(content: string, key: Buffer): Buffer {
  return createHmac('sha256', key).update(content).digest();
}

function malformed(): ServiceError {
  return new ServiceError('malformed-request', 'This is no sign-in that the demo knows.');
}
