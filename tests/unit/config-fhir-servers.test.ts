import { describe, expect, it } from '@jest/globals';
import { readConfig } from '../../src/config.js';

describe('FHIR_SERVERS', () => {
  it.each([
    ['http://127.0.0.1:8080/fhir', ['127.0.0.1/32']],
    ['http://2130706433/fhir', ['127.0.0.1/32']],
    ['http://10.1.2.3/fhir', ['10.1.2.3/32']],
    ['http://[::1]:8080/fhir', ['::1/128']],
    ['http://[::ffff:192.168.0.1]/fhir', ['192.168.0.1/32']],
    ['https://[fd00::1]/fhir', ['fd00::1/128']],
    ['https://8.8.8.8/fhir', []],
    ['https://fhir.example.org', []],
  ])('lets %s be just the address it names', (url, addresses) => {
    expect(readConfig({ FHIR_SERVERS: url }).fhirServers).toMatchObject([{ addresses }]);
  });
});
