/** What must not be wrong, with the tests that hold it: a mutant is tried on no others. */
export const SAFETY_MODULES = {
  units: {
    files: ['src/patient-data/units.ts'],
    tests: ['unit/patient-data/{units,readable-units}'],
    hasProperties: true,
  },
  'patient-filter': {
    files: ['src/patient-data/{belongs-to-patient,own-resources}.ts'],
    tests: ['unit/patient-data/{belongs-to-patient,about-another,separate-foreign,own-resources,patient-named}'],
    hasProperties: true,
  },
  escape: {
    files: ['src/cards/escape-markdown.ts'],
    tests: ['unit/cards/{escape-markdown,plain-text}'],
    hasProperties: true,
  },
  ranking: {
    files: ['src/reasoning/rank.ts'],
    tests: ['unit/reasoning/{rank,rank-without-cause}'],
  },
  'client-authentication': {
    files: ['src/http/{client-auth,client-token,client-keys,replay-store,shared-limit}.ts'],
    tests: ['contract/client-auth', 'integration/{client-auth,client-keys}', 'unit/http/{replay-store,shared-limit}'],
  },
  addresses: {
    files: ['src/patient-data/{allowed-address,checked-fetch}.ts'],
    tests: ['integration/{fhir-gateway-addresses,client-keys,request-forgery}'],
  },
  gateway: {
    files: ['src/patient-data/{fhir-gateway,circuit-breaker,call-failure,server-path}.ts'],
    tests: ['integration/fhir-gateway-{answers,breaker,pages,time}', 'unit/patient-data/circuit-breaker'],
  },
  feedback: {
    files: [
      'src/feedback/{feedback-store,issued-cards,feedback-summary,rows,purge,store-problem}.ts',
      'src/http/feedback-body.ts',
    ],
    tests: ['integration/feedback-{store,store-life,summary}', 'contract/feedback'],
  },
};
