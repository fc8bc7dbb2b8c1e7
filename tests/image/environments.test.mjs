// Photos where browsers, pages and extensions get in the way: workers, frames, falsified canvases. The built package
// in each of the three browser engines.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { chosenEngines, openBrowser } from '../../scripts/lib/browser.mjs';
import { root } from '../../scripts/lib/run.mjs';
import { startSandbox } from '../../scripts/lib/sandbox.mjs';
import { inPage } from '../consumers/lib/page.mjs';
import { serveFolder } from '../consumers/lib/static.mjs';
import { crop } from '../e2e/photos.mjs';
import { LARGE as PHONE_PIXELS, largePhoto, picture } from './photos.mjs';

const FOLDER = join(root, 'build', 'environments-test');
const PHOTO = '/build/environments-test/photo.jpg';
const LARGE = '/build/environments-test/large.jpg';
/** Of twelve megapixels, rotated. */
const PHONE = '/build/environments-test/phone.jpg';

before(async () => {
  await mkdir(FOLDER, { recursive: true });
  const face = () => crop(3, [384, 164, 600, 600]);
  await writeFile(join(root, PHOTO), await face().jpeg().toBuffer());
  await writeFile(join(root, LARGE), await face().resize(2400).jpeg({ quality: 95 }).toBuffer());
  const phone = picture(await largePhoto(), PHONE_PIXELS)
    .rotate(-90)
    .withMetadata({ orientation: 6 });
  await writeFile(join(root, PHONE), await phone.jpeg({ quality: 90 }).toBuffer());
  const page = `<!doctype html><title>Environments</title>`;
  await writeFile(join(FOLDER, 'index.html'), page);
  // In the page itself: what a driver runs, Firefox runs in another realm.
  await writeFile(join(FOLDER, 'falsified.html'), `${page}<script>(${falsify})()</script>`);
  const script = `(${inWorker})()`;
  await writeFile(join(FOLDER, 'module-worker.js'), script);
  await writeFile(join(FOLDER, 'classic-worker.js'), script);
});
after(() => rm(FOLDER, { recursive: true, force: true }));

for (const engine of chosenEngines()) {
  describe(`environments, in ${engine}`, { timeout: 300_000 }, () => {
    let pages, browser;

    before(async () => {
      [pages, browser] = await Promise.all([serveFolder(root), openBrowser(engine)]);
    });
    after(() => Promise.all([pages?.stop(), browser?.quit()]));

    const run = async (action, ...values) => {
      await browser.driver.get(`${pages.url}/build/environments-test/index.html`);
      return inPage(browser.driver, action, ...values);
    };

    for (const type of ['module', 'classic']) {
      test(`a ${type} worker prepares and judges pixels of every kind`, async () => {
        const results = await run(askWorker, type, PHOTO);
        assert.ok(Object.keys(results).length >= 4, JSON.stringify(results));
        for (const [name, { prepared, judged, message }] of Object.entries(results)) {
          assert.equal(prepared, 'success', `${name}: ${message}`);
          assert.match(judged, /^(success|bad_image_quality)$/, `${name}: ${message}`);
        }
      });
    }

    test('a file of another realm is prepared and judged', async () => {
      const codes = await run(async (url) => {
        const Perse = await import('/pkg/index.js');
        Perse.configure({ warn: false });
        const frame = document.body.appendChild(document.createElement('iframe'));
        const file = await (await frame.contentWindow.fetch(url)).blob();
        const foreign = new frame.contentWindow.File([file], 'photo.jpg');
        const { code, report } = await Perse.image.prepare(foreign);
        return [foreign instanceof Blob, code, report?.isResized, (await Perse.image.quality(foreign)).code];
      }, LARGE);
      assert.deepEqual(codes, [false, 'success', true, 'success']);
    });

    test('without object URLs the main thread prepares a photo', async () => {
      const result = await run(async (url) => {
        const Perse = await import('/pkg/index.js');
        URL.createObjectURL = () => {
          throw new TypeError('not here');
        };
        const { code, message, report } = await Perse.image.prepare(await (await fetch(url)).blob());
        return { code, message, width: report?.to.width };
      }, LARGE);
      assert.deepEqual([result.code, result.width], ['success', 1600], result.message);
    });

    test('a photo can be prepared when the pixel module is slow to arrive', async () => {
      const result = await run(async (url) => {
        const Perse = await import('/pkg/index.js');
        const { compile } = WebAssembly;
        // Longer than an idle worker lives.
        WebAssembly.compile = async (bytes) => {
          await new Promise((resolve) => setTimeout(resolve, 1_500));
          return compile(bytes);
        };
        const { code, message } = await Perse.image.prepare(await (await fetch(url)).blob());
        return { code, message };
      }, LARGE);
      assert.equal(result.code, 'success', result.message);
    });

    test('a falsified canvas is noticed: what fits goes out, the rest fails in words', async () => {
      await browser.driver.get(`${pages.url}/build/environments-test/falsified.html`);
      const { small, large, quality } = await inPage(browser.driver, prepareBoth, PHOTO, LARGE);
      assert.deepEqual(small, { code: 'success', isSame: true });
      // 2,400 pixels wide, over the limit, but small enough for the service.
      assert.deepEqual(large, { code: 'success', isSame: true });
      assert.equal(quality.code, 'pixels_unavailable');
      assert.match(quality.message, /canvas/);
    });

    if (engine === 'chromium') {
      test(
        'at 0.36 Mbit/s two photos of a phone are detected and compared',
        { timeout: 90_000 },
        async (t) => {
          const sandbox = await startSandbox(['--cors', '*', '--private-key', 'slow']);
          t.after(() => sandbox.stop());
          await browser.driver.get(`${pages.url}/build/environments-test/index.html`);
          await browser.driver.sendDevToolsCommand('Network.enable', {});
          await browser.driver.sendDevToolsCommand('Network.emulateNetworkConditions', {
            ...{ offline: false, latency: 400, downloadThroughput: -1, uploadThroughput: 45_000 },
          });
          t.after(() => browser.driver.sendDevToolsCommand('Network.disable', {}));
          await browser.driver.manage().setTimeouts({ script: 80_000 });
          const { detect, compare } = await inPage(browser.driver, callSlowly, sandbox.url, PHONE);
          assert.equal(detect.code, 'success', detect.message);
          assert.equal(compare.code, 'success', compare.message);
          t.diagnostic(`detect ${detect.ms} ms, compare ${compare.ms} ms`);
        },
      );
    }

    if (engine !== 'firefox') return;

    test('resistFingerprinting gives no photo of noise', async () => {
      const resistant = await openBrowser(engine, { preferences: { 'privacy.resistFingerprinting': true } });
      try {
        await resistant.driver.get(`${pages.url}/build/environments-test/index.html`);
        const { small, large, quality } = await inPage(resistant.driver, prepareBoth, PHOTO, LARGE);
        assert.deepEqual(small, { code: 'success', isSame: true });
        assert.deepEqual(large, { code: 'success', isSame: true });
        assert.equal(quality.code, 'pixels_unavailable', quality.message);
      } finally {
        await resistant.quit();
      }
    });
  });
}

/** Runs in a worker: prepares and judges the same picture in everything that a worker has pixels in. */
function inWorker() {
  onmessage = async ({ data: { url, origin } }) => {
    try {
      const Perse = await import(`${origin}/pkg/index.js`);
      Perse.configure({ warn: false });
      const file = await (await fetch(origin + url)).blob();
      const bitmap = () => createImageBitmap(file);
      const canvas = new OffscreenCanvas(600, 600);
      const context = canvas.getContext('2d');
      context.drawImage(await bitmap(), 0, 0);
      const sources = {
        ImageBitmap: await bitmap(),
        ImageData: context.getImageData(0, 0, 600, 600),
        OffscreenCanvas: canvas,
        File: file,
        ...(typeof VideoFrame === 'undefined'
          ? {}
          : { VideoFrame: new VideoFrame(await bitmap(), { timestamp: 0 }) }),
      };
      const results = {};
      for (const [name, source] of Object.entries(sources)) {
        const prepared = await Perse.image.prepare(source);
        const judged = await Perse.image.quality(source);
        const message = `${prepared.message} ${judged.message}`;
        results[name] = { prepared: prepared.code, judged: judged.code, message };
      }
      postMessage(results);
    } catch (error) {
      postMessage({ worker: { prepared: 'failed', message: String(error) } });
    }
  };
}

async function askWorker(type, url) {
  const worker = new Worker(`/build/environments-test/${type}-worker.js`, { type });
  worker.postMessage({ url, origin: location.origin });
  const results = await new Promise((resolve, reject) => {
    worker.onmessage = ({ data }) => resolve(data);
    worker.onerror = ({ message }) => reject(new Error(message));
  });
  worker.terminate();
  return results;
}

/** Lets canvases return other pixels, as extensions do. */
function falsify() {
  const { getImageData } = CanvasRenderingContext2D.prototype;
  CanvasRenderingContext2D.prototype.getImageData = function (...values) {
    const image = getImageData.apply(this, values);
    image.data.forEach((_, index, data) => (data[index] = (Math.random() * 256) | 0));
    return image;
  };
  // An extension that changes a page can't change its worker, where there is one.
  delete globalThis.Worker;
}

/** Prepares two photos and judges the second; whether their bytes stay the same. */
async function prepareBoth(small, large) {
  const Perse = await import('/pkg/index.js');
  Perse.configure({ warn: false });
  const outcome = {};
  for (const [name, url] of Object.entries({ small, large })) {
    const file = await (await fetch(url)).blob();
    const { code, blob } = await Perse.image.prepare(file);
    const isSame = blob && (await blob.text()) === (await file.text());
    outcome[name] = { code, isSame };
    outcome.quality = await Perse.image.quality(file);
  }
  return outcome;
}

/** Detects and compares photos that were downloaded before, with the defaults. */
async function callSlowly(service, url) {
  const Perse = await import('/pkg/index.js');
  const login = await fetch(`${service}/v0/login`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ privateKey: 'slow' }),
  });
  Perse.configure({ baseUrl: `${service}/v0`, warn: false, enduserConsent: true });
  Perse.setToken((await login.json()).token);
  const file = await (await fetch(url)).blob();
  const timed = async (call) => {
    const start = performance.now();
    const { code, message } = await call();
    return { code, message, ms: Math.round(performance.now() - start) };
  };
  const detect = await timed(() => Perse.face.detect(file));
  return { detect, compare: await timed(() => Perse.face.compare(file, file.slice(0, file.size))) };
}
