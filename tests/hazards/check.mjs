/** `node tests/hazards/check.mjs RESULTS`: Jest's own results in JSON against the table of hazards, one line for each. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { judged } from './judge.mjs';

const [results = ''] = process.argv.slice(2);
const hazards = parse(readFileSync(join(import.meta.dirname, 'hazards.yaml'), 'utf8'));
const { testResults } = JSON.parse(readFileSync(results, 'utf8'));
const verdicts = judged(hazards, testResults);
for (const { id, hazard, passed, complaints } of verdicts) {
  const verdict =
    complaints.length === 0 ? `controlled, ${passed} tests passed` : `NOT SHOWN: ${complaints.join('; ')}`;
  console.log(`${id.padEnd(4)} ${hazard}: ${verdict}`);
}
if (verdicts.some(({ complaints }) => complaints.length > 0)) process.exit(1);
