// The camera in every engine, with a canvas in the place of the device: scenes and their hints, photos,
// failures, interruptions, and every way out.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { inEngines } from './lib/engines.mjs';
import { SCENES } from './lib/scenes.mjs';

inEngines((lab) => {
  test('each scene gives its hint, none but the good one a photo', async () => {
    await lab().open();
    const seen = await lab().inPage(
      async (scenes) => {
        const stage = lab.useStage('no_face');
        const element = lab.element();
        await element.start();
        const seen = {};
        for (const { name, hint } of scenes) {
          stage.show(name);
          const began = performance.now();
          if (name === 'good') await lab.until(() => element.state === 'done');
          else await lab.until(() => element.hint?.code === hint, `${name}: ${hint}`);
          seen[name] = { ms: performance.now() - began, photos: element.photos.length };
        }
        const [{ blob, width, height, warnings, face, camera }] = element.photos;
        const { width: pixels } = await createImageBitmap(blob);
        return {
          ...{ seen, type: blob.type, width, height, pixels, warnings, box: face.box, camera },
          tracks: lab.ended(),
        };
      },
      SCENES.map(({ name, hint }) => ({ name, hint })),
    );
    for (const { name } of SCENES) assert.equal(seen.seen[name].photos, name === 'good' ? 1 : 0, name);
    assert.deepEqual(
      [seen.type, seen.width, seen.height, seen.pixels, seen.warnings],
      ['image/jpeg', 640, 480, 640, ['low_resolution']],
    );
    assert.deepEqual(seen.box, SCENES.at(-1).report.faces[0].box);
    assert.equal(seen.camera.facing, 'user');
    assert.deepEqual(seen.tracks, ['ended']);
    console.log(`${lab().engine}: ${JSON.stringify(seen.seen)}`);
  });

  test('the picture is mirrored, the photo is not', async () => {
    await lab().open();
    const { isMirrored, plain, flipped } = await lab().inPage(async () => {
      lab.useStage('good');
      const element = lab.element();
      await element.start();
      const video = element.shadowRoot.querySelector('video');
      const isMirrored = new DOMMatrix(getComputedStyle(video).transform).a === -1;
      await lab.until(() => element.photos.length === 1);
      const photo = await createImageBitmap(element.photos[0].blob);
      const pixels = (draw) => {
        const context = new OffscreenCanvas(64, 48).getContext('2d');
        draw(context);
        return context.getImageData(0, 0, 64, 48).data;
      };
      const distance = (one, other) => one.reduce((sum, value, i) => sum + Math.abs(value - other[i]), 0);
      const taken = pixels((context) => context.drawImage(photo, 0, 0, 64, 48));
      const plain = pixels((context) => context.drawImage(lab.images.good, 0, 0, 64, 48));
      const flipped = pixels((context) => {
        context.scale(-1, 1);
        context.drawImage(lab.images.good, -64, 0, 64, 48);
      });
      return { isMirrored, plain: distance(taken, plain), flipped: distance(taken, flipped) };
    });
    assert.equal(isMirrored, true);
    assert.ok(plain * 3 < flipped, `${plain} ${flipped}`);
  });

  test('a photo has all pixels of the camera; frames for the analyser are reduced', async () => {
    await lab().open();
    const seen = await lab().inPage(async () => {
      lab.useStage('good', [1920, 1080]);
      const element = lab.element({ crop: 'face', 'crop-margin': '0' });
      await element.start();
      await lab.until(() => element.state === 'done', 'done', 25_000);
      const [{ width, height, face, warnings }] = element.photos;
      const { width: frameWidth, height: frameHeight } = lab.Replay.frames.at(-1);
      return { width, height, box: face.box, warnings, frame: [frameWidth, frameHeight] };
    });
    assert.deepEqual(seen.frame, [853, 480]);
    assert.deepEqual(seen.warnings, []);
    // A face of 215 × 290 in 640 × 480, on a stage of 1920 in width.
    assert.ok(Math.abs(seen.width - 645) <= 2, `${seen.width}`);
    assert.ok(Math.abs(seen.box.x) <= 2);
  });

  test('one start asks once, for the camera alone', async () => {
    await lab().open();
    const requests = await lab().inPage(async () => {
      lab.useStage();
      const element = lab.element({ facing: 'environment' });
      await Promise.all([element.start(), element.start()]);
      element.stop();
      return lab.requests;
    });
    assert.deepEqual(requests, [
      {
        audio: false,
        video: { facingMode: 'environment', width: { ideal: 1920 }, height: { ideal: 1080 } },
      },
    ]);
  });

  test('a polluted Object.prototype sets no option', async () => {
    await lab().open();
    const seen = await lab().inPage(async () => {
      lab.useStage();
      const restore = lab.pollute({
        ...{ facing: 'environment', deviceId: 'none', capture: 'manual', count: 25, timeout: 1, hold: 5_000 },
        ...{
          width: { exact: 1 },
          audio: true,
          locale: 'pt',
          messages: { captured: 'polluted' },
          crop: 'face',
        },
      });
      try {
        const video = document.body.appendChild(document.createElement('video'));
        const session = lab.camera.openCamera(video, { analyser: lab.Replay.load });
        const { status, code, photos } = await session.result;
        return { status, code, count: photos?.length, requests: [...lab.requests], ended: lab.ended() };
      } finally {
        restore();
      }
    });
    assert.deepEqual([seen.status, seen.code, seen.count], [true, 'success', 1]);
    const video = { facingMode: 'user', width: { ideal: 1920 }, height: { ideal: 1080 } };
    assert.deepEqual(seen.requests, [{ audio: false, video }]);
    assert.ok(seen.ended.length > 0 && seen.ended.every((state) => state === 'ended'));
  });

  test('each refusal of the browser has its code, and words', async () => {
    await lab().open();
    const seen = await lab().inPage(async () => {
      const seen = {};
      for (const name of [
        ...['NotAllowedError', 'NotFoundError', 'NotReadableError', 'AbortError'],
        ...['OverconstrainedError', 'SecurityError', 'TypeError', 'OddError'],
      ]) {
        lab.requests.length = 0;
        lab.stub(() => {
          throw name === 'TypeError' ? new TypeError('no') : new DOMException('no', name);
        });
        const element = lab.element();
        await element.start();
        const { code, message } = element.log.find(({ type }) => type === 'fail').detail;
        const result = await lab.camera.capture({ video: document.createElement('video') });
        seen[name] = [code, result.code, lab.requests.length];
        if (!message || result.message !== message) throw new Error(`${name}: ${message}`);
        element.remove();
      }
      return seen;
    });
    assert.deepEqual(seen, {
      NotAllowedError: ['camera_denied', 'camera_denied', 2],
      NotFoundError: ['camera_not_found', 'camera_not_found', 2],
      NotReadableError: ['camera_in_use', 'camera_in_use', 2],
      AbortError: ['camera_in_use', 'camera_in_use', 2],
      OverconstrainedError: ['camera_not_suitable', 'camera_not_suitable', 4],
      SecurityError: ['insecure_context', 'insecure_context', 2],
      TypeError: ['camera_unsupported', 'camera_unsupported', 2],
      OddError: ['internal_error', 'internal_error', 2],
    });
  });

  test('a browser without cameras, and an insecure page, are told apart', async () => {
    await lab().open();
    const codes = await lab().inPage(async () => {
      const video = document.createElement('video');
      const code = async () => (await lab.camera.capture({ video })).code;
      Object.defineProperty(navigator, 'mediaDevices', { configurable: true, value: undefined });
      const codes = [await code()];
      Object.defineProperty(window, 'isSecureContext', { configurable: true, value: false });
      return [...codes, await code()];
    });
    assert.deepEqual(codes, ['camera_unsupported', 'insecure_context']);
  });

  test('a camera that is gone is replaced by another, with a warning', async () => {
    await lab().open();
    const seen = await lab().inPage(async () => {
      const stage = new lab.Stage('good');
      lab.stub(({ video }) => {
        if (video.deviceId) throw new DOMException('', 'OverconstrainedError');
        return stage.stream();
      });
      const element = lab.element({ 'device-id': 'gone' });
      await element.start();
      element.stop();
      const warnings = element.log.filter(({ type }) => type === 'warning').map(({ detail }) => detail.code);
      return { warnings, requests: lab.requests.length };
    });
    assert.deepEqual(seen, { warnings: ['camera_replaced'], requests: 2 });
  });

  test('a camera that ends within a second is opened once more', async () => {
    await lab().open();
    const seen = await lab().inPage(async () => {
      lab.useStage('good');
      const element = lab.element();
      await element.start();
      lab.tracks[0].stop(); // a page's own stop sends no event
      lab.tracks[0].dispatchEvent(new Event('ended'));
      await lab.until(() => element.state === 'done');
      return { requests: lab.requests.length, ended: lab.ended(), state: element.state };
    });
    assert.deepEqual(seen, { requests: 2, ended: ['ended', 'ended'], state: 'done' });
  });

  test('mute and a hidden page interrupt, and the capture goes on', async () => {
    await lab().open();
    const seen = await lab().inPage(async () => {
      lab.useStage('turned');
      const element = lab.element();
      await element.start();
      const [track] = lab.tracks;
      track.dispatchEvent(new Event('mute'));
      await lab.until(() => element.state === 'interrupted');
      track.dispatchEvent(new Event('unmute'));
      await lab.until(() => element.state === 'guiding');
      const hide = (value) => {
        Object.defineProperty(document, 'hidden', { configurable: true, value });
        document.dispatchEvent(new Event('visibilitychange'));
      };
      hide(true);
      const hidden = element.state;
      hide(false);
      await lab.until(() => element.state === 'guiding');
      lab.stage.show('good');
      await lab.until(() => element.state === 'done');
      return { hidden, requests: lab.requests.length };
    });
    assert.deepEqual(seen, { hidden: 'interrupted', requests: 1 });
  });

  test('a device that is turned goes on in the other orientation', async () => {
    await lab().open();
    const seen = await lab().inPage(async () => {
      lab.useStage('turned');
      const element = lab.element();
      await element.start();
      await lab.until(() => element.hint);
      lab.stage.resize(480, 640);
      lab.stage.show('good');
      await lab.until(() => element.state === 'done');
      return [element.photos[0].width, element.photos[0].height];
    });
    assert.deepEqual(seen, [480, 640]);
  });

  test('black frames are no picture', async () => {
    await lab().open();
    const code = await lab().inPage(async () => {
      lab.useStage('black');
      return (await lab.camera.capture({ video: document.createElement('video') })).code;
    });
    assert.equal(code, 'camera_no_picture');
  });

  test('without an engine the button takes the photo', async () => {
    await lab().open();
    const seen = await lab().inPage(async () => {
      lab.useStage('good');
      const element = lab.element({ models: '/none.bin' });
      element.analyser = undefined;
      await element.start();
      const button = element.shadowRoot.querySelector('.shoot');
      await lab.until(() => getComputedStyle(button).visibility === 'visible');
      const text = element.shadowRoot.querySelector('.hint').textContent;
      button.click();
      await lab.until(() => element.state === 'done');
      return { text, face: element.photos[0].face, ended: lab.ended() };
    });
    assert.deepEqual(seen, { text: 'Take the photo with the button', face: null, ended: ['ended'] });
  });

  // Every way out: the camera is off within the same task.
  const EXITS = {
    'the last photo': async (element) => {
      let ended;
      element.addEventListener('photo', () => (ended = lab.ended()));
      lab.stage.show('good');
      await lab.until(() => ended);
      return ended;
    },
    'stop()': async (element) => {
      element.stop();
      return lab.ended();
    },
    'the cancel button': async (element) => {
      element.shadowRoot.querySelector('[part=cancel]').click();
      return lab.ended();
    },
    Escape: async (element) => {
      const escape = new KeyboardEvent('keydown', { key: 'Escape', bubbles: true, composed: true });
      element.shadowRoot.querySelector('[part=cancel]').dispatchEvent(escape);
      return lab.ended();
    },
    'removal of the element': async (element) => {
      const channel = new MessageChannel();
      let isNextTask = false;
      channel.port1.onmessage = () => (isNextTask = true);
      channel.port2.postMessage('');
      element.remove();
      await Promise.resolve();
      await Promise.resolve();
      if (isNextTask) throw new Error('That was another task.');
      return lab.ended();
    },
    pagehide: async () => {
      window.dispatchEvent(new PageTransitionEvent('pagehide'));
      return lab.ended();
    },
    'a signal': async (element) => {
      element.stop();
      const controller = new AbortController();
      const video = document.createElement('video');
      const options = { analyser: lab.Replay.load, signal: controller.signal };
      const session = lab.camera.openCamera(video, options);
      await session.start();
      controller.abort();
      const ended = lab.ended();
      if ((await session.result).code !== 'aborted') throw new Error('The result is another.');
      return ended;
    },
    'a failure': async (element) => {
      await lab.wait(1_100);
      lab.tracks[0].dispatchEvent(new Event('ended'));
      if (element.state !== 'failed') throw new Error(element.state);
      return lab.ended();
    },
    'another camera of the page': async () => {
      const other = lab.element();
      const starting = other.start();
      const first = lab.ended();
      await starting;
      other.stop();
      return [...first, ...lab.ended()];
    },
    'a stream that comes late': async (element) => {
      element.stop();
      let answer;
      lab.stub(() => new Promise((resolve) => (answer = resolve)));
      void element.start();
      await lab.until(() => answer);
      element.stop();
      answer(lab.stage.stream());
      await lab.wait(0);
      return lab.ended();
    },
    'start twice, then stop': async (element) => {
      await Promise.all([element.start(), element.start()]);
      element.stop();
      return lab.ended();
    },
    'an engine that dies twice, then cancel': async (element) => {
      const crash = () => Promise.reject(new Error('unreachable'));
      lab.Replay.prototype.analyse = crash;
      await lab.until(() => element.log.some(({ detail }) => detail.code === 'wasm_unavailable'));
      if (lab.Replay.disposals !== 2) throw new Error(`${lab.Replay.disposals} engines were ended.`);
      element.cancel();
      return lab.ended();
    },
  };
  for (const [name, exit] of Object.entries(EXITS)) {
    test(`the camera is off after ${name}`, async () => {
      await lab().open();
      const seen = await lab().inPage(
        new Function(`return async () => {
          lab.useStage('turned');
          const element = lab.element();
          await element.start();
          const ended = await (${exit})(element);
          await lab.wait(50);
          const video = element.shadowRoot.querySelector('video');
          return { ended, loads: lab.Replay.loads - lab.Replay.disposals, source: video.srcObject !== null };
        }`)(),
      );
      assert.ok(seen.ended.length > 0);
      assert.ok(
        seen.ended.every((state) => state === 'ended'),
        seen.ended.join(' '),
      );
      assert.deepEqual([seen.loads, seen.source], [0, false]);
    });
  }

  test('an element that is moved in the page keeps its camera', async () => {
    await lab().open();
    const seen = await lab().inPage(async () => {
      lab.useStage('turned');
      const element = lab.element();
      await element.start();
      await lab.until(() => element.state === 'guiding');
      const section = document.createElement('section');
      document.body.append(section);
      section.append(element);
      const frames = lab.Replay.frames.length;
      await lab.until(() => lab.Replay.frames.length > frames + 2);
      const { state } = element;
      lab.stage.show('good');
      await lab.until(() => element.state === 'done');
      return { state, requests: lab.requests.length };
    });
    assert.deepEqual(seen, { state: 'guiding', requests: 1 });
  });

  test('an element that is removed while the browser asks stops what it gets', async () => {
    await lab().open();
    const seen = await lab().inPage(async () => {
      let answer;
      lab.stub(() => new Promise((resolve) => (answer = resolve)));
      const element = lab.element({ autostart: '' });
      await lab.until(() => answer);
      element.remove();
      await lab.wait(0);
      answer(new lab.Stage().stream());
      await lab.wait(0);
      const states = element.log
        .filter(({ type }) => type === 'statechange')
        .map(({ detail }) => detail.state);
      return { ended: lab.ended(), states };
    });
    assert.deepEqual(seen, { ended: ['ended'], states: ['requesting', 'idle'] });
  });

  test('a second element takes the camera over; the first is off', async () => {
    await lab().open();
    const seen = await lab().inPage(async () => {
      lab.useStage('turned');
      const [first, second] = [lab.element(), lab.element()];
      await first.start();
      await second.start();
      const states = [first.state, second.state];
      const live = lab.ended();
      lab.stage.show('good');
      await lab.until(() => second.state === 'done');
      return { states, live, photos: [first.photos.length, second.photos.length], ended: lab.ended() };
    });
    assert.equal(seen.states[0], 'idle');
    assert.deepEqual(seen.live, ['ended', 'live']);
    assert.deepEqual(seen.photos, [0, 1]);
    assert.deepEqual(seen.ended, ['ended', 'ended']);
  });

  test('capture() opens a dialog, gives the photo, and leaves nothing behind', async () => {
    await lab().open();
    const seen = await lab().inPage(async () => {
      lab.useStage('good');
      const before = document.body.childElementCount;
      const hints = [];
      const capturing = lab.camera.capture({
        ...{ analyser: lab.Replay.load, locale: 'es', count: 2, interval: 0, hold: 100 },
        onHint: ({ message }) => hints.push(message),
      });
      await lab.until(() => document.body.childElementCount > before);
      const dialog = document.body.lastElementChild.shadowRoot.querySelector('dialog');
      const isModal = dialog.matches(':modal');
      const { status, code, photos, message } = await capturing;
      const left = document.body.childElementCount - before;
      return {
        isModal,
        status,
        code,
        photos: photos.length,
        message,
        left,
        hint: hints[0],
        ended: lab.ended(),
      };
    });
    assert.deepEqual(seen, {
      ...{ isModal: true, status: true, code: 'success', photos: 2, message: 'Foto tomada', left: 0 },
      ...{ hint: 'No te muevas', ended: ['ended'] },
    });
  });

  test('a dialog that is cancelled gives aborted, after a failure the failure', async () => {
    await lab().open();
    const seen = await lab().inPage(async () => {
      const start = async (options) => {
        const capturing = lab.camera.capture({ analyser: lab.Replay.load, ...options });
        await lab.until(() => document.body.lastElementChild.shadowRoot);
        const { shadowRoot } = document.body.lastElementChild;
        return { capturing, camera: shadowRoot.querySelector('perse-camera') };
      };
      lab.useStage('turned');
      const one = await start();
      await lab.until(() => one.camera.state === 'guiding');
      one.camera.shadowRoot.querySelector('[part=cancel]').click();
      const cancelled = await one.capturing;
      const controller = new AbortController();
      const two = await start({ signal: controller.signal });
      await lab.until(() => two.camera.state === 'guiding');
      controller.abort();
      const aborted = await two.capturing;
      lab.stub(() => {
        throw new DOMException('', 'NotFoundError');
      });
      const three = await start();
      await lab.until(() => three.camera.state === 'failed');
      [...three.camera.shadowRoot.querySelectorAll('.failed button')].at(-1).click();
      const failed = await three.capturing;
      return { codes: [cancelled.code, aborted.code, failed.code], ended: lab.ended() };
    });
    assert.deepEqual(seen.codes, ['aborted', 'aborted', 'camera_not_found']);
    assert.deepEqual(seen.ended, ['ended', 'ended']);
  });

  test('nothing is asked of another origin', async () => {
    await lab().open();
    const origins = await lab().inPage(async () => {
      lab.useStage('good');
      const element = lab.element({ autostart: '' });
      await lab.until(() => element.state === 'done');
      const urls = performance.getEntriesByType('resource').map(({ name }) => new URL(name));
      return [...new Set(urls.filter(({ protocol }) => protocol !== 'blob:').map(({ origin }) => origin))];
    });
    assert.deepEqual(origins, [lab().url]);
  });
});
