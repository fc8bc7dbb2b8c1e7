/**
 * The default entry: ready at import, nothing to configure.
 *
 * @example
 * import * as Perse from 'perse-wasm';
 * Perse.setToken(tokenFromYourServer);
 * const result = await Perse.face.compare(selfie, document, { enduserConsent: true });
 */
import { createClient, type PerseClient } from './client.js';
import { createCore } from './loader.js';
import type { PerseOptions } from './types.js';

const core = createCore(() => import('./inline-wasm.js'));

/** Makes a client of its own, with its own token and settings: for a second tenant on one page. */
export const createPerse = (options?: PerseOptions): PerseClient => createClient(core, options);

const perse = createPerse();

export const { setToken, configure, init, face } = perse;
export default perse;

export { PerseError, isPerseError } from './error.js';
export type { FaceMethods, PerseClient } from './client.js';
export type * from './types.js';
