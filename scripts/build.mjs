#!/usr/bin/env node
// Builds the npm package into pkg/. Steps whose input did not change are passed over.
import { build } from 'esbuild';
import { rollup } from 'rollup';
import { dts } from 'rollup-plugin-dts';
import { createHash } from 'node:crypto';
import { copyFile, mkdir, readFile, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { gzipped, imageTexts, inline } from './lib/inline.mjs';
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
await pixels();
await rm('pkg', { recursive: true, force: true });
await mkdir('pkg');
await Promise.all([bundle(wasm), types()]);
const integrity = await sri('pkg/perse.global.js');
await manifest();
await report();
console.log(`\nperse.global.js: integrity="${integrity}"`);

/** The Rust core: WebAssembly, its JavaScript glue and its types, in build/wasm. Gives its bytes. */
async function core() {
  return compile({ crate: 'perse-wasm', folder: 'build/wasm', output: 'perse.wasm' });
}

/**
 * The pixel module, in build/pixels and, for browsers with vector instructions, in build/pixels-simd.
 * One glue serves both.
 */
async function pixels() {
  const module = { crate: 'perse-pixels', output: 'pixels.wasm', optimise: '-O3' };
  await compile({ ...module, folder: 'build/pixels' });
  await compile({ ...module, folder: 'build/pixels-simd', features: ['simd128'] });
  const glues = await Promise.all(
    ['build/pixels', 'build/pixels-simd'].map((folder) => readFile(`${folder}/perse_pixels.js`, 'utf8')),
  );
  if (glues[0] !== glues[1]) throw new Error('The two pixel modules need a glue each.');
}

/** Compiles a crate to WebAssembly, with its glue and types, into a folder. Gives the module's bytes. */
async function compile({ crate, folder, output, features = [], optimise = '-Oz' }) {
  const name = crate.replaceAll('-', '_');
  // A folder for each set of features: cargo would compile all anew whenever they change.
  const target = ['target', ...features].join('/');
  const compiled = `${target}/wasm32-unknown-unknown/wasm/${name}.wasm`;
  const optimised = `${folder}/${output}`;
  // First of all, so that the folders that `withoutHome` names are there.
  run('cargo', ['fetch', '--quiet', '--locked']);
  run(
    'cargo',
    ['build', '--package', crate, '--lib', '--target', 'wasm32-unknown-unknown', '--profile', 'wasm'],
    {
      CARGO_TARGET_DIR: target,
      CARGO_ENCODED_RUSTFLAGS: [
        ...(await withoutHome()),
        ...features.map((feature) => `-Ctarget-feature=+${feature}`),
      ].join('\x1f'),
    },
  );
  // The optimiser's version is in the lock file, its options are here.
  if (!(await isNewer(optimised, compiled, 'package-lock.json', 'scripts/build.mjs'))) {
    run(tool('wasm-bindgen'), [
      ...['--target', 'web', '--out-dir', folder],
      // The loader always says where the module is, and replaces an instance that has panicked.
      ...['--omit-default-module-path', '--experimental-reset-state-function'],
      ...['--remove-name-section', '--remove-producers-section'],
      compiled,
    ]);
    run('node_modules/.bin/wasm-opt', [
      ...[
        optimise,
        ...[...WASM_FEATURES, ...features.map((feature) => feature.replace('simd128', 'simd'))].map(
          (feature) => `--enable-${feature}`,
        ),
      ],
      ...[`${folder}/${name}_bg.wasm`, '-o', optimised],
    ]);
  }
  return readFile(optimised);
}

/** Places of panics name source files; those of crates must not tell where this machine keeps them. */
async function withoutHome() {
  const crates = join(process.env.CARGO_HOME ?? join(homedir(), '.cargo'), 'registry', 'src');
  const registries = await readdir(crates).catch(() => []);
  return registries.map((registry) => `--remap-path-prefix=${join(crates, registry)}=crates`);
}

async function bundle(wasm) {
  const options = {
    outdir: 'pkg',
    bundle: true,
    target: 'es2022',
    minify: true,
    legalComments: 'none',
    logLevel: 'warning',
    plugins: [inline({ 'perse.wasm.gz': gzipped(wasm), ...(await imageTexts()) })],
  };
  // Each entry by itself, so that a page without a bundler loads two files and not a chain of them.
  const modules = (entryPoints) =>
    build({ ...options, entryPoints, format: 'esm', splitting: true, chunkNames: '[name]-[hash]' });
  await Promise.all([
    modules({ index: 'js/index.ts' }),
    modules({ slim: 'js/slim.ts' }),
    build({ ...options, entryPoints: { 'perse.global': 'js/global.ts' }, format: 'iife' }),
    writeFile('pkg/perse.wasm', wasm),
  ]);
}

/** One declaration file for both entries; the compiler fails where facade and core disagree. */
async function types() {
  run('node_modules/.bin/tsc', ['--project', '.']);
  const bundle = await rollup({
    input: { index: 'js/index.ts' },
    plugins: [dts({ tsconfig: 'tsconfig.json' })],
  });
  await bundle.write({ dir: 'pkg', entryFileNames: '[name].d.ts' });
  await bundle.close();
  const declarations = {
    slim: ["export * from './index.js';", "export { default } from './index.js';"],
    'perse.global': [
      "import type * as perse from './index.js';",
      '',
      'declare global {',
      '  /** The package, on a page that loads it by a script tag. */',
      '  const Perse: typeof perse;',
      '}',
    ],
  };
  for (const [name, lines] of Object.entries(declarations)) {
    await writeFile(`pkg/${name}.d.ts`, `${lines.join('\n')}\n`);
  }
}

async function manifest() {
  const { author, description, engines, homepage, keywords, license, repository } = JSON.parse(
    await readFile('package.json', 'utf8'),
  );
  const entry = (name) => ({ types: `./${name}.d.ts`, default: `./${name}.js` });
  const manifest = {
    ...{ name: 'perse-wasm', version, description, keywords, license, author, homepage, repository },
    type: 'module',
    engines,
    main: './index.js',
    types: './index.d.ts',
    unpkg: './perse.global.js',
    jsdelivr: './perse.global.js',
    exports: {
      '.': entry('index'),
      './slim': entry('slim'),
      './perse.wasm': './perse.wasm',
      './perse.global.js': entry('perse.global'),
      './package.json': './package.json',
    },
    sideEffects: ['./perse.global.js'],
  };
  await writeFile('pkg/package.json', `${JSON.stringify(manifest, null, 2)}\n`);
  for (const file of ['LICENSE', 'THIRD-PARTY-NOTICES.md']) await copyFile(file, `pkg/${file}`);
  const readme = await readFile('README.md', 'utf8');
  // The script tag of the published text is that of this very build; the picture is not in the package.
  const published = readme
    .replaceAll(/sha384-[\w+/=…]+/g, integrity)
    .replace(/^!\[.*\]\(docs\/.*\)\n\n/m, '');
  await writeFile('pkg/README.md', published);
}

/** What a script tag's `integrity` says of a file. */
async function sri(file) {
  return `sha384-${createHash('sha384')
    .update(await readFile(file))
    .digest('base64')}`;
}

async function isNewer(file, ...than) {
  const [time, ...times] = await Promise.all(
    [file, ...than].map(async (path) => (await stat(path).catch(() => undefined))?.mtimeMs),
  );
  return times.every((other) => time > other);
}
