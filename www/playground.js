// Puts the page together: consent, session, two photos, verdict, users. The hooks for tests are
// listed at the top of playground.html.
import { createCodePanel } from './code-panel.js';
import { createChoice } from './compare-target.js';
import { PAIRS } from './samples.js';
import { createService } from './sdk.js';
import { showSession } from './session.js';
import { createSlot } from './photo-slot.js';
import { createUsers } from './users.js';
import { createVerdict } from './verdict.js';

const byId = (id) => document.getElementById(id);
const consent = byId('consent');
const hasConsent = () => consent.checked;

// Session.

const renew = new URLSearchParams(location.search).get('renew') !== 'off';
const showCode = createCodePanel(byId('code'));
const service = createService({
  ...{ renew, hasConsent, oncall: showCode },
  ontoken: showSession(byId('session-status'), { renew }),
});

const resume = (code) => [slotA, slotB, verdict, users].forEach((part) => part.resume(code));
async function newSession() {
  const started = await service.newSession();
  if (started.status) resume('unauthorized');
  return started;
}
window.addEventListener('online', () => resume('offline'));
byId('new-session').addEventListener('click', async () => {
  const { status, message } = await newSession();
  byId('session-message').textContent = status ? '' : message;
});

const remedies = {
  'new-session': newSession,
  consent() {
    consent.focus();
    consent.closest('section').scrollIntoView({ block: 'center' });
  },
};

// Photos and verdict.

const changed = () => verdict.reset();
const slots = { service, remedies, onchange: changed };
const slotA = createSlot(byId('slot-a'), { ...slots, letter: 'A', cameraAttributes: { facing: 'user' } });
// A document, perhaps, whose face is small: nothing to guide.
const slotB = createSlot(byId('slot-b'), {
  ...slots,
  ...{ letter: 'B', cameraAttributes: { facing: 'environment', capture: 'manual' } },
});
const choice = createChoice(slotB, { onchange: changed });
const verdict = createVerdict(byId('verdict'), {
  service,
  hasConsent,
  remedies,
  subjects: () => ({ a: slotA.photo, b: choice.value, isUser: choice.isUser(), missingB: choice.missing }),
});

for (const button of document.querySelectorAll('[data-try]')) {
  button.addEventListener('click', async () => {
    choice.toPhoto();
    const [a, b] = PAIRS[button.dataset.try];
    await Promise.all([slotA.useSample(a), slotB.useSample(b)]);
    // Without consent, what is to be done is right above the button, not in the verdict.
    if (!hasConsent()) byId('try-message').textContent = 'Tick the box above first, then press again.';
    verdict.compare({ focus: hasConsent() });
  });
}

// Users.

const users = createUsers(byId('users'), {
  service,
  slot: slotA,
  remedies,
  onlist: (tokens) => choice.offer(tokens),
  oncompare(user) {
    choice.choose(user);
    verdict.compare({ focus: true });
  },
});

// Consent. A browser may bring the page back with the box still ticked: it has to be ticked again.

consent.checked = false;
consent.addEventListener('change', () => {
  verdict.reset();
  byId('try-message').textContent = '';
  for (const slot of [slotA, slotB]) if (slot.photo) slot.check();
  if (hasConsent()) users.refresh();
});

// Pasting takes the photo to where the keyboard is, otherwise to the first free place. A file that
// misses a slot does not replace the page.

document.addEventListener('paste', (event) => {
  const file = [...event.clipboardData.files].find(({ type }) => type.startsWith('image/'));
  if (!file) return;
  event.preventDefault();
  const focused = [slotA, slotB].find(({ root }) => root.contains(document.activeElement));
  const slot = focused ?? (slotA.photo && !choice.isUser() ? slotB : slotA);
  if (slot === slotB) choice.toPhoto();
  slot.put(file, 'pasted');
});
for (const type of ['dragover', 'drop']) window.addEventListener(type, (event) => event.preventDefault());
