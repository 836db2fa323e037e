import { join } from 'node:path';
import type { FhirResource } from 'fhir/r4.js';
import type { Action, Card, Suggestion } from '../../src/cds-hooks.js';
import type { ComposedService } from '../support/composed-service.js';
import { postJson } from '../support/http-service.js';
import { readCases, type NamedCase } from '../vignettes/case-file.js';
import { hookRequest, resourcesOf } from '../vignettes/hook-client.js';

/** What was asked of the service, and what came back, for one case. */
export interface AnsweredCase {
  name: string;
  drafts: readonly FhirResource[];
  status: number;
  text: string;
  cards: readonly Card[];
}

/** One case in which each library speaks, one of silence, and every one in which the removal of a draft is offered. */
export function tellingCases(): NamedCase[] {
  const all = readCases(join(import.meta.dirname, '../vignettes'));
  const libraries = [...new Set(all.map(({ library }) => library))];
  const speaking = libraries.flatMap(
    (name) => all.find(({ library, played }) => library === name && played.expect.findings?.length) ?? [],
  );
  const silent = all.find(({ played }) => played.expect.silent);
  const removing = all.filter(({ played }) => played.expect.removes.length > 0).slice(0, 5);
  return [...new Set([...speaking, ...(silent === undefined ? [] : [silent]), ...removing])];
}

/** Plays cases one after the other, as a CDS client would. */
export async function answersTo(service: ComposedService, cases: readonly NamedCase[]): Promise<AnsweredCase[]> {
  const answers: AnsweredCase[] = [];
  for (const { name, played } of cases) {
    const called = service.services.find(({ hook }) => hook === played.hook);
    if (called === undefined) throw new Error(`There is no service for ${played.hook}.`);
    const resources = resourcesOf(played);
    const body = JSON.stringify(hookRequest(played, resources, called));
    const response = await postJson(`${service.url}/cds-services/${called.id}`, body);
    const text = await response.text();
    // What else stands in it is what the tests ask.
    const { cards = [] } = JSON.parse(text) as { cards?: Card[] };
    answers.push({ name, drafts: resources.drafts, status: response.status, text, cards });
  }
  return answers;
}

export function cardsOf(answers: readonly AnsweredCase[]): Card[] {
  return answers.flatMap(({ cards }) => cards);
}

export function suggestionsOf(cards: readonly Card[]): Suggestion[] {
  return cards.flatMap(({ suggestions = [] }) => suggestions);
}

export function actionsOf(cards: readonly Card[]): Action[] {
  return suggestionsOf(cards).flatMap(({ actions = [] }) => actions);
}

/** Paths of everything below a value that is null, '', [] or {}. */
export function emptiesIn(value: unknown, path = ''): string[] {
  if (value === null || value === '') return [path];
  if (typeof value !== 'object') return [];
  const children = Object.entries(value);
  if (children.length === 0) return [path];
  return children.flatMap(([key, child]) => emptiesIn(child, path === '' ? key : `${path}.${key}`));
}
