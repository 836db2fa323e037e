import { describe, expect, it } from '@jest/globals';
import { reportText } from '../../../src/cli/report-text.js';
import { csvLine } from '../../../src/panel/csv-line.js';

describe('a line of CSV', () => {
  it.each([
    ['=1+1', "'=1+1"],
    ['+1', "'+1"],
    ['-1', "'-1"],
    ['@sum', "'@sum"],
    [' =1', "' =1"],
    ['\u00a0=1', "'\u00a0=1"],
    ['\u{feff}=1', "'\u{feff}=1"],
    ['\t=1', "'\t=1"],
    ['\tx', "'\tx"],
    ['\r=1', `"'\r=1"`],
    ['\n=1', `"'\n=1"`],
    ['\uff1d1', "'\uff1d1"],
    ['\uff20sum', "'\uff20sum"],
  ])('quotes %j, which could be taken for a formula', (text, cell) => {
    expect(csvLine(['a', text])).toBe(`a,${cell}\r\n`);
  });

  it.each([
    ['a=1', 'a=1'],
    ['5-7 days', '5-7 days'],
    [' a', ' a'],
    ['', ''],
    ['a,b', '"a,b"'],
    ['say "a"', '"say ""a"""'],
    ['a\nb', '"a\nb"'],
  ])('leaves %j as it is, but for the quotes of CSV', (text, cell) => {
    expect(csvLine([text, 'b'])).toBe(`${cell},b\r\n`);
  });

  it('is what the report of feedback is made of', () => {
    const counts = { shown: 1, accepted: 0, suggestionsAccepted: 0, overridden: 1 };
    const reasons = [
      { code: ' =1+1', cards: 1 },
      { display: '\t@sum', cards: 1 },
    ];
    const text = reportText([{ period: 'all', topic: 'One', knowledgeVersion: '1.0.0', ...counts, reasons }], 'csv');
    expect(text.split('\r\n').slice(-3)).toEqual([
      "all,One,1.0.0,overridden for a reason,,' =1+1,1",
      "all,One,1.0.0,overridden for a reason,,'\t@sum,1",
      '',
    ]);
  });
});
