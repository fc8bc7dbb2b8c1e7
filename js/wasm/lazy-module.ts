/** Compiles a WebAssembly module once for the page, in the version that the browser can run. */
import { inflate } from './inflate.js';

/** A chunk whose one export is a module: gzip in base64. */
type Chunk = Promise<{ default: string }>;

/** A module of one function whose body is `i32.const 0`, `i8x16.splat`. */
const VECTOR_MODULE = Uint8Array.of(
  ...[0, 0x61, 0x73, 0x6d, 1, 0, 0, 0], // magic number and version
  ...[1, 5, 1, 0x60, 0, 1, 0x7b], // a type: nothing to v128
  ...[3, 2, 1, 0], // a function of that type
  ...[10, 8, 1, 6, 0, 0x41, 0, 0xfd, 0x0f, 0x0b], // its body
);

/**
 * Returns a function that loads a module: one load for all callers; a failed one is forgotten, so that the next
 * caller tries again.
 *
 * @param vectors imports the version with vector instructions: Chrome 91, Firefox 89, Safari 16.4 and later
 * @param plain imports the version for other browsers
 */
export function lazyModule(vectors: () => Chunk, plain: () => Chunk): () => Promise<WebAssembly.Module> {
  const load = async () => {
    const chunk = await (WebAssembly.validate(VECTOR_MODULE) ? vectors() : plain());
    return WebAssembly.compile(await inflate(chunk.default));
  };
  let loading: Promise<WebAssembly.Module> | undefined;
  return () => {
    loading ??= load().catch((cause) => {
      loading = undefined;
      throw cause;
    });
    return loading;
  };
}
