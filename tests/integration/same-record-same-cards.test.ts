import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import type { Bundle, FhirResource } from 'fhir/r4.js';
import { randomInt, randomUUID } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import { type Card, type CdsService, EVALUATION_TIME_EXTENSION } from '../../src/cds-hooks.js';
import { FOLDERS } from '../../src/folders.js';
import { type ComposedService, startComposedService } from '../support/composed-service.js';
import { generatedPatient, strayResources } from '../support/generated-patient.js';
import { postJson } from '../support/http-service.js';
import { NOW } from '../support/kidney-patient.js';
import { PagingServer } from '../support/paging-server.js';
import { prefetched } from '../support/prefetched.js';
import { Seeded } from '../support/seeded.js';

/** A hang, not the time: this file is some 1,750 hooks, and the machine may be shared. */
jest.setTimeout(900_000);

const PATIENTS = 250;
const FIXED_SEED = 20_260_517;
/** Half of the patients are new in every run; the seed that is printed repeats them. */
const FRESH_SEED = Number(process.env['SAME_CARDS_SEED'] ?? randomInt(2 ** 32));
const PAGE = 7;

type Prefetch = Record<string, FhirResource | null>;

interface Case {
  name: string;
  id: string;
  record: FhirResource[];
  prefetch: Prefetch;
  /** Its own chance for each change, so that a case can be repeated alone. */
  chance: (change: number) => Seeded;
  /** What the clean record answers. */
  cards: unknown;
  count: number;
}

let service: ComposedService;
let server: PagingServer;
let hook: CdsService;
let cases: Case[];

beforeAll(async () => {
  server = await PagingServer.open(PAGE);
  service = await startComposedService(FOLDERS, {
    FHIR_SERVERS: server.url,
    FHIR_BUDGET_MS: '30000',
    HOOK_DEADLINE_MS: '60000',
  });
  const [found] = service.services;
  if (found === undefined) throw new Error('There is no service.');
  hook = found;
  cases = [];
  for (let index = 0; index < PATIENTS; index += 1) cases.push(await cleanCase(index));
  const spoken = cases.filter(({ count }) => count > 0).length;
  process.stdout.write(
    `Same record, same cards: ${String(spoken)} of ${String(PATIENTS)} patients have a card; ` +
      `SAME_CARDS_SEED=${String(FRESH_SEED)} repeats this run.\n`,
  );
});
afterAll(() => Promise.all([service.close(), server.close()]));

async function cleanCase(index: number): Promise<Case> {
  const seed = (index % 2 === 0 ? FIXED_SEED : FRESH_SEED) + index;
  const id = `p${String(index)}`;
  const record = generatedPatient(id, new Seeded(seed));
  server.records.set(id, record);
  const prefetch = prefetched(hook.prefetch ?? {}, record, id);
  const chance = (change: number) => new Seeded(seed + 1_000_003 * change);
  const cards = await answer(id, prefetch);
  return {
    name: `${id} of seed ${String(seed)}`,
    id,
    record,
    prefetch,
    chance,
    cards: plain(cards),
    count: cards.length,
  };
}

async function answer(patientId: string, prefetch?: Prefetch): Promise<Card[]> {
  const body = {
    hook: hook.hook,
    hookInstance: randomUUID(),
    fhirServer: server.url,
    context: { userId: 'Practitioner/nephrologist', patientId },
    extension: { [EVALUATION_TIME_EXTENSION]: NOW.toISOString() },
    ...(prefetch === undefined ? {} : { prefetch }),
  };
  const response = await postJson(`${service.url}/cds-services/${hook.id}`, JSON.stringify(body));
  const { cards }: { cards?: Card[] } = JSON.parse(await response.text());
  if (cards === undefined) throw new Error(`${patientId} was answered with ${String(response.status)}`);
  return cards;
}

/** Cards without what is new in every answer. */
function plain(cards: readonly Card[]): unknown {
  return JSON.parse(JSON.stringify(cards), (key, value: unknown) => (key === 'uuid' ? undefined : value));
}

/** Each Bundle changed; a resource that was read stays. */
function bundles(prefetch: Prefetch, change: (bundle: Bundle) => Bundle): Prefetch {
  const entries = Object.entries(prefetch);
  return Object.fromEntries(
    entries.map(([key, value]) => [key, value?.resourceType === 'Bundle' ? change(value) : value]),
  );
}

/** Plays every case, and says of how many the cards were not the same; the first of them is shown. */
async function sameCards(change: (one: Case) => Promise<unknown>): Promise<number> {
  const differing: { name: string; got: unknown; cards: unknown }[] = [];
  for (const one of cases) {
    const got = await change(one);
    if (!isDeepStrictEqual(got, one.cards)) differing.push({ name: one.name, got, cards: one.cards });
  }
  const [first] = differing;
  if (first !== undefined)
    expect({ name: first.name, cards: first.got }).toEqual({ name: first.name, cards: first.cards });
  return cases.length - differing.length;
}

it('most of the generated patients have something to be said of them', () => {
  expect(cases.filter(({ count }) => count > 0).length).toBeGreaterThan(PATIENTS / 2);
});

describe('the same record brings the same cards', () => {
  it('whatever the order of its entries', async () => {
    const same = await sameCards(async ({ id, prefetch, chance }) => {
      const draw = chance(1);
      const shuffled = ({ entry = [], ...bundle }: Bundle) => ({ ...bundle, entry: draw.shuffled(entry) });
      return plain(await answer(id, bundles(prefetch, shuffled)));
    });
    expect(same).toBe(PATIENTS);
  });

  it('with entries in it twice', async () => {
    const same = await sameCards(async ({ id, prefetch, chance }) => {
      const draw = chance(2);
      const doubled = ({ entry = [], ...bundle }: Bundle) => ({
        ...bundle,
        entry: entry.flatMap((each) => (draw.isTrue(0.4) ? [each, each] : [each])),
      });
      return plain(await answer(id, bundles(prefetch, doubled)));
    });
    expect(same).toBe(PATIENTS);
  });

  it('when its Bundles are split over two to six pages', async () => {
    const same = await sameCards(async ({ id, prefetch, chance }) => {
      const draw = chance(3);
      const split = (bundle: Bundle) => server.paged(bundle, Math.ceil((bundle.entry ?? []).length / draw.whole(2, 6)));
      return plain(await answer(id, bundles(prefetch, split)));
    });
    expect(same).toBe(PATIENTS);
  });

  it('when nothing is prefetched and the FHIR server is asked', async () => {
    expect(await sameCards(async ({ id }) => plain(await answer(id)))).toBe(PATIENTS);
  });
});

describe('resources of somebody else among the record', () => {
  const FOREIGN = /\n- (\d+) entries of another patient were left out/;

  /** The answer without the notice, and without its heading where nothing else stands under it. */
  function withoutNotice(cards: readonly Card[]): unknown {
    const heading = '**Missing, stale or to be known**\n\n\n';
    return plain(
      cards.map(({ detail = '', ...card }) => ({ ...card, detail: detail.replace(FOREIGN, '').replace(heading, '') })),
    );
  }

  it.each([1, 2])('change nothing but a notice (mixture %i of each)', async (mixture) => {
    let noticed = 0;
    const same = await sameCards(async ({ id, record, prefetch, chance }) => {
      const draw = chance(3 + mixture);
      const stray = strayResources(id, record, draw);
      const mixed = bundles(prefetch, ({ entry = [], ...bundle }) => {
        const added = stray.filter(() => draw.isTrue(0.3)).map((resource) => ({ resource }));
        return { ...bundle, entry: draw.shuffled([...entry, ...added]) };
      });
      const cards = await answer(id, mixed);
      if (cards.some(({ detail = '' }) => FOREIGN.test(detail))) noticed += 1;
      return withoutNotice(cards);
    });
    expect(same).toBe(PATIENTS);
    expect(noticed).toBeGreaterThan(PATIENTS / 2);
  });
});
