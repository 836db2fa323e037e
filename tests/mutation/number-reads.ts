import { type ElmNode, isNode, operandsOf } from '../../src/reasoning/elm-library.js';

/** Where a value stands. */
interface Place {
  holder: object;
  key: string;
}

/**
 * Tells of every number of a define that is read from its value: at once when the value is the number, else when
 * somebody looks at the row or the limit in which it stands.
 *
 * @param value what the engine made of the expression; its properties are replaced by telling ones
 * @param tell takes the path of the number's literal in the expression
 */
export function watchReads(expression: ElmNode, value: unknown, tell: (path: string) => void): void {
  const visit = (node: unknown, path: string[], seen: unknown, place?: Place): void => {
    if (!isNode(node)) return;
    if (node['type'] === 'Literal')
      watch(place, () => {
        tell(path.join('.'));
      });
    if (node['type'] === 'Quantity' && isObject(seen))
      watch({ holder: seen, key: 'value' }, () => {
        tell(path.join('.'));
      });
    elementsOf(node).forEach((element, index) => {
      const inside = [...path, 'element', String(index)];
      const named = isNode(element) && typeof element['name'] === 'string' ? element : undefined;
      const key = named === undefined ? String(index) : String(named['name']);
      if (!isObject(seen)) return;
      const part: unknown = Reflect.get(seen, key);
      const at = { holder: seen, key };
      if (named === undefined) visit(element, inside, part, at);
      else visit(named['value'], [...inside, 'value'], part, at);
    });
    operandsOf(node).forEach((operand) => {
      visit(operand, [...path, 'operand'], seen, place);
    });
  };
  visit(expression, [], value);
}

function elementsOf({ element }: ElmNode): unknown[] {
  return Array.isArray(element) ? element : [];
}

function watch(place: Place | undefined, told: () => void): void {
  if (place === undefined) {
    told();
    return;
  }
  const value: unknown = Reflect.get(place.holder, place.key);
  const get = () => {
    told();
    return value;
  };
  Object.defineProperty(place.holder, place.key, { get, enumerable: true, configurable: true });
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}
