// The one way from the page to the SDK: loads it, keeps consent and session in order, and turns
// everything that can go wrong into `{status: false, code, message}`.
import { createSession } from './session.js';

const UNAVAILABLE = {
  status: false,
  code: 'wasm_unavailable',
  message:
    'The SDK could not be loaded from /pkg/. Build it with npm run build, check the connection and try again.',
};

let failures = 0;
let loading;

/** The SDK, loaded once; a failed load is forgotten, so that the next call tries again. */
function load() {
  // Some browsers remember a failed import by its address.
  loading ??= import(failures ? `/pkg/index.js?again=${failures}` : '/pkg/index.js').catch(() => {
    failures += 1;
    loading = undefined;
    throw UNAVAILABLE;
  });
  return loading;
}

/** `hasConsent()` is asked anew right before each call: a consent withdrawn meanwhile counts. */
export function createService({ renew, hasConsent, onsession }) {
  const session = createSession({
    renew,
    setToken: async (token) => (await load()).setToken(token),
    onchange: () => onsession?.(),
  });

  /** Runs `use(Perse)`. `biometric` calls without consent go to the SDK for its refusal, with no session. */
  async function call(use, { biometric = true } = {}) {
    try {
      const Perse = await load();
      const run = () => {
        Perse.configure({ baseUrl: '/v0', enduserConsent: hasConsent(), warn: false });
        return use(Perse);
      };
      if (biometric && !hasConsent()) return await run();
      const ready = await session.ensure();
      if (!ready.status) return ready;
      const answer = await run();
      if (answer.code !== 'unauthorized' || !renew) return answer;
      const renewed = await session.start();
      return renewed.status ? await run() : renewed;
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
    session,
    detect: (photo) => call((Perse) => Perse.face.detect(photo)),
    quality: (photo) => call((Perse) => Perse.face.quality(photo)),
    compare: (a, b) => call((Perse) => Perse.face.compare(a, b)),
    enroll: (photo) => call((Perse) => Perse.face.enrollment.create(photo)),
    update: (photo, user) => call((Perse) => Perse.face.enrollment.update(photo, user)),
    users: () => call((Perse) => Perse.face.enrollment.read(), { biometric: false }),
    forget: (user) => call((Perse) => Perse.face.enrollment.delete(user), { biometric: false }),
  };
}
