// One photo of the comparison: how it comes in, what the SDK says about it, and how that is shown.
import { createBars } from './metric-bars.js';
import { createDevice } from './device-report.js';
import { count, el, showRaw } from './dom.js';
import { createMessage } from './message.js';
import { drawFaces, largest } from './overlay.js';
import { SAMPLES, drawThumbnail, sampleFile } from './samples.js';

/**
 * Makes a slot in `root`. `onchange` is called when what is to be compared has changed.
 * `remedies` are the actions that the slot cannot take itself. `cameraAttributes` are those of `<perse-camera>`.
 */
export function createSlot(root, { letter, service, remedies, cameraAttributes, onchange }) {
  root.append(document.getElementById('slot-template').content.cloneNode(true));
  const find = (selector) => root.querySelector(selector);
  const title = find('h2');
  const picture = find('.picture');
  const overlay = find('.overlay');
  const input = find('input[type=file]');
  const button = (action) => find(`[data-action="${action}"]`);
  const bars = createBars(
    find('.quality .bars'),
    ['underexposure', 'overexposure', 'sharpness', 'liveness'],
    'metric',
  );
  const device = createDevice(find('.device'));
  const message = createMessage(
    find('.slot-message'),
    { ...remedies, retry: () => slot.check() },
    { no_face_detected: 'Choose a photo that shows a whole face, from the front and in good light.' },
  );

  let file;
  let isFromCamera = false;
  let shown; // the file, or what the SDK made of it: its faces are found in that
  let address; // of what is shown, for the picture
  let run = 0; // counts what happened to the photo, so that late answers are known
  let calls = new AbortController(); // of this run
  let camera;
  let detection;
  let chosenFace = 0;
  let outcomeInWords;

  title.id = `title-${letter.toLowerCase()}`;
  title.tabIndex = -1;
  find('.slot-title').textContent = `Photo ${letter}`;
  find('.samples').setAttribute('aria-label', `Samples for photo ${letter}`);
  find('.raw pre').setAttribute('aria-label', `Raw result for photo ${letter}`);
  input.setAttribute('aria-label', `Choose a photo for ${letter}`);
  for (const action of ['camera', 'clear']) {
    button(action).setAttribute(
      'aria-label',
      { camera: `Camera for photo ${letter}`, clear: `Remove photo ${letter}` }[action],
    );
  }
  bars.show();
  sayFacts();

  const state = (name, code = '') => {
    root.dataset.state = name;
    root.dataset.code = code;
    root.setAttribute('aria-busy', name === 'working');
  };
  /** The parts below the photo: nothing, the raw result alone, or also the quality of a face. */
  const measured = (what) => (root.dataset.measured = what);
  function empty() {
    state('empty');
    measured('nothing');
    tell(() => message.say('Any photo, of any size: it is made to fit here, on your device.'));
  }

  /** Says something about the photo, and again when the camera was opened in between. */
  function tell(words) {
    outcomeInWords = words;
    words();
  }
  empty();

  function showFile(name) {
    device.clear();
    showPicture(file);
    picture.alt = file ? `Photo ${letter}: ${name}` : '';
    find('.stage-empty').hidden = Boolean(file);
    find('.slot-name').textContent = name;
    button('clear').hidden = !file;
    input.nextElementSibling.textContent = file ? 'Replace' : 'Choose a photo';
  }

  function showPicture(blob) {
    if (blob === shown) return;
    shown = blob;
    if (address) URL.revokeObjectURL(address);
    address = blob && URL.createObjectURL(blob);
    picture.hidden = !blob;
    if (blob) picture.src = address;
    else picture.removeAttribute('src');
    find('.no-preview').hidden = true;
  }
  picture.addEventListener('error', () => {
    picture.hidden = true;
    find('.no-preview').hidden = !file;
  });

  function showDetection(answer) {
    detection = answer;
    chosenFace = answer?.faces?.length ? largest(answer.faces) : 0;
    const several = answer?.faces?.length > 1;
    const faces = find('.faces');
    faces.hidden = !several;
    faces.setAttribute('aria-label', `Faces in photo ${letter}`);
    faces.replaceChildren(
      ...(several
        ? answer.faces.map((_, index) => {
            const choose = el(
              'button',
              {
                type: 'button',
                dataset: { face: index + 1 },
                attributes: { 'aria-label': `Quality of face ${index + 1}` },
              },
              String(index + 1),
            );
            choose.addEventListener('click', () => {
              chosenFace = index;
              showFace();
            });
            return choose;
          })
        : []),
    );
    showFace();
  }

  async function showFace() {
    const faces = detection?.faces ?? [];
    const face = faces[chosenFace];
    // A file may be a copy of anything: the check says something of the camera's photos only.
    const liveness = isFromCamera ? face?.livenessScore : undefined;
    bars.show(face && { ...face.faceMetrics, liveness }, detection?.defaultThresholds);
    sayFacts();
    for (const choose of find('.faces').children) {
      choose.setAttribute('aria-pressed', choose.dataset.face === String(chosenFace + 1));
    }
    overlay.toggleAttribute('hidden', faces.length === 0);
    if (faces.length === 0) return overlay.replaceChildren();
    const now = run;
    await picture.decode().catch(() => undefined);
    if (now === run && picture.naturalWidth) drawFaces(overlay, detection.imageSize, faces, chosenFace);
  }

  function sayFacts() {
    const total = detection?.totalFaces ?? (root.dataset.code === 'no_face_detected' ? 0 : undefined);
    const face = detection?.faces?.[chosenFace];
    const { rotation, color } = face?.faceMetrics ?? {};
    const facts = [
      face && `detector ${Math.round(face.confidence * 100)} % sure`,
      typeof rotation === 'number' && `head turned ${Math.round(rotation)}°`,
      typeof color === 'number' && `colour loss ${color.toFixed(2)}`,
    ].filter(Boolean);
    const number = el(
      'span',
      { dataset: { faces: total ?? '' } },
      total === undefined ? '' : count(total, 'face'),
    );
    find('.facts').replaceChildren(number, ...facts.map((fact) => ` · ${fact}`));
  }

  /** Forgets what the service said about the photo, and ends calls on their way. */
  function reset() {
    run += 1;
    calls.abort();
    calls = new AbortController();
    root.dataset.code = '';
    showDetection(undefined);
    showRaw(find('.raw'), '', undefined);
    message.clear();
    return run;
  }

  function put(newFile, name, { fromCamera = false } = {}) {
    endCamera();
    reset();
    file = newFile;
    isFromCamera = fromCamera;
    showFile(name);
    onchange();
    return slot.check();
  }

  async function useSample(name) {
    endCamera();
    const now = reset();
    state('working');
    message.say('Preparing the sample…');
    try {
      const sample = await sampleFile(name);
      if (now === run) put(sample, SAMPLES[name].label);
    } catch (error) {
      if (now !== run) return;
      state('error', 'network_error');
      message.fail({ code: 'network_error', message: error.message });
    }
  }

  // The camera.

  function showCamera(on) {
    find('.camera-place').hidden = !on;
    find('.stage').hidden = on;
    button('camera').hidden = on;
    input.parentElement.hidden = on;
    button('clear').hidden = on || !file;
  }

  /** Removing the element turns the camera off. */
  function endCamera() {
    if (!camera) return;
    const hadFocus = root.contains(document.activeElement);
    camera.remove();
    camera = undefined;
    showCamera(false);
    if (hadFocus) button('camera').focus();
  }

  async function openCamera() {
    const now = run;
    try {
      await import('/pkg/camera.js');
    } catch {
      message.fail({
        code: 'camera',
        message: 'The camera could not be loaded. Try again, or choose a photo.',
      });
      return;
    }
    if (now !== run || camera) return;
    camera = el('perse-camera', { attributes: cameraAttributes });
    camera.addEventListener(
      'complete',
      ({
        detail: {
          photos: [photo],
        },
      }) => {
        const isTaken = photo.source === 'camera';
        const taken = new File([photo.blob], 'camera.jpg', { type: photo.blob.type });
        put(taken, isTaken ? 'from the camera' : 'from a file', { fromCamera: isTaken });
      },
    );
    camera.addEventListener('cancel', leaveCamera);
    // Failures are the element's to tell: it offers to try again, or a file.
    camera.addEventListener('statechange', ({ detail }) => {
      // The other photo's camera has taken over.
      if (detail.state === 'idle') leaveCamera();
    });
    // A verdict on the photo of before does not stay beside the camera.
    onchange();
    find('.camera-place').append(camera);
    showCamera(true);
    message.say('The picture stays on your device until you compare it.');
    camera.start();
  }

  function leaveCamera() {
    endCamera();
    outcomeInWords();
  }

  button('camera').addEventListener('click', openCamera);

  // Files: chosen, dropped.

  input.addEventListener('change', () => {
    const [chosen] = input.files;
    if (chosen) put(chosen, chosen.name);
    input.value = '';
  });
  button('clear').addEventListener('click', () => {
    slot.clear();
    input.focus();
  });
  const stage = find('.stage');
  for (const type of ['dragenter', 'dragover']) {
    root.addEventListener(type, (event) => {
      event.preventDefault();
      stage.classList.add('dropping');
    });
  }
  root.addEventListener('dragleave', (event) => {
    if (!root.contains(event.relatedTarget)) stage.classList.remove('dropping');
  });
  root.addEventListener('drop', (event) => {
    event.preventDefault();
    stage.classList.remove('dropping');
    const [dropped] = event.dataTransfer.files;
    if (dropped) put(dropped, dropped.name);
    else message.say('That was no file. Save the picture first, then drop the file here.', 'warn');
  });

  // Samples. On a phone they would put the rest of the page far below.

  find('.sample-fold').open = matchMedia('(min-width: 700px)').matches;

  for (const [name, { label }] of Object.entries(SAMPLES)) {
    const thumbnail = el('canvas', { width: 144, height: 144 });
    const choose = el(
      'button',
      {
        type: 'button',
        title: label,
        dataset: { sample: name },
        attributes: { 'aria-label': `${label}, as photo ${letter}` },
      },
      thumbnail,
    );
    choose.addEventListener('click', () => useSample(name));
    find('.samples').append(choose);
    drawThumbnail(name, thumbnail).catch(() => choose.append(el('span', {}, label)));
  }

  const slot = {
    root,
    title,
    useSample,
    put,
    /** The photo, if there is one. */
    get photo() {
      return file;
    },
    /** The photo as it is shown, and its largest face, for a thumbnail. */
    get portrait() {
      const face = detection?.faces?.length ? detection.faces[largest(detection.faces)] : undefined;
      return picture.naturalWidth ? { picture, face, imageSize: detection?.imageSize } : undefined;
    },
    /** Asks the SDK about the photo: first on the device, then, given consent, the service. */
    async check() {
      const now = reset();
      if (!file) return empty();
      const { signal } = calls;
      state('working');
      tell(() => message.say('Making the photo fit…'));
      const prepared = await service.prepare(file, { signal });
      if (now !== run) return undefined;
      if (!prepared.status) {
        state('error', prepared.code);
        measured('answer');
        showRaw(find('.raw'), 'Perse.image.prepare(photo)', prepared);
        return tell(() => message.fail(prepared));
      }
      showPicture(prepared.blob);
      device.showReport(prepared);
      tell(() => message.say('Looking for faces…'));
      const judge = async () => {
        const verdict = await service.judge(prepared.blob, { signal });
        if (now === run) device.showVerdict(verdict);
        return verdict;
      };
      // The SDK remembers what it made of the file.
      const [judged, detected, quality] = await Promise.all([
        judge(),
        service.detect(file, { signal }),
        service.quality(file, { signal }),
      ]);
      if (now !== run) return undefined;
      showRaw(
        find('.raw'),
        'Perse.image.prepare, Perse.image.quality, Perse.face.detect, Perse.face.quality',
        {
          prepare: prepared,
          imageQuality: judged,
          detect: detected,
          faceQuality: quality,
        },
      );
      if (detected.status) showDetection(detected);
      // The quality verdict says more than "success", and the same about a photo without a face.
      const outcome = detected.status ? quality : detected;
      const isJudged = outcome.status || outcome.code === 'bad_image_quality';
      state(isJudged ? 'ready' : 'error', outcome.code);
      measured(detected.faces?.length ? 'face' : 'answer');
      sayFacts();
      if (!outcome.status) return tell(() => message.fail(outcome));
      const several = detected.totalFaces > 1;
      const which = several ? ` Comparing uses the largest: face ${largest(detected.faces) + 1}.` : '';
      return tell(() =>
        message.say(`${count(detected.totalFaces, 'face')} found, good quality.${which}`, 'good'),
      );
    },
    clear() {
      endCamera();
      reset();
      file = undefined;
      showFile('');
      empty();
      onchange();
    },
    /** Tries again what failed with this code. */
    resume: (code) => root.dataset.code === code && slot.check(),
  };
  return slot;
}
