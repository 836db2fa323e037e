import { ROUTINE, TESTS } from './laboratory.mjs';

const PRESSURE = { system: 'http://loinc.org', code: '8480-6', display: 'Systolic blood pressure' };
const WEIGHT = { system: 'http://loinc.org', code: '29463-7', display: 'Body weight' };
const PULSE = { system: 'http://loinc.org', code: '8867-4', display: 'Heart rate' };

/** Newest results first, then a history that drifts, until the record is about as large as is wanted. */
export function laboratoryOf(writer, plan, chance, wanted) {
  const weight = chance.whole(55, 95);
  const tests = Object.keys(ROUTINE).concat(plan.isPlanted.has('freeCarnitine') ? ['freeCarnitine'] : []);
  for (let round = 0; round === 0 || writer.resources.length < wanted; round += 1) {
    for (const test of tests) writeResult(writer, plan, test, round, chance);
    writer.measurement(PRESSURE, chance.whole(118, 138), 'mm[Hg]', writer.at(2 + 11 * round, 10));
    writer.measurement(WEIGHT, weight + chance.whole(-1, 1), 'kg', writer.at(2 + 11 * round, 10));
    writer.measurement(PULSE, chance.whole(60, 88), '/min', writer.at(2 + 11 * round, 10));
  }
}

function writeResult(writer, { labs, isSi, isPlanted, spoil }, test, round, chance) {
  const isSpoilt = spoil?.test === test;
  if (isSpoilt && spoil.how === 'missing') return;
  const [least, most] = labs[test];
  const [low, high] = TESTS[test].normal;
  // What is planted came slowly: older values lie between the newest and the normal ones.
  const share = isPlanted.has(test) ? Math.max(0, 1 - round / 6) : 1;
  const range = [low + (least - low) * share, high + (most - high) * share];
  const daysAgo = (isPlanted.has(test) ? 2 : chance.whole(2, 6)) + round * (ROUTINE[test] ?? 30);
  writer.result(TESTS[test], chance.between(range), isSi, writer.at(daysAgo, 8), isSpoilt ? spoil.how : undefined);
}
