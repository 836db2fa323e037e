import type { FhirResource, MedicationRequest, ServiceRequest } from 'fhir/r4.js';
import { useState } from 'preact/hooks';
import type { Suggestion } from '../../../cds-hooks.js';
import { type CatalogueEntry, draftOrder } from './draft-catalogue.js';

export type Draft = MedicationRequest | ServiceRequest;

/** The unsigned orders of the chart that is open. */
export function useDrafts() {
  const [drafts, setDrafts] = useState<Draft[]>([]);
  const [selected, setSelected] = useState<ReadonlySet<string>>(new Set());
  const [removed, setRemoved] = useState<ReadonlyMap<string, Draft>>(new Map());

  const add = (entry: CatalogueEntry, patientId: string, authoredOn: string): Draft[] => {
    const order = draftOrder(entry, `draft-${String(drafts.length + 1)}-${entry.rxnorm}`, patientId, authoredOn);
    const next = [...drafts, order];
    setDrafts(next);
    setSelected(new Set([...selected, referenceOf(order)]));
    return next;
  };

  const remove = (reference: string): void => {
    const found = drafts.find((draft) => referenceOf(draft) === reference);
    if (found === undefined) return;
    setDrafts(drafts.filter((draft) => draft !== found));
    setRemoved(new Map([...removed, [reference, found]]));
    setSelected(new Set([...selected].filter((each) => each !== reference)));
  };

  const toggle = (reference: string): void => {
    setSelected(
      selected.has(reference)
        ? new Set([...selected].filter((each) => each !== reference))
        : new Set([...selected, reference]),
    );
  };

  /** As one: what is deleted goes, what is created comes. */
  const apply = ({ uuid, actions = [] }: Suggestion): void => {
    for (const action of actions) {
      if (action.type === 'delete') remove(action.resourceId);
      else if (isDraft(action.resource)) setDrafts((before) => [...before, { ...action.resource, id: uuid } as Draft]);
    }
  };

  const revert = ({ uuid, actions = [] }: Suggestion): void => {
    const back = actions.flatMap((action) => (action.type === 'delete' ? (removed.get(action.resourceId) ?? []) : []));
    setDrafts((before) => [...before.filter(({ id }) => id !== uuid), ...back]);
  };

  const clear = (): void => {
    setDrafts([]);
    setSelected(new Set());
    setRemoved(new Map());
  };

  return { drafts, selected, add, remove, toggle, apply, revert, clear };
}

export function referenceOf({ resourceType, id = '' }: Draft): string {
  return `${resourceType}/${id}`;
}

export function draftName(draft: Draft): string {
  if (draft.resourceType === 'MedicationRequest') return draft.medicationCodeableConcept?.text ?? 'unnamed medicine';
  return draft.code?.text ?? draft.code?.coding?.[0]?.display ?? 'unnamed test';
}

function isDraft(resource: FhirResource): boolean {
  return resource.resourceType === 'MedicationRequest' || resource.resourceType === 'ServiceRequest';
}
