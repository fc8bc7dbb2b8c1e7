// Runs @vladmandic/face-api on a list of photos, with the package's own defaults, as its users do in Node.js:
// tfjs with the WebAssembly backend, SSD MobileNet v1 (or the tiny detector), 68 landmarks, 128-value descriptor.
import { fork } from 'node:child_process';
import { createHash } from 'node:crypto';
import { appendFileSync, copyFileSync, existsSync, mkdirSync, readFileSync, statSync } from 'node:fs';
import { createRequire } from 'node:module';
import { availableParallelism, homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import sharp from 'sharp';
import { run } from '../lib/run.mjs';

const here = dirname(fileURLToPath(import.meta.url));

export const detectors = ['ssd', 'tiny'];

/**
 * Writes one JSON line per photo to `file`: path, size, time of change, milliseconds, and faces or an error.
 * Photos that `file` has already, unchanged, are skipped: a run that was interrupted continues.
 */
export async function describeByPeer(paths, detector, file) {
  const project = install();
  const text = existsSync(file) ? readFileSync(file, 'utf8') : '';
  // A line that an interruption cut off must not swallow the next one.
  if (text && !text.endsWith('\n')) appendFileSync(file, '\n');
  const done = new Set(
    rows(text)
      .filter((row) => !row.error)
      .map(key),
  );
  const photos = paths.map((path) => ({ path, ...version(path) }));
  const missing = photos.filter((photo) => !done.has(key(photo)));
  let count = photos.length - missing.length;
  const progress = () => `eval: face-api (${detector}) ${count} of ${photos.length} photos`;
  const workers = Math.min(availableParallelism(), missing.length);
  await Promise.all(
    Array.from({ length: workers }, (_, index) =>
      inChild(
        project,
        detector,
        missing.filter((_, number) => number % workers === index),
        (row) => {
          appendFileSync(file, `${JSON.stringify(row)}\n`);
          count += 1;
          if (process.stderr.isTTY) process.stderr.write(`\r${progress()}`);
        },
      ),
    ),
  );
  process.stderr.write(`${process.stderr.isTTY ? '\r' : ''}${progress()}\n`);
}

const key = ({ path, bytes, changed }) => JSON.stringify([path, bytes, changed]);

function version(path) {
  const { size, mtimeMs } = statSync(path);
  return { bytes: size, changed: Math.round(mtimeMs) };
}

/** Lines that an interruption cut off are ignored. */
function rows(text) {
  return text.split('\n').flatMap((line) => {
    try {
      return [JSON.parse(line)];
    } catch {
      return [];
    }
  });
}

/** Installs the peer, pinned by its own lock file, into the user's cache: far too large for this project's. */
function install() {
  const files = ['package.json', 'package-lock.json'];
  const hash = createHash('sha256');
  for (const file of files) hash.update(readFileSync(join(here, file)));
  const cache = process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache');
  const project = join(cache, 'perse-wasm', `eval-peer-${hash.digest('hex').slice(0, 12)}`);
  if (existsSync(join(project, 'installed'))) return project;
  mkdirSync(project, { recursive: true });
  for (const file of files) copyFileSync(join(here, file), join(project, file));
  process.stderr.write('eval: installing the peer, 330 MB, once\n');
  run('npm', ['ci', '--prefix', project, '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error']);
  appendFileSync(join(project, 'installed'), '');
  return project;
}

function inChild(project, detector, photos, onRow) {
  return new Promise((resolve, reject) => {
    const child = fork(fileURLToPath(import.meta.url), [], { serialization: 'advanced' });
    child.on('message', onRow);
    child.on('error', reject);
    child.on('exit', (code, signal) =>
      code === 0
        ? resolve()
        : reject(new Error(`The peer's process ended with ${signal ?? `code ${code}`}.`)),
    );
    child.send({ project, detector, photos });
  });
}

async function child({ project, detector, photos }) {
  const require = createRequire(join(project, 'package.json'));
  const tf = require('@tensorflow/tfjs');
  require('@tensorflow/tfjs-backend-wasm').setWasmPaths(
    `${dirname(require.resolve('@tensorflow/tfjs-backend-wasm/package.json'))}/dist/`,
  );
  const faceapi = require('@vladmandic/face-api/dist/face-api.node-wasm.js');
  await tf.setBackend('wasm');
  await tf.ready();
  const models = join(dirname(require.resolve('@vladmandic/face-api/package.json')), 'model');
  const network = detector === 'tiny' ? 'tinyFaceDetector' : 'ssdMobilenetv1';
  for (const name of [network, 'faceLandmark68Net', 'faceRecognitionNet'])
    await faceapi.nets[name].loadFromDisk(models);
  const options =
    detector === 'tiny' ? new faceapi.TinyFaceDetectorOptions() : new faceapi.SsdMobilenetv1Options();

  for (const photo of photos) {
    try {
      process.send({ ...photo, ...(await describe(photo.path)) });
    } catch (error) {
      process.send({ ...photo, error: String(error?.message ?? error) });
    }
  }
  process.disconnect();

  async function describe(path) {
    const start = performance.now();
    const { data, info } = await sharp(path)
      .rotate()
      .flatten({ background: 'white' })
      .toColourspace('srgb')
      .raw()
      .toBuffer({ resolveWithObject: true });
    const input = tf.tensor3d(new Uint8Array(data), [info.height, info.width, info.channels], 'int32');
    try {
      const decoded = performance.now();
      const found = await faceapi.detectAllFaces(input, options).withFaceLandmarks();
      const detected = performance.now();
      // The part of `.withFaceDescriptors()`; apart, so that its time can be measured.
      const faces = await new faceapi.ComputeAllFaceDescriptorsTask(Promise.resolve(found), input);
      const described = performance.now();
      return {
        width: info.width,
        height: info.height,
        faces: faces.map(({ detection: { box, score }, descriptor }) => ({
          box: [box.x, box.y, box.width, box.height],
          confidence: score,
          descriptor: Array.from(descriptor, (value) => Number(value.toPrecision(7))),
        })),
        ms: {
          decode: decoded - start,
          detect: detected - decoded,
          describe: faces.length ? (described - detected) / faces.length : undefined,
        },
      };
    } finally {
      tf.dispose(input);
    }
  }
}

if (process.send) process.once('message', child);
