// The package's face engine before the scenes, in every engine.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { inEngines } from './lib/engines.mjs';
import { SCENES } from './lib/scenes.mjs';

/** Runs a function in the page with the function `take`, which takes a photo by hand. */
const BY_HAND = `
  const take = async (element) => {
    const button = element.shadowRoot.querySelector('.shoot');
    await lab.until(() => getComputedStyle(button).visibility === 'visible');
    button.click();
    await lab.until(() => element.state === 'done');
    const warnings = element.log.filter(({ type }) => type === 'warning').map(({ detail }) => detail.code);
    return { warnings, face: element.photos[0].face, ended: lab.ended() };
  };`;
const byHand = (body) => new Function(`return async () => { ${BY_HAND} ${body} }`)();

inEngines((lab) => {
  test('each scene gives its hint, none but the good one a photo', async () => {
    await lab().open({ engine: '' });
    const seen = await lab().inPage(
      async (scenes) => {
        const stage = lab.useStage('no_face');
        const element = lab.element({ timeout: '0' });
        await element.start();
        const seen = {};
        for (const { name, hint } of scenes) {
          stage.show(name);
          const began = performance.now();
          if (name === 'good') await lab.until(() => element.state === 'done');
          else await lab.until(() => element.hint?.code === hint, `${name}: ${hint}, ${element.hint?.code}`);
          seen[name] = { ms: Math.round(performance.now() - began), photos: element.photos.length };
          // Nothing is captured in a scene that stays.
          if (name !== 'good') await lab.wait(800);
          if (element.hint?.code !== hint && name !== 'good') seen[name].then = element.hint?.code;
        }
        return { seen, face: element.photos[0].face, tracks: lab.ended() };
      },
      SCENES.map(({ name, hint }) => ({ name, hint })),
    );
    for (const { name } of SCENES) {
      const { photos, then } = seen.seen[name];
      assert.deepEqual([photos, then], [name === 'good' ? 1 : 0, undefined], name);
    }
    // The woman of the photo: her face, and how she holds her head.
    const { box, yaw, pitch, roll, points, quality } = seen.face;
    assert.ok(Math.abs(box.x - 216) < 15 && Math.abs(box.height - 297) < 30, JSON.stringify(box));
    assert.ok(
      yaw < -8 && yaw > -26 && Math.abs(pitch) < 12 && roll > 5 && roll < 19,
      `${yaw} ${pitch} ${roll}`,
    );
    assert.equal(Object.keys(points).length, 136);
    assert.ok(quality.sharpness > 0.16 && quality.underexposure < 0.2);
    assert.deepEqual(seen.tracks, ['ended']);
    console.log(`${lab().engine}: ${JSON.stringify(seen.seen)}`);
  });

  test('a person who turns as asked is present, one who leaves is not', async () => {
    await lab().open({ engine: '' });
    const seen = await lab().inPage(async () => {
      const { width, height } = lab.images.good;
      const mirror = new OffscreenCanvas(width, height);
      const context = mirror.getContext('2d');
      context.scale(-1, 1);
      context.drawImage(lab.images.good, -width, 0);
      lab.images.mirrored = mirror.transferToImageBitmap();
      const seen = [];
      for (const leaves of [false, true]) {
        const stage = lab.useStage('good');
        const element = lab.element({ challenge: 'turn', hold: '200', 'keep-frames': '' });
        await element.start();
        await lab.until(() => /^look_/.test(element.hint?.code), 'the challenge');
        const { state, hint } = element;
        // She looks to her right in the scene: mirrored she has turned to her left, and another one further.
        stage.show(leaves ? 'no_face' : hint.code === 'look_left' ? 'mirrored' : 'turned');
        await lab.until(() => element.state === 'done');
        const presence = element.log.find(({ type }) => type === 'presence').detail;
        const [frame] = presence.frames;
        seen.push([
          state,
          presence.passed,
          presence.challenges[0].name,
          lab.ended().at(-1),
          frame?.blob.type,
        ]);
        element.remove();
      }
      return seen;
    });
    assert.deepEqual(seen, [
      ['challenging', true, 'turn', 'ended', 'image/jpeg'],
      ['challenging', false, 'turn', 'ended', 'image/jpeg'],
    ]);
  });

  test('a portrait camera guides, too', async () => {
    await lab().open({ engine: '' });
    const photo = await lab().inPage(async () => {
      lab.useStage('good', [480, 640]);
      const element = lab.element();
      await element.start();
      await lab.until(() => element.hint);
      return element.hint.code;
    });
    // The scene is stretched, and still a face.
    assert.notEqual(photo, 'no_face');
  });

  test('weights come from the URL that is set', async () => {
    await lab().open({ engine: '' });
    const seen = await lab().inPage(async () => {
      lab.useStage('good');
      const weights = await (await fetch('/build/camera-test/models/capture.weights.js')).blob();
      const video = document.createElement('video');
      const { code, photos } = await lab.camera.capture({ video, models: URL.createObjectURL(weights) });
      return [code, photos?.[0].face?.box.height > 200];
    });
    assert.deepEqual(seen, ['success', true]);
  });

  for (const [name, models] of [
    ['are missing', "'/none.weights.js'"],
    ['are something else', "'/build/camera-test/good.jpg'"],
    ['are cut off', 'await cut()'],
  ]) {
    test(`where weights ${name} the photo is taken by hand`, async () => {
      await lab().open({ engine: '' });
      const seen = await lab().inPage(
        byHand(`
          const cut = async () => {
            const file = await (await fetch('/build/camera-test/models/capture.weights.js')).blob();
            return URL.createObjectURL(file.slice(0, 200_000));
          };
          lab.useStage('good');
          const element = lab.element({ models: ${models} });
          await element.start();
          return take(element);`),
      );
      assert.deepEqual(seen, {
        warnings: ['models_unavailable', 'low_resolution'],
        face: null,
        ended: ['ended'],
      });
    });
  }

  test('where a policy forbids the worker the photo is taken by hand', async () => {
    await lab().open({ engine: '' });
    const seen = await lab().inPage(
      byHand(`
        const policy = document.createElement('meta');
        policy.httpEquiv = 'Content-Security-Policy';
        policy.content = "worker-src 'none'";
        document.head.append(policy);
        lab.useStage('good');
        const element = lab.element();
        await element.start();
        return take(element);`),
    );
    assert.deepEqual(seen, {
      warnings: ['wasm_unavailable', 'low_resolution'],
      face: null,
      ended: ['ended'],
    });
  });

  test('the script tag finds the weights beside it, and everything is of the page’s origin', async () => {
    await lab().open({ engine: '' });
    const seen = await lab().inPage(async () => {
      lab.useStage('good');
      const script = document.createElement('script');
      script.src = '/build/camera-test/perse.camera.global.js';
      document.head.append(script);
      await new Promise((resolve, reject) => Object.assign(script, { onload: resolve, onerror: reject }));
      const video = document.createElement('video');
      const { code, photos } = await PerseCamera.capture({ video });
      const urls = performance.getEntriesByType('resource').map(({ name }) => new URL(name));
      return {
        ...{ code, face: photos?.[0].face !== null },
        weights: urls.filter(({ pathname }) => pathname.endsWith('/models/capture.weights.js')).length,
        foreign: urls.filter(({ origin }) => origin !== location.origin).map(String),
      };
    });
    assert.deepEqual(seen, { code: 'success', face: true, weights: 1, foreign: [] });
  });
});
