// Photos resized and measured, in each of the three browser engines.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import sharp from 'sharp';
import { chosenEngines, openBrowser } from '../../scripts/lib/browser.mjs';
import { bundleImage } from '../../scripts/lib/inline.mjs';
import { inPage } from '../consumers/lib/page.mjs';
import { serveFolder } from '../consumers/lib/static.mjs';
import { LAID, LARGE, largePhoto, noise, picture, quarters } from './photos.mjs';

const FOLDER = 'build/image-test';
const LIMIT = 1_000_000;
const NO_WORKER = { 'content-security-policy': "script-src 'self' 'wasm-unsafe-eval'" };

before(makeFiles);

for (const engine of chosenEngines()) {
  describe(`pictures in ${engine}`, { timeout: 600_000 }, () => {
    let server, strict, foreign, browser, driver;

    before(async () => {
      [server, strict, foreign, browser] = await Promise.all([
        serveFolder(FOLDER, { silent: 'silent.jpg' }),
        serveFolder(FOLDER, { headers: NO_WORKER }),
        serveFolder(FOLDER),
        openBrowser(engine),
      ]);
      driver = browser.driver;
    });
    after(() => Promise.all([server?.stop(), strict?.stop(), foreign?.stop(), browser?.quit()]));

    /** Runs a function in a fresh page with `image`, and `fetchBlob` and `show` of {@link helpers}. */
    const run = async (action, ...values) => {
      await driver.get(`${server.url}/index.html`);
      return inPage(driver, action, ...values);
    };

    test('all eight orientations come out upright', async () => {
      const outcomes = await run(async () => {
        const outcomes = [];
        for (let orientation = 1; orientation <= 8; orientation++) {
          const file = await helpers.fetchBlob(`laid-${orientation}.jpg`);
          const fit = await image.encode(file, { orientation, maxBytes: 1e6, maxSide: 78 });
          const { width, height } = await image.measure(file, { orientation });
          outcomes.push({ fit, measured: [width, height], corners: await helpers.corners(fit.blob) });
        }
        return outcomes;
      });
      for (const [index, { fit, measured, corners }] of outcomes.entries()) {
        assert.deepEqual(corners, ['red', 'green', 'blue', 'white'], `orientation ${index + 1}`);
        assert.deepEqual([fit.width, fit.height], [78, 52]);
        assert.deepEqual(measured, [240, 160]);
        assert.equal(fit.thread, 'worker');
      }
    });

    test('a photo of 12 megapixels fits, and fills the limit', async () => {
      const fit = await run(async () => {
        const file = await helpers.fetchBlob('large.jpg');
        const { blob, ...fit } = await image.encode(file, { orientation: 6, maxBytes: 1e6 });
        return { ...fit, size: blob.size, type: blob.type };
      });
      assert.equal(fit.type, 'image/jpeg');
      assert.ok(fit.size <= LIMIT && fit.size > 0.6 * LIMIT, JSON.stringify(fit));
      assert.ok(fit.height > fit.width && Math.abs(fit.height / fit.width - 4 / 3) < 0.01);
      assert.ok(fit.quality > 0.7);
    });

    test('meanwhile the page stays alive', async () => {
      // The best of some, because others may keep the processor busy; alone it is about 10 ms.
      const best = await run(async () => {
        let best = Infinity;
        for (let time = 0; time < 4; time++) {
          const file = await helpers.fetchBlob('large.jpg');
          const gaps = helpers.watchGaps();
          await image.encode(file, { orientation: 6, maxBytes: 1e6 });
          best = Math.min(best, gaps());
        }
        return best;
      });
      assert.ok(best < 50, `the page stood still for ${best} ms`);
    });

    test('what fits is not scaled, and nothing is scaled up', async () => {
      const fit = await run(async () => {
        const file = await helpers.fetchBlob('laid-6.jpg');
        const { width, height, quality } = await image.encode(file, { orientation: 6, maxBytes: 1e6 });
        return [width, height, quality];
      });
      assert.deepEqual(fit, [240, 160, 0.85]);
    });

    test('noise of 12 megapixels ends, and so does a limit of a few bytes', async () => {
      const fits = await run(async () => {
        const file = await helpers.fetchBlob('noise.png');
        const fits = [];
        for (const maxBytes of [1e6, 3_000]) {
          const { blob, width, quality } = await image.encode(file, { maxBytes });
          fits.push({ maxBytes, size: blob.size, width, quality });
        }
        const impossible = await image.encode(file, { maxBytes: 100 }).catch(({ code }) => code);
        return [fits, impossible];
      });
      for (const { maxBytes, size, width } of fits[0]) {
        assert.ok(size <= maxBytes && width > 0, JSON.stringify(fits));
      }
      assert.equal(fits[1], 'file_too_large');
    });

    test('transparent pixels are white', async () => {
      const [corners, bright] = await run(async () => {
        const file = await helpers.fetchBlob('transparent.png');
        const { blob } = await image.encode(file, { maxBytes: 1e6 });
        const { overexposure } = await image.measure(file);
        return [await helpers.corners(blob), overexposure];
      });
      assert.deepEqual(corners, ['white', 'white', 'white', 'white']);
      assert.equal(bright, 1);
    });

    test('pictures are measured by the formulas', async () => {
      const [actual, expected] = await run(async () => {
        const file = await helpers.fetchBlob('photo.png');
        const bitmap = await createImageBitmap(file);
        const canvas = new OffscreenCanvas(bitmap.width, bitmap.height).getContext('2d');
        canvas.drawImage(bitmap, 0, 0);
        const pixels = canvas.getImageData(0, 0, bitmap.width, bitmap.height);
        return [await image.measure(file), helpers.formulas(pixels)];
      });
      for (const [name, value] of Object.entries(expected)) {
        assert.ok(Math.abs(actual[name] - value) < 1e-6, `${name}: ${actual[name]}, not ${value}`);
      }
    });

    test('every kind of source is one, and stays as it is', async () => {
      const outcomes = await run(async () => {
        const file = await helpers.fetchBlob('laid-1.jpg');
        const bitmap = await createImageBitmap(file);
        const img = new Image();
        img.src = 'laid-1.jpg'; // not loaded yet
        const turned = new Image();
        turned.src = 'exif-6.jpg';
        const canvas = document.createElement('canvas');
        Object.assign(canvas, { width: 240, height: 160 });
        canvas.getContext('2d').drawImage(bitmap, 0, 0);
        const offscreen = new OffscreenCanvas(240, 160);
        offscreen.getContext('2d').drawImage(bitmap, 0, 0);
        const data = canvas.getContext('2d').getImageData(0, 0, 240, 160);
        const sources = { file, bitmap, img, turned, canvas, offscreen, data };
        if (typeof VideoFrame !== 'undefined') sources.frame = new VideoFrame(bitmap, { timestamp: 0 });
        if (canvas.captureStream) {
          const video = document.createElement('video');
          Object.assign(video, { muted: true, srcObject: canvas.captureStream(30) });
          const redraw = setInterval(() => canvas.getContext('2d').drawImage(bitmap, 0, 0), 30);
          const hasFrame = await Promise.race([
            new Promise((resolve) => (video.onloadeddata = () => resolve(true))).then(() => true),
            video.play().then(() => new Promise(() => {})),
            new Promise((resolve) => setTimeout(resolve, 3000, false)),
          ]).catch(() => false);
          clearInterval(redraw);
          if (hasFrame) sources.video = video;
        }
        const outcomes = {};
        for (const [name, source] of Object.entries(sources)) {
          for (let time = 0; time < 2; time++) {
            const result = await image.encode(source, { maxBytes: 1e6 }).catch((cause) => ({ cause }));
            outcomes[name] = result.cause
              ? String(result.cause)
              : [await helpers.corners(result.blob), result.width, result.height];
          }
        }
        return outcomes;
      });
      for (const [name, outcome] of Object.entries(outcomes)) {
        assert.deepEqual(outcome, [['red', 'green', 'blue', 'white'], 240, 160], name);
      }
      assert.ok(Object.keys(outcomes).length >= 7);
    });

    test('what is no picture says so, and what to do', async () => {
      const failures = await run(async (foreignUrl) => {
        const load = (src) =>
          new Promise((resolve) => {
            const img = new Image();
            img.onload = img.onerror = () => resolve(img);
            img.src = src;
          });
        const foreign = await load(foreignUrl);
        const tainted = document.createElement('canvas');
        tainted.getContext('2d').drawImage(foreign, 0, 0);
        const closed = await createImageBitmap(new ImageData(2, 2));
        closed.close();
        const moved = document.createElement('canvas');
        moved.getContext('2d');
        const empty = document.createElement('canvas');
        empty.width = 0;
        const transferred = new ImageData(2, 2);
        structuredClone(transferred.data.buffer, { transfer: [transferred.data.buffer] });
        const sources = {
          foreign,
          tainted,
          closed,
          empty,
          transferred,
          broken: await load('nothing-there.jpg'),
          blank: new Image(),
          video: document.createElement('video'),
          nobody: document.createElement('div'),
          text: new Blob(['This is not a photo.'], { type: 'image/jpeg' }),
          nothing: new Blob([]),
        };
        if (typeof VideoFrame !== 'undefined') {
          sources.frame = new VideoFrame(await createImageBitmap(new ImageData(2, 2)), { timestamp: 0 });
          sources.frame.close();
        }
        const failures = {};
        for (const [name, source] of Object.entries(sources)) {
          failures[name] = await image.encode(source, { maxBytes: 1e6 }).then(
            () => 'no failure',
            ({ code, detail }) => [code ?? 'no code', detail],
          );
        }
        return failures;
      }, `${foreign.url}/laid-1.jpg`);
      const codes = Object.fromEntries(Object.entries(failures).map(([name, [code]]) => [name, code]));
      const [invalid, empty] = ['invalid_file_type', 'empty_file'];
      const { frame = empty, ...others } = codes;
      assert.equal(frame, empty);
      assert.deepEqual(others, {
        ...{ foreign: invalid, tainted: invalid, closed: empty, empty, transferred: empty, broken: invalid },
        ...{ blank: empty, video: empty, nobody: invalid, text: invalid, nothing: empty },
      });
      for (const [, message] of Object.values(failures)) assert.ok(message.length > 20, message);
    });

    test('a file that was cut off ends in one way or the other', async () => {
      const outcomes = await run(async () => {
        const file = await helpers.fetchBlob('large.jpg');
        const outcomes = [];
        for (const part of [0.0001, 0.5]) {
          outcomes.push(
            await image.encode(file.slice(0, file.size * part), { maxBytes: 1e6 }).then(
              ({ blob }) => blob.size,
              ({ code }) => code,
            ),
          );
        }
        return outcomes;
      });
      assert.equal(outcomes[0], 'invalid_file_type');
      // Some browsers show what there is of a photo.
      assert.ok(outcomes[1] === 'invalid_file_type' || outcomes[1] <= LIMIT, String(outcomes[1]));
    });

    test('an aborted job rejects at once with its reason, and the next one works', async () => {
      const outcome = await run(async () => {
        const file = await helpers.fetchBlob('large.jpg');
        const small = await helpers.fetchBlob('laid-1.jpg');
        await image.encode(small, { maxBytes: 1e6 });
        const waits = [];
        for (const wait of [0, 60]) {
          const controller = new AbortController();
          const job = image.encode(file, { maxBytes: 1e6, signal: controller.signal });
          const queued = image.encode(file, { maxBytes: 1e6, signal: controller.signal });
          await new Promise((resolve) => setTimeout(resolve, wait));
          const start = performance.now();
          controller.abort('enough');
          waits.push([await job.catch(String), await queued.catch(String), performance.now() - start]);
        }
        const loading = new Image();
        loading.src = 'silent.jpg'; // never answered
        const late = await image
          .encode(loading, { maxBytes: 1e6, signal: AbortSignal.timeout(50) })
          .catch(String);
        const early = await image
          .encode(small, { maxBytes: 1e6, signal: AbortSignal.abort('never') })
          .catch(String);
        return [waits, /Timeout/.test(late), early, (await image.encode(small, { maxBytes: 1e6 })).width];
      });
      for (const [job, queued, wait] of outcome[0]) {
        assert.deepEqual([job, queued], ['enough', 'enough']);
        assert.ok(wait < 200, `${wait} ms`);
      }
      assert.deepEqual(outcome.slice(1), [true, 'never', 240]);
    });

    test('the worker ends when it has nothing to do, and starts again', async () => {
      const counts = await run(async () => {
        const counts = helpers.countWorkers();
        const file = await helpers.fetchBlob('laid-1.jpg');
        const both = () =>
          Promise.all([image.encode(file, { maxBytes: 1e6 }), image.measure(file, { orientation: 1 })]);
        await both();
        const busy = { ...counts };
        await new Promise((resolve) => setTimeout(resolve, 1500));
        const idle = { ...counts };
        await both();
        return [busy, idle, counts];
      });
      assert.deepEqual(counts, [
        { started: 1, ended: 0 },
        { started: 1, ended: 1 },
        { started: 2, ended: 1 },
      ]);
    });

    test('where a policy forbids the worker, the page does it in small steps', async () => {
      await driver.get(`${strict.url}/index.html`);
      const outcome = await inPage(driver, async () => {
        const laid = await helpers.fetchBlob('laid-6.jpg');
        const small = await image.encode(laid, { orientation: 6, maxBytes: 1e6 });
        const file = await helpers.fetchBlob('large.jpg');
        const gaps = helpers.watchGaps();
        const { blob, thread } = await image.encode(file, { orientation: 6, maxBytes: 1e6 });
        const measured = await image.measure(file);
        const controller = new AbortController();
        const aborted = image.encode(file, { maxBytes: 1e6, signal: controller.signal }).catch(String);
        setTimeout(() => controller.abort('enough'), 100);
        return {
          thread,
          corners: await helpers.corners(small.blob),
          size: blob.size,
          measured: measured.thread,
          aborted: await aborted,
          longest: gaps(),
        };
      });
      assert.equal(outcome.thread, 'page');
      assert.equal(outcome.measured, 'page');
      assert.deepEqual(outcome.corners, ['red', 'green', 'blue', 'white']);
      assert.ok(outcome.size <= LIMIT && outcome.size > 0.6 * LIMIT, String(outcome.size));
      assert.equal(outcome.aborted, 'enough');
      console.log(`${engine}: longest gap on the page's thread ${outcome.longest.toFixed(0)} ms`);
    });

    test('two workers are not started, and a page may ask for much at once', async () => {
      const widths = await run(async () => {
        const file = await helpers.fetchBlob('laid-1.jpg');
        const jobs = Array.from({ length: 12 }, () => image.encode(file, { maxBytes: 1e6 }));
        return (await Promise.all(jobs)).map(({ width }) => width);
      });
      assert.deepEqual(widths, Array(12).fill(240));
    });
  });
}

async function makeFiles() {
  await rm(FOLDER, { recursive: true, force: true });
  await mkdir(FOLDER, { recursive: true });
  await bundleImage(FOLDER);
  const save = async (name, image) => writeFile(join(FOLDER, name), await image.toBuffer());
  const upright = await (await quarters(240, 160)).png().toBuffer();
  for (const [orientation, lay] of Object.entries(LAID)) {
    await save(`laid-${orientation}.jpg`, lay(sharp(upright)).jpeg({ chromaSubsampling: '4:4:4' }));
  }
  await save('exif-6.jpg', LAID[6](sharp(upright)).withMetadata({ orientation: 6 }).jpeg());
  const large = await largePhoto();
  await save('large.jpg', picture(large, LARGE).jpeg({ quality: 92 }));
  await save(
    'photo.png',
    picture(large, LARGE).extract({ left: 900, top: 700, width: 301, height: 203 }).png(),
  );
  await save('noise.png', noise(LARGE.width, LARGE.height).png({ compressionLevel: 1 }));
  const nothing = { width: 64, height: 48, channels: 4, background: { r: 0, g: 0, b: 0, alpha: 0 } };
  await save('transparent.png', sharp({ create: nothing }).png());
  await writeFile(join(FOLDER, 'helpers.js'), `globalThis.helpers = (${helpers})();`);
  await writeFile(
    join(FOLDER, 'index.html'),
    '<!doctype html><title>pictures</title><script src="helpers.js"></script>' +
      '<script type="module" src="image.js"></script>',
  );
}

/** Code that runs in the page beside the code under test. */
function helpers() {
  const names = { '255,0,0': 'red', '0,255,0': 'green', '0,0,255': 'blue', '255,255,255': 'white' };
  return {
    fetchBlob: async (name) => (await fetch(name)).blob(),
    /** The colours of a picture's corners. */
    async corners(blob) {
      const bitmap = await createImageBitmap(blob);
      const context = document.createElement('canvas').getContext('2d');
      Object.assign(context.canvas, { width: bitmap.width, height: bitmap.height });
      context.drawImage(bitmap, 0, 0);
      const [right, bottom] = [bitmap.width - 6, bitmap.height - 6];
      return [
        [5, 5],
        [right, 5],
        [5, bottom],
        [right, bottom],
      ].map(([x, y]) => {
        const [r, g, b] = context.getImageData(x, y, 1, 1).data;
        const key = [r, g, b].map((value) => (value > 220 ? 255 : value < 40 ? 0 : value)).join();
        return names[key] ?? key;
      });
    },
    /** Exposure and sharpness, as plainly as they are defined. */
    formulas({ width, height, data }) {
      const luma = new Uint8Array(width * height);
      for (let at = 0; at < luma.length; at++) {
        luma[at] = (299 * data[4 * at] + 587 * data[4 * at + 1] + 114 * data[4 * at + 2]) / 1000;
      }
      const clamp = (value, end) => Math.min(Math.max(value, 0), end);
      let [sum, squares] = [0, 0];
      for (let y = 0; y < height; y++) {
        for (let x = 0; x < width; x++) {
          let value = -9 * luma[y * width + x];
          for (const dy of [-1, 0, 1]) {
            for (const dx of [-1, 0, 1]) {
              value += luma[clamp(y + dy, height - 1) * width + clamp(x + dx, width - 1)];
            }
          }
          value = clamp(value, 255);
          sum += value;
          squares += value * value;
        }
      }
      const count = luma.length;
      const mean = sum / count;
      return {
        underexposure: luma.filter((value) => value < 64).length / count,
        overexposure: luma.filter((value) => value >= 192).length / count,
        sharpness: Math.min(1, Math.sqrt(squares / count - mean * mean) / 128),
      };
    },
    /** Counts workers from now on, in an object that changes. */
    countWorkers() {
      const counts = { started: 0, ended: 0 };
      globalThis.Worker = class extends Worker {
        constructor(url) {
          super(url);
          counts.started++;
        }
        terminate() {
          counts.ended++;
          super.terminate();
        }
      };
      return counts;
    },
    /** Starts to watch the thread; the function it gives tells the longest time that nothing could run. */
    watchGaps() {
      let last = performance.now();
      let longest = 0;
      const tick = () => {
        const now = performance.now();
        longest = Math.max(longest, now - last);
        last = now;
      };
      const timer = setInterval(tick, 1);
      return () => (clearInterval(timer), longest);
    },
  };
}
