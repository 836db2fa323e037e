import { Ajv2020 } from 'ajv/dist/2020.js';
import type { OpenApiDocument } from '../../src/http/openapi.js';

type Schema = Record<string, unknown>;

/** Holds what is sent and answered against the description of the interface: nothing missing, and nothing that it does not name. */
export class DescribedInterface {
  readonly #ajv = new Ajv2020({ strict: false, validateFormats: false, allErrors: true });

  constructor({ components }: OpenApiDocument) {
    this.#ajv.addSchema({ components: { schemas: closed(components.schemas) } }, 'interface');
  }

  /** Where and how the value departs from the schema of this name. */
  complaints(name: string, value: unknown): string[] {
    const validate = this.#ajv.getSchema(`interface#/components/schemas/${name}`);
    if (validate === undefined) throw new Error(`Nothing of the name ${name} is described.`);
    void validate(value);
    return (validate.errors ?? []).map(({ instancePath, message, params }) =>
      [instancePath, message, JSON.stringify(params)].join(' '),
    );
  }
}

/** A resource may have any field; everything else only those that are described. */
function closed(schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map(closed);
  if (typeof schema !== 'object' || schema === null) return schema;
  // A schema, or a list of them by name: what both have in common is all that is used.
  const parts = Object.fromEntries(Object.entries(schema as Schema).map(([name, part]) => [name, closed(part)]));
  const isResource = JSON.stringify(parts['required']) === '["resourceType"]';
  return parts['type'] === 'object' && 'properties' in parts && !isResource
    ? { additionalProperties: false, ...parts }
    : parts;
}
