// Break it: one call to a service that fails as chosen, with a log of the SDK's events. The hooks for tests are listed at
// the top of break.html; the steps of a fault are those of the sandbox (docs/sandbox.md).
import { el } from './dom.js';
import { loadSdk } from './load-sdk.js';
import { PAIRS, sampleFile } from './samples.js';
import { requestSession } from './session.js';

/** Faults of the service, as steps of the sandbox, and of the page's network and session. */
const FAULTS = {
  none: { label: 'None', what: 'The service works.', steps: 'ok' },
  busy: { label: 'Busy service', what: '503 twice, then it works.', steps: '503,503,ok' },
  limited: { label: 'Too many requests', what: '429 with a pause of 2 s, then it works.', steps: '429-2,ok' },
  expired: { label: 'Expired session', what: '401 once; the SDK asks for a new token.', steps: '401,ok' },
  refused: { label: 'Refused session', what: 'Always 401.', steps: '401' },
  slow: { label: 'Slow service', what: 'Each response takes 4 s.', steps: 'delay-4000' },
  dropped: {
    label: 'Dropped connection',
    what: 'It ends before anything is done, twice.',
    steps: 'drop-before,drop-before,ok',
  },
  lost: {
    label: 'Lost response',
    what: 'The work is done, then the connection ends.',
    steps: 'drop-after,ok',
  },
  cut: { label: 'Half a response', what: 'The JSON ends in the middle, always.', steps: 'truncated' },
  proxy: { label: 'Proxy page', what: 'HTML in the place of JSON, once.', steps: 'html-502,ok' },
  silent: { label: 'No response', what: 'The call gives up after its limit, here 5 s.', steps: 'hang' },
  offline: { label: 'Offline', what: 'The network fails before the request.', steps: 'ok', isOffline: true },
};

/** Limit of a call on this page; the SDK's default is 30 s. */
const TIMEOUT_MS = 12_000;
const SILENT_TIMEOUT_MS = 5000;

const byId = (id) => document.getElementById(id);
const log = byId('log');
const outcome = byId('outcome');

let call;
let runs = 0;

const chosen = () => document.querySelector('input[name=fault]:checked').value;

function write(startedAt, event, text, detail) {
  const seconds = ((performance.now() - startedAt) / 1000).toFixed(2);
  log.append(
    el(
      'li',
      { dataset: { event } },
      el('time', {}, `${seconds} s`),
      el('span', {}, text),
      ...(detail ? [el('code', {}, detail)] : []),
    ),
  );
}

/** Words of the SDK's events. */
function describe({ type, attempt, ms, bytes, code, httpStatus, requestId }) {
  switch (type) {
    case 'prepare':
      return ['Photos are ready', `${Math.round(bytes / 1000)} kB`];
    case 'token':
      return ['Asked the page’s server for a token'];
    case 'request':
      return [`Attempt ${attempt}`];
    case 'response':
      return [`Response ${httpStatus}`, requestId && `x-request-id ${requestId}`];
    case 'retry':
      return [`${code}: repeats in ${Math.round(ms)} ms`];
    default:
      return [`Result: ${code}`, `${Math.round(ms)} ms in all`];
  }
}

function say(tone, state, code, ...content) {
  outcome.dataset.tone = tone;
  outcome.dataset.state = state;
  outcome.dataset.code = code;
  outcome.replaceChildren(...content);
}

async function run() {
  const fault = FAULTS[chosen()];
  const startedAt = performance.now();
  call = new AbortController();
  log.replaceChildren();
  byId('empty').hidden = true;
  byId('cancel').hidden = false;
  byId('run').disabled = true;
  say('plain', 'working', '', 'Working…');
  // On a phone the log is far below the button.
  if (outcome.getBoundingClientRect().bottom > innerHeight) {
    outcome.closest('section').scrollIntoView({ block: 'start' });
  }
  try {
    const result = await attempt(fault, startedAt, call.signal);
    const isGood = result.status;
    const text = isGood ? 'The call succeeded.' : result.message;
    say(
      isGood ? 'good' : 'error',
      'done',
      result.code,
      el('p', {}, el('strong', {}, result.code), ' ', text),
    );
  } catch {
    say(
      'error',
      'done',
      'wasm_unavailable',
      el('p', {}, 'The page was not loaded completely. Load it again.'),
    );
  } finally {
    byId('cancel').hidden = true;
    byId('run').disabled = false;
  }
}

async function attempt({ steps, isOffline }, startedAt, signal) {
  const [{ createPerse }, photos] = await Promise.all([loadSdk(), Promise.all(PAIRS.same.map(sampleFile))]);
  // A name of its own for each run: its steps begin again.
  const name = `demo-${Date.now().toString(36)}-${++runs}`;
  const perse = createPerse({
    baseUrl: `/faults/${name}:${steps}/v0`,
    enduserConsent: true,
    timeout: steps === 'hang' ? SILENT_TIMEOUT_MS : TIMEOUT_MS,
    warn: false,
    onEvent: (event) => write(startedAt, event.type, ...describe(event)),
    ...(isOffline && { fetch: () => Promise.reject(new TypeError('The network is off.')) }),
  });
  perse.setToken(() => requestSession());
  const options = { signal };
  const method = byId('method').value;
  if (method === 'compare') return perse.face.compare(...photos, options);
  if (method === 'detect') return perse.face.detect(photos[0], options);
  const created = await perse.face.enrollment.create(photos[0], options);
  if (created.status) await forget(createPerse, created.userToken);
  return created;
}

/** Deletes the user again. One whose response was lost stays in the Playground's list. */
async function forget(createPerse, userToken) {
  const perse = createPerse({ baseUrl: '/v0', warn: false });
  perse.setToken(() => requestSession());
  await perse.face.enrollment.delete(userToken);
}

document
  .querySelector('.faults')
  .append(
    ...Object.entries(FAULTS).map(([value, { label, what }], index) =>
      el(
        'label',
        {},
        el('input', { type: 'radio', name: 'fault', value, defaultChecked: index === 1 }),
        el('span', {}, label),
        el('small', {}, what),
      ),
    ),
  );
byId('form').addEventListener('submit', (event) => {
  event.preventDefault();
  void run();
});
byId('cancel').addEventListener('click', () => call.abort());
