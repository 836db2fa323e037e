/**
 * Where the time of one hook goes, in this process and without HTTP: parse, check, gather, evaluate, render.
 * Run it after a build: `node tests/bench/phases.mjs`. It asserts nothing about time.
 */
import { randomUUID } from 'node:crypto';
import { setFlagsFromString } from 'node:v8';
import { readCardTemplates } from '../../dist/cards/card-template.js';
import { renderCards } from '../../dist/cards/render-card.js';
import { parseCdsRequest } from '../../dist/cds-hooks.js';
import { FOLDERS } from '../../dist/folders.js';
import { parseJson } from '../../dist/http/read-body.js';
import { gather } from '../../dist/patient-data/gather.js';
import { prefetchQueries, prefetchTemplates } from '../../dist/patient-data/prefetch-templates.js';
import { readPolicy } from '../../dist/policy.js';
import { evaluate } from '../../dist/reasoning/evaluate.js';
import { loadKnowledge } from '../../dist/reasoning/knowledge.js';
import { dayOf, momentsIn } from '../../dist/reasoning/moment.js';
import { rank } from '../../dist/reasoning/rank.js';
import { median } from './load.mjs';
import { NODE_FLAGS } from './service-child.mjs';
import { hookRequest, syntheticRecord } from './synthetic-record.mjs';

// As in production.
for (const flag of NODE_FLAGS) setFlagsFromString(flag);

const SIZES = [20, 200, 2000];
const WARM_UP_MS = 2_000;
const MEASURE_MS = 3_000;
const CAUSE = 'LowCalciumPhosphateRetention';

const knowledge = loadKnowledge(FOLDERS);
const policy = readPolicy(`${FOLDERS.cards}/policy.yaml`);
const templates = readCardTemplates(FOLDERS.cards, knowledge.cardWords);
const queries = prefetchQueries(knowledge.requirements);
const service = { hook: 'patient-view', prefetch: prefetchTemplates(knowledge.requirements) };

/** One hook; tells the milliseconds of each phase. */
async function hook(bytes) {
  const times = [performance.now()];
  const lap = (value) => {
    times.push(performance.now());
    return value;
  };
  const parsed = lap(JSON.parse(bytes.toString('utf8')));
  const body = lap(parseJson(bytes));
  const request = lap(parseCdsRequest(body, 'patient-view'));
  const moment = momentsIn('UTC')(new Date());
  const call = { queries, server: undefined, ingredientNames: knowledge.ingredientNames };
  const record = lap(await gather(request, { ...call, now: moment.now, signal: AbortSignal.timeout(60_000) }));
  const evaluation = lap(await evaluate(knowledge, record, moment));
  const advice = rank(evaluation, record.gaps, policy.ranking);
  const parts = { templates, wording: policy.wording, version: policy.version, siteOrders: new Map() };
  const site = { today: dayOf(moment), patientId: record.patientId, publicBaseUrl: 'http://127.0.0.1:3000' };
  const ordered = { ordered: new Set(), newId: randomUUID };
  const cards = renderCards(advice.cards, { ...parts, ...site, ...ordered });
  lap(JSON.stringify({ cards, parsed: parsed.hook }));
  if (advice.cards[0]?.findings[0]?.library !== CAUSE) throw new Error('the card does not name the cause');
  return times.slice(1).map((time, index) => time - times[index]);
}

async function repeat(bytes, milliseconds) {
  const runs = [];
  const end = performance.now() + milliseconds;
  while (performance.now() < end) runs.push(await hook(bytes));
  return runs;
}

const rows = [];
for (const size of SIZES) {
  const text = JSON.stringify({ hookInstance: randomUUID(), ...hookRequest(service, syntheticRecord(size)) });
  const bytes = Buffer.from(text);
  await repeat(bytes, WARM_UP_MS);
  const runs = await repeat(bytes, MEASURE_MS);
  const [plain, ...phases] = runs[0].map((_, phase) => median(runs.map((run) => run[phase])));
  const [parse, check, gathering, evaluating, render] = phases.map((ms) => Number(ms.toFixed(3)));
  const all = Number(phases.reduce((sum, ms) => sum + ms, 0).toFixed(3));
  const row = { resources: size, 'JSON.parse': Number(plain.toFixed(3)), parse, check, gather: gathering };
  rows.push({
    ...row,
    evaluate: evaluating,
    'rank, render': render,
    all,
    'all / JSON.parse': (all / plain).toFixed(1),
  });
}
console.log(`Milliseconds, medians; Node ${process.version}`);
console.table(rows);
