/**
 * The default entry: ready at import, nothing to configure.
 *
 * @example
 * import * as Perse from 'perse-wasm';
 * Perse.setToken(tokenFromYourServer);
 * const result = await Perse.face.compare(selfie, document, { enduserConsent: true });
 */
import { createPerse } from './client.js';

const perse = createPerse();

export const { setToken, configure, init, face } = perse;
export default perse;

export { createPerse };
export { PerseError, isPerseError } from './error.js';
export type { FaceMethods, PerseClient } from './client.js';
export type * from './types.js';
