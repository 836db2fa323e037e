import { loadSettings, type PageSettings, samplesServer, serviceBase } from '../page-settings.js';
import { loadServices } from '../service/discovery.js';
import { type OpenAddress, readOpenAddress } from '../smart/app-address.js';
import { AppProblem } from '../smart/app-problem.js';
import { AppScreen } from '../smart/app-screen.js';
import { canStore, connected, type Connection } from '../smart/connect.js';
import { openServer } from '../smart/open-server.js';
import { startPage } from './start-page.js';

startPage(async (show) => {
  if (!canStore()) {
    show(<AppProblem kind="storage" />);
    return;
  }
  const base = serviceBase();
  const [settings, services] = await Promise.all([loadSettings(base), loadServices(base)]);
  const samples = samplesServer(settings, base);
  const connection = await connect(settings, samples);
  if ('problem' in connection) {
    show(
      <AppProblem
        kind={connection.problem}
        {...(connection.detail === undefined ? {} : { detail: connection.detail })}
      />,
    );
    return;
  }
  show(<AppScreen base={base} settings={settings} services={services} connection={connection} samples={samples} />);
});

type Refused = { problem: 'no-launch' | 'refused' | 'ended' | 'not-listed'; detail?: string };

async function connect(settings: PageSettings, samples: string | undefined): Promise<Connection | Refused> {
  const address = readOpenAddress(location.search);
  if (address.server !== undefined) return openConnection(address, settings, samples);
  const query = new URLSearchParams(location.search);
  const detail = query.get('error_description') ?? query.get('error') ?? undefined;
  if (detail !== undefined) return { problem: 'refused', detail };
  try {
    return await connected();
  } catch {
    if (query.has('code')) return { problem: 'ended' };
    return samples === undefined || query.has('state')
      ? { problem: 'no-launch' }
      : openConnection({ ...address, server: samples }, settings, samples);
  }
}

/** A server that asks for no sign-in, where the settings name it. */
function openConnection(
  { server = '', patient }: OpenAddress,
  { servers, smartClients }: PageSettings,
  samples: string | undefined,
): Connection | Refused {
  const isListed = server === samples || servers.includes(server) || smartClients.some(({ iss }) => iss === server);
  if (!isListed) return { problem: 'not-listed', detail: server };
  return {
    server,
    read: openServer(server),
    needsBanner: true,
    ...(patient === undefined ? {} : { patientId: patient }),
  };
}
