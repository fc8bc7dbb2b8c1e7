// What photo A is compared with: photo B or an enrolled user.
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
  const isUser = () => kinds.querySelector('input:checked').value === 'user';

  function show() {
    const user = isUser();
    root.querySelector('.slot-title').textContent = user ? 'User B' : 'Photo B';
    root.querySelector('.slot-name').hidden = user;
    for (const panel of root.querySelectorAll('.photo-panel')) panel.hidden = user;
    root.querySelector('.user-panel').hidden = !user;
    root.querySelector('.slot-message').hidden = user;
  }
  kinds.addEventListener('change', () => {
    show();
    onchange();
  });
  select.addEventListener('change', onchange);

  const choice = {
    isUser,
    /** The photo or the user token to compare with. */
    get value() {
      return isUser() ? select.value || undefined : slot.photo;
    },
    choose(user) {
      kinds.querySelector('[value=user]').checked = true;
      select.value = user;
      show();
      onchange();
    },
    toPhoto() {
      if (!isUser()) return;
      kinds.querySelector('[value=photo]').checked = true;
      show();
    },
    /** Offers these users. */
    offer(users) {
      const before = select.value;
      select.replaceChildren(
        ...(users.length
          ? users.map((user) => el('option', { value: user }, shortToken(user)))
          : [el('option', { value: '' }, 'Nobody is enrolled yet')]),
      );
      select.disabled = users.length === 0;
      if (users.includes(before)) select.value = before;
      else if (isUser()) onchange();
    },
  };
  choice.offer([]);
  return choice;
}
