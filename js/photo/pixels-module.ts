/** Loads the pixel module once for the page, in the version that the browser can run. */
import { inflate } from '../wasm/inflate.js';

/** A module of one function whose body is `i32.const 0`, `i8x16.splat`. */
const VECTOR_MODULE = Uint8Array.of(
  ...[0, 0x61, 0x73, 0x6d, 1, 0, 0, 0], // magic number and version
  ...[1, 5, 1, 0x60, 0, 1, 0x7b], // a type: nothing to v128
  ...[3, 2, 1, 0], // a function of that type
  ...[10, 8, 1, 6, 0, 0x41, 0, 0xfd, 0x0f, 0x0b], // its body
);

let loading: Promise<WebAssembly.Module> | undefined;

/** One load for all jobs; a failed one is forgotten, so that the next job tries again. */
export function loadModule(): Promise<WebAssembly.Module> {
  loading ??= load().catch((cause) => {
    loading = undefined;
    throw cause;
  });
  return loading;
}

async function load(): Promise<WebAssembly.Module> {
  const chunk = await (WebAssembly.validate(VECTOR_MODULE)
    ? import('./pixels-simd.js')
    : import('./pixels-plain.js'));
  return WebAssembly.compile(await inflate(chunk.default));
}
