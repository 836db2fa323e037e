import { DemoEhr } from '../demo/demo-ehr.js';
import { loadSettings, samplesServer, serviceBase } from '../page-settings.js';
import { loadServices } from '../service/discovery.js';
import { startPage } from './start-page.js';

startPage(async (show) => {
  const base = serviceBase();
  const [settings, services] = await Promise.all([loadSettings(base), loadServices(base)]);
  const samples = samplesServer(settings, base) ?? '';
  show(<DemoEhr base={base} settings={settings} services={services} samples={samples} />);
});
