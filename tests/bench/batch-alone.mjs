/**
 * A process of its own for `batch.mjs`: the first message gives it the text and what its answer must name, each one after
 * that how often to judge it; it says when that is done.
 */
import { advise } from '../../dist/advise.js';
import { parseCdsRequest } from '../../dist/cds-hooks.js';
import { loadAdvice } from '../../dist/compose-advice.js';
import { FOLDERS } from '../../dist/folders.js';
import { parseJson } from '../../dist/http/read-body.js';

let judge;

function judgeOf({ text, cause, settings }) {
  const bytes = Buffer.from(text);
  const nobody = () => undefined;
  const told = { onGathered: nobody, onInterpreted: nobody, onLibraryFailed: nobody };
  const parts = { ...loadAdvice(settings, FOLDERS), openFhirServer: nobody, ...told };
  const call = { signal: new AbortController().signal, now: new Date() };
  return async (count) => {
    for (let done = 0; done < count; done += 1) {
      const answer = await advise(parseCdsRequest(parseJson(bytes), 'patient-view'), call, parts);
      if (!JSON.stringify(answer).includes(cause)) throw new Error('the answer does not name the cause');
    }
  };
}

process.on('message', async (message) => {
  if (judge === undefined) judge = judgeOf(message);
  else await judge(message);
  process.send('done');
});
