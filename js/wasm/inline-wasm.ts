/**
 * The core with its WebAssembly inside: gzip in base64, because text survives every bundler, a
 * strict `connect-src` and `file://`, where a file beside the script doesn't.
 */
import gzipped from 'inline:perse.wasm.gz';
import { inflate } from './inflate.js';

export * from '../../build/core/perse_wasm.js';
export { default } from '../../build/core/perse_wasm.js';

/** The bytes of the module. */
export const module = (): Promise<BufferSource> => inflate(gzipped);
