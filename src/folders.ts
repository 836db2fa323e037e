import { fileURLToPath } from 'node:url';

/** Where the knowledge and the words of the cards stand. */
export interface AdviceFolders {
  elm: string;
  /** The same libraries as JavaScript; without it they are interpreted. */
  compiledElm?: string;
  fhirModel: string;
  valueSets: string;
  cards: string;
}

/** Where everything stands that is read at start; a test may point elsewhere. */
export interface Folders extends AdviceFolders {
  samples: string;
  /** Of the browser side, built. */
  pages: string;
}

export const FOLDERS: Folders = {
  elm: inPackage('dist/elm'),
  compiledElm: inPackage('dist/elm-js'),
  fhirModel: inPackage('dist/fhir-model.json'),
  valueSets: inPackage('cql/valuesets'),
  cards: inPackage('cards'),
  samples: inPackage('src/web/samples'),
  pages: inPackage('dist/web/pages'),
};

export function inPackage(path: string): string {
  return fileURLToPath(new URL(`../${path}`, import.meta.url));
}
