// Runs @vladmandic/face-api on a list of photos, with the package's own defaults, as its users do in Node.js:
// tfjs with the WebAssembly backend, SSD MobileNet v1 (or the tiny detector), 68 landmarks, 128-value descriptor.
import { fork } from 'node:child_process';
import { appendFileSync, existsSync, readFileSync, statSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import { installPeer, loadPeer } from './load.mjs';

export const detectors = ['ssd', 'tiny'];

/**
 * Writes one JSON line per photo to `file`: path, size, time of change, milliseconds, and faces or an error.
 * Photos that `file` has already, unchanged, are skipped: a run that was interrupted continues.
 */
export async function describeByPeer(paths, detector, file) {
  const project = installPeer();
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
  const { faceapi, options, pixels, tf } = await loadPeer(project, detector);

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
    const { info, input } = await pixels(path);
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
