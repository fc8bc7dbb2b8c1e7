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

/**
 * Returns a reader of a stream, if there is one. In WebKit and Bun streams are JavaScript, which would read an
 * inherited `mode` of the options that are left out.
 */
export const readerOf = <Chunk>(stream: ReadableStream<Chunk> | null) =>
  stream?.getReader?.(Object.create(null) as { mode?: undefined }) as
    ReadableStreamDefaultReader<Chunk> | undefined;
