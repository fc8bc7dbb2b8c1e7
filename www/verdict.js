// The comparison: one request, judged by the limit of its own answer.
import { showRaw } from './dom.js';
import { createGauge, readable } from './gauge.js';
import { createMessage } from './message.js';

/** The button stays at the bottom of the screen there, far from the verdict. */
const isPhone = matchMedia('(max-width: 699px)');

/** Makes the verdict in `root`. `subjects()` gives the two to compare, and what to do when the second is
    missing: `{ a, b, isUser, missingB }`. */
export function createVerdict(root, { service, hasConsent, subjects, remedies }) {
  const gauge = createGauge(root.querySelector('.gauge'));
  const headline = root.querySelector('.verdict-headline');
  const detail = root.querySelector('.verdict-detail');
  const title = root.querySelector('h2');
  const button = root.querySelector('#compare');
  const raw = root.querySelector('.raw');
  const message = createMessage(
    root.querySelector('.verdict-message'),
    { ...remedies, retry: () => verdict.compare() },
    {
      get no_face_detected() {
        return subjects().isUser
          ? 'Photo A shows no face. Choose another one.'
          : 'Photo A or photo B shows no face. Choose another one there.';
      },
    },
  );
  let run = 0;
  let call = new AbortController();
  let slow;

  function state(name, code = '') {
    clearTimeout(slow);
    root.dataset.state = name;
    root.dataset.code = code;
    root.setAttribute('aria-busy', name === 'working');
    button.textContent = name === 'working' ? 'Cancel' : 'Compare';
  }

  function words(first, second) {
    // Only a change is announced.
    if (headline.textContent !== first) headline.textContent = first;
    if (detail.textContent !== second) detail.textContent = second;
  }

  /** Returns what to choose before a comparison, in words. */
  function missing() {
    const { a, b, isUser, missingB } = subjects();
    if (a) return b ? '' : missingB;
    if (b) return 'Choose a photo for A';
    return isUser ? `Choose a photo for A. ${missingB}` : 'Choose a photo for A and one for B';
  }

  function fail(failure) {
    state('error', failure.code);
    gauge.show();
    words('No verdict', '');
    message.fail(failure);
  }

  /** For who asked for the comparison from elsewhere on the page. */
  function bringIntoView() {
    title.focus({ preventScroll: true });
    const { top, bottom } = root.getBoundingClientRect();
    if (top < 0 || bottom > window.innerHeight) root.scrollIntoView({ block: 'start' });
  }

  const verdict = {
    /** Back to the beginning; a comparison on its way is cancelled. */
    reset() {
      run += 1;
      call.abort();
      const what = missing();
      words('No comparison yet', what ? `${what}, then compare.` : 'Compare to see the verdict on the two.');
      if (root.dataset.state === 'empty') return;
      state('empty');
      gauge.show();
      message.clear();
      showRaw(raw, '', undefined);
    },
    async compare({ focus = false } = {}) {
      if (root.dataset.state === 'working') return;
      const now = ++run;
      message.clear();
      if (focus) bringIntoView();
      const { a, b, isUser } = subjects();
      if (!a || !b) {
        return fail(
          hasConsent()
            ? { code: 'form_key_missing', message: `${missing()}, then compare.` }
            : { code: 'consent_required' },
        );
      }
      state('working');
      gauge.show();
      words('Comparing…', 'The SDK has sent both to the service.');
      slow = setTimeout(() => words('Comparing…', 'Still waiting for the service.'), 3000);

      call = new AbortController();
      const answer = await service.compare(a, b, { signal: call.signal });
      if (now !== run) return;
      showRaw(raw, `Perse.face.compare(photoA, ${isUser ? 'userToken' : 'photoB'})`, answer);
      if (!answer.status) return fail(answer);
      const { similarity, defaultThresholds } = answer;
      const limit = defaultThresholds.similarity;
      const similar = similarity >= limit;
      state('done', similar ? 'similar' : 'not_similar');
      gauge.show(similarity, limit);
      const top = limit <= 1 ? 1 : 100;
      words(
        similar ? 'The same person' : 'Two different people',
        `Similarity ${readable(similarity, top)}; the same person from ${readable(limit, top)} on.`,
      );
    },
    /** Tries again what failed with this code. */
    resume: (code) => root.dataset.code === code && verdict.compare(),
  };

  button.addEventListener('click', () => {
    if (root.dataset.state === 'working') verdict.reset();
    else verdict.compare({ focus: isPhone.matches });
  });
  state('empty');
  gauge.show();
  return verdict;
}
