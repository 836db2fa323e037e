import type { Tally } from './tally.js';

const HOOKS = ['patient-view', 'order-select', 'order-sign'];
const INDICATORS = ['critical', 'warning', 'info', 'silent'];
const MOST_CODES = 25;

/** "What would it do here?": how often it would speak, and what of this site it does not understand; counts alone. */
export function reportText(tally: Tally): string {
  const patients = tally.of('patients');
  const sections: [string, string[]][] = [
    [`How often each hook would speak, of ${patients} patients`, hookLines(tally, patients)],
    ['Causes: how often first, and how often shown as likely or possible', causeLines(tally)],
    ['Critical cards, by what leads them', cardLines(tally)],
    ['Results that would be used but for their unit: map the unit', counted(tally, 'unit')],
    ['Results that would be used but are words, not numbers', counted(tally, 'no number')],
    ...typesOf(tally).map((type): [string, string[]] => [
      `${type}: coded in a system that no rule knows (map those that matter in SITE_CODES)`,
      counted(tally, 'code', type),
    ]),
    ['Without any code, by type', counted(tally, 'text only')],
    ['Records that could not be judged, by reason', counted(tally, 'bad')],
  ];
  const shown = sections.filter(([, lines]) => lines.length > 0);
  return `${shown.map(([heading, lines]) => [heading, ...lines].join('\n')).join('\n\n')}\n`;
}

function hookLines(tally: Tally, patients: number): string[] {
  const replayed = tally.of('replayed');
  const lines = HOOKS.map((hook) => {
    const spoke = patients - tally.of('hook', hook, 'silent');
    const of = INDICATORS.map((indicator) => `${indicator} ${tally.of('hook', hook, indicator)}`).join(', ');
    return line(spoke, `${hook} (${of})`);
  });
  const note = `  Order hooks: where no draft is on record, the newest active order is replayed as one (${replayed} patients).`;
  return [...lines, ...(replayed > 0 ? [note] : [])];
}

function causeLines(tally: Tally): string[] {
  const firsts = new Map(tally.below('top').map(({ words: [id = ''], count }) => [id, count]));
  const shown = new Set(tally.below('shown').flatMap(({ words: [id] }) => id ?? []));
  const all = [...new Set([...firsts.keys(), ...shown])];
  return all.map((id) => {
    const [likely, possible] = [tally.of('shown', id, 'likely'), tally.of('shown', id, 'possible')];
    return line(firsts.get(id) ?? 0, `${id} (likely ${likely}, possible ${possible})`);
  });
}

function cardLines(tally: Tally): string[] {
  const cards = tally.below('card').filter(({ words }) => words[1] === 'critical');
  return cards.map(({ words: [hook = '', , id = ''], count }) => line(count, `${id} on ${hook}`));
}

function typesOf(tally: Tally): string[] {
  return [...new Set(tally.below('code').flatMap(({ words: [type] }) => type ?? []))].sort();
}

function counted(tally: Tally, ...name: string[]): string[] {
  const found = tally.below(...name);
  const lines = found.slice(0, MOST_CODES).map(({ words, count }) => line(count, words.map(wordOf).join(' | ')));
  const rest = found.length - MOST_CODES;
  return rest > 0 ? [...lines, `  and ${rest} more in report.json`] : lines;
}

/** A code's name is the site's own, but what steers a terminal is taken out of it. */
function wordOf(word: string): string {
  return word === '' ? '(none)' : word.replace(/[\p{Cc}\p{Cf}]/gu, ' ');
}

function line(count: number, text: string): string {
  return `${String(count).padStart(8)}  ${text}`;
}
