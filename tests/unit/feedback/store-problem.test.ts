import { describe, expect, it } from '@jest/globals';
import { ServiceError } from '../../../src/errors.js';
import { reasonOf, startProblem } from '../../../src/feedback/store-problem.js';

const SECRET = 'connection to ehr-db.internal as admin:canary';
const coded = (code: unknown) => Object.assign(new Error(SECRET), { code });

describe('a store that cannot be had', () => {
  it.each([
    ['SQLITE_NOTADB', 'the file is no database, or is damaged'],
    ['SQLITE_CORRUPT_VTAB', 'the file is no database, or is damaged'],
    ['SQLITE_BUSY', 'the file is locked by another process'],
    ['SQLITE_CANTOPEN', 'the file cannot be opened and written'],
    ['SQLITE_IOERR_WRITE', 'the file cannot be opened and written'],
    ['EACCES', 'the file cannot be opened and written'],
    ['SQLITE_FULL', 'the disk is full'],
    ['ENOSPC', 'the disk is full'],
    ['ENOENT', 'there is no such file or socket'],
    ['28P01', 'the database server refuses the user or the password'],
    ['28000', 'the database server refuses the user or the password'],
    ['3D000', 'the database server has no such database'],
    ['42501', 'the user may not create or write tables'],
    ['25006', 'the user may not create or write tables'],
    ['ECONNREFUSED', 'the database server cannot be reached'],
    ['ETIMEDOUT', 'the database server cannot be reached'],
    ['57P03', 'the database server cannot be reached'],
    ['XX000', 'the store cannot be used (XX000)'],
    // Codes that only hold one of the above say something else.
    ['NO_SQLITE_NOTADB', 'the store cannot be used (NO_SQLITE_NOTADB)'],
    ['NO_SQLITE_BUSY', 'the store cannot be used (NO_SQLITE_BUSY)'],
    ['NO_EACCES', 'the store cannot be used (NO_EACCES)'],
    ['NO_ENOSPC', 'the store cannot be used (NO_ENOSPC)'],
    ['ENOENT_NOT', 'the store cannot be used (ENOENT_NOT)'],
    ['NOT_ENOENT', 'the store cannot be used (NOT_ENOENT)'],
    ['42883', 'the store cannot be used (42883)'],
    ['53D000', 'the store cannot be used (53D000)'],
    ['3D0001', 'the store cannot be used (3D0001)'],
    ['142501', 'the store cannot be used (142501)'],
    ['425011', 'the store cannot be used (425011)'],
    ['42P28', 'the store cannot be used (42P28)'],
    ['NO_ECONN', 'the store cannot be used (NO_ECONN)'],
  ])('for %s stops the start in words, without anything of the URL', (code, words) => {
    const cause = coded(code);
    const problem = startProblem(cause);
    expect(problem).toMatchObject({ code: 'invalid-config', message: `DATABASE_URL: ${words}`, cause });
  });

  it('for an error without a code is not reached', () => {
    expect(startProblem(new Error(SECRET)).message).toBe('DATABASE_URL: the database server cannot be reached');
  });

  it('keeps words that are ours already', () => {
    const ours = new ServiceError('invalid-config', 'DATABASE_URL: of an unknown kind');
    expect(startProblem(ours)).toBe(ours);
  });
});

describe('the reason of a failure', () => {
  it.each<[string, unknown, string]>([
    ['the code of a database', coded('SQLITE_BUSY'), 'SQLITE_BUSY'],
    [
      'the code of the first address of a host',
      new AggregateError([coded('ECONNREFUSED'), coded('ENOENT')]),
      'ECONNREFUSED',
    ],
    ['no list of errors that is none', Object.assign(new TypeError(SECRET), { errors: 'none' }), 'TypeError'],
    ['no text that only looks like a code', coded(`SQLITE ${SECRET}`), 'Error'],
    ['no code with something before it', coded('-SQLITE'), 'Error'],
    ['no code with something after it', coded('SQLITE-'), 'Error'],
    ['no code of two letters', coded('XX'), 'Error'],
    ['a code of forty letters', coded('X'.repeat(40)), 'X'.repeat(40)],
    ['no code of more', coded('X'.repeat(41)), 'Error'],
    ['no code that is a number', coded(28_000), 'Error'],
    ['the kind of an error that has none', new RangeError(SECRET), 'RangeError'],
    ['the kind of a value that is no error', SECRET, 'string'],
    ['the kind of nothing', null, 'object'],
    ['the kind of undefined', undefined, 'undefined'],
  ])('is %s', (_name, error, reason) => {
    expect(reasonOf(error)).toBe(reason);
  });
});
