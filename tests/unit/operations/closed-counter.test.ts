import { describe, expect, it } from '@jest/globals';
import { Registry } from 'prom-client';
import { ClosedCounter } from '../../../src/operations/closed-counter.js';

function counterOf(labels: Record<string, readonly string[]>) {
  const registry = new Registry();
  const counter = new ClosedCounter({ registry, name: 'things_total', help: 'Things.', labels });
  const lines = async () => (await registry.metrics()).split('\n').filter((line) => line.startsWith('things_total'));
  return { counter, lines };
}

describe('a closed counter', () => {
  it('shows every combination from the start, so that a first event is an increase', async () => {
    const { lines } = counterOf({ kind: ['a'], size: ['small', 'large'] });
    expect(await lines()).toEqual([
      'things_total{kind="a",size="small"} 0',
      'things_total{kind="a",size="large"} 0',
      'things_total{kind="a",size="other"} 0',
      'things_total{kind="other",size="small"} 0',
      'things_total{kind="other",size="large"} 0',
      'things_total{kind="other",size="other"} 0',
    ]);
  });

  it('adds up, and counts what is not in the set as other', async () => {
    const { counter, lines } = counterOf({ kind: ['a', 'b'] });
    counter.count('a');
    counter.count('b', '', 2);
    counter.count('a');
    for (const strange of ['', 'A', '__proto__', 'constructor', 'a"} 1', 'other']) counter.count(strange);
    expect(await lines()).toEqual([
      'things_total{kind="a"} 2',
      'things_total{kind="b"} 2',
      'things_total{kind="other"} 6',
    ]);
    expect(await lines()).toHaveLength(3);
  });

  it('needs no label', async () => {
    const { counter, lines } = counterOf({});
    counter.count();
    counter.count('', '', 4);
    expect(await lines()).toEqual(['things_total 5']);
  });
});
