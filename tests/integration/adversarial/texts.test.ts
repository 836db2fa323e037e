import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { FhirResource } from 'fhir/r4.js';
import { marked } from 'marked';
import { AdversarialRun, NOTHING_DONE } from '../../support/adversarial-run.js';
import { condition, daysAgo, furosemide, kidneyPatient } from '../../support/kidney-patient.js';

/** Normal phosphate, so that the drug's name stands in the summary. */
const RECORD = kidneyPatient('p1', { calcium: 7.6 });
const ANSWER = {
  status: 200,
  findings: ['loop-diuretic-calcium-loss 70'],
  notices: [],
  ...NOTHING_DONE,
  fhirCalls: 1,
};

let run: AdversarialRun;
beforeAll(async () => {
  run = await AdversarialRun.start();
});
afterAll(() => run.close());

const seen = (...more: FhirResource[]) => run.tell(run.call({}, [...RECORD, ...more]));
const rendered = () => marked.parse(run.last.cards[0]?.detail ?? '', { gfm: true, async: false });

describe('adversarial texts', () => {
  it('33: a drug name with a Markdown link is words to read, and no link', async () => {
    expect(await seen(furosemide('p1', '[Furosemide](https://evil.example)'))).toEqual(ANSWER);
    expect(rendered()).toContain('[Furosemide](https: // evil.example)');
    expect(rendered()).not.toMatch(/<a |href/);
  });

  it('34: a <script> in the text of a condition, a result and a drug reaches no card as a tag', async () => {
    const script = '<script>alert(1)</script>';
    const cramp = condition('p1', 'script', { code: 'R25.2', display: script }, daysAgo(3));
    const texted = { ...cramp, code: { ...cramp.code, text: script } };
    expect(await seen(texted, furosemide('p1', script))).toEqual(ANSWER);
    expect(run.last.text).not.toContain('<script');
    expect(rendered()).not.toContain('<script');
    expect(rendered()).toContain('&lt;script&gt;alert(1)&lt;/script&gt;');
  });

  it('35: a bidi override and what else cannot be seen in a name is taken out', async () => {
    expect(await seen(furosemide('p1', '\u202eedimesoruF\u202c\u2066\u200b\u0000 40 mg'))).toEqual(ANSWER);
    expect(run.last.text).toContain('edimesoruF 40 mg');
    expect(run.last.text).not.toMatch(/[\u202a-\u202e\u2066-\u2069\u200b]|\\u0000/u);
  });

  it('36: a drug name of 500 characters is cut in the summary, the value never', async () => {
    expect(await seen(furosemide('p1', `Furosemide ${'x'.repeat(489)}`))).toEqual(ANSWER);
    const summary = run.last.cards[0]?.summary ?? '';
    expect(summary.length).toBeLessThan(140);
    expect(summary).toMatch(/^Cramp: Furosemide x+… may be lowering calcium \(7\.6 mg\/dL/);
  });
});
