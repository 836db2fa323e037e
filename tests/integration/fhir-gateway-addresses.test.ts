import { describe, expect, it } from '@jest/globals';
import type { FhirServer } from '../../src/fhir-server.js';
import { addressCheck, allowedBase } from '../../src/patient-data/allowed-address.js';
import { openFhirGateway } from '../../src/patient-data/fhir-gateway.js';
import { allowedTo, EHR, requestTo } from '../support/opened-gateway.js';

describe('a FHIR server is opened', () => {
  const insecure = { url: 'http://10.0.0.5:8080/fhir/', addresses: ['10.0.0.0/8'], insecure: true };
  const opens = (address: string, ...allowed: FhirServer[]) =>
    openFhirGateway({ allowed: allowedTo(...allowed), budgetMs: 1 })(
      requestTo(address),
      new AbortController().signal,
    ) !== undefined;

  it.each([
    'https://ehr.example/fhir',
    'https://EHR.example:443/fhir/',
    'https://ehr.example/fhir/tenant',
    'https://ehr.example/x/../fhir',
    'http://10.0.0.5:8080/fhir',
  ])('at %s', (address) => {
    expect(opens(address, EHR, insecure)).toBe(true);
  });

  it.each([
    'https://ehr.example/',
    'https://ehr.example/fhirs',
    'https://ehr.example/FHIR',
    'https://ehr.example/fhir/../admin',
    'https://ehr.example/fhir/%2e%2e/admin',
    'https://ehr.example/fhir/..%2fadmin',
    'https://ehr.example/fhir/..%5Cadmin',
    'https://ehr.example:8443/fhir',
    'http://ehr.example/fhir',
    'https://ehr.example.evil/fhir',
    'https://evil.example/https://ehr.example/fhir',
    'https://ehr.example@evil.example/fhir',
    'https://user@ehr.example/fhir',
    'https://@ehr.example/fhir',
    'https://ehr.example/fhir?x',
    'https://ehr.example/fhir?',
    'https://ehr.example/fhir#',
    'https://ehr.example/fhir/..;/admin',
    'https://ehr.example/fhir/$export',
    'https://ehr.example/fhir//x',
    'https://ehr.example/fhir/%24export',
    'https://ehr.example/fhir/%252e%252e/admin',
    'https://ehr.example/fhir/%09x',
    'https://ehr.example/fhir\t/x',
    'https://ehr.example/fh\nir',
    'https://ehr.example\\fhir',
    'https://10.0.0.5:8080/fhir',
    'http://10.0.0.6:8080/fhir',
    'ftp://ehr.example/fhir',
    'file:///fhir',
    'ehr.example/fhir',
    '',
  ])('never at %s', (address) => {
    expect(opens(address, EHR, insecure)).toBe(false);
  });

  it('never without a list, without an address, or over http where the entry does not say so', () => {
    expect(opens(EHR.url)).toBe(false);
    expect(opens(insecure.url, { ...insecure, insecure: false })).toBe(false);
    const { fhirServer: _none, ...request } = requestTo('');
    expect(
      openFhirGateway({ allowed: allowedTo(EHR), budgetMs: 1 })(request, new AbortController().signal),
    ).toBeUndefined();
  });

  it('under the entry with the longest path', () => {
    const tenant = { ...EHR, url: 'https://ehr.example/fhir/tenant' };
    expect(allowedBase('https://ehr.example/fhir/tenant/a', [EHR, tenant])?.server).toBe(tenant);
  });
});

describe('an address', () => {
  it.each([
    '127.0.0.1',
    '127.1',
    '0.0.0.0',
    '10.1.2.3',
    '172.16.0.1',
    '192.168.1.1',
    '169.254.169.254',
    '100.64.0.1',
    '224.0.0.1',
    '255.255.255.255',
    '198.18.0.1',
    '192.0.2.1',
    '::1',
    '::',
    '::ffff:127.0.0.1',
    '::ffff:7f00:1',
    '::127.0.0.1',
    '4000::1',
    'fe80::1',
    'fe80::1%eth0',
    'fc00::1',
    'ff02::1',
    '64:ff9b::7f00:1',
    '2002:7f00:1::',
    '2001::1',
    'localhost',
    '',
  ])('%s is refused unless the entry names it', (address) => {
    expect(addressCheck(EHR)(address)).toBe(false);
  });

  it.each(['8.8.8.8', '2606:4700::1111', '::ffff:8.8.8.8'])('%s is public', (address) => {
    expect(addressCheck(EHR)(address)).toBe(true);
  });

  it('is allowed by the range or address of its entry, and only by that', () => {
    const check = addressCheck({ ...EHR, addresses: ['10.1.0.0/16', 'fd00::/8', '127.0.0.1'] });
    const allowed = ['10.1.255.255', '10.2.0.0', 'fd12::1', 'fc00::1', '127.0.0.1', '127.0.0.2', '::ffff:10.1.0.1'].map(
      check,
    );
    expect(allowed).toEqual([true, false, true, false, true, false, true]);
  });

  it('range that cannot be read stops the start', () => {
    expect(() => openFhirGateway({ allowed: allowedTo({ ...EHR, addresses: ['10.0.0.0/99'] }), budgetMs: 1 })).toThrow(
      expect.objectContaining({ code: 'invalid-config', message: 'An address range of a FHIR server cannot be read.' }),
    );
  });
});
