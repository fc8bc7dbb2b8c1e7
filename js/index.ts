/**
 * The default entry: ready at import, nothing to configure, WebAssembly inside. What is exported by name
 * is documented here once more: an editor shows a constant's own text.
 */
import { createEntry, type Perse } from './client/entry.js';

/**
 * Face verification. It is ready at import; the WebAssembly loads at the first call.
 *
 * @example
 * import * as Perse from 'perse-wasm';
 * Perse.setToken(tokenFromYourServer);
 * const result = await Perse.face.compare(selfie, idPhoto, { enduserConsent: true });
 * if (result.status) console.log(result.similarity);
 * else console.log(result.code, result.message);
 */
const perse: Perse = createEntry(() => import('./wasm/inline-wasm.js'));
export default perse;

/**
 * Sets the session token that your own server fetched, or a function that fetches one whenever a call
 * needs it; `''` removes both.
 *
 * @throws PerseError for another value.
 * @example
 * Perse.setToken(async () => (await fetch('/my-session', { method: 'POST' })).text());
 */
export const setToken: Perse['setToken'] = perse.setToken;

/**
 * Calls a listener when the session token expires soon, has expired, or was renewed. Returns a function that
 * removes the listener.
 *
 * @example
 * const stop = Perse.onToken((event) => console.log(`The session is ${event}`));
 */
export const onToken: Perse['onToken'] = perse.onToken;

/**
 * Removes the token or its provider, the API key and the consent, as at logout. Pending calls end with `aborted`.
 *
 * @example
 * Perse.clear();
 */
export const clear: Perse['clear'] = perse.clear;

/**
 * Changes settings; those that are not named stay.
 *
 * @throws PerseError naming a wrong option.
 * @example
 * Perse.configure({ timeout: 20_000, throwOnError: true });
 */
export const configure: Perse['configure'] = perse.configure;

/**
 * Sets an API key, as older deployments take it.
 *
 * @deprecated Use {@link setToken}.
 * @example
 * Perse.init(apiKey);
 */
export const init: Perse['init'] = perse.init;

/**
 * Face detection, comparison and enrolment.
 *
 * @example
 * const result = await Perse.face.isSimilar(selfie, idPhoto, { enduserConsent: true });
 */
export const face: Perse['face'] = perse.face;

/**
 * Methods that run on the device: nothing is sent, and no consent or token is needed.
 *
 * @example
 * const result = await Perse.image.quality(photo);
 */
export const image: Perse['image'] = perse.image;

/**
 * Judges a detection at hand as `face.quality` judges a photo, without a request.
 *
 * @example
 * const { code, message } = await Perse.qualityOf(await Perse.face.detect(photo, true));
 */
export const qualityOf: Perse['qualityOf'] = perse.qualityOf;

/**
 * Creates another client with its own token and settings, for a second tenant on one page.
 *
 * @example
 * const tenant = Perse.createPerse({ baseUrl: 'https://api.example.com/v0' });
 * tenant.setToken(tokenOfTheTenant);
 */
export const createPerse: Perse['createPerse'] = perse.createPerse;

/**
 * Loads what the first call needs, and with `photos` what a photo needs that is encoded again. It is never needed.
 *
 * @example
 * loginButton.addEventListener('pointerenter', () => Perse.preload({ photos: true }));
 */
export const preload: Perse['preload'] = perse.preload;

/**
 * Vue 3 plugin: sets `$Perse` on every component.
 *
 * @example
 * createApp(App).use(VueNextInstall).mount('#app');
 */
export const VueNextInstall: Perse['VueNextInstall'] = perse.VueNextInstall;

/**
 * Vue 2 plugin: sets `$Perse` on every component.
 *
 * @example
 * Vue.use(VueInstall);
 */
export const VueInstall: Perse['VueInstall'] = perse.VueInstall;

export { PerseError, isPerseError } from './error.js';
export type { Perse, PreloadOptions, VueApp, VueConstructor, VuePlugin } from './client/entry.js';
export type { EnrollmentMethods, FaceMethods, ImageMethods, PerseClient } from './client/client.js';
export type * from './types.js';
