import { execFileSync } from 'node:child_process';
import { basename, dirname, relative } from 'node:path';

/** Of what no service is needed for, all that a file reaches; but for tests of minutes and what counts how often a property ran. */
const RELATED = /^tests\/(unit|contract|vignettes)\//;
const LEFT_OUT =
  /^tests\/unit\/(compile-cql|doors|kubernetes|supply-chain|reasoning\/(compiled|record-source)-knowledge)\./;
/** Of the tests of the whole service, those of its part: by the longest of these that the name of a file begins with. */
const OF_THE_SERVICE = {
  'src/': ['start-up', 'server', 'large-bodies', 'worker-pool'],
  'src/cards/': ['whole-cards', 'explain-endpoint'],
  'src/cli/': ['explain-cli', 'feedback-report', 'panel'],
  'src/cli/package': [],
  'src/elm-compiler/': [],
  'src/feedback/': ['feedback-store', 'feedback-store-life', 'feedback-summary', 'feedback-report', 'request-counts'],
  'src/http/explain': ['explain-endpoint'],
  'src/http/': ['http', 'hostile-requests', 'openapi', 'server', 'metrics', 'client-auth', 'client-keys'],
  'src/knowledge-package/': [],
  'src/operations/': ['audit', 'metrics', 'thread-reports'],
  'src/panel/': ['panel'],
  'src/patient-data/': ['fhir-gateway-answers', 'fhir-gateway-breaker', 'fhir-gateway-pages', 'observation-hygiene'],
  'src/patient-data/allowed-address': ['fhir-gateway-addresses'],
  'src/patient-data/checked-fetch': ['client-keys', 'fhir-gateway-addresses'],
  'src/patient-data/record-request': ['explain-cli', 'panel'],
  'src/patient-data/bulk': ['bulk-export'],
  'src/reasoning/': ['whole-cards', 'explain-endpoint', 'observation-hygiene'],
  'src/web/': ['pages', 'demo-fhir', 'demo-smart', 'handouts', 'about'],
};
/** After the tests of the same folder: the cases notice most of what is left. */
const IN_TURN = ['tests/vignettes/', 'tests/unit/', 'tests/contract/', 'tests/integration/'];

/** The tests of `root` that may notice a change of a file of src, the nearest first. */
export function testsOf(file, root, jest) {
  const listed = execFileSync(process.execPath, [...jest, '--listTests', '--findRelatedTests', file], {
    cwd: root,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  const related = listed
    .split('\n')
    .map((line) => relative(root, line))
    .filter((test) => test.endsWith('.test.ts') && RELATED.test(test) && !LEFT_OUT.test(test));
  const part = Object.keys(OF_THE_SERVICE)
    .filter((name) => file.startsWith(name))
    .sort((one, other) => other.length - one.length)[0];
  const ofTheService = OF_THE_SERVICE[part].map((name) => `tests/integration/${name}.test.ts`);
  return [...new Set([...related, ...ofTheService])].sort(
    (one, other) => distance(one, file) - distance(other, file) || (one < other ? -1 : 1),
  );
}

/** Small for the test of the same name, then of the same folder. */
function distance(test, file) {
  const [name, own] = [basename(test).split('.')[0], basename(file, '.ts')];
  if (name === own) return 0;
  if (name.startsWith(own)) return 1;
  if (dirname(file).replace(/^src/, 'tests/unit').startsWith(dirname(test))) return 2;
  return 3 + IN_TURN.findIndex((place) => test.startsWith(place));
}
