/**
 * The default entry: ready at import, nothing to configure, WebAssembly inside.
 *
 * @example
 * import * as Perse from 'perse-wasm';
 * Perse.setToken(tokenFromYourServer);
 * const result = await Perse.face.compare(selfie, document, { enduserConsent: true });
 */
import { createEntry } from './entry.js';

const perse = createEntry(() => import('./inline-wasm.js'));

export const { setToken, configure, init, face, createPerse, VueNextInstall, VueInstall } = perse;
export default perse;

export { PerseError, isPerseError } from './error.js';
export type { Perse } from './entry.js';
export type { FaceMethods, PerseClient } from './client.js';
export type * from './types.js';
