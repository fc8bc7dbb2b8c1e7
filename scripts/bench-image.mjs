#!/usr/bin/env node
// Prepares a photo of 12 megapixels, beside the packages that pages use for it; and the metrics beside
// plain JavaScript. In Chromium, or the engines that PERSE_ENGINES names; trust ratios and medians.
import { mkdir, writeFile } from 'node:fs/promises';
import sharp from 'sharp';
import { LARGE, largePhoto, picture } from '../tests/image/photos.mjs';
import { serveFolder } from '../tests/consumers/lib/static.mjs';
import { openBrowser } from './lib/browser.mjs';
import { bundleImage } from './lib/inline.mjs';
import { median } from './lib/median.mjs';
import { root } from './lib/run.mjs';
import { ssim } from './lib/ssim.mjs';

const FOLDER = 'build/image-bench';
/** The package's default limits. */
const LIMITS = { maxBytes: 500_000, maxSide: 1_600, quality: 0.85 };
const ROUNDS = 9;
/** The size at which results are compared with the original. */
const COMMON = { width: 1_200, height: 1_600 };

const PAGE = `<!doctype html><title>bench</title>
<script src="/node_modules/browser-image-compression/dist/browser-image-compression.js"></script>
<script src="/node_modules/pica/dist/pica.js"></script>
<script src="bench.js"></script>
<script type="module" src="image.js"></script>`;

process.chdir(root);
await mkdir(FOLDER, { recursive: true });
await bundleImage(FOLDER);
await writeFile(`${FOLDER}/index.html`, PAGE);
// In the page itself: what a driver runs, Firefox runs behind a wall that slows each access down.
await writeFile(
  `${FOLDER}/bench.js`,
  `Object.assign(globalThis, { race: ${race}, measureAll: ${measureAll} });`,
);
const upright = picture(await largePhoto(), LARGE).rotate(90);
const lying = await upright.clone().toBuffer({ resolveWithObject: true });
// Stored on its side, as phones do; the picture as a person sees it is in portrait.
const original = await sharp(lying.data, { raw: lying.info })
  .greyscale()
  .resize({ ...COMMON, kernel: 'lanczos3' })
  .raw()
  .toBuffer();
const stored = sharp(lying.data, { raw: lying.info }).rotate(-90).jpeg({ quality: 94 });
const plain = await stored.clone().toBuffer();
const exif = await stored.clone().withMetadata({ orientation: 6 }).toBuffer();
await Promise.all([writeFile(`${FOLDER}/plain.jpg`, plain), writeFile(`${FOLDER}/exif.jpg`, exif)]);
console.log(
  `${LARGE.width} × ${LARGE.height}, orientation 6, ${exif.length} bytes; limits ${JSON.stringify(LIMITS)}`,
);

const server = await serveFolder(root);
try {
  for (const engine of process.env.PERSE_ENGINES?.split(',') ?? ['chromium']) {
    const { driver, quit } = await openBrowser(engine);
    try {
      await driver.manage().setTimeouts({ script: 300_000 });
      await driver.get(`${server.url}/${FOLDER}/index.html`);
      console.log(`\n${engine}, medians of ${ROUNDS} interleaved rounds`);
      await fit(driver);
      await metrics(driver);
    } finally {
      await quit();
    }
  }
} finally {
  await server.stop();
}

async function fit(driver) {
  const outcome = await driver.executeAsyncScript('race(...arguments)', { limits: LIMITS, rounds: ROUNDS });
  if (outcome.error) throw new Error(outcome.error);
  const row = (...texts) =>
    console.log(texts.map((text, at) => String(text)[at ? 'padStart' : 'padEnd'](at ? 13 : 28)).join(''));
  row('', 'ms', 'longest gap', 'long tasks', 'bytes', 'size', 'SSIM');
  for (const [name, { times, gaps, tasks, base64, width, height }] of Object.entries(outcome)) {
    const bytes = Buffer.from(base64, 'base64');
    const seen = await sharp(bytes)
      .greyscale()
      .resize({ ...COMMON, fit: 'fill', kernel: 'lanczos3' })
      .raw()
      .toBuffer();
    const likeness = ssim(seen, original, COMMON.width, COMMON.height).toFixed(4);
    const [ms, gap, task] = [times, gaps, tasks].map((values) => median(values).toFixed(0));
    row(name, ms, `${gap} ms`, `${task} ms`, bytes.length, `${width} × ${height}`, likeness);
  }
}

/** Runs in the page: each way in turn, and what the page's thread had to wait meanwhile. */
async function race({ limits, rounds }, done) {
  const file = async (name) => new File([await (await fetch(name)).blob()], name, { type: 'image/jpeg' });
  const [plain, exif] = await Promise.all([file('plain.jpg'), file('exif.jpg')]);
  const library = new URL(
    '/node_modules/browser-image-compression/dist/browser-image-compression.js',
    location,
  );
  const resizer = window.pica();
  let [size, quality] = [{}, 1];
  const ways = {
    // The caller has removed the orientation from the header.
    'perse-wasm': () => window.image.encode(plain, { orientation: 6, ...limits }),
    'browser-image-compression': async () => ({
      blob: await window.imageCompression(exif, {
        maxSizeMB: limits.maxBytes / 1024 / 1024,
        maxWidthOrHeight: limits.maxSide,
        initialQuality: limits.quality,
        useWebWorker: true,
        libURL: library.href,
      }),
    }),
    // It knows no limit in bytes: it is told the size and the quality that fit.
    pica: async () => {
      const from = await createImageBitmap(exif);
      const to = Object.assign(document.createElement('canvas'), size);
      await resizer.resize(from, to);
      from.close();
      return { blob: await resizer.toBlob(to, 'image/jpeg', quality) };
    },
  };
  const rest = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
  try {
    const outcome = {};
    for (let round = -1; round < rounds; round++) {
      for (const [name, way] of Object.entries(ways)) {
        await rest(300);
        const long = [];
        const observer = new PerformanceObserver((list) =>
          list.getEntries().forEach(({ duration }) => long.push(duration)),
        );
        observer.observe({ type: 'longtask' });
        let last = performance.now();
        let gap = 0;
        const ticker = setInterval(() => {
          gap = Math.max(gap, performance.now() - last);
          last = performance.now();
        }, 1);
        const start = performance.now();
        const result = await way();
        const { blob } = result;
        const time = performance.now() - start;
        await rest(50);
        clearInterval(ticker);
        observer.disconnect();
        const bitmap = await createImageBitmap(blob);
        const { width, height } = bitmap;
        bitmap.close();
        if (name === 'perse-wasm') [size, quality] = [{ width, height }, result.quality];
        if (round < 0) {
          const base64 = await new Promise((resolve) => {
            const reader = new FileReader();
            reader.onload = () => resolve(reader.result.split(',')[1]);
            reader.readAsDataURL(blob);
          });
          outcome[name] = { times: [], gaps: [], tasks: [], base64, width, height };
          continue;
        }
        outcome[name].times.push(time);
        outcome[name].gaps.push(gap);
        outcome[name].tasks.push(long.reduce((sum, duration) => sum + duration, 0));
      }
    }
    done(outcome);
  } catch (error) {
    done({ error: `${error}\n${error?.stack}` });
  }
}

async function metrics(driver) {
  const outcome = await driver.executeAsyncScript('measureAll(...arguments)', { ...LARGE, rounds: ROUNDS });
  if (outcome.error) throw new Error(outcome.error);
  const best = median(outcome.simd);
  console.log('\nmetrics, milliseconds per megapixel (times as long as with vectors)');
  for (const [name, times] of Object.entries(outcome)) {
    console.log(
      `${name.padEnd(28)}${median(times).toFixed(2).padStart(8)}${`${(median(times) / best).toFixed(1)} ×`.padStart(10)}`,
    );
  }
}

/** Runs in the page: the metrics of the same pixels by the two modules and by plain JavaScript. */
async function measureAll({ width, height, rounds }, done) {
  try {
    const bitmap = await createImageBitmap(await (await fetch('plain.jpg')).blob());
    const context = new OffscreenCanvas(width, height).getContext('2d');
    context.drawImage(bitmap, 0, 0);
    const { data } = context.getImageData(0, 0, width, height);
    const load = async (folder) => {
      const module = await import(`/build/${folder}/perse_pixels.js`);
      await module.default({ module_or_path: `/build/${folder}/pixels.wasm` });
      return module;
    };
    const [simd, portable] = await Promise.all([load('pixels-simd'), load('pixels')]);
    const STRIP = 128 * width * 4;
    const strips = (take) => {
      for (let at = 0; at < data.length; at += STRIP) take(data.subarray(at, at + STRIP));
    };
    const byModule = ({ Meter }) => {
      const meter = new Meter(width);
      strips((strip) => meter.push(strip));
      const { underexposure, overexposure, sharpness } = meter.finish();
      return [underexposure, overexposure, sharpness];
    };
    const copy = new Uint8ClampedArray(STRIP);
    const ways = {
      simd: () => byModule(simd),
      'without vectors': () => byModule(portable),
      'plain JavaScript': () => byHand(),
      'copying the pixels once': () => strips((strip) => copy.set(strip)),
    };
    /** The same formulas, one pass, as fast as plain code over typed arrays is. */
    const byHand = () => {
      const rows = [0, 1, 2].map(() => new Uint8Array(width));
      const totals = [0, 0, 0, 0];
      const luma = (y, row) => {
        let [dark, bright] = [0, 0];
        for (let x = 0, at = y * width * 4; x < width; x++, at += 4) {
          const value = ((299 * data[at] + 587 * data[at + 1] + 114 * data[at + 2]) / 1000) | 0;
          row[x] = value;
          if (value < 64) dark++;
          else if (value >= 192) bright++;
        }
        totals[0] += dark;
        totals[1] += bright;
      };
      const laplacian = (above, row, below) => {
        let [sum, squares] = [0, 0];
        for (let x = 0; x < width; x++) {
          const left = x ? x - 1 : 0;
          const right = x + 1 < width ? x + 1 : x;
          const all = above[left] + above[x] + above[right] + row[left] + row[right];
          let value = (all + below[left] + below[x] + below[right] - 8 * row[x]) | 0;
          value = value < 0 ? 0 : value > 255 ? 255 : value;
          sum += value;
          squares += value * value;
        }
        totals[2] += sum;
        totals[3] += squares;
      };
      for (let y = 0; y < height; y++) {
        luma(y, rows[y % 3]);
        if (y) laplacian(rows[Math.max(0, y - 2) % 3], rows[(y - 1) % 3], rows[y % 3]);
      }
      laplacian(rows[(height - 2) % 3], rows[(height - 1) % 3], rows[(height - 1) % 3]);
      const [dark, bright, sum, squares] = totals;
      const count = width * height;
      const mean = sum / count;
      return [dark / count, bright / count, Math.sqrt(squares / count - mean * mean) / 128];
    };
    const [a, b, c] = [ways.simd(), ways['without vectors'](), byHand()];
    const differs = a.some((value, at) => value !== b[at] || Math.abs(value - c[at]) > 1e-6);
    if (differs) throw new Error(`They differ: ${[...a]}, ${[...b]}, ${c}`);
    const outcome = Object.fromEntries(Object.keys(ways).map((name) => [name, []]));
    for (let round = -2; round < rounds; round++) {
      for (const [name, way] of Object.entries(ways)) {
        const start = performance.now();
        way();
        const time = performance.now() - start;
        if (round >= 0) outcome[name].push(time / (width * height * 1e-6));
      }
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
    done(outcome);
  } catch (error) {
    done({ error: `${error}\n${error?.stack}` });
  }
}
