// Texts that the bundles carry inside: modules and weights in base64, the workers' scripts.
import { build } from 'esbuild';
import { createHash } from 'node:crypto';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { gzipSync } from 'node:zlib';

/** Networks whose weights guide a capture, in the order in which `crates/device` reads them. */
const CAPTURE_NETWORKS = ['face_detection_short_range', 'face_landmark_68'];

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

/** Returns what `js/device` carries inside, once the face engine is built. */
export async function engineTexts() {
  return {
    'device.wasm.gz': await gzipped(await readFile('build/device/device.wasm')),
    'device-simd.wasm.gz': await gzipped(await readFile('build/device-simd/device.wasm')),
    'capture.bin.gz': (await captureWeights()).toString('base64'),
    'engine-worker.js': await workerScript('js/device/worker.ts'),
  };
}

/** Returns the weights that guide a capture, gzipped: each network's file after its length. */
export async function captureWeights() {
  const files = await Promise.all(CAPTURE_NETWORKS.map((name) => readFile(`models/${name}.bin`)));
  const parts = files.flatMap((file) => [Buffer.from(Uint32Array.of(file.length).buffer), file]);
  return gzipSync(Buffer.concat(parts), { level: 9 });
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
