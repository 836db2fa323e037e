import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import type { Library, PlanDefinition, ValueSet } from 'fhir/r4.js';
import {
  packageFiles,
  packageResources,
  packageTransaction,
} from '../../../src/knowledge-package/knowledge-package.js';
import { tarGzip } from '../../../src/knowledge-package/tar-gzip.js';
import { tinySource } from './tiny-source.js';

const resources = packageResources(tinySource);
const named = (resourceType: string, id: string): unknown =>
  resources.find((each) => each.resourceType === resourceType && each.id === id);

describe('the resources of the package', () => {
  it('are drafts for experiments, each with its canonical address and the version of the knowledge', () => {
    for (const resource of resources) {
      expect(resource).toMatchObject({
        url: `https://renal-cramp-cds.org/${resource.resourceType}/${resource.id!}`,
        version: '1.2.3',
        status: 'draft',
        experimental: true,
        date: '2026-05-17',
      });
      expect(resource).toHaveProperty(
        'text.div',
        expect.stringMatching(/^<div xmlns="[^"]+"><p>[^<]+, version 1\.2\.3\. A draft for experiments\.<\/p><\/div>$/),
      );
      expect(resource).toHaveProperty('copyright', expect.stringMatching(/Copyright|Of http/));
      expect(resource).toHaveProperty(
        'extension',
        ['shareable', 'computable', 'publishable', 'executable'].map((valueCode) => ({
          url: 'http://hl7.org/fhir/StructureDefinition/cqf-knowledgeCapability',
          valueCode,
        })),
      );
    }
  });

  it('hold of each library its text, its ELM, what it includes and what it retrieves, followed through its includes', () => {
    const library = named('Library', 'LowMagnesium') as Library;
    const content = library.content!.map(({ contentType, data }) => [
      contentType,
      Buffer.from(data!, 'base64').toString(),
    ]);
    expect(content).toEqual([
      ['text/cql', tinySource.cql.get('LowMagnesium')],
      ['application/elm+json', tinySource.elm.get('LowMagnesium')],
    ]);
    expect(library.description).toBe('Magnesium is low.');
    expect(library.relatedArtifact).toEqual([
      { type: 'depends-on', resource: 'https://renal-cramp-cds.org/Library/Record|1.2.3' },
    ]);
    expect(library.dataRequirement).toEqual([
      {
        type: 'Observation',
        codeFilter: [{ path: 'code', valueSet: 'https://renal-cramp-cds.org/ValueSet/magnesium|1.2.3' }],
      },
    ]);
    expect((named('Library', 'Record') as Library).parameter).toEqual([
      { name: 'Drafts To Judge', use: 'in', min: 0, max: '*', type: 'string' },
    ]);
  });

  it('join the files of one value set, enumerate and expand it', () => {
    const { name, copyright, compose, expansion } = named('ValueSet', 'magnesium') as ValueSet;
    expect({ name, copyright }).toEqual({
      name: 'Magnesium',
      copyright: 'Of http://loinc.org.\n\nOf http://snomed.info/sct.',
    });
    expect(compose).toEqual({
      include: [
        { system: 'http://loinc.org', concept: [{ code: '19123-9' }, { code: '2601-3' }] },
        { system: 'http://snomed.info/sct', concept: [{ code: '38151008' }] },
      ],
    });
    expect(expansion).toEqual({
      identifier: 'https://renal-cramp-cds.org/ValueSet/magnesium/expansion/1.2.3',
      timestamp: '2026-05-17',
      total: 3,
      contains: [
        { system: 'http://loinc.org', code: '19123-9' },
        { system: 'http://loinc.org', code: '2601-3' },
        { system: 'http://snomed.info/sct', code: '38151008' },
      ],
    });
  });

  it('make of a service a rule with a trigger, and conditions and dynamic values by the names of defines', () => {
    const plan = named('PlanDefinition', 'renal-cramps-patient-view') as PlanDefinition;
    expect(plan.library).toEqual(['https://renal-cramp-cds.org/Library/CrampServices|1.2.3']);
    expect(plan.type?.coding?.[0]?.code).toBe('eca-rule');
    const [causes, orders, tests] = plan.action!;
    expect(causes).toEqual({
      id: 'Cause',
      title: 'Likely causes',
      priority: 'routine',
      trigger: [{ type: 'named-event', name: 'patient-view' }],
      condition: [
        { kind: 'applicability', expression: { language: 'text/cql-identifier', expression: 'Cause Card Is Shown' } },
      ],
      documentation: [{ type: 'documentation', display: 'Renal cramp decision support' }],
      dynamicValue: [
        { path: 'action.title', expression: { language: 'text/cql-identifier', expression: 'Cause Title' } },
        {
          path: 'action.description',
          expression: { language: 'text/cql-identifier', expression: 'Cause Description' },
        },
        { path: 'action.priority', expression: { language: 'text/cql-identifier', expression: 'Cause Priority' } },
      ],
    });
    expect(orders?.id).toBe('Order');
    expect(tests?.action?.find(({ id }) => id === 'Order19123-9')).toEqual({
      id: 'Order19123-9',
      title: 'Order magnesium',
      condition: [
        {
          kind: 'applicability',
          expression: { language: 'text/cql-identifier', expression: 'Test 19123-9 Is Worth Ordering' },
        },
      ],
      definitionCanonical: 'https://renal-cramp-cds.org/ActivityDefinition/order-19123-9|1.2.3',
    });
  });

  it('order a test by its code, and one without a code of its own by name', () => {
    expect(named('ActivityDefinition', 'order-19123-9')).toMatchObject({
      kind: 'ServiceRequest',
      intent: 'proposal',
      code: { coding: [{ system: 'http://loinc.org', code: '19123-9' }], text: 'magnesium' },
    });
    expect(named('ActivityDefinition', 'order-ecg')).toHaveProperty('code', { text: '12-lead ECG' });
  });
});

describe('the package', () => {
  const files = packageFiles(resources, tinySource);

  it('begins with its manifest and an index of every resource', () => {
    const [manifest, index, ...rest] = files;
    expect(manifest?.name).toBe('package/package.json');
    expect(JSON.parse(manifest!.text)).toMatchObject({
      name: 'renal-cramp-cds.knowledge',
      version: '1.2.3',
      license: 'Apache-2.0',
      fhirVersions: ['4.0.1'],
      dependencies: { 'hl7.fhir.r4.core': '4.0.1' },
    });
    expect(index?.name).toBe('package/.index.json');
    const listed = (JSON.parse(index!.text) as { files: { filename: string }[] }).files;
    expect(listed.map(({ filename }) => `package/${filename}`)).toEqual(rest.map(({ name }) => name));
    expect(listed[0]).toEqual({
      filename: 'ActivityDefinition-order-1751-7.json',
      resourceType: 'ActivityDefinition',
      id: 'order-1751-7',
      url: 'https://renal-cramp-cds.org/ActivityDefinition/order-1751-7',
      version: '1.2.3',
    });
  });

  it('is an archive that tar reads, and the same bytes each time', () => {
    const packed = tarGzip(files);
    expect(packed.equals(tarGzip(packageFiles(packageResources(tinySource), tinySource)))).toBe(true);
    const folder = mkdtempSync(join(tmpdir(), 'package-'));
    try {
      writeFileSync(join(folder, 'package.tgz'), packed);
      const list = execFileSync('tar', ['-tzf', join(folder, 'package.tgz')], { encoding: 'utf8' });
      expect(list.trim().split('\n')).toEqual(files.map(({ name }) => name));
      const manifest = execFileSync('tar', ['-xzOf', join(folder, 'package.tgz'), 'package/package.json'], {
        encoding: 'utf8',
      });
      expect(manifest).toBe(files[0]?.text);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

  it('is also one transaction that puts every resource under its own id', () => {
    const { type, entry } = packageTransaction(resources);
    expect(type).toBe('transaction');
    expect(entry?.map(({ request }) => request)).toEqual(
      resources.map(({ resourceType, id }) => ({ method: 'PUT', url: `${resourceType}/${id!}` })),
    );
  });
});
