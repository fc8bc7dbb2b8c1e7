// The target of a comparison with photo A: photo B or an enrolled user.
import { el } from './dom.js';
import { shortToken } from './users.js';

/** Lets slot B stand for an enrolled user instead of a photo. */
export function createChoice(slot, { onchange }) {
  const { root } = slot;
  const kinds = root.querySelector('.kind');
  const select = root.querySelector('select');
  select.id = 'user-b';
  kinds.hidden = false;
  for (const radio of kinds.querySelectorAll('input')) radio.name = 'kind-b';
  const field = root.querySelector('.field');
  const explanation = root.querySelector('.user-panel p');
  let known = false; // whether the list of users was ever read
  const isUser = () => kinds.querySelector('input:checked').value === 'user';

  function show() {
    const user = isUser();
    root.querySelector('.slot-title').textContent = user ? 'User B' : 'Photo B';
    root.querySelector('.slot-name').hidden = user;
    for (const panel of root.querySelectorAll('.photo-panel')) panel.hidden = user;
    root.querySelector('.user-panel').hidden = !user;
  }
  function explain() {
    field.hidden = select.options.length === 0;
    explanation.textContent = field.hidden
      ? known
        ? 'Nobody is enrolled. Enrol photo A below.'
        : 'The list of enrolled users is not loaded yet.'
      : select.value
        ? 'The photo in A is compared with the face enrolled under this token.'
        : 'Choose whom to compare photo A with.';
  }
  kinds.addEventListener('change', () => {
    show();
    onchange();
  });
  select.addEventListener('change', () => {
    explain();
    onchange();
  });

  const choice = {
    isUser,
    /** The photo or the user token to compare with. */
    get value() {
      return isUser() ? select.value || undefined : slot.photo;
    },
    /** Returns how to get a target, in words. */
    get missing() {
      if (!isUser()) return 'Choose a photo for B';
      return select.options.length ? 'Choose a user for B' : 'Enrol a user';
    },
    choose(user) {
      kinds.querySelector('[value=user]').checked = true;
      select.value = user;
      explain();
      show();
      onchange();
    },
    toPhoto() {
      if (!isUser()) return;
      kinds.querySelector('[value=photo]').checked = true;
      show();
    },
    /** Offers these users. When the chosen one is no longer among them, none is chosen. */
    offer(users) {
      known = true;
      const before = select.value;
      const options = users.map((user) => el('option', { value: user }, shortToken(user)));
      const unchosen = before ? !users.includes(before) : select.options.length > 0;
      if (unchosen && users.length) options.unshift(el('option', { value: '' }, 'Choose a user'));
      select.replaceChildren(...options);
      if (!unchosen && before) select.value = before;
      explain();
      if (isUser() && select.value !== before) onchange();
    },
  };
  explain();
  return choice;
}
