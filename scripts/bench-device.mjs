#!/usr/bin/env node
// Times the face engine of photos beside face-api on its WebAssembly backend, in one page of Chromium, in turn; and
// says what memory the engine takes. Build the package first.
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import sharp from 'sharp';
import { crop } from '../tests/e2e/photos.mjs';
import { inPage } from '../tests/consumers/lib/page.mjs';
import { serveFolder } from '../tests/consumers/lib/static.mjs';
import { openBrowser } from './lib/browser.mjs';
import { weights } from './lib/inline.mjs';
import { median } from './lib/median.mjs';
import { root, run } from './lib/run.mjs';
import { compressed, kilobytes } from './lib/sizes.mjs';

/** The backend of the TensorFlow.js that face-api 1.7.15 has inside. */
const BACKEND = { name: '@tensorflow/tfjs-backend-wasm', version: '4.22.0' };
const ROUNDS = 15;
/** Rounds in which both compile. */
const WARM_UP = 2;
const folder = 'build/bench-device';

process.chdir(root);
await mkdir(folder, { recursive: true });
run('npm', [
  ...['install', '--silent', '--no-save', '--no-audit', '--no-fund'],
  ...['--ignore-scripts', '--legacy-peer-deps'],
  ...['--prefix', folder, `${BACKEND.name}@${BACKEND.version}`],
]);
await crop(3, [384, 164, 600, 600]).resize(1280).jpeg().toFile(join(folder, 'a.jpg'));
await crop(3, [865, 45, 640, 640]).resize(1280).jpeg().toFile(join(folder, 'b.jpg'));
await writeFile(
  join(folder, 'index.html'),
  `<!doctype html><meta charset="utf-8"><title>Bench</title>
   <script src="/node_modules/@vladmandic/face-api/dist/face-api.js"></script>`,
);
await memory();
await inChromium();
await sizes();

/** Memory of the engine by itself, in Node.js. */
async function memory() {
  const { PhotoEngine, initSync } = await import('../build/photo-engine-simd/perse_device.js');
  const exported = initSync({ module: await readFile('build/photo-engine-simd/device.wasm') });
  const instance = Object.values(exported).find((one) => one instanceof WebAssembly.Memory);
  const mebibytes = () => (instance.buffer.byteLength / 2 ** 20).toFixed(0);
  const { data, info } = await sharp(join(folder, 'a.jpg'))
    .ensureAlpha()
    .raw()
    .toBuffer({ resolveWithObject: true });
  const engine = PhotoEngine.create(await weights('capture'), await weights('detection'));
  engine.detect(new Uint8ClampedArray(data), info.width);
  const found = mebibytes();
  engine.addRecognition(await weights('recognition'));
  engine.describe(new Uint8ClampedArray(data), info.width);
  console.log(
    `memory of WebAssembly: ${found} MiB after a photo of 1280 × 1280, ${mebibytes()} MiB after a comparison`,
  );
}

async function inChromium() {
  const files = await serveFolder(root, {
    types: { '.jpg': 'image/jpeg', '.bin': 'application/octet-stream' },
  });
  const { driver, quit } = await openBrowser('chromium');
  try {
    await driver.get(`${files.url}/${folder}/`);
    await inPage(driver, prepare, `/${folder}/`, BACKEND.name);
    const times = {};
    for (let round = -WARM_UP; round < ROUNDS; round++) {
      for (const [name, ms] of Object.entries(await inPage(driver, raceOnce))) {
        if (round >= 0) (times[name] ??= []).push(ms);
      }
    }
    const rows = [
      ['find the face, with 68 points', 'detect', 'detectTiny'],
      ['find it by SSD MobileNet, face-api’s default', 'detect', 'detectSsd'],
      ['compare two photos', 'compare', 'compareSsd'],
    ];
    for (const [name, own, peer] of rows) {
      const [a, b] = [median(times[own]), median(times[peer])];
      console.log(
        `${name}: perse-wasm ${a.toFixed(0)} ms, face-api ${b.toFixed(0)} ms, ${(b / a).toFixed(1)} × ` +
          `(medians of ${ROUNDS}; perse-wasm decodes the file too, in a worker)`,
      );
    }
  } finally {
    await quit();
    await files.stop();
  }
}

/** Runs in the page: loads both, and sets the global `jobs`. */
async function prepare(folder, backend) {
  const device = await import('/pkg/device.js');
  const { faceapi } = globalThis;
  faceapi.tf.setWasmPaths(`${folder}node_modules/${backend}/dist/`);
  await faceapi.tf.setBackend('wasm');
  await faceapi.tf.ready();
  if (faceapi.tf.getBackend() !== 'wasm') throw new Error(`face-api runs on ${faceapi.tf.getBackend()}`);
  const models = '/node_modules/@vladmandic/face-api/model';
  const { tinyFaceDetector, ssdMobilenetv1, faceLandmark68Net, faceRecognitionNet } = faceapi.nets;
  for (const net of [tinyFaceDetector, ssdMobilenetv1, faceLandmark68Net, faceRecognitionNet]) {
    await net.loadFromUri(models);
  }
  const photos = [];
  for (const name of ['a', 'b']) {
    const blob = await (await fetch(`${folder}${name}.jpg`)).blob();
    const image = await createImageBitmap(blob);
    const canvas = Object.assign(
      document.createElement('canvas'),
      image.width && { width: image.width, height: image.height },
    );
    canvas.getContext('2d').drawImage(image, 0, 0);
    photos.push({ blob, canvas });
  }
  const [a, b] = photos;
  const tiny = new faceapi.TinyFaceDetectorOptions();
  const ssd = new faceapi.SsdMobilenetv1Options();
  const must = (value) => {
    if (!value) throw new Error('No face was found.');
    return value;
  };
  const describe = async ({ canvas }) =>
    must(await faceapi.detectSingleFace(canvas, ssd).withFaceLandmarks().withFaceDescriptor()).descriptor;
  window.jobs = {
    detect: async () => must((await device.detectFaces(a.blob)).totalFaces),
    detectTiny: async () => must(await faceapi.detectSingleFace(a.canvas, tiny).withFaceLandmarks()),
    detectSsd: async () => must(await faceapi.detectSingleFace(a.canvas, ssd).withFaceLandmarks()),
    compare: () => device.compareFaces([a.blob, b.blob]),
    compareSsd: async () => faceapi.euclideanDistance(await describe(a), await describe(b)),
  };
}

/** Runs in the page: each looks at the same photos in turn. */
async function raceOnce() {
  const times = {};
  for (const [name, job] of Object.entries(window.jobs)) {
    const start = performance.now();
    await job();
    times[name] = performance.now() - start;
  }
  return times;
}

/** Code without weights, as a server compresses it. */
async function sizes() {
  const faceApi = compressed(await readFile('node_modules/@vladmandic/face-api/dist/face-api.js'));
  console.log(
    `code of face-api: ${kilobytes(faceApi.gzip)} gzip; the build prints that of perse-wasm/device`,
  );
}
