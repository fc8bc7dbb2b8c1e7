#!/usr/bin/env node
// Packs the face engine's networks into models/, from the published packages that hold them. Does nothing
// where they are there already.
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { cacheDir, fail, output, root, run } from './lib/run.mjs';

const modules = join(root, 'node_modules');
const models = join(root, 'models');

/** Network, format, where it is published, and the SHA-256 of the packed file. */
const NETWORKS = [
  {
    name: 'tiny_face_detector',
    format: 'face-api',
    source: () => join(modules, '@vladmandic/face-api/model/tiny_face_detector_model'),
    sha256: '21bb56d15748f27e222ecabf548a50d99ac0de46d64d7d9161e57c36cb82445d',
  },
  {
    name: 'face_landmark_68',
    format: 'face-api',
    source: () => join(modules, '@vladmandic/face-api/model/face_landmark_68_model'),
    sha256: 'e10fc4e4a9a1bb3f6ed3ca0c0c68b7e002b1b0692bb39b1394a03c80c176768e',
  },
  {
    name: 'face_detection_short_range',
    format: 'tflite',
    source: () => join(modules, '@mediapipe/face_detection/face_detection_short_range.tflite'),
    sha256: '428e5f3ca4dd17652e013d07d792f1345ecc63b495fac419b632063cf9c91481',
  },
  {
    name: 'face_detection_full_range',
    format: 'tflite',
    source: () => join(modules, '@mediapipe/face_detection/face_detection_full_range.tflite'),
    sha256: '17070931ef32f668b4410d62e0fa1763986af1bf2e2f4ba096086d99cb04ebcb',
  },
  {
    name: 'fr_feature',
    format: 'onnx',
    source: fetchFrFeature,
    sha256: '3a016e15989ef633c4afccc02ea61e2aade091af19e75fd27fde75b543d278b4',
  },
];

/**
 * The package of the descriptor network. It is not installed: its other dependencies, a runtime and a test
 * runner, are not needed, and neither are the 40 MB of its other networks.
 */
const FACEPLUGIN = {
  spec: 'faceplugin-face-recognition-js@0.0.1',
  integrity:
    'sha512-shriXjd4zJHEwhK1jHK+bWo8Vv6Vu9B/w6RRsd4AFtNM/jaI2vhuOamOSMl9qQmLd8WlQ7dgqN+3C2iOi5pXWw==',
  file: 'package/model/fr_feature.onnx',
};

const missing = NETWORKS.filter(({ name, sha256 }) => digest(packed(name)) !== sha256);
if (missing.length > 0) {
  console.error(`setup: packing the face engine's networks (${missing.map(({ name }) => name).join(', ')})`);
  mkdirSync(models, { recursive: true });
  run('cargo', ['build', '--quiet', '--release', '--package', 'perse-model-pack']);
  const metadata = JSON.parse(output('cargo', ['metadata', '--format-version=1', '--no-deps']));
  for (const { name, format, source, sha256 } of missing) {
    run(join(metadata.target_directory, 'release/perse-model-pack'), [format, name, source(), packed(name)]);
    if (digest(packed(name)) !== sha256) {
      fail(`models/${name}.bin is not what it should be: was another version of its package installed?`);
    }
  }
}

function packed(name) {
  return join(models, `${name}.bin`);
}

function digest(path, algorithm = 'sha256', encoding = 'hex') {
  return existsSync(path) ? createHash(algorithm).update(readFileSync(path)).digest(encoding) : undefined;
}

/** Returns the path of the descriptor network, downloaded once for all clones of this user. */
function fetchFrFeature() {
  const cached = join(cacheDir, FACEPLUGIN.spec, 'fr_feature.onnx');
  if (existsSync(cached)) return cached;
  const folder = mkdtempSync(join(tmpdir(), 'perse-models-'));
  try {
    console.error(`setup: downloading ${FACEPLUGIN.spec} (41 MB, once)`);
    const [{ filename }] = JSON.parse(
      output('npm', ['pack', FACEPLUGIN.spec, '--json', '--loglevel=error', '--pack-destination', folder]),
    );
    const archive = join(folder, filename);
    if (`sha512-${digest(archive, 'sha512', 'base64')}` !== FACEPLUGIN.integrity) {
      fail(`${FACEPLUGIN.spec} is not the package that was reviewed: its checksum differs.`);
    }
    run('tar', ['-xzf', archive, '-C', folder, FACEPLUGIN.file]);
    mkdirSync(dirname(cached), { recursive: true });
    // Copied beside its place and renamed, so that an interrupted run leaves nothing half written.
    const partial = `${cached}.part`;
    run('cp', [join(folder, FACEPLUGIN.file), partial]);
    renameSync(partial, cached);
    return cached;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
