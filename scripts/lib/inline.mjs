// Texts that the bundles carry inside: modules and weights in base64, the workers' scripts.
import { build } from 'esbuild';
import { createHash } from 'node:crypto';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { gzipSync } from 'node:zlib';

/** The networks of each file of weights, in the order in which `crates/device` reads them. */
const WEIGHTS = {
  capture: ['face_detection_short_range', 'face_landmark_68'],
  detection: ['tiny_face_detector', 'face_detection_full_range'],
  recognition: ['fr_feature'],
};

/** An esbuild plugin: `import text from 'inline:NAME'`, for each name that `texts` has. */
export function inline(texts) {
  return {
    name: 'inline',
    setup(build) {
      build.onResolve({ filter: /^inline:/ }, ({ path }) => ({ path, namespace: 'inline' }));
      build.onLoad({ filter: /^inline:/, namespace: 'inline' }, ({ path }) => {
        const contents = texts[path.slice('inline:'.length)];
        return contents === undefined ? undefined : { contents, loader: 'text' };
      });
    },
  };
}

/** Returns a module as the bundles carry it: gzip in base64. Kept from run to run, since it takes seconds. */
export async function gzipped(bytes) {
  const kept = `build/gzipped/${createHash('sha256').update(bytes).digest('hex')}.txt`;
  const text = await readFile(kept, 'utf8').catch(() => undefined);
  if (text !== undefined) return text;
  const handlers = process.listeners('uncaughtException');
  const { gzipAsync } = await import('@gfx/zopfli');
  // Its own handler would print all of its source before any error.
  for (const handler of process.listeners('uncaughtException')) {
    if (!handlers.includes(handler)) process.off('uncaughtException', handler);
  }
  const made = Buffer.from(await gzipAsync(bytes, { numiterations: 15 })).toString('base64');
  await mkdir('build/gzipped', { recursive: true });
  await writeFile(kept, made);
  return made;
}

/** Returns what `js/photo` carries inside, once the pixel modules are built. */
export async function imageTexts() {
  return {
    'pixels.wasm.gz': await gzipped(await readFile('build/pixels/pixels.wasm')),
    'pixels-simd.wasm.gz': await gzipped(await readFile('build/pixels-simd/pixels.wasm')),
    'image-worker.js': await workerScript('js/photo/worker.ts'),
  };
}

/** Returns what `js/device` carries inside, once the face engines are built. */
export async function engineTexts() {
  return {
    'camera-engine.wasm.gz': await gzipped(await readFile('build/camera-engine/device.wasm')),
    'camera-engine-simd.wasm.gz': await gzipped(await readFile('build/camera-engine-simd/device.wasm')),
    'photo-engine.wasm.gz': await gzipped(await readFile('build/photo-engine/device.wasm')),
    'photo-engine-simd.wasm.gz': await gzipped(await readFile('build/photo-engine-simd/device.wasm')),
    'engine-worker.js': await workerScript('js/device/worker.ts'),
    'photo-engine-worker.js': await workerScript('js/device/photos/worker.ts'),
  };
}

/** Writes the weights into a folder, each file a module. */
export async function writeWeights(folder) {
  await mkdir(folder, { recursive: true });
  for (const name of Object.keys(WEIGHTS)) {
    const gzipped = gzipSync(await weights(name), { level: 9 }).toString('base64');
    await writeFile(`${folder}/${name}.weights.js`, `export default "${gzipped}";\n`);
  }
}

/** Returns the weights of a file: the network's, or each network's after its length. */
export async function weights(name) {
  const files = await Promise.all(WEIGHTS[name].map((network) => readFile(`models/${network}.bin`)));
  if (files.length === 1) return files[0];
  return Buffer.concat(files.flatMap((file) => [Buffer.from(Uint32Array.of(file.length).buffer), file]));
}

async function workerScript(entry) {
  const { outputFiles } = await build({
    ...{ entryPoints: [entry], bundle: true, minify: true, write: false, format: 'iife', target: 'es2022' },
    ...{ legalComments: 'none', logLevel: 'warning' },
  });
  return outputFiles[0].text;
}

/** Bundles the photo encoder as a script that sets the global `image`, for tests and benchmarks. */
export async function bundleImage(folder) {
  await build({
    stdin: {
      contents: "import * as image from './js/photo/encoder.ts'; globalThis.image = image;",
      resolveDir: process.cwd(),
    },
    ...{ outdir: folder, entryNames: 'image', chunkNames: '[name]-[hash]', splitting: true },
    ...{ bundle: true, minify: true, format: 'esm', target: 'es2022', logLevel: 'warning' },
    plugins: [inline(await imageTexts())],
  });
}
