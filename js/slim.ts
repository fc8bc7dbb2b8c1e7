/**
 * The entry whose WebAssembly is a file apart (`perse-wasm/perse.wasm`): compiled while it streams,
 * cached by itself. Where a bundler does not find the file: `configure({ wasm: url })`.
 */
import { createEntry } from './entry.js';

const perse = createEntry(() => import('./fetch-wasm.js'));

export const { setToken, configure, init, face, createPerse, VueNextInstall, VueInstall } = perse;
export default perse;

export { PerseError, isPerseError } from './error.js';
export type { Perse } from './entry.js';
export type { FaceMethods, PerseClient } from './client.js';
export type * from './types.js';
