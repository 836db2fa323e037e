/** One list of all items of the lists. `flat` and `flatMap` make each item in code of V8 that is not compiled. */
export function flattened<Item>(lists: Iterable<readonly Item[]>): Item[] {
  const all: Item[] = [];
  for (const list of lists) for (const item of list) all.push(item);
  return all;
}
