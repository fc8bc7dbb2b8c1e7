/** Loads the pixel module once for the page, in the version that the browser can run. */
import { inflate } from '../wasm/inflate.js';
import { hasVectors } from '../wasm/vectors.js';

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
  const chunk = await (hasVectors() ? import('./pixels-simd.js') : import('./pixels-plain.js'));
  return WebAssembly.compile(await inflate(chunk.default));
}
