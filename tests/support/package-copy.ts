import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const ROOT = join(import.meta.dirname, '../..');
const COPIED = ['dist', 'cql/valuesets', 'cards', 'src/web/samples', 'package.json'];

/** The built service as it is installed, in a place where a test may damage it. */
export interface PackageCopy {
  main: string;
  folder: string;
  /** Changes a file; answers what makes it as it was. */
  edit: (file: string, change: (text: string) => string) => () => void;
  remove: () => void;
}

export function copyPackage(): PackageCopy {
  const folder = mkdtempSync(join(tmpdir(), 'package-'));
  for (const part of COPIED) cpSync(join(ROOT, part), join(folder, part), { recursive: true });
  symlinkSync(join(ROOT, 'node_modules'), join(folder, 'node_modules'));
  const edit: PackageCopy['edit'] = (file, change) => {
    const path = join(folder, file);
    const before = readFileSync(path, 'utf8');
    const after = change(before);
    if (after === before) throw new Error(`The change of ${file} changes nothing.`);
    writeFileSync(path, after);
    return () => {
      writeFileSync(path, before);
    };
  };
  const remove = () => {
    rmSync(folder, { recursive: true, force: true });
  };
  return { main: join(folder, 'dist/main.js'), folder, edit, remove };
}
