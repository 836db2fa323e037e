import { loadSettings, samplesServer, serviceBase } from '../page-settings.js';
import { AppProblem } from '../smart/app-problem.js';
import { canStore, signIn } from '../smart/connect.js';
import { startPage } from './start-page.js';

startPage(async (show) => {
  // First, while the launch is not used up.
  if (!canStore()) {
    show(<AppProblem kind="storage" />);
    return;
  }
  const query = new URLSearchParams(location.search);
  const iss = query.get('iss')?.replace(/\/+$/, '');
  const launch = query.get('launch') ?? undefined;
  if (iss === undefined) {
    show(<AppProblem kind="no-launch" />);
    return;
  }
  const base = serviceBase();
  const settings = await loadSettings(base);
  const isSamples = iss === samplesServer(settings, base);
  const clientId = isSamples
    ? settings.demo?.clientId
    : settings.smartClients.find((client) => client.iss === iss)?.clientId;
  if (clientId === undefined) {
    show(<AppProblem kind="unknown-ehr" detail={iss} />);
    return;
  }
  const redirectUri = new URL('app', base).href;
  try {
    await signIn({ iss, clientId, scope: settings.scope, redirectUri, ...(launch === undefined ? {} : { launch }) });
  } catch {
    show(<AppProblem kind="refused" detail={iss} />);
  }
});
