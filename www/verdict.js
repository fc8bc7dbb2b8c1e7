// The comparison: one request, judged by the limit of its own answer.
import { showRaw } from './dom.js';
import { createGauge, readable } from './gauge.js';
import { createMessage } from './message.js';

/** Makes the verdict in `root`. `subjects()` gives the two to compare: `[a, b, isUser]`. */
export function createVerdict(root, { service, hasConsent, subjects, remedies }) {
  const gauge = createGauge(root.querySelector('.gauge'));
  const headline = root.querySelector('.verdict-headline');
  const detail = root.querySelector('.verdict-detail');
  const title = root.querySelector('h2');
  const button = root.querySelector('#compare');
  const raw = root.querySelector('.raw');
  const message = createMessage(root.querySelector('.verdict-message'), {
    ...remedies,
    retry: () => verdict.compare(),
  });
  let run = 0;
  let slow;

  function state(name, code = '') {
    clearTimeout(slow);
    root.dataset.state = name;
    root.dataset.code = code;
    root.setAttribute('aria-busy', name === 'working');
    button.setAttribute('aria-disabled', name === 'working');
    button.textContent = name === 'working' ? 'Comparing…' : 'Compare';
  }

  function words(first, second) {
    headline.textContent = first;
    detail.textContent = second;
  }

  function fail(failure) {
    state('error', failure.code);
    gauge.show();
    words('No verdict', '');
    message.fail(failure);
  }

  const verdict = {
    /** Back to the beginning; an answer on its way counts no more. */
    reset() {
      run += 1;
      if (root.dataset.state === 'empty') return;
      state('empty');
      gauge.show();
      words('No comparison yet', 'Compare to see the verdict on what is chosen now.');
      message.clear();
      showRaw(raw, '', undefined);
    },
    async compare({ focus = false } = {}) {
      if (root.dataset.state === 'working') return;
      const now = ++run;
      message.clear();
      const [a, b, isUser] = subjects();
      if (!a || !b) {
        const missing =
          !a && !b
            ? 'Choose a photo for A and one for B'
            : !a
              ? 'Choose a photo for A'
              : isUser
                ? 'Enrol a user'
                : 'Choose a photo for B';
        const failure = hasConsent()
          ? { code: 'form_key_missing', message: `${missing} first, then compare.` }
          : {
              code: 'consent_required',
              message: `Give consent at the top of the page first. ${missing}, then compare.`,
            };
        return fail(failure);
      }
      state('working');
      gauge.show();
      words('Comparing…', 'The SDK has sent both to the service.');
      slow = setTimeout(() => words('Comparing…', 'Still waiting for the service.'), 3000);
      if (focus) {
        title.focus({ preventScroll: true });
        title.scrollIntoView({ block: 'start' });
      }

      const answer = await service.compare(a, b);
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

  button.addEventListener('click', () => verdict.compare());
  state('empty');
  gauge.show();
  return verdict;
}
