// The camera: opens one at a time, and always lets go of it.
import { draw, toFile } from './canvas.js';

const WORDS = {
  NotAllowedError:
    'The camera is blocked. Allow it for this page in the browser’s address bar, then try again.',
  NotFoundError: 'No camera was found. Connect one, or choose a photo instead.',
  NotReadableError: 'The camera is in use by another program. Close it there, then try again.',
  OverconstrainedError: 'No camera on this device fits. Choose a photo instead.',
};

let letGo; // ends the camera that is open, wherever it is

/**
 * Opens the camera into `video`. Returns `{ ready, shoot, close }` at once. `ready` rejects with words for people, or
 * with an AbortError after `close`. `onclosed(reason)` is called when the camera ends without a `close`.
 */
export function openCamera(video, onclosed) {
  letGo?.();
  let stream;
  let open = true;

  const close = () => {
    open = false;
    for (const track of stream?.getTracks() ?? []) track.stop();
    stream = undefined;
    video.srcObject = null;
    document.removeEventListener('visibilitychange', onhidden);
    window.removeEventListener('pagehide', onpagehide);
    if (letGo === onreplaced) letGo = undefined;
  };
  const lose = (reason) => {
    if (!open) return;
    close();
    onclosed(reason);
  };
  const onreplaced = () => lose('The camera was turned off here because the other photo needs it.');
  const onhidden = () => document.hidden && lose('The camera was turned off because the page was hidden.');
  const onpagehide = () => lose('The camera was turned off because the page was left.');
  letGo = onreplaced;
  document.addEventListener('visibilitychange', onhidden);
  window.addEventListener('pagehide', onpagehide);

  async function start() {
    try {
      if (!navigator.mediaDevices?.getUserMedia) throw new DOMException('', 'NoCamera');
      const given = await navigator.mediaDevices.getUserMedia({
        video: { facingMode: 'user', width: { ideal: 1280 }, height: { ideal: 960 } },
        audio: false,
      });
      if (!open) {
        // Closed while the browser was still asking.
        for (const track of given.getTracks()) track.stop();
        throw new DOMException('', 'AbortError');
      }
      stream = given;
      for (const track of stream.getTracks()) {
        track.addEventListener('ended', () => lose('The camera was disconnected.'));
      }
      video.srcObject = stream;
      await video.play();
    } catch (error) {
      if (!open) throw new DOMException('The camera was closed.', 'AbortError');
      close();
      throw new Error(inWords(error?.name));
    }
  }

  return {
    ready: start(),
    close,
    /** The picture of this moment as a JPEG file; the camera is off afterwards. */
    async shoot() {
      try {
        const { videoWidth, videoHeight } = video;
        if (!videoWidth) throw new Error('The camera gave no picture. Try again.');
        return await toFile(draw(video, [0, 0, videoWidth, videoHeight], 1280), 'camera.jpg');
      } finally {
        close();
      }
    },
  };
}

function inWords(name) {
  if (name !== 'NoCamera') {
    return (
      WORDS[name] ?? `The camera did not start (${name ?? 'no reason given'}). Try again, or choose a photo.`
    );
  }
  return window.isSecureContext
    ? 'This browser gives pages no camera. Choose a photo instead.'
    : 'The camera works only on https:// or http://localhost. Open the page there, or choose a photo.';
}
