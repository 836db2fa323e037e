import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { parseAllDocuments } from 'yaml';
import { imageStage, wordsOf } from '../support/docker-file.js';

interface Container {
  image: string;
  ports: { name: string; containerPort: number }[];
  env: { name: string; value?: string }[];
  volumeMounts: { name: string; mountPath: string; readOnly?: boolean }[];
  securityContext: object;
  resources: { requests: object; limits: Record<string, string> };
  [probe: `${string}Probe`]: { httpGet: { path: string; port: string } };
}
interface Pod {
  automountServiceAccountToken: boolean;
  terminationGracePeriodSeconds: number;
  securityContext: object;
  containers: Container[];
  volumes: { name: string; secret?: { secretName: string }; emptyDir?: object }[];
}
interface Deployment {
  replicas: number;
  strategy: { rollingUpdate: { maxUnavailable: number } };
  selector: { matchLabels: object };
  template: { metadata: { labels: object }; spec: Pod };
}
interface Service {
  selector: object;
  ports: { targetPort: string }[];
}
interface Budget {
  minAvailable: number;
  selector: { matchLabels: object };
}

const root = join(import.meta.dirname, '../..');
const documents = parseAllDocuments(readFileSync(join(root, '.deploy/kubernetes.yaml'), 'utf8'));
// The shape is what the tests look at.
const objects = documents.map((document) => document.toJS() as { kind: string; apiVersion: string; spec: unknown });
const [deployment, service, budget] = objects.map(({ spec }) => spec) as [Deployment, Service, Budget];
const { metadata, spec: pod } = deployment.template;
const { labels } = metadata;
const [container, ...others] = pod.containers;
const { env, volumeMounts, ...cds } = container!;

describe('the example for Kubernetes', () => {
  it('is YAML without a mistake: a deployment, a service and a budget for disruptions', () => {
    expect(documents.flatMap(({ errors, warnings }) => [...errors, ...warnings])).toEqual([]);
    expect(objects.map(({ kind, apiVersion }) => `${apiVersion} ${kind}`)).toEqual([
      'apps/v1 Deployment',
      'v1 Service',
      'policy/v1 PodDisruptionBudget',
    ]);
    expect(others).toEqual([]);
  });

  it('runs two instances, never fewer than one, and sends calls to just these', () => {
    expect([deployment.replicas, deployment.strategy.rollingUpdate.maxUnavailable, budget.minAvailable]).toEqual([
      2, 0, 1,
    ]);
    expect([deployment.selector.matchLabels, service.selector, budget.selector.matchLabels]).toEqual([
      labels,
      labels,
      labels,
    ]);
    expect(service.ports[0]?.targetPort).toBe(cds.ports[0]?.name);
    expect(wordsOf(imageStage(), 'EXPOSE')).toEqual([String(cds.ports[0]?.containerPort)]);
  });

  it('sets nothing that the service does not read', () => {
    const settings = readFileSync(join(root, 'src/config.ts'), 'utf8');
    const unknown = env.filter(({ name }) => !new RegExp(`^  ${name}: `, 'm').test(settings));
    expect(unknown).toEqual([]);
    expect(env.map(({ name }) => name)).toEqual(['CLIENT_AUTH', 'CDS_CLIENTS', 'PUBLIC_BASE_URL', 'DATABASE_URL_FILE']);
  });

  it('keeps secrets in files of a Secret, and nothing of the kind in the environment', () => {
    const settings = volumeMounts.find(({ name }) => name === 'settings');
    expect(settings?.readOnly).toBe(true);
    expect(pod.volumes.find(({ name }) => name === 'settings')?.secret?.secretName).toBe('renal-cramp-cds');
    const files = env.filter(({ name }) => ['CDS_CLIENTS', 'DATABASE_URL_FILE'].includes(name));
    expect(files.map(({ value }) => value?.startsWith(`${settings?.mountPath ?? ''}/`))).toEqual([true, true]);
    expect(JSON.stringify(env)).not.toMatch(/postgres:|password|secretKeyRef/i);
  });

  it('runs without rights, on a file system that is read-only but for data/', () => {
    expect(pod.securityContext).toMatchObject({ runAsNonRoot: true, seccompProfile: { type: 'RuntimeDefault' } });
    expect(pod.automountServiceAccountToken).toBe(false);
    expect(cds.securityContext).toEqual({
      allowPrivilegeEscalation: false,
      readOnlyRootFilesystem: true,
      capabilities: { drop: ['ALL'] },
    });
    const writable = volumeMounts.filter(({ readOnly }) => readOnly !== true);
    expect(writable).toEqual([{ name: 'data', mountPath: '/app/data' }]);
    expect(wordsOf(imageStage(), 'VOLUME')).toEqual(['/app/data']);
  });

  it('asks whether it is ready before it sends calls, and whether it lives before it ends it', () => {
    const paths = ['startup', 'readiness', 'liveness'].map((probe) => cds[`${probe}Probe`]?.httpGet);
    expect(paths).toEqual([
      { path: '/health/ready', port: 'http' },
      { path: '/health/ready', port: 'http' },
      { path: '/health/live', port: 'http' },
    ]);
  });

  it('gives calls in flight longer than the service takes to stop, and bounds memory', () => {
    expect(pod.terminationGracePeriodSeconds).toBeGreaterThan(4 + 10);
    expect(cds.resources.limits['memory']).toBe('512Mi');
    expect(cds.resources.requests).toEqual({ cpu: '500m', memory: '256Mi' });
  });

  it('names an exact version of the image', () => {
    expect(cds.image).toMatch(/:\d+\.\d+\.\d+$/);
  });
});
