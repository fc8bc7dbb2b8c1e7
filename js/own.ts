/** Reads objects of someone else, and creates ours, so that a polluted `Object.prototype` has no effect. */

/** Returns an own property: `Object.prototype`, which any library may pollute, sets no option. */
export function own(object: unknown, name: string): unknown {
  const isObject = typeof object === 'object' && object !== null;
  return isObject && Object.hasOwn(object, name) ? (object as Record<string, unknown>)[name] : undefined;
}

/**
 * Returns a copy without a prototype. The web's constructors, `fetch` and destructuring also read inherited
 * fields; an object of ours therefore either has every field or goes through here.
 */
export const bare = <Value extends object>(fields: Value): Value =>
  Object.assign(Object.create(null), fields);
