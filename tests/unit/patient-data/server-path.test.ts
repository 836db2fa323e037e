import { describe, expect, it } from '@jest/globals';
import { pathWithin, searchPathWithin, searchRequest } from '../../../src/patient-data/server-path.js';

const server = { url: 'https://ehr.example/fhir', addresses: [], insecure: false };
const BASE = { server, origin: 'https://ehr.example', path: '/fhir' };
const ROOT = { ...BASE, path: '' };

describe('a path on a server', () => {
  it.each([
    ['Patient/p1', '/fhir/Patient/p1'],
    ['Observation?code=1-1,2-2&_sort=-date', '/fhir/Observation?code=1-1,2-2&_sort=-date'],
    ['https://ehr.example/fhir/Observation?page=2', '/fhir/Observation?page=2'],
    ['/fhir/Observation?page=2', '/fhir/Observation?page=2'],
    ['https://ehr.example/fhir?page=2', '/fhir?page=2'],
  ])('%s is called at %s', (address, path) => {
    expect(pathWithin(BASE, address)).toBe(path);
  });

  it.each([
    'https://other.example/fhir/Patient/p1',
    '//other.example/fhir/Patient/p1',
    '../admin',
    '/admin',
    'https://ehr.example/fhirs',
    'Patient/$match',
    'Obser\tvation?page=2',
    'Observation?page=2\n',
    'https://',
  ])('%j leads nowhere', (address) => {
    expect(pathWithin(BASE, address)).toBeUndefined();
  });
});

describe('a search on a server', () => {
  it.each([
    ['Observation?page=2', '/fhir/Observation?page=2'],
    ['Observation/?page=2', '/fhir/Observation/?page=2'],
    ['Observation/_search?page=2', '/fhir/Observation/_search?page=2'],
    ['https://ehr.example/fhir?page=2?x', '/fhir?page=2?x'],
    ['https://ehr.example/fhir/?page=2', '/fhir/?page=2'],
  ])('goes to %s', (address, path) => {
    expect(searchPathWithin(BASE, address, 'Observation')).toBe(path);
  });

  it.each([
    'Patient?page=2',
    'Observation/o1',
    'Observation/o1/_search',
    'ObservationDefinition?page=2',
    '../x?page=2',
  ])('goes never to %s', (address) => {
    expect(searchPathWithin(BASE, address, 'Observation')).toBeUndefined();
  });

  it('of no type goes to the base alone', () => {
    expect(searchPathWithin(BASE, '/fhir?page=2')).toBe('/fhir?page=2');
    expect(searchPathWithin(BASE, 'Observation?page=2')).toBeUndefined();
    expect(searchPathWithin(ROOT, '/?page=2')).toBe('/?page=2');
  });
});

describe('a request for a search', () => {
  /** Of so many characters with its origin. */
  const pathOf = (length: number) => `/fhir/Observation?code=`.padEnd(length - BASE.origin.length, '1');

  it('is a path as long as that is not too long for a URL', () => {
    expect(searchRequest(BASE, pathOf(2_000))).toEqual({ path: pathOf(2_000) });
  });

  it('is a form otherwise', () => {
    expect(searchRequest(BASE, pathOf(2_001))).toEqual({
      path: '/fhir/Observation/_search',
      posted: { method: 'POST', body: pathOf(2_001).replace('/fhir/Observation?', '') },
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
    });
  });
});
