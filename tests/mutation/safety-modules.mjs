/**
 * What must not be wrong, with the tests that hold it: a mutant is tried on no others. A module is tried in parts, since
 * every mutant loads all tests of its part.
 */
export const SAFETY_MODULES = {
  units: [
    {
      files: ['src/patient-data/units.ts'],
      tests: ['unit/patient-data/{units,readable-units}'],
      hasProperties: true,
    },
  ],
  'patient-filter': [
    {
      files: ['src/patient-data/belongs-to-patient.ts', 'src/patient-data/own-resources.ts'],
      tests: ['unit/patient-data/{belongs-to-patient,about-another,separate-foreign,own-resources,patient-named}'],
      hasProperties: true,
    },
  ],
  escape: [
    {
      files: ['src/cards/escape-markdown.ts'],
      tests: ['unit/cards/{escape-markdown,plain-text}'],
      hasProperties: true,
    },
  ],
  ranking: [
    {
      files: ['src/reasoning/rank.ts'],
      tests: ['unit/reasoning/{rank,rank-without-cause}'],
    },
  ],
  'client-authentication': [
    {
      files: ['src/http/client-token.ts'],
      tests: ['unit/http/client-token'],
    },
    {
      files: ['src/http/client-auth.ts'],
      tests: ['contract/client-auth', 'integration/client-auth'],
    },
    {
      files: ['src/http/client-keys.ts'],
      tests: ['integration/client-keys'],
    },
    {
      files: ['src/http/replay-store.ts', 'src/http/shared-limit.ts'],
      tests: ['unit/http/{replay-store,shared-limit}'],
      hasProperties: true,
    },
  ],
  addresses: [
    {
      files: ['src/patient-data/allowed-address.ts'],
      tests: ['unit/patient-data/allowed-address', 'integration/fhir-gateway-addresses'],
    },
    {
      files: ['src/patient-data/checked-fetch.ts'],
      tests: ['integration/client-keys'],
    },
  ],
  gateway: [
    {
      files: ['src/patient-data/fhir-gateway.ts'],
      tests: ['integration/fhir-gateway-{answers,breaker,pages,time,watch}'],
    },
    {
      files: [
        'src/patient-data/call-failure.ts',
        'src/patient-data/circuit-breaker.ts',
        'src/patient-data/server-path.ts',
      ],
      tests: ['unit/patient-data/{call-failure,circuit-breaker,server-path}'],
    },
  ],
  feedback: [
    {
      files: [
        'src/feedback/feedback-store.ts',
        'src/feedback/feedback-summary.ts',
        'src/feedback/rows.ts',
        'src/feedback/purge.ts',
      ],
      tests: ['integration/feedback-{store,store-life}'],
    },
    {
      files: ['src/feedback/issued-cards.ts', 'src/feedback/store-problem.ts'],
      tests: ['unit/feedback/{issued-cards,store-problem}'],
    },
    {
      files: ['src/http/feedback-body.ts'],
      tests: ['unit/http/feedback-body', 'contract/feedback'],
    },
  ],
};
