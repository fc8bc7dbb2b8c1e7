/**
 * The entry whose WebAssembly is a file apart (`perse-wasm/perse.wasm`): compiled while it streams,
 * cached by itself. Where a bundler does not find the file: `configure({ wasm: url })`. It exports what
 * the default entry does, and shares its declarations.
 */
import { createEntry } from './client/entry.js';

const perse = createEntry(() => import('./wasm/fetch-wasm.js'));

export const {
  setToken,
  onToken,
  clear,
  configure,
  init,
  face,
  image,
  qualityOf,
  preload,
  createPerse,
  VueNextInstall,
  VueInstall,
} = perse;
export default perse;

export { PerseError, isPerseError } from './error.js';
