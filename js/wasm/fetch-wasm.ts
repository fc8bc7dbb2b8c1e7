/** The core with its WebAssembly in a file beside it, which the browser compiles as it arrives. */
export * from '../../build/core/perse_wasm.js';
export { default } from '../../build/core/perse_wasm.js';

/** URL of the module: bundlers know this form, and copy the file. */
export const module = (): URL => new URL('./perse.wasm', import.meta.url);
