// Texts that the bundles carry inside: modules in base64, the worker's script.
import { build } from 'esbuild';
import { readFile } from 'node:fs/promises';

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

/** Returns a module as the bundles carry it: gzip in base64. */
export async function gzipped(bytes) {
  const handlers = process.listeners('uncaughtException');
  const { gzipAsync } = await import('@gfx/zopfli');
  // Its own handler would print all of its source before any error.
  for (const handler of process.listeners('uncaughtException')) {
    if (!handlers.includes(handler)) process.off('uncaughtException', handler);
  }
  return Buffer.from(await gzipAsync(bytes, { numiterations: 15 })).toString('base64');
}

/** Returns what `js/photo` carries inside, once the pixel modules are built. */
export async function imageTexts() {
  const [plain, simd, worker] = await Promise.all([
    readFile('build/pixels/pixels.wasm'),
    readFile('build/pixels-simd/pixels.wasm'),
    build({
      entryPoints: ['js/photo/worker.ts'],
      ...{ bundle: true, minify: true, write: false, format: 'iife', target: 'es2022' },
      ...{ legalComments: 'none', logLevel: 'warning' },
    }),
  ]);
  return {
    'pixels.wasm.gz': await gzipped(plain),
    'pixels-simd.wasm.gz': await gzipped(simd),
    'image-worker.js': worker.outputFiles[0].text,
  };
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
