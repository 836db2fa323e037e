import { composeService } from '../../src/compose.js';
import { readConfig } from '../../src/config.js';
import { listen } from '../../src/http/server.js';
import { createLog } from '../../src/log.js';
import { forgetfulStore } from './forgetful-store.js';
import { freePort } from './free-port.js';

export interface WebService {
  url: string;
  /** FHIR base URL of the sample patients. */
  samples: string;
  /** The log, as text. */
  logged: () => string;
  close: () => Promise<void>;
}

/** The whole service with its demo, on a port of its own that it knows. */
export async function startWebService(settings: Record<string, string> = {}): Promise<WebService> {
  const port = String(await freePort());
  const config = readConfig({ PORT: port, DEMO: 'on', RATE_LIMIT_PER_MINUTE: '1000000', ...settings });
  const lines: string[] = [];
  const log = createLog('info', { write: (line) => void lines.push(line) });
  const composed = composeService(config, log, forgetfulStore());
  const { url, close: stop } = await listen(composed.app, config);
  const close = () => stop().then(composed.close);
  return { url, samples: `${url}/demo/fhir`, logged: () => lines.join(''), close };
}
