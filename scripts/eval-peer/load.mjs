// Installs and loads the peer, @vladmandic/face-api, as its users do in Node.js: tfjs with the WebAssembly backend.
import { createHash } from 'node:crypto';
import { appendFileSync, copyFileSync, existsSync, mkdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import sharp from 'sharp';
import { cacheDir, run } from '../lib/run.mjs';

const here = dirname(fileURLToPath(import.meta.url));

/** Installs the peer, pinned by its own lock file, into the user's cache: far too large for this project's. */
export function installPeer() {
  const files = ['package.json', 'package-lock.json'];
  const hash = createHash('sha256');
  for (const file of files) hash.update(readFileSync(join(here, file)));
  const project = join(cacheDir, `eval-peer-${hash.digest('hex').slice(0, 12)}`);
  if (existsSync(join(project, 'installed'))) return project;
  mkdirSync(project, { recursive: true });
  for (const file of files) copyFileSync(join(here, file), join(project, file));
  process.stderr.write('installing the peer, 330 MB, once\n');
  run('npm', ['ci', '--prefix', project, '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error']);
  appendFileSync(join(project, 'installed'), '');
  return project;
}

/** Loads a detector, the landmarks and the descriptor. `pixels` decodes a file or a buffer. */
export async function loadPeer(project, detector) {
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

  async function pixels(file) {
    const { data, info } = await sharp(file)
      .rotate()
      .flatten({ background: 'white' })
      .toColourspace('srgb')
      .raw()
      .toBuffer({ resolveWithObject: true });
    return {
      info,
      input: tf.tensor3d(new Uint8Array(data), [info.height, info.width, info.channels], 'int32'),
    };
  }

  return { faceapi, options, pixels, tf };
}
