/** FHIR resources and Bundles as transactions that a server takes. */

const SENT_AS_THEY_ARE = ['transaction', 'batch'];

/**
 * The Bundle to post for this resource. A transaction or batch keeps its requests; of a Bundle of another type each
 * resource is put under its own id (one without an id is created); a single resource likewise.
 */
export function transactionOf(resource) {
  const { resourceType, type, entry = [] } = resource;
  if (resourceType !== 'Bundle') return transaction([{ resource }]);
  return SENT_AS_THEY_ARE.includes(type) ? { ...resource, entry: linked(entry) } : transaction(entry.filter(isData));
}

export function isResource(value) {
  return typeof value === 'object' && value !== null && typeof value.resourceType === 'string';
}

function transaction(entries) {
  // A transaction may name a resource once only: the last one counts.
  const byAddress = new Map(entries.map((entry, index) => [addressOf(entry) ?? index, entry]));
  const addresses = new Map(entries.filter(addressOf).map((entry) => [entry.fullUrl, addressOf(entry)]));
  return {
    resourceType: 'Bundle',
    type: 'transaction',
    entry: linked([...byAddress.values()].map(toRequest), addresses),
  };
}

/** A searchset may hold the server's remarks. */
function isData({ resource, search }) {
  return isResource(resource) && resource.resourceType !== 'OperationOutcome' && search?.mode !== 'outcome';
}

function toRequest(entry) {
  const url = addressOf(entry);
  const { resource, fullUrl } = entry;
  if (url !== undefined) return { resource, request: { method: 'PUT', url } };
  return { ...(fullUrl ? { fullUrl } : {}), resource, request: { method: 'POST', url: resource.resourceType } };
}

/**
 * References by fullUrl follow their resource to its new address. One by `urn:` to what an excerpt left out is dropped,
 * because servers refuse it.
 */
function linked(entries, addresses = new Map()) {
  const names = new Set(entries.map(({ fullUrl }) => fullUrl));
  const follow = (key, value) => {
    if (key !== 'reference' || typeof value !== 'string') return value;
    const isLoose = value.startsWith('urn:') && !names.has(value) && !addresses.has(value);
    return isLoose ? undefined : (addresses.get(value) ?? value);
  };
  return entries.map((entry) => ({ ...entry, resource: followed(entry.resource, follow) }));
}

function followed(resource, follow) {
  return resource === undefined ? undefined : JSON.parse(JSON.stringify(resource), follow);
}

function addressOf({ resource }) {
  return resource.id ? `${resource.resourceType}/${resource.id}` : undefined;
}
