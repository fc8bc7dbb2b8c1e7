// Enrolled users: enrol, list, compare with, update, delete.
import { count, el, showRaw } from './dom.js';
import { createMessage } from './message.js';

/** A user token, short enough to read, and not broken at the end of a line. */
export const shortToken = (token) =>
  token.length > 16 ? `${token.slice(0, 8)}…\u2060${token.slice(-4)}` : token;

/** Makes the section in `root`. `slot` is photo A; `oncompare(user)` compares it with a user. */
export function createUsers(root, { service, slot, oncompare, onlist, remedies }) {
  const list = root.querySelector('#user-list');
  const raw = root.querySelector('.raw');
  const title = root.querySelector('h2');
  const portraits = new Map(); // of those enrolled while the page is open; kept nowhere else
  let tokens = [];
  let again = refresh;
  let listing; // the list on its way
  const message = createMessage(
    root.querySelector('.users-message'),
    { ...remedies, retry: () => again() },
    { no_face_detected: 'Photo A shows no face. Choose another one.' },
  );

  function state(name, code = '') {
    root.dataset.state = name;
    root.dataset.code = code;
    root.setAttribute('aria-busy', name === 'working');
  }

  /** Runs one call at a time; gives its answer when it did what it should. What the person asks for
      waits for the list, and is not done twice by a double click. */
  async function act(doing, name, call, work) {
    while (listing) await listing;
    if (root.dataset.state === 'working') return undefined;
    again = work;
    state('working');
    message.say(doing);
    const answer = await call();
    showRaw(raw, name, answer);
    state(answer.status ? 'ready' : 'error', answer.code);
    if (answer.status) message.clear();
    else message.fail(answer);
    return answer.status ? answer : undefined;
  }

  async function refresh(done) {
    const work = () => refresh(done);
    const reading = act('Loading the list…', 'Perse.face.enrollment.read()', service.users, work);
    const ended = reading.then(() => (listing = undefined));
    listing = ended;
    const answer = await reading;
    if (!answer) return;
    tokens = answer.userTokens;
    for (const token of portraits.keys()) if (!tokens.includes(token)) portraits.delete(token);
    show();
    onlist(tokens);
    const total = tokens.length ? `${count(tokens.length, 'user')} enrolled.` : 'Nobody is enrolled.';
    message.say(
      tokens.length ? (done ?? total) : [done, total].filter(Boolean).join(' '),
      done ? 'good' : 'plain',
    );
  }

  function needsPhoto(what) {
    if (slot.photo) return false;
    state('error', 'form_key_missing');
    message.fail({ code: 'form_key_missing', message: `Choose photo A first, then ${what}.` });
    return true;
  }

  async function enroll() {
    if (needsPhoto('enrol it')) return;
    const photo = slot.photo;
    const portrait = drawPortrait(slot.portrait);
    const answer = await act(
      'Enrolling…',
      'Perse.face.enrollment.create(photoA)',
      () => service.enroll(photo),
      enroll,
    );
    if (!answer) return;
    portraits.set(answer.userToken, portrait);
    await refresh(`Enrolled as user ${shortToken(answer.userToken)}.`);
  }

  async function update(token) {
    if (needsPhoto('update the user with it')) return;
    const photo = slot.photo;
    const portrait = drawPortrait(slot.portrait);
    const answer = await act(
      'Updating…',
      'Perse.face.enrollment.update(photoA, userToken)',
      () => service.update(photo, token),
      () => update(token),
    );
    if (!answer) return;
    portraits.set(answer.userToken, portrait);
    await refresh(`User ${shortToken(token)} now has the face of photo A.`);
  }

  async function remove(token) {
    const answer = await act(
      'Deleting…',
      'Perse.face.enrollment.delete(userToken)',
      () => service.forget(token),
      () => remove(token),
    );
    title.focus({ preventScroll: true });
    if (answer) await refresh(`User ${shortToken(token)} was deleted.`);
  }

  function show() {
    list.replaceChildren(...tokens.map(row));
  }

  function row(token) {
    const name = shortToken(token);
    const act = (action, label, hint, run, className = '') => {
      const button = el(
        'button',
        { type: 'button', className, dataset: { action }, attributes: { 'aria-label': `${hint} ${name}` } },
        label,
      );
      button.addEventListener('click', run);
      return button;
    };
    const usual = el('div', { className: 'row' });
    const sure = el('div', { className: 'row', hidden: true });
    const ask = (on) => {
      usual.hidden = on;
      sure.hidden = !on;
      (on ? sure.lastElementChild : usual.lastElementChild).focus();
    };
    usual.append(
      act('compare', 'Compare', 'Compare photo A with user', () => oncompare(token)),
      act('update', 'Update', 'Update with photo A: user', () => update(token), 'quiet'),
      act('delete', 'Delete', 'Delete user', () => ask(true), 'quiet'),
    );
    sure.append(
      el('span', { className: 'sure' }, 'Delete for good?'),
      act('confirm-delete', 'Yes, delete', 'Yes, delete user', () => remove(token), 'danger'),
      act('keep', 'Keep', 'Keep user', () => ask(false)),
    );
    return el(
      'li',
      { dataset: { userToken: token } },
      portraits.get(token) ?? el('span', { className: 'portrait', attributes: { 'aria-hidden': 'true' } }),
      el('code', { title: token }, name),
      usual,
      sure,
    );
  }

  root.querySelector('#enroll').addEventListener('click', enroll);
  root.querySelector('#refresh-users').addEventListener('click', () => refresh());
  state('empty');
  message.say('The list is loaded when consent is on.');

  return {
    refresh,
    /** Tries again what failed with this code. */
    resume: (code) => root.dataset.code === code && again(),
  };
}

/** A small square of the face, or of the picture's middle. */
function drawPortrait(portrait) {
  const canvas = el('canvas', {
    width: 96,
    height: 96,
    className: 'portrait',
    attributes: { 'aria-hidden': 'true' },
  });
  if (!portrait) return canvas;
  const { picture, face, imageSize } = portrait;
  const { naturalWidth, naturalHeight } = picture;
  // The picture that is shown is smaller than the photo in which the face was found.
  const scale = naturalWidth / (imageSize?.width ?? naturalWidth);
  const box = face?.boundingBox.map((value) => value * scale);
  const [x, y, w, h] = box ?? [0, 0, naturalWidth, naturalHeight];
  const side = Math.max(w, h) * (face ? 1.3 : 1);
  canvas
    .getContext('2d')
    .drawImage(picture, x + (w - side) / 2, y + (h - side) / 2, side, side, 0, 0, 96, 96);
  return canvas;
}
