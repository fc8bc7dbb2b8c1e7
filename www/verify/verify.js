// The Verify page: consent, selfie, document, result. The hooks for tests are listed at the top of index.html.
import { el } from '../dom.js';
import { PAIRS, sampleFile } from '../samples.js';
import { createService } from '../sdk.js';
import { requestSession } from '../session.js';
import { LANGUAGES, preferredLanguage } from './words.js';

/** After that time a person is told that it goes on, in milliseconds. */
const SLOW_AFTER_MS = 4000;

/** Place of each step in the list at the top. */
const POSITIONS = { start: -1, selfie: 0, document: 1, checking: 2, result: 2 };

/** Failures that another photo mends. */
const PHOTO_CODES = new Set([
  ...['bad_image_quality', 'image_underexposed', 'image_overexposed'],
  ...['invalid_file_type', 'empty_file', 'file_too_large'],
]);

const byId = (id) => document.getElementById(id);
const main = document.querySelector('main');
const consent = byId('consent');
const choices = document.querySelector('.choices');
const cancel = choices.querySelector('[data-action=cancel]');
const views = [...document.querySelectorAll('[data-views]')];

const service = createService({
  hasConsent: () => consent.checked,
  locale: () => document.documentElement.lang,
  // The SDK says in the person's language why there is no session.
  getToken: () => requestSession(),
});

let words = LANGUAGES.en;
/** Files by step; no photo outlives a return to the start. */
let photos = {};
let call = new AbortController();
let camera;
let outcome;

// Steps

/** Shows a step, and gives its title the focus, unless the page has just been opened. */
function show(step, code = '', hasFocus = true) {
  main.dataset.step = step;
  main.dataset.code = code;
  const position = POSITIONS[step];
  for (const [index, item] of [...document.querySelector('.steps').children].entries()) {
    item.dataset.state = index < position ? 'done' : index === position ? 'current' : 'next';
  }
  for (const view of views) {
    view.hidden = !view.dataset.views.split(' ').includes(step);
    view.dataset.state = step === 'checking' ? 'working' : '';
  }
  render();
  const title = views.find((view) => !view.hidden).querySelector('h1');
  if (!hasFocus) return;
  title.focus({ preventScroll: true });
  scrollTo({ top: 0 });
}

/** Returns whether the person agrees; says so where they don't. */
function checkConsent() {
  byId('consent-missing').textContent = consent.checked ? '' : words.consentMissing;
  if (!consent.checked) consent.focus();
  return consent.checked;
}

/** The SDK loads while the person takes the photos. */
function start() {
  if (!checkConsent()) return;
  void service.preload();
  takePhoto('selfie');
}

/** Back to the start: camera and call end, photos and consent are forgotten. */
function reset() {
  call.abort();
  closeCamera();
  for (const name of ['selfie', 'document']) showPicture(name, undefined);
  photos = {};
  outcome = undefined;
  consent.checked = false;
  show('start');
}

function takePhoto(step) {
  outcome = undefined;
  show(step);
  void openCamera(step);
}

function keepPhoto(step, file) {
  closeCamera();
  photos[step] = file;
  showPicture(step, file);
  if (!photos.document) takePhoto('document');
  else void verify();
}

async function trySamples(pair) {
  if (!checkConsent()) return;
  show('checking');
  call = new AbortController();
  const { signal } = call;
  try {
    const [selfie, document] = await Promise.all(PAIRS[pair].map(sampleFile));
    if (signal.aborted) return;
    photos = { selfie, document };
  } catch {
    if (!signal.aborted)
      finish({ code: 'network_error', message: words.sampleFailed }, () => trySamples(pair));
    return;
  }
  for (const [name, file] of Object.entries(photos)) showPicture(name, file);
  await verify();
}

async function verify() {
  outcome = undefined;
  show('checking');
  call = new AbortController();
  const { signal } = call;
  const slow = setTimeout(() => (byId('words').textContent = words.slow), SLOW_AFTER_MS);
  const result = await service.verify(photos.selfie, photos.document, { signal });
  clearTimeout(slow);
  if (!signal.aborted) finish(result, verify);
}

function finish(result, retry) {
  outcome = { result, retry };
  show('result', result.code);
}

// Result

/** Returns what a result means for the person: a headline, a text, and what they can do. */
function explain({ code, message, details }) {
  const isDocument = details?.image === 'b';
  const retake = isDocument ? 'retake-document' : 'retake-selfie';
  const bad = isDocument ? words.badDocument : words.badSelfie;
  switch (code) {
    case 'similar':
      return [words.similarTitle, words.similarText, ['again']];
    case 'not_similar':
      return [words.differentTitle, words.differentText, ['retake-selfie', 'retake-document', 'again']];
    case 'wasm_unavailable':
      return [words.failed, words.unavailable, ['retry', 'again']];
    case 'no_face_detected':
      return [bad, isDocument ? words.noFaceDocument : words.noFaceSelfie, [retake, 'again']];
    default:
      return PHOTO_CODES.has(code)
        ? [bad, message, [retake, 'again']]
        : [words.failed, message, ['retry', 'again']];
  }
}

/** Buttons below a result: the key of their text, and what they do. */
const actions = {
  cancel: ['cancel', reset],
  again: ['again', reset],
  retry: ['retry', () => outcome.retry()],
  'retake-selfie': ['retakeSelfie', () => retake('selfie')],
  'retake-document': ['retakeDocument', () => retake('document')],
};

/** Takes one of the photos again; the other one stays. */
function retake(step) {
  photos[step] = undefined;
  takePhoto(step);
}

function renderResult() {
  const [headline, text, names] = outcome ? explain(outcome.result) : [words.checking, '', ['cancel']];
  byId('headline').textContent = headline;
  byId('words').textContent = text;
  const buttons = names.map((name, index) => {
    const [key, action] = actions[name];
    const className = index === 0 && outcome ? 'primary' : '';
    const button = el('button', { type: 'button', className, dataset: { action: name } }, words[key]);
    button.addEventListener('click', action);
    return button;
  });
  main.querySelector('.actions').replaceChildren(...buttons);
}

function showPicture(name, file) {
  const picture = byId(name);
  if (picture.src) URL.revokeObjectURL(picture.src);
  picture.hidden = !file;
  if (file) picture.src = URL.createObjectURL(file);
  else picture.removeAttribute('src');
}

// Photos

async function openCamera(step) {
  closeCamera();
  byId('photo-problem').textContent = '';
  try {
    await import('/pkg/camera.js');
  } catch {
    if (main.dataset.step === step) byId('photo-problem').textContent = words.cameraFailed;
    return;
  }
  if (main.dataset.step !== step) return;
  // The face of a document is small, and nothing to guide: the person decides when the photo is good.
  const attributes = step === 'selfie' ? { facing: 'user' } : { facing: 'environment', capture: 'manual' };
  const opened = el('perse-camera', { attributes });
  opened.addEventListener('complete', ({ detail }) => keepPhoto(step, detail.photos[0].blob));
  opened.addEventListener('cancel', reset);
  // The element has a button to cancel, and after a failure one to choose a file.
  opened.addEventListener('statechange', ({ detail }) => (choices.hidden = detail.state === 'failed'));
  camera = opened;
  cancel.hidden = true;
  byId('camera').append(opened);
  await opened.start();
}

/** Removing the element turns the camera off. */
function closeCamera() {
  camera?.remove();
  camera = undefined;
  cancel.hidden = choices.hidden = false;
}

byId('file').addEventListener('change', ({ target }) => {
  const [file] = target.files;
  target.value = '';
  if (file) keepPhoto(main.dataset.step, file);
});

// Language

function render() {
  for (const node of document.querySelectorAll('[data-text]')) node.textContent = words[node.dataset.text];
  document.title = words.title;
  document
    .querySelector('.steps')
    .querySelectorAll('li')
    .forEach((item, index) => {
      item.textContent = words.steps[index];
    });
  const { step } = main.dataset;
  byId('photo-title').textContent = step === 'document' ? words.documentTitle : words.selfieTitle;
  byId('photo-text').textContent = step === 'document' ? words.documentText : words.selfieText;
  for (const name of ['selfie', 'document']) byId(name).alt = words[name];
  renderResult();
}

function setLanguage(tag) {
  document.documentElement.lang = tag;
  words = LANGUAGES[tag];
  byId('language').value = tag;
  if (byId('consent-missing').textContent) byId('consent-missing').textContent = words.consentMissing;
  if (camera) camera.locale = tag;
  render();
}

byId('language').append(
  ...Object.entries(LANGUAGES).map(([tag, { name }]) => el('option', { value: tag, lang: tag }, name)),
);
byId('language').addEventListener('change', ({ target }) => setLanguage(target.value));
document.querySelector('.steps').append(...words.steps.map(() => el('li')));

byId('start').addEventListener('click', start);
for (const button of document.querySelectorAll('[data-try]')) {
  button.addEventListener('click', () => trySamples(button.dataset.try));
}
cancel.addEventListener('click', reset);
// A browser may bring the page back with the box still ticked: it has to be ticked again.
consent.checked = false;
consent.addEventListener('change', () => (byId('consent-missing').textContent = ''));
// A page that is left shows no photo when it comes back.
addEventListener('pageshow', ({ persisted }) => persisted && reset());

showPicture('selfie', undefined);
showPicture('document', undefined);
setLanguage(preferredLanguage(navigator.languages ?? [navigator.language]));
show('start', '', false);
