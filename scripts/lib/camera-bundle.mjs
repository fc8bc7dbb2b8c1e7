// Bundles the camera and the face engines: their entries, the script tag's file, and the wrappers for React and Vue.
import { build, transform } from 'esbuild';
import { rollup } from 'rollup';
import { dts } from 'rollup-plugin-dts';
import { join } from 'node:path';
import { readFile, writeFile } from 'node:fs/promises';
import { COMMON_JS, OLD_SYNTAX, conditions } from './common-js.mjs';
import { engineTexts, inline, writeWeights } from './inline.mjs';

/** Entries of the package; the wrappers load the entries beside them instead of a copy. */
const ENTRIES = ['camera', 'react', 'vue'];
/** Those with declarations; the engine of photos is for modules alone: its weights are modules. */
const TYPED = [...ENTRIES, 'device'];
const PEERS = ['react', 'vue'];

/** The camera's part of package.json. */
export const cameraExports = {
  ...Object.fromEntries(ENTRIES.map((name) => [`./${name}`, conditions(name)])),
  './perse.camera.global.js': {
    types: './perse.camera.global.d.ts',
    default: './perse.camera.global.js',
  },
  './device': { types: './device.d.ts', default: './device.js' },
  './models/capture.weights.js': './models/capture.weights.js',
};

/** Files that do something when they are loaded. */
export const cameraSideEffects = ['./camera.js', './camera.cjs', './perse.camera.global.js'];

/** Optional peers of the wrappers. */
export const cameraPeers = {
  peerDependencies: { react: '>=18', vue: '>=3.3' },
  peerDependenciesMeta: Object.fromEntries(PEERS.map((name) => [name, { optional: true }])),
};

/** Writes code and types of the camera into a folder. */
export async function bundleCamera(outdir = 'pkg', { types = true } = {}) {
  const shared = {
    ...{ outdir, bundle: true, minify: true, target: 'es2022', legalComments: 'none', logLevel: 'warning' },
    plugins: [minifiedCss, neighbours, inline(await engineTexts())],
    external: [...PEERS, '*.weights.js'],
  };
  // The face engine is loaded when a camera starts. What is one file fetches the weights, the largest part.
  const script = { plugins: [...shared.plugins, besideScript] };
  const modules = { format: 'esm', splitting: true, chunkNames: '[name]-[hash]' };
  const formats = [modules, { ...COMMON_JS, ...OLD_SYNTAX, ...script }];
  await Promise.all([
    ...formats.flatMap((format) => [
      build({ ...shared, ...format, entryPoints: ['js/camera.ts'] }),
      build({ ...shared, ...format, entryPoints: ['js/vue.ts'] }),
      // Server components may import the file, but have to leave it to the browser.
      build({
        ...{ ...shared, ...format, entryPoints: ['js/react.ts'] },
        banner: { js: "'use client';" },
      }),
    ]),
    build({
      ...{ ...shared, ...script, ...OLD_SYNTAX, format: 'iife' },
      entryPoints: { 'perse.camera.global': 'js/camera/global.ts' },
    }),
    build({ ...shared, ...modules, entryPoints: ['js/device.ts'] }),
    writeWeights(`${outdir}/models`),
    ...(types ? [writeTypes(outdir)] : []),
  ]);
}

/** Bundles modules of `js/` for Node, as the unit tests run them. */
export function bundleForNode(entryPoints, outdir) {
  return build({
    ...{ entryPoints, outdir, outbase: 'js', outExtension: { '.js': '.mjs' }, bundle: true },
    ...{ platform: 'node', format: 'esm', target: 'node18', sourcemap: 'inline', logLevel: 'warning' },
    plugins: [minifiedCss],
  });
}

/** `import text from './x.css'` */
export const minifiedCss = {
  name: 'minified-css',
  setup({ onLoad }) {
    onLoad({ filter: /\.css$/ }, async ({ path }) => {
      const source = await readFile(path, 'utf8');
      const { code } = await transform(source, { loader: 'css', minify: true, target: 'es2022' });
      return { contents: code.trim(), loader: 'text' };
    });
  },
};

/** Scripts have the engine inside, and find its weights beside them. */
const besideScript = {
  name: 'beside-script',
  setup({ onResolve }) {
    onResolve({ filter: /^\.\/(engine|capture-weights)\.js$/ }, ({ path, resolveDir }) => ({
      path: join(resolveDir, path.replace('.js', '.script.ts')),
    }));
  },
};

/** Entries import one another as files of the package. */
const neighbours = {
  name: 'neighbours',
  setup({ initialOptions, onResolve }) {
    const extension = initialOptions.format === 'cjs' ? '.cjs' : '.js';
    onResolve({ filter: /^\.\/(index|camera)\.js$/ }, ({ path, importer }) =>
      /[\\/]js[\\/](react|vue|device)\.ts$/.test(importer)
        ? { path: path.replace('.js', extension), external: true }
        : undefined,
    );
  },
};

async function writeTypes(outdir) {
  for (const name of TYPED) {
    const external = (id) => PEERS.includes(id) || (name !== 'camera' && /^\.\/(index|camera)\.js$/.test(id));
    const bundle = await rollup({
      ...{ input: { [name]: `js/${name}.ts` }, external },
      // Callbacks of the browser are no part of the interface.
      plugins: [dts({ tsconfig: 'tsconfig.json', compilerOptions: { stripInternal: true } })],
    });
    await bundle.write({ dir: outdir, entryFileNames: '[name].d.ts' });
    await bundle.close();
  }
  const lines = [
    "import type * as camera from './camera.js';",
    '',
    'declare global {',
    '  /** The camera, on a page that loads it by a script tag. */',
    '  const PerseCamera: typeof camera;',
    '}',
  ];
  await writeFile(`${outdir}/perse.camera.global.d.ts`, `${lines.join('\n')}\n`);
}
