#!/usr/bin/env node
// Builds the npm package into pkg/. Steps whose input did not change are passed over.
import { build } from 'esbuild';
import { rollup } from 'rollup';
import { dts } from 'rollup-plugin-dts';
import { copyFile, mkdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { gzipSync } from 'node:zlib';
import { run, root, tool } from './lib/run.mjs';
import { report } from './lib/sizes.mjs';

/** What rustc and wasm-bindgen use: in Chrome since 96, Firefox since 79, Safari since 15. */
const WASM_FEATURES = [
  'bulk-memory',
  'multivalue',
  'mutable-globals',
  'nontrapping-float-to-int',
  'reference-types',
  'sign-ext',
];

process.chdir(root);
const version = (await readFile('Cargo.toml', 'utf8')).match(/^version = "(.+)"/m)[1];

const wasm = await core();
await rm('pkg', { recursive: true, force: true });
await mkdir('pkg');
await Promise.all([bundle(wasm), types(), manifest()]);
await report('pkg');

/** The Rust core: WebAssembly, its JavaScript glue and its types, in build/wasm. Gives its bytes. */
async function core() {
  const compiled = 'target/wasm32-unknown-unknown/wasm/perse_wasm.wasm';
  const optimised = 'build/wasm/perse.wasm';
  run(
    'cargo',
    ['build', '--package', 'perse-wasm', '--target', 'wasm32-unknown-unknown', '--profile', 'wasm'],
    {
      CARGO_TARGET_DIR: 'target',
    },
  );
  if (!(await isNewer(optimised, compiled))) {
    run(tool('wasm-bindgen'), [
      ...['--target', 'web', '--out-dir', 'build/wasm'],
      // The loader always says where the module is, and replaces an instance that has panicked.
      ...['--omit-default-module-path', '--experimental-reset-state-function'],
      ...['--remove-name-section', '--remove-producers-section'],
      compiled,
    ]);
    run('node_modules/.bin/wasm-opt', [
      ...['-Oz', ...WASM_FEATURES.map((feature) => `--enable-${feature}`)],
      ...['build/wasm/perse_wasm_bg.wasm', '-o', optimised],
    ]);
  }
  return readFile(optimised);
}

async function bundle(wasm) {
  await build({
    entryPoints: { index: 'js/index.ts' },
    outdir: 'pkg',
    bundle: true,
    splitting: true,
    format: 'esm',
    target: 'es2022',
    minify: true,
    chunkNames: '[name]-[hash]',
    logLevel: 'warning',
    plugins: [inline('perse.wasm.gz', gzipSync(wasm, { level: 9 }).toString('base64'))],
  });
}

/** An esbuild plugin: `import text from 'inline:NAME'`. */
function inline(name, text) {
  return {
    name: 'inline',
    setup(build) {
      build.onResolve({ filter: /^inline:/ }, ({ path }) => ({ path, namespace: 'inline' }));
      build.onLoad({ filter: new RegExp(`^inline:${name}$`), namespace: 'inline' }, () => ({
        contents: text,
        loader: 'text',
      }));
    },
  };
}

/** One declaration file, without the insides; the compiler fails where facade and core disagree. */
async function types() {
  run('node_modules/.bin/tsc', ['--project', '.']);
  const bundle = await rollup({ input: 'js/index.ts', plugins: [dts({ tsconfig: 'tsconfig.json' })] });
  await bundle.write({ file: 'pkg/index.d.ts' });
  await bundle.close();
}

async function manifest() {
  const { author, description, homepage, keywords, license, repository } = JSON.parse(
    await readFile('package.json', 'utf8'),
  );
  const entry = { types: './index.d.ts', default: './index.js' };
  const manifest = {
    ...{ name: 'perse-wasm', version, description, keywords, license, author, homepage, repository },
    type: 'module',
    main: entry.default,
    module: entry.default,
    types: entry.types,
    exports: { '.': entry, './package.json': './package.json' },
    sideEffects: false,
  };
  await writeFile('pkg/package.json', `${JSON.stringify(manifest, null, 2)}\n`);
  for (const file of ['LICENSE', 'README.md', 'THIRD-PARTY-NOTICES.md']) await copyFile(file, `pkg/${file}`);
}

async function isNewer(file, than) {
  const [a, b] = await Promise.all([file, than].map((path) => stat(path).catch(() => undefined)));
  return a !== undefined && b !== undefined && a.mtimeMs > b.mtimeMs;
}
