import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { AdversarialRun, NOTHING_DONE } from '../../support/adversarial-run.js';
import { RECORD } from '../../support/fault-run.js';
import { json, status } from '../../support/fault-server.js';
import { answerTo } from '../../support/prefetched.js';

const REFUSED = {
  status: 412,
  refused: ['incomplete', 'The data of this patient could not be had.'],
  ...NOTHING_DONE,
};
const PARTLY = {
  status: 200,
  findings: ['low-calcium-phosphate-retention 85', 'loop-diuretic-calcium-loss 70'],
  notices: ['Only partly checked: results and measurements (more results exist than could be read)'],
  ...NOTHING_DONE,
};
const LABS = /^Observation\?.*12180-6/;
const TOKEN = 'adversarial-token-canary';
const AUTHORIZATION = {
  access_token: TOKEN,
  token_type: 'Bearer',
  expires_in: 300,
  scope: 'patient/*.rs',
  subject: 'cds',
};

let run: AdversarialRun;
beforeAll(async () => {
  run = await AdversarialRun.start({}, 8);
});
beforeEach(() => {
  run.next();
});
afterAll(() => run.close());

/** Nothing is prefetched; the address may name the port nobody may reach and the server that is on the list. */
function calledBackAt(template: string) {
  const fhirServer = template.replace('PORT', run.listenerPort).replace('TRUSTED', new URL(run.server.url).host);
  return run.tell(run.call({ fhirServer, fhirAuthorization: AUTHORIZATION, prefetch: undefined }));
}

/** All but the core labs is prefetched. */
function labsCalledBack() {
  const { prefetch, ...call } = run.call({ fhirAuthorization: AUTHORIZATION });
  const { labs: _asked, ...others } = prefetch as Record<string, unknown>;
  return run.tell({ ...call, prefetch: others });
}

describe('adversarial FHIR servers', () => {
  it.each([
    [37, 'by http at a public host that is not on the list', 'http://fhir.example.org/fhir'],
    [38, 'at another port of a host that is on the list', 'http://127.0.0.1:PORT/fhir'],
    [39, 'behind a listed host as user name', 'http://TRUSTED@127.0.0.1:PORT/fhir'],
    [40, 'at a longer name that a listed host begins', 'https://ehr.example.localhost:PORT/fhir'],
  ])('%i: a server %s is not called, and the answer does not say why', async (_number, _where, template) => {
    expect(await calledBackAt(template)).toEqual(REFUSED);
  });

  it('41: a redirect of the listed server is not followed', async () => {
    const elsewhere = `http://127.0.0.1:${run.listenerPort}/fhir`;
    run.server.answer(/./, status(302, '', { Location: elsewhere }));
    expect(await calledBackAt('http://TRUSTED/fhir')).toEqual({ ...REFUSED, fhirCalls: 10 });
  });

  it('42: a next link to another path of the same host is not followed, and what was read is used', async () => {
    const next = { relation: 'next', url: run.server.url.replace('/fhir', '/admin/export') };
    run.server.answer(LABS, (socket, call) => {
      json({ ...answerTo(call.target, RECORD), link: [next] })(socket, call);
    });
    expect(await labsCalledBack()).toEqual({ ...PARTLY, fhirCalls: 2 });
    expect(run.server.calls.map(({ target }) => target).filter((target) => target.includes('admin'))).toEqual([]);
  });

  it('43: of 10,001 pages ten are read, and what was read is used', async () => {
    let page = 0;
    run.server.answer(/^Observation\?(?:page=|.*12180-6)/, (socket, call) => {
      page += 1;
      const link = page < 10_001 ? [{ relation: 'next', url: `Observation?page=${String(page)}` }] : [];
      const found = page === 1 ? answerTo(call.target, RECORD) : { resourceType: 'Bundle', type: 'searchset' };
      json({ ...found, link })(socket, call);
    });
    expect(await labsCalledBack()).toEqual({ ...PARTLY, fhirCalls: 11 });
    expect(page).toBe(10);
  });

  it('the token went nowhere but to the listed servers', () => {
    expect(run.server.calls[0]?.authorization).toBe(`Bearer ${TOKEN}`);
    expect(run.last.text + JSON.stringify(run.service.logged())).not.toContain(TOKEN);
  });
});
