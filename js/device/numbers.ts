/** A list of a known length, as the engines' reports have them. */
export type Numbers<N extends number, T extends number[] = []> = T['length'] extends N
  ? T
  : Numbers<N, [...T, number]>;
