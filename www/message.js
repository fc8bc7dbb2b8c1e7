// Shows a message beside its subject, with the remedy as a button.
import { el } from './dom.js';

const LEADS = {
  aborted: 'Cancelled.',
  bad_image_quality: 'Poor photo.',
  consent_required: 'Consent is off.',
  empty_file: 'Empty file.',
  file_too_large: 'Too large.',
  image_overexposed: 'Too bright.',
  image_underexposed: 'Too dark.',
  internal_error: 'Something broke.',
  invalid_file_type: 'No usable photo.',
  invalid_response: 'Strange answer.',
  network_error: 'No connection.',
  no_face_biometric_data: 'Unknown user.',
  no_face_detected: 'No face found.',
  offline: 'Offline.',
  rate_limited: 'Too fast.',
  server_busy: 'The service is busy.',
  server_error: 'The service failed.',
  timeout: 'No answer.',
  unauthorized: 'The session has ended.',
  user_token_not_found: 'Unknown user.',
  wasm_unavailable: 'WebAssembly is off.',
};

/** The page's own words for codes whose message would not help its visitor. */
const WORDS = {
  aborted: 'Nothing was decided. Start it again when you are ready.',
  consent_required: 'Tick the consent box above. Until then, nothing is sent.',
  offline: 'This device has no connection. It goes on by itself once it is back.',
  rate_limited: 'Too much was asked in a short time. Wait a moment, then try again.',
  unauthorized: 'Start a new one.',
};

const REMEDIES = {
  aborted: ['retry'],
  consent_required: ['consent'],
  internal_error: ['retry'],
  invalid_response: ['retry'],
  network_error: ['retry'],
  offline: ['retry'],
  rate_limited: ['retry'],
  server_busy: ['retry'],
  server_error: ['retry'],
  timeout: ['retry'],
  unauthorized: ['new-session'],
  wasm_unavailable: ['retry'],
};

const LABELS = {
  consent: 'Go to consent',
  'new-session': 'Start a new session',
  retry: 'Try again',
};

/** Codes that ask for something rather than report a fault. */
const CALM = new Set(['consent_required', 'bad_image_quality', 'no_face_detected']);

/**
 * Makes a message area of `root`: one live region for news, one for alerts. `remedies` maps an
 * action to what its button does; an action that is not there has no button. `words` has what is said
 * here about a code, instead of the failure's own message.
 */
export function createMessage(root, remedies = {}, words = {}) {
  const ownWords = { ...WORDS, ...words };
  const news = el('p', { attributes: { role: 'status' } });
  const alert = el('p', { attributes: { role: 'alert' } });
  const actions = el('div', { className: 'row' });
  root.append(news, alert, actions);

  const put = (tone, into, ...content) => {
    root.dataset.tone = tone;
    news.replaceChildren();
    alert.replaceChildren();
    actions.replaceChildren();
    into.replaceChildren(...content);
  };

  const message = {
    clear: () => put('none', news),
    say: (text, tone = 'plain') => put(tone, news, text),
    /** Shows a failure `{code, message}` with its remedies. */
    fail({ code, message }) {
      const lead = LEADS[code] ? [el('strong', {}, LEADS[code]), ' '] : [];
      put(CALM.has(code) ? 'warn' : 'error', alert, ...lead, ownWords[code] ?? message);
      for (const action of REMEDIES[code] ?? []) {
        const run = remedies[action];
        if (!run) continue;
        const button = el('button', { type: 'button', dataset: { action } }, LABELS[action]);
        button.addEventListener('click', () => {
          // The button is about to go: keep the keyboard's place.
          root.closest('section')?.querySelector('h2')?.focus({ preventScroll: true });
          // A remedy may fail too, and says so by its result.
          Promise.resolve(run()).then((result) => result?.status === false && message.fail(result));
        });
        actions.append(button);
      }
    },
  };
  return message;
}
