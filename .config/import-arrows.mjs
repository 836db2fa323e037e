/** The import arrows of the architecture as ESLint rules: a stage never imports its neighbour, `advise.ts` hands values on. */

const GROUND_FLOOR = [
  'cds-hooks',
  'patient-record',
  'fhir-id',
  'errors',
  'log',
  'trailing-slashes',
  'json-shape',
  'is-record',
  'flattened',
  'own-texts',
];
const STAGES = ['http', 'patient-data', 'reasoning', 'cards', 'feedback', 'panel'];
const ENGINE_FILES = ['knowledge', 'record-source', 'evaluate', 'fhir-time', 'fhir-object']
  .map((name) => `src/reasoning/${name}.ts`)
  .concat('src/reasoning/code-matcher.ts', 'src/reasoning/elm-runtime/*.ts');

const groundFloor = GROUND_FLOOR.join('|');

/** What one place only may know, and which. */
const ENVIRONMENT_MESSAGE = 'Only config.ts reads the environment: take the setting as a parameter.';
const ENVIRONMENT = ['node:process', 'process'].map((name) => ({
  name,
  importNames: ['env'],
  message: ENVIRONMENT_MESSAGE,
}));
const FHIR_CLIENT = {
  regex: '^fhir-kit-client(/|$)',
  message: 'Only patient-data/fhir-gateway.ts talks to FHIR servers.',
};
const ENGINE = {
  regex: '^cql-execution(/|$)',
  message:
    'Only knowledge, evaluate, the record source (with fhir-object and fhir-time) and the runtime of compiled libraries in src/reasoning know the engine.',
};
const TRANSLATOR = {
  regex: '^(@cqframework/|cql-exec-fhir(/|$)|@lhncbc/ucum-lhc(/|$))',
  message: 'CQL is translated at build time: only compile-cql.ts knows the translator.',
};
const MAIN = { regex: '(^|/)main\\.js$', message: 'main.ts composes everything; nothing imports it.' };
const SERVICE = {
  regex: '(^|/)compose\\.js$',
  message: 'A thread starts with what it needs: compose.ts brings the server and the store along.',
};
const ROUNDABOUT = { regex: '^\\./(?:.*/)?\\.\\./', message: 'Write the shortest path: the arrows are read from it.' };
const EVERYWHERE = [FHIR_CLIENT, ENGINE, TRANSLATOR, MAIN, ROUNDABOUT];

const UPWARD = '^(?:\\.\\./)+(?!\\.\\./)';
const onlyGroundFloorAbove = {
  regex: `${UPWARD}(?!(?:${groundFloor})\\.js$)`,
  message: `A stage imports only its own folder and the ground floor (${GROUND_FLOOR.join(', ')}); advise.ts hands values on.`,
};
/** For a file beside main.ts: the ground floor and what else is named, after a bar. */
const onlyBeside = (named = '') => ({
  regex: `^\\./(?!(?:${groundFloor}${named})\\.js$)`,
  message: `Imports only point down: a file beside main.ts imports the ground floor (${GROUND_FLOOR.join(', ')}).`,
});

const typesOnly = (regex) => ({ regex, allowTypeImports: true, message: 'Only its types: the value is handed in.' });

/** For a stage: what may be imported above its folder, for its types alone, beside the ground floor. */
const typesAbove = (named) => [
  { ...onlyGroundFloorAbove, regex: `${UPWARD}(?!(?:${groundFloor}|${named})\\.js$)` },
  typesOnly(`${UPWARD}(?:${named})\\.js$`),
];

const without = (allowed) => EVERYWHERE.filter((pattern) => pattern !== allowed);

const restrict = (files, ...patterns) => ({
  files: [files].flat(),
  rules: { 'no-restricted-imports': ['error', { paths: files === 'src/config.ts' ? [] : ENVIRONMENT, patterns }] },
});

/** ESLint replaces a rule's options where several entries match, so the more particular file comes later. */
const arrows = [
  restrict('src/**/*.ts', ...EVERYWHERE),
  restrict('src/*.ts', ...EVERYWHERE, onlyBeside()),
  restrict('src/main.ts', ...without(MAIN)),
  restrict(['src/compose*.ts', 'src/check-config.ts'], ...EVERYWHERE),
  restrict(['src/advise-worker.ts', 'src/cli/panel-thread.ts'], ...EVERYWHERE, SERVICE),
  restrict('src/worker-pool.ts', ...EVERYWHERE, onlyBeside('|busy-time|job-slip|turns|worker-thread')),
  restrict(['src/busy-time.ts', 'src/worker-thread.ts'], ...EVERYWHERE, onlyBeside('|job-slip')),
  restrict(
    'src/config.ts',
    ...EVERYWHERE,
    onlyBeside('|fhir-server|cds-clients|secret-file|setting-forms|smart-client'),
  ),
  restrict('src/cds-clients.ts', ...EVERYWHERE, onlyBeside('|fhir-server')),
  restrict('src/policy.ts', ...EVERYWHERE, onlyBeside('|cards/card-wording|reasoning/ranking-policy')),
  restrict('src/compile-cql.ts', ...without(TRANSLATOR), onlyBeside('|fhir-model|elm-compiler/compile-elm')),
  restrict(
    'src/fhir-model.ts',
    ...EVERYWHERE,
    onlyBeside('|reasoning/fhir-model-type'),
    typesOnly('^\\./reasoning/fhir-model-type\\.js$'),
  ),
  restrict(
    ['src/advise.ts', 'src/explain.ts'],
    ...EVERYWHERE,
    {
      regex: `^\\./(?!(?:${groundFloor}|policy)\\.js$|(?:patient-data|reasoning|cards)/)`,
      message: 'advise.ts tells the story in four calls: patient-data, reasoning and cards.',
    },
    typesOnly('^\\./policy\\.js$'),
  ),

  restrict(
    STAGES.map((stage) => `src/${stage}/**/*.ts`),
    ...EVERYWHERE,
    onlyGroundFloorAbove,
  ),
  restrict('src/elm-compiler/**/*.ts', ...EVERYWHERE, {
    ...onlyGroundFloorAbove,
    regex: `${UPWARD}(?!reasoning/elm-mark\\.js$)`,
  }),
  restrict(
    'src/knowledge-package/*.ts',
    ...EVERYWHERE,
    {
      ...onlyGroundFloorAbove,
      regex: `${UPWARD}(?!(?:${groundFloor}|policy|cards/card-template|cards/template-text|reasoning/elm-library)\\.js$)`,
      message: 'The package is made of what the command hands in: of the stages it knows how ELM is read, and types.',
    },
    typesOnly(`${UPWARD}cards/`),
  ),
  restrict('src/http/**/*.ts', ...EVERYWHERE, ...typesAbove('advise')),
  restrict(
    ['src/http/feedback*.ts', 'src/http/call-record.ts'],
    ...EVERYWHERE,
    ...typesAbove('advise|feedback/feedback-store'),
  ),
  // What is counted is named where it happens.
  restrict(
    'src/operations/**/*.ts',
    ...EVERYWHERE,
    ...typesAbove('http/call-record|feedback/feedback-store|patient-data/call-watch'),
  ),
  restrict('src/cards/**/*.ts', ...EVERYWHERE, ...typesAbove('reasoning/(?:finding|advice|explain)')),
  restrict('src/patient-data/**/*.ts', ...EVERYWHERE, ...typesAbove('fhir-server')),
  restrict('src/patient-data/fhir-gateway.ts', ...without(FHIR_CLIENT), ...typesAbove('fhir-server')),
  restrict(ENGINE_FILES, ...without(ENGINE), onlyGroundFloorAbove),
  // A folder within the stage: one step up is still reasoning.
  restrict('src/reasoning/elm-runtime/*.ts', ...without(ENGINE), {
    ...onlyGroundFloorAbove,
    regex: `^\\.\\./\\.\\./(?!(?:${groundFloor})\\.js$)`,
  }),
  restrict('src/reasoning/rank.ts', ...EVERYWHERE, onlyGroundFloorAbove, typesOnly('^\\./')),
];

/** The browser side stands alone: of the service it knows the types of the protocol, and asks for everything else. */
const BROWSER = 'src/web/browser';
const LEAVES_BROWSER =
  'The pages import only each other and the types of cds-hooks.ts; they ask the service for the rest.';
const SMART = { regex: '^fhirclient(/|$)', message: 'Only smart/connect.ts knows fhirclient.' };
const MARKDOWN = { regex: '^(?:marked|dompurify)(/|$)', message: 'Only cards/markdown.ts turns Markdown into HTML.' };
const browserArrows = (files, ups, ...patterns) =>
  restrict(
    files.flatMap((file) => [`${BROWSER}/${file}.ts`, `${BROWSER}/${file}.tsx`]),
    ...EVERYWHERE,
    ...patterns,
    { regex: `^(?:\\.\\./){${ups},}(?!\\.\\./)(?!cds-hooks\\.js$)`, message: LEAVES_BROWSER },
    typesOnly('^(?:\\.\\./)+cds-hooks\\.js$'),
  );
const browser = [
  browserArrows(['*'], 1, SMART, MARKDOWN),
  browserArrows(['*/*'], 2, SMART, MARKDOWN),
  browserArrows(['smart/connect'], 2, MARKDOWN),
  browserArrows(['cards/markdown'], 2, SMART),
];

const noDetours = [
  { selector: 'ImportExpression', message: 'Import at the top of the file, where the arrows are checked.' },
  { selector: 'TSImportType', message: 'Use `import type` at the top of the file, where the arrows are checked.' },
  { selector: 'TSImportEqualsDeclaration', message: 'Use an ES import.' },
];
const PROCESS_ENV = "MemberExpression[object.name='process'][property.name='env']";
const COMPOSERS = ['src/main.ts', 'src/cli/*.ts'];

/** The environment as a global, default exports, and imports that `no-restricted-imports` does not see. */
const detours = [
  {
    files: ['src/**/*.ts'],
    ignores: ['src/config.ts', ...COMPOSERS],
    rules: {
      'no-restricted-properties': [
        'error',
        { object: 'process', property: 'env', message: ENVIRONMENT_MESSAGE },
        { object: 'globalThis', property: 'process', message: ENVIRONMENT_MESSAGE },
      ],
    },
  },
  {
    files: ['src/**/*.ts'],
    rules: {
      'no-restricted-exports': [
        'error',
        {
          restrictDefaultExports: {
            direct: true,
            named: true,
            defaultFrom: true,
            namedFrom: true,
            namespaceFrom: true,
          },
        },
      ],
      'no-restricted-syntax': ['error', ...noDetours],
    },
  },
  {
    files: COMPOSERS,
    rules: {
      'no-restricted-syntax': [
        'error',
        ...noDetours,
        {
          selector: `:not(CallExpression[callee.name='readConfig']) > ${PROCESS_ENV}`,
          message: 'A composer hands the environment to readConfig and reads nothing from it.',
        },
      ],
    },
  },
];

export const importArrows = [...arrows, ...browser, ...detours];
