import type { CodeService } from 'cql-execution';
import { CodeTable } from '../code-table.js';
import * as arithmetic from './arithmetic.js';
import { codes, type Codes, inValueSet, valueSetIn } from './codes.js';
import type { CompiledLibrary, Retrieve } from './compiled-run.js';
import * as comparison from './comparison.js';
import * as intervals from './intervals.js';
import { Library } from './library.js';
import * as lists from './lists.js';
import * as logic from './logic.js';
import { Row } from './row.js';
import { sorted } from './sorting.js';
import * as text from './text.js';
import * as times from './times.js';
import * as types from './types.js';

/** Everything compiled libraries call, by the names the compiler writes. */
export type Runtime = ReturnType<typeof createRuntime>;

/** @param codeService the value sets that libraries name, a site's own codes among them */
export function createRuntime(codeService: CodeService) {
  const libraries = new Map<string, CompiledLibrary>();
  const { before, after, sameAs, sameOrBefore, sameOrAfter, differenceBetween, durationBetween } = times;
  return {
    ...logic,
    ...comparison,
    ...arithmetic,
    ...text,
    ...lists,
    ...intervals,
    ...types,
    ...{
      before,
      after,
      sameAs,
      sameOrBefore,
      sameOrAfter,
      differenceBetween,
      durationBetween,
      component: times.component,
      date: times.date,
    },
    ...{ sorted, codes, inValueSet, Library, Row },
    library: (name: string): CompiledLibrary => {
      const known = libraries.get(name);
      if (known !== undefined) return known;
      const library = { name, number: libraries.size };
      libraries.set(name, library);
      return library;
    },
    retrieve: numberedRetrieves(),
    valueSet: (url: string, version?: string): Codes => valueSetIn(codeService, url, version),
  };
}

/** Makes the retrieves of one knowledge: those of one element of one type stand in one table. */
function numberedRetrieves(): (type: string, path?: string, codes?: Codes) => Retrieve {
  let made = 0;
  const tables = new Map<string, CodeTable>();
  return (type, path = '', codes) => {
    const number = made;
    made += 1;
    if (codes === undefined) return { number, type };
    const element = `${type}.${path}`;
    const table = tables.get(element) ?? new CodeTable(type, path);
    tables.set(element, table);
    table.add(number, codes);
    return { number, type, table };
  };
}
