import { describe, expect, it } from '@jest/globals';
import { Registry } from 'prom-client';
import { CallMetrics } from '../../../src/operations/call-metrics.js';
import { FhirMetrics } from '../../../src/operations/fhir-metrics.js';
import { RecordMetrics } from '../../../src/operations/record-metrics.js';
import { StoreMetrics } from '../../../src/operations/store-metrics.js';

const NO_SETS = { services: [], statuses: [], codes: [], refusals: [], findings: [], reasons: [] };

/** The series of one metric with the value of each, in their order. */
async function seriesOf(registry: Registry, name: string): Promise<string[]> {
  const lines = (await registry.metrics()).split('\n');
  return lines.filter((line) => line.startsWith(`renal_cramp_${name}{`)).map((line) => line.slice(line.indexOf('{')));
}

describe('each of these is counted under its own name, never as other', () => {
  it('tasks of the feedback store', async () => {
    const registry = new Registry();
    const metrics = new StoreMetrics(registry);
    for (const task of ['cards', 'feedback', 'summary', 'purge', 'tokens', 'limits'] as const)
      metrics.storeFailed({ task });
    expect(await seriesOf(registry, 'store_failures_total')).toEqual([
      '{task="cards"} 1',
      '{task="feedback"} 1',
      '{task="summary"} 1',
      '{task="purge"} 1',
      '{task="tokens"} 1',
      '{task="limits"} 1',
      '{task="other"} 0',
    ]);
  });

  it('stages of a hook, of which there are no others', async () => {
    const registry = new Registry();
    const metrics = new CallMetrics(registry, NO_SETS);
    const none = ['wait', 'parse', 'gather', 'evaluate', 'render'].map((stage) => `{stage="${stage}"} 0`);
    expect(await seriesOf(registry, 'hook_stage_seconds_count')).toEqual(none);
    for (const stage of ['wait', 'parse', 'gather', 'evaluate', 'render'] as const) metrics.stageDone(stage, 2_000);
    expect(await seriesOf(registry, 'hook_stage_seconds_count')).toEqual([
      '{stage="wait"} 1',
      '{stage="parse"} 1',
      '{stage="gather"} 1',
      '{stage="evaluate"} 1',
      '{stage="render"} 1',
    ]);
    expect(await seriesOf(registry, 'hook_stage_seconds_sum')).toContain('{stage="wait"} 2');
  });

  it('reasons why data could not be had', async () => {
    const registry = new Registry();
    const metrics = new RecordMetrics(registry, { resourceTypes: ['Condition'], libraries: [] });
    const reasons = ['not-provided', 'failed', 'not-permitted', 'timed-out'] as const;
    const gaps = reasons.map((reason) => ({ kind: 'not-had', resourceType: 'Condition', reason }) as const);
    metrics.gathered({ gaps, unreadableUnits: 0 });
    expect((await seriesOf(registry, 'data_not_had_total')).slice(0, 5)).toEqual([
      '{type="Condition",reason="not-provided"} 1',
      '{type="Condition",reason="failed"} 1',
      '{type="Condition",reason="not-permitted"} 1',
      '{type="Condition",reason="timed-out"} 1',
      '{type="Condition",reason="other"} 0',
    ]);
  });

  it('ends of a call to a FHIR server', async () => {
    const registry = new Registry();
    const metrics = new FhirMetrics(registry, 1);
    const outcomes = ['answered', 'failed', 'not-permitted', 'timed-out', 'too-much', 'not-made'] as const;
    for (const outcome of outcomes) metrics.callDone(0, outcome);
    expect((await seriesOf(registry, 'fhir_calls_total')).slice(0, 7)).toEqual([
      '{server="0",outcome="answered"} 1',
      '{server="0",outcome="failed"} 1',
      '{server="0",outcome="not-permitted"} 1',
      '{server="0",outcome="timed-out"} 1',
      '{server="0",outcome="too-much"} 1',
      '{server="0",outcome="not-made"} 1',
      '{server="0",outcome="other"} 0',
    ]);
  });
});
