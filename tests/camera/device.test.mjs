// Cameras of the browsers themselves: Chromium's fake device that plays the scenes, the synthetic ones of
// Firefox and WebKit.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { chosenEngines } from '../../scripts/lib/browser.mjs';
import { inEngines } from './lib/engines.mjs';
import { folder, openLab, prepareLab } from './lib/lab.mjs';
import { SCENES, writeFilm } from './lib/scenes.mjs';

inEngines(
  (lab, engine) => {
    test('the camera opens, is named, is switched, and is off', async () => {
      await lab().open();
      const seen = await lab().inPage(async () => {
        lab.useOwn();
        // A synthetic camera shows no scene: the photo is taken by hand.
        const element = lab.element({ 'manual-after': '0', timeout: '0', models: '/none.bin' });
        element.analyser = undefined;
        await element.start();
        await lab.until(() => element.log.some(({ detail }) => detail.code === 'models_unavailable'));
        const devices = await element.devices();
        const first = { state: element.state, live: lab.ended() };
        await element.switchCamera();
        const photo = await element.shoot();
        return {
          ...{ first, devices: devices.length, labels: devices.map(({ label }) => label !== '') },
          ...{ width: photo.width, camera: photo.camera, ended: lab.ended(), requests: lab.requests.length },
        };
      });
      assert.equal(seen.first.state, 'guiding');
      assert.deepEqual(seen.first.live, ['live']);
      assert.ok(seen.devices >= 1 && seen.labels.every(Boolean));
      assert.ok(seen.width >= 320);
      assert.ok(seen.camera.label.length > 0);
      assert.deepEqual(new Set(seen.ended), new Set(['ended']));
      assert.equal(seen.requests, 2);
      console.log(`${engine}: ${seen.devices} cameras, ${seen.camera.label}, ${seen.width} pixels wide`);
    });
  },
  {
    options: { film: join(folder, 'scenes.mjpeg') },
  },
);

if (chosenEngines().includes('chromium')) {
  describe("Chromium's fake camera", () => {
    before(prepareLab);

    test('it plays the scenes: each hint in order, the photo at the end', async () => {
      const lab = await openLab('chromium', { film: join(folder, 'scenes.mjpeg') });
      try {
        await lab.open();
        const seen = await lab.inPage(async () => {
          lab.useOwn();
          const tasks = [];
          new PerformanceObserver((list) =>
            tasks.push(...list.getEntries().map(({ duration }) => duration)),
          ).observe({
            type: 'longtask',
          });
          const element = lab.element();
          const began = performance.now();
          await element.start();
          const firstFrame = performance.now() - began;
          await lab.until(() => element.state === 'done', 'the photo', 28_000);
          const hints = element.log.filter(({ type }) => type === 'hint').map(({ detail }) => detail.code);
          // The scene of the photo: the last one that was analysed.
          const scene = lab.Replay.frames.at(-1).scene;
          const { frames } = lab.Replay;
          const fps = (frames.length - 1) / ((frames.at(-1).at - frames[0].at) / 1_000);
          return { firstFrame, hints, scene, fps, tasks, width: element.photos[0].width, ended: lab.ended() };
        });
        assert.equal(seen.scene, 'good');
        assert.equal(seen.width, 640);
        assert.deepEqual(seen.ended, ['ended']);
        // The film may be anywhere when it is opened; what follows the first hint is in its order.
        const order = SCENES.map(({ hint }) => hint);
        const places = seen.hints.filter((code) => code !== 'captured').map((code) => order.indexOf(code));
        assert.ok(
          places.every((place, i) => i === 0 || place > places[i - 1]),
          seen.hints.join(' '),
        );
        console.log(
          `first frame ${seen.firstFrame.toFixed(0)} ms, ${seen.fps.toFixed(1)} frames a second, ` +
            `${seen.tasks.length} long tasks; ${seen.hints.join(' ')}`,
        );
      } finally {
        await lab.close();
      }
    });

    test('a person who refuses is told so, and so is a page in a frame that may not', async () => {
      // Another host name is another origin.
      const server = createServer((request, response) => {
        const src = decodeURIComponent(new URL(request.url, 'http://x').searchParams.get('src'));
        response.writeHead(200, { 'content-type': 'text/html' });
        response.end(`<!doctype html><title>Frame</title><iframe src="${src}"></iframe>`);
      }).listen(0, 'localhost');
      await once(server, 'listening');
      const lab = await openLab('chromium', { args: ['--use-fake-device-for-media-stream'] });
      const code = () =>
        lab.inPage(async () => {
          while (!globalThis.lab?.isReady) await new Promise((resolve) => setTimeout(resolve, 10));
          const result = await lab.camera.capture({ video: document.createElement('video') });
          return result.code;
        });
      try {
        await lab.driver.sendDevToolsCommand('Browser.setPermission', {
          permission: { name: 'camera' },
          setting: 'denied',
        });
        await lab.open();
        assert.equal(await code(), 'camera_denied');
        const page = `http://localhost:${server.address().port}/?src=${encodeURIComponent(`${lab.url}/tests/camera/camera.html`)}`;
        await lab.driver.get(page);
        await lab.driver.switchTo().frame(0);
        assert.equal(await code(), 'camera_blocked_by_page');
      } finally {
        await lab.close();
        server.close();
      }
    });

    test('a good scene is captured within a second or so, and the clock of the hold is kept', async () => {
      const lab = await openLab('chromium', { film: await writeFilm(folder, 'good') });
      try {
        await lab.open();
        const ms = await lab.inPage(async () => {
          lab.useOwn();
          const element = lab.element();
          await element.start();
          const began = performance.now();
          await lab.until(() => element.state === 'done');
          return performance.now() - began;
        });
        assert.ok(ms >= 590, `${ms}`);
        console.log(`photo ${ms.toFixed(0)} ms after the first frame`);
      } finally {
        await lab.close();
      }
    });
  });
}
