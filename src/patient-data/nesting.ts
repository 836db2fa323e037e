import { DEEPEST_NESTING } from '../json-shape.js';

/** Whether parsed JSON is nested deeper than 64 levels; walks without recursion, which is what deep nesting would break. */
export function isNestedTooDeep(value: unknown): boolean {
  const open: { node: unknown; depth: number }[] = [{ node: value, depth: 1 }];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const { node, depth } = next;
    if (typeof node !== 'object' || node === null) continue;
    if (depth > DEEPEST_NESTING) return true;
    for (const child of Object.values(node)) open.push({ node: child, depth: depth + 1 });
  }
  return false;
}
