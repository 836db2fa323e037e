import { DateTime } from 'cql-execution';

interface Keyed {
  item: unknown;
  /** What the engine compares: `<` sees a time as its text. */
  key: unknown;
  comparable: unknown;
}

/**
 * The engine's merge sort: times are compared as text, two equal times that are not one object count as unequal
 * (so that `asc` turns equal ones round and `desc` keeps their order), and null comes first, with `desc` last.
 */
export function sorted(answer: unknown, keyOf: (item: unknown) => unknown, direction: 'asc' | 'desc'): unknown {
  if (!Array.isArray(answer) || answer.length <= 1) return answer;
  const low = direction === 'asc' ? -1 : 1;
  const items = answer.map((item: unknown): Keyed => ({ item, key: keyOf(item), comparable: undefined }));
  const offset = completeOffset(items);
  for (const each of items) each.comparable = comparableOf(each.key, offset);
  return mergeSort(items, (a, b) => compare(a, b, low)).map(({ item }) => item);
}

/** The one offset of all keys when each is a complete time of four-digit year, whose text sorts as the time does. */
function completeOffset(items: readonly Keyed[]): number | undefined {
  let offset: number | undefined;
  for (const { key } of items) {
    if (key == null) continue;
    if (!(key instanceof DateTime) || key.millisecond == null || key.timezoneOffset == null) return undefined;
    if ((key.year ?? 0) < 1_000 || key.timezoneOffset !== (offset ??= key.timezoneOffset)) return undefined;
  }
  return offset;
}

function comparableOf(key: unknown, offset: number | undefined): unknown {
  if (!(key instanceof DateTime)) return key;
  if (offset === undefined) return key.toString();
  const { year, month, day, hour, minute, second, millisecond } = key;
  const days = ((year ?? 0) * 12 + (month ?? 0)) * 31 + (day ?? 0);
  return ((days * 24 + (hour ?? 0)) * 60 + (minute ?? 0)) * 60_000 + (second ?? 0) * 1_000 + (millisecond ?? 0);
}

function compare(a: Keyed, b: Keyed, low: number): number {
  if (a.key === b.key || (a.key == null && b.key == null)) return 0;
  if (a.key == null || b.key == null) return a.key == null ? low : -low;
  if (isQuantity(a.key) && isQuantity(b.key)) return a.key.before(b.key) ? low : -low;
  // As JavaScript compares them: numbers as numbers, text as text.
  return (a.comparable as string) < (b.comparable as string) ? low : -low;
}

interface QuantityLike {
  before(other: unknown): unknown;
}

function isQuantity(value: unknown): value is QuantityLike {
  return typeof value === 'object' && value !== null && 'isQuantity' in value;
}

/** Not the built-in sort, which may ask in another order and so leave equal items in another one. */
function mergeSort<Item>(items: Item[], order: (a: Item, b: Item) => number): Item[] {
  if (items.length <= 1) return items;
  const middle = Math.floor(items.length / 2);
  const [left, right] = [mergeSort(items.slice(0, middle), order), mergeSort(items.slice(middle), order)];
  const merged: Item[] = [];
  let [fromLeft, fromRight] = [0, 0];
  for (;;) {
    const [one, other] = [left[fromLeft], right[fromRight]];
    if (one === undefined || other === undefined) break;
    if (order(one, other) <= 0) {
      merged.push(one);
      fromLeft += 1;
    } else {
      merged.push(other);
      fromRight += 1;
    }
  }
  return [...merged, ...left.slice(fromLeft), ...right.slice(fromRight)];
}
