import type { PrefetchQuery } from './prefetch-templates.js';
import { isRecord } from '../is-record.js';
import { readSearchPage } from './search-page.js';
import { isOfOtherServer } from './server-base.js';

/** Parameters that change what a page looks like, not what is found. */
const OF_THE_PAGE = ['_sort', '_count', '_format'];

/**
 * Whether a Bundle without any result says by its self link that it answers this query: the same patient, and a search
 * that is at least as wide. In doubt it does not: a narrower search that found nothing says nothing of the rest.
 */
export function isEmptyAnswerTo(
  { resourceType, template }: Pick<PrefetchQuery, 'resourceType' | 'template'>,
  bundle: unknown,
  { patientId, fhirServer }: { patientId: string; fhirServer: string | undefined },
): boolean {
  const self = emptyPageOf(bundle);
  if (self === undefined || isOfOtherServer(self.href, fhirServer)) return false;
  if (self.pathname.split('/').at(-1) !== resourceType || self.searchParams.get('_count') === '0') return false;
  const asked = new URLSearchParams(template.replace('{{context.patientId}}', patientId).split('?')[1]);
  const isAsWide = ([name, values]: [string, string]) => {
    const covered = values.split(',').map((value) => value.replace(/^Patient\//, ''));
    const wanted = asked.get(name === 'subject' ? 'patient' : name)?.split(',') ?? [];
    return wanted.length > 0 && wanted.every((value) => covered.includes(value));
  };
  const filters = [...self.searchParams].filter(([name]) => !OF_THE_PAGE.includes(name));
  return filters.some(([name]) => ['patient', 'subject'].includes(name)) && filters.every(isAsWide);
}

/** The self link of a searchset that holds nothing and leads to no further page. */
function emptyPageOf(bundle: unknown): URL | undefined {
  const page = readSearchPage(bundle);
  if (typeof page === 'string' || page.entries.length + page.unreadable > 0 || page.next !== undefined)
    return undefined;
  const links = isRecord(bundle) && Array.isArray(bundle['link']) ? bundle['link'].filter(isRecord) : [];
  const url = links.find(({ relation }) => relation === 'self')?.['url'];
  return typeof url === 'string' && URL.canParse(url) ? new URL(url) : undefined;
}
