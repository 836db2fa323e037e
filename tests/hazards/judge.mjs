/** @typedef {{ file: string, title: string }} NamedTest */
/** @typedef {{ id: string, hazard: string, tests: NamedTest[] }} Hazard */
/** @typedef {{ name: string, assertionResults: { title: string, status: string }[] }} ResultFile as Jest writes it */

/**
 * What stands against each hazard: nothing when every test it names was run and has passed.
 *
 * @param {Hazard[]} hazards
 * @param {ResultFile[]} files
 * @returns {{ id: string, hazard: string, passed: number, complaints: string[] }[]}
 */
export function judged(hazards, files) {
  return hazards.map(({ id, hazard, tests }) => {
    const each = tests.map((test) => ({ test, results: resultsOf(test, files) }));
    const complaints = each.flatMap(({ test, results }) => complaintsOf(test, results));
    const passed = each.flatMap(({ results }) => results).filter(({ status }) => status === 'passed').length;
    return { id, hazard, passed, complaints };
  });
}

function resultsOf({ file, title }, files) {
  const found = files.find(({ name }) => name.endsWith(`/tests/${file}`));
  const pattern = patternOf(title);
  return (found?.assertionResults ?? []).filter((result) => pattern.test(result.title));
}

function complaintsOf({ file, title }, results) {
  const others = results.filter(({ status }) => status !== 'passed');
  if (results.length === 0) return [`${file}: "${title}" was not run`];
  return others.map((result) => `${file}: "${result.title}" is ${result.status}`);
}

/** The title of a table stands for each of its rows. */
function patternOf(title) {
  const parts = title.split(/%(?:\.\d+)?[a-z]|\$\w+/);
  return new RegExp(`^${parts.map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')).join('.*')}$`, 's');
}
