// The one way from the page to the SDK: loads it, tells it of consent and of where sessions come from,
// and turns everything that can go wrong into `{status: false, code, message}`.
import { loadSdk } from './load-sdk.js';
import { fetchToken } from './session.js';

const UNAVAILABLE = {
  status: false,
  code: 'wasm_unavailable',
  message:
    'The SDK could not be loaded from /pkg/. Build it with npm run build, check the connection and try again.',
};

/**
 * `hasConsent()` and `locale()` are asked again for each call: a consent withdrawn meanwhile counts. `renew: false`
 * leaves an expired session expired, until `newSession`. `ontoken` receives the events of `Perse.onToken`; `getToken`
 * is where sessions come from. `oncall` receives the name of each call that www/snippets.js has code of.
 */
export function createService({
  hasConsent,
  locale = () => undefined,
  renew = true,
  ontoken = () => {},
  getToken = fetchToken,
  oncall = () => {},
}) {
  let loading;
  let refusal; // why there was no token, if there was none

  /** The SDK with the settings of this page. */
  function load() {
    loading ??= loadSdk().then(
      (Perse) => {
        Perse.configure({ baseUrl: '/v0', warn: false });
        Perse.onToken(ontoken);
        Perse.setToken(() => provide(Perse));
        return Perse;
      },
      () => {
        loading = undefined;
        throw UNAVAILABLE;
      },
    );
    return loading;
  }

  async function provide(Perse) {
    try {
      refusal = undefined;
      const token = await getToken();
      // A plain token takes the provider's place: no one is asked for the next one.
      if (!renew) Perse.setToken(token);
      return token;
    } catch (failure) {
      // An error of the browser's is the SDK's to explain.
      refusal = typeof failure.code === 'string' ? failure : undefined;
      throw failure;
    }
  }

  async function call(use, name) {
    if (name) oncall(name);
    try {
      const Perse = await load();
      Perse.configure({ enduserConsent: hasConsent(), locale: locale() });
      const answer = await use(Perse);
      return answer.code === 'unauthorized' ? (refusal ?? answer) : answer;
    } catch (error) {
      if (error?.code && error?.message) return { status: false, code: error.code, message: error.message };
      return {
        status: false,
        code: 'internal_error',
        message: `The page failed: ${error?.message ?? error}. Load it again.`,
      };
    }
  }

  return {
    /** Loads the SDK before its first call; a failure is the first call's to tell. */
    preload: () => call((Perse) => Perse.preload()),
    /** Forgets the session; asking for something starts the new one at once. */
    newSession: () =>
      call((Perse) => {
        Perse.setToken(() => provide(Perse));
        return Perse.face.enrollment.read();
      }),
    prepare: (photo, options) => call((Perse) => Perse.image.prepare(photo, options)),
    judge: (photo, options) => call((Perse) => Perse.image.quality(photo, options)),
    detect: (photo, options) => call((Perse) => Perse.face.detect(photo, options)),
    quality: (photo, options) => call((Perse) => Perse.face.quality(photo, options), 'check'),
    verify: (selfie, reference, options) => call((Perse) => Perse.face.verify(selfie, reference, options)),
    compare: (a, b, options) =>
      call((Perse) => Perse.face.compare(a, b, options), typeof b === 'string' ? 'compare-user' : 'compare'),
    enroll: (photo) => call((Perse) => Perse.face.enrollment.create(photo), 'enrol'),
    update: (photo, user) => call((Perse) => Perse.face.enrollment.update(photo, user), 'update'),
    users: () => call((Perse) => Perse.face.enrollment.read()),
    forget: (user) => call((Perse) => Perse.face.enrollment.delete(user)),
  };
}
