/**
 * The core with its WebAssembly inside: gzip in base64, because text survives every bundler, a
 * strict `connect-src` and `file://`, where a file beside the script doesn't.
 */
import gzipped from 'inline:perse.wasm.gz';

export * from '../build/wasm/perse_wasm.js';
export { default } from '../build/wasm/perse_wasm.js';

/** The bytes of the module. */
export async function module(): Promise<BufferSource> {
  const bytes = Uint8Array.from(atob(gzipped), (char) => char.charCodeAt(0));
  if (typeof DecompressionStream === 'undefined') {
    // Safari before 16.4 and Firefox before 113; everyone else never loads this.
    const { gunzipSync } = await import('./gunzip.js');
    return gunzipSync(bytes);
  }
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream('gzip'));
  return new Response(stream).arrayBuffer();
}
