/** A module of one function whose body is `i32.const 0`, `i8x16.splat`. */
const VECTOR_MODULE = Uint8Array.of(
  ...[0, 0x61, 0x73, 0x6d, 1, 0, 0, 0], // magic number and version
  ...[1, 5, 1, 0x60, 0, 1, 0x7b], // a type: nothing to v128
  ...[3, 2, 1, 0], // a function of that type
  ...[10, 8, 1, 6, 0, 0x41, 0, 0xfd, 0x0f, 0x0b], // its body
);

/** Returns whether the browser has vector instructions: Chrome 91, Firefox 89, Safari 16.4 and later have. */
export const hasVectors = (): boolean => WebAssembly.validate(VECTOR_MODULE);
