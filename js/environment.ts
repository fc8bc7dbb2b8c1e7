/** Types of the environment that not every project's declarations have. */

/**
 * A class of the environment; `never` where the compiler's declarations lack it, as those of a worker or of Node.js
 * lack elements, and older ones newer classes.
 */
export type Global<Name extends string> = typeof globalThis extends {
  [Key in Name]: { prototype: infer Instance };
}
  ? Instance
  : never;
