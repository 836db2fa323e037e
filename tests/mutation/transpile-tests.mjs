import { mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { transformFileSync } from '@swc/core';

const FOLDERS = ['mutation', 'crosscheck', 'vignettes', 'support'];
const OPTIONS = {
  swcrc: false,
  jsc: { parser: { syntax: 'typescript' }, target: 'es2022' },
  module: { type: 'es6' },
};

/** Puts the tests' own modules beside the build, as JavaScript that imports the build instead of `src/`; types are not checked. */
export function transpileTests(tests, build) {
  const target = join(build, 'tests');
  rmSync(target, { recursive: true, force: true });
  for (const folder of FOLDERS) {
    mkdirSync(join(target, folder), { recursive: true });
    const names = readdirSync(join(tests, folder)).filter((name) => /(?<!\.test|\.d)\.ts$/.test(name));
    for (const name of names) {
      const { code } = transformFileSync(join(tests, folder, name), OPTIONS);
      const imports = code.replace(/(\bfrom\s*['"])\.\.\/\.\.\/src\//g, '$1../../');
      writeFileSync(join(target, folder, name.replace(/\.ts$/, '.js')), imports);
    }
  }
  return target;
}
