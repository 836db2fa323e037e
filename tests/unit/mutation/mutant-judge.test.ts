import { beforeEach, describe, expect, it } from '@jest/globals';
import { CodeService, DateTime, NullMessageListener, PatientContext, type PatientObject } from 'cql-execution';
import { lineOf, mutantsOf } from '../../mutation/mutant.js';
import { MutantJudge, type PlayableCase } from '../../mutation/mutant-judge.js';
import { tinyKnowledge } from './tiny-knowledge.js';

/** None of the tiny libraries reads a patient. */
const NOBODY = {} as PatientObject;
const NOW = DateTime.fromJSDate(new Date('2026-05-17T12:00:00Z'), 0);

let knowledge: ReturnType<typeof tinyKnowledge>;
let played: string[];
beforeEach(() => {
  knowledge = tinyKnowledge();
  played = [];
});

async function answerOf(library: string, age: number): Promise<unknown> {
  const runnable = knowledge.libraries.get(library)!;
  const parameters = { Age: age };
  const context = new PatientContext(runnable, NOBODY, new CodeService({}), parameters, NOW, new NullMessageListener());
  return await runnable.expressions['Finding'].execute(context);
}

/** A case that expects this answer for somebody of that age. */
function caseOf(library: string, age: number, expected: unknown): PlayableCase {
  const name = `${library} at ${age}`;
  const play = async () => {
    played.push(name);
    const answer = await answerOf(library, age);
    return answer === expected ? [] : [`wanted ${String(expected)}, got ${String(answer)}`];
  };
  return { name, library, play };
}

/** Which case notices each mutant whose define has these words in its name. */
async function verdicts(only: string, cases: readonly PlayableCase[]): Promise<Record<string, string | undefined>> {
  const judge = await MutantJudge.open(knowledge, cases, 'Numbers');
  const found: Record<string, string | undefined> = {};
  played = [];
  for (const mutant of mutantsOf(knowledge.everyLibrary.get('Numbers')!.elm.expressions, only)) {
    found[lineOf(mutant)] = (await judge.judge(mutant)).noticedBy;
  }
  return found;
}

describe('a wrong number', () => {
  it('is noticed on both sides by two cases that stand at the limit', async () => {
    expect(await verdicts('adult age', [caseOf('Adult', 17, null), caseOf('Adult', 18, 40)])).toEqual({
      'Adult Age In Years: 18 → 17': 'Adult at 17',
      'Adult Age In Years: 18 → 19': 'Adult at 18',
    });
  });

  it('survives on the side where no case stands at the limit', async () => {
    expect(await verdicts('adult age', [caseOf('Adult', 10, null), caseOf('Adult', 18, 40)])).toEqual({
      'Adult Age In Years: 18 → 17': undefined,
      'Adult Age In Years: 18 → 19': 'Adult at 18',
    });
  });

  it('is noticed in the row of a table that a case reads, and survives in the others', async () => {
    expect(await verdicts('tin', [caseOf('Tin', 50, 0.25)])).toEqual({
      'Tin Units, lowest, mg/dL: 1.5 → 1.4': undefined,
      'Tin Units, lowest, mg/dL: 1.5 → 1.6': undefined,
      'Tin Units, decimals, mg/dL: 1 → 0': undefined,
      'Tin Units, decimals, mg/dL: 1 → 2': undefined,
      'Tin Units, lowest, mmol/L: 0.25 → 0.24': 'Tin at 50',
      'Tin Units, lowest, mmol/L: 0.25 → 0.26': 'Tin at 50',
      'Tin Units, decimals, mmol/L: 2 → 1': undefined,
      'Tin Units, decimals, mmol/L: 2 → 3': undefined,
    });
  });

  it('that makes a case impossible to play is noticed', async () => {
    const fragile = caseOf('Adult', 18, 40);
    const play = async () => {
      if ((await answerOf('Adult', 18)) !== 40) throw new Error('cannot be shown');
      return [];
    };
    expect(await verdicts('points', [{ ...fragile, play }])).toEqual({
      'Points For Adults: 40 → 35': 'Adult at 18',
      'Points For Adults: 40 → 45': 'Adult at 18',
    });
  });
});

describe('to be quick', () => {
  it('only cases that read the number are played', async () => {
    await verdicts('points', [caseOf('Tin', 50, 0.25), caseOf('Adult', 17, null), caseOf('Adult', 18, 40)]);
    expect(played).toEqual(['Adult at 18', 'Adult at 18']);
  });

  it('it stops at the first case that notices', async () => {
    await verdicts('points', [caseOf('Adult', 18, 40), caseOf('Adult', 19, 40)]);
    expect(played).toEqual(['Adult at 18', 'Adult at 18']);
  });

  it('cases about a library that reads the number come first', async () => {
    const elsewhere = { ...caseOf('Adult', 18, 40), library: 'Tin' };
    await verdicts('points', [elsewhere, caseOf('Adult', 19, 40)]);
    expect(played).toEqual(['Adult at 19', 'Adult at 19']);
  });

  it('a library that does not read the number is not run again', async () => {
    const runs = { Adult: 0, Tin: 0 };
    for (const library of ['Adult', 'Tin'] as const) {
      const { expressions } = knowledge.libraries.get(library)!;
      const execute = expressions['Finding'].execute.bind(expressions['Finding']);
      expressions['Finding'].execute = async (context: unknown): Promise<unknown> => {
        runs[library] += 1;
        return execute(context);
      };
    }
    const play = async () =>
      [await answerOf('Adult', 17), await answerOf('Tin', 17)]
        .map(String)
        .filter((is) => is !== 'null' && is !== '0.25');
    await verdicts('adult age', [{ name: 'both', library: 'Adult', play }]);
    expect(runs).toEqual({ Adult: 3, Tin: 1 });
  });
});

describe('the right numbers', () => {
  it('stand again after every mutant', async () => {
    const cases = [caseOf('Adult', 17, null), caseOf('Adult', 18, 40)];
    await verdicts('', cases);
    expect(await Promise.all(cases.map(({ play }) => play()))).toEqual([[], []]);
  });

  it('hold for any case after a mutant that left some libraries alone', async () => {
    const play = async () => {
      await answerOf('Adult', 18);
      await answerOf('Tin', 18);
      return [];
    };
    await verdicts('tin', [{ name: 'both', library: 'Tin', play }]);
    expect(await answerOf('Adult', 17)).toBeNull();
  });

  it('are what counts as known: a mutant leaves no trace in the verdict on the next', async () => {
    const play = async () => {
      await answerOf('Tin', 18);
      return (await answerOf('Adult', 18)) === 40 ? [] : ['not 40'];
    };
    const judge = await MutantJudge.open(knowledge, [{ name: 'both', library: 'Adult', play }], 'Numbers');
    const numbers = knowledge.everyLibrary.get('Numbers')!.elm.expressions;
    const [points] = mutantsOf(numbers, 'points');
    const tin = mutantsOf(numbers, 'tin').find((mutant) => lineOf(mutant).startsWith('Tin Units, lowest, mmol/L'));
    expect(await judge.judge(points!)).toEqual({ noticedBy: 'both', readBy: 1 });
    expect(await judge.judge(tin!)).toEqual({ readBy: 1 });
  });

  it('must satisfy a case, or it takes no part', async () => {
    const judge = await MutantJudge.open(knowledge, [caseOf('Adult', 18, 41)], 'Numbers');
    expect(judge.failing).toEqual(['Adult at 18: wanted 41, got 40']);
    const [mutant] = mutantsOf(knowledge.everyLibrary.get('Numbers')!.elm.expressions, 'points');
    expect(await judge.judge(mutant!)).toEqual({ readBy: 0 });
  });
});
