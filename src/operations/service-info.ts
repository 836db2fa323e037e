import { Gauge, type Registry } from 'prom-client';

/** Versions, and whether hooks are answered. */
export function serviceInfo(
  registry: Registry,
  { version, knowledgeVersion, isReady }: { version: string; knowledgeVersion: string; isReady: () => boolean },
): void {
  const registers = [registry];
  new Gauge({
    name: 'renal_cramp_info',
    help: 'Always 1: the version of the service and of its knowledge.',
    labelNames: ['version', 'knowledge'],
    registers,
  }).set({ version, knowledge: knowledgeVersion }, 1);
  new Gauge({
    name: 'renal_cramp_ready',
    help: '1 while the service is ready, as /health/ready says.',
    registers,
    collect() {
      this.set(Number(isReady()));
    },
  });
}
