#!/usr/bin/env node
// Builds the npm package into pkg/. Steps whose input did not change are passed over.
import { build } from 'esbuild';
import { rollup } from 'rollup';
import { dts } from 'rollup-plugin-dts';
import { createHash } from 'node:crypto';
import { copyFile, mkdir, readFile, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { bundleCamera, cameraExports, cameraPeers, cameraSideEffects } from './lib/camera-bundle.mjs';
import { gzipped, imageTexts, inline } from './lib/inline.mjs';
import { output, run, root, tool } from './lib/run.mjs';
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

// A core that panics when it is told to, for tests: build/forced-panic/index.js instead of pkg/.
if (process.argv.includes('--forced-panic')) {
  const folder = 'build/forced-panic';
  const wasm = await core({ folder, flags: ['--features', 'forced-panic'] });
  const shared = await options(wasm, { outdir: folder, glue: `${folder}/perse_wasm.js` });
  await modules({ index: 'js/index.ts' }, shared);
  process.exit();
}

const wasm = await core();
await pixels();
await messages();
await rm('pkg', { recursive: true, force: true });
await mkdir('pkg');
await Promise.all([bundle(wasm), types(), bundleCamera()]);
const integrity = await sri('pkg/perse.global.js');
await manifest();
await report();
console.log(`\nperse.global.js: integrity="${integrity}"`);

/** The Rust core: WebAssembly, its JavaScript glue and its types, in a folder. Gives its bytes. */
async function core(changes) {
  return compile({
    ...{ crate: 'perse-wasm', folder: 'build/wasm', file: 'perse.wasm' },
    // rustc inlines for speed by itself, which the core has no need of.
    codegen: ['llvm-args=-inline-threshold=40'],
    // The first kilobyte is the far end of the stack.
    optimise: ['-Oz', '--low-memory-unused'],
    ...changes,
  });
}

/** Every code's messages, for the facade; in build/messages.json. */
async function messages() {
  const json = output('cargo', ['run', '--quiet', '--package', 'perse-protocol', '--example', 'messages']);
  await writeFile('build/messages.json', json);
}

/**
 * The pixel module, in build/pixels and, for browsers with vector instructions, in build/pixels-simd.
 * One glue serves both.
 */
async function pixels() {
  const module = { crate: 'perse-pixels', file: 'pixels.wasm', optimise: ['-O3'] };
  await compile({ ...module, folder: 'build/pixels' });
  await compile({ ...module, folder: 'build/pixels-simd', features: ['simd128'] });
  const glues = await Promise.all(
    ['build/pixels', 'build/pixels-simd'].map((folder) => readFile(`${folder}/perse_pixels.js`, 'utf8')),
  );
  if (glues[0] !== glues[1]) throw new Error('The two pixel modules need a glue each.');
}

/** Compiles a crate to WebAssembly, with its glue and types, into a folder. Gives the module's bytes. */
async function compile({ crate, folder, file, optimise, features = [], flags = [], codegen = [] }) {
  const name = crate.replaceAll('-', '_');
  // A folder for each set of options: cargo would compile all anew whenever they change.
  const target = ['target', crate, ...features].join('/');
  const compiled = `${target}/wasm32-unknown-unknown/wasm/${name}.wasm`;
  const optimised = `${folder}/${file}`;
  // First of all, so that the folders that `withoutHome` names are there.
  run('cargo', ['fetch', '--quiet', '--locked']);
  run(
    'cargo',
    [
      ...['build', '--package', crate, '--lib', '--target', 'wasm32-unknown-unknown', '--profile', 'wasm'],
      ...flags,
    ],
    {
      CARGO_TARGET_DIR: target,
      CARGO_ENCODED_RUSTFLAGS: [
        ...(await withoutHome()),
        ...features.map((feature) => `-Ctarget-feature=+${feature}`),
        ...codegen.map((option) => `-C${option}`),
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
        ...optimise,
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
  const shared = await options(wasm);
  await Promise.all([
    modules({ index: 'js/index.ts' }, shared),
    modules({ slim: 'js/slim.ts' }, shared),
    modules({ server: 'js/server.ts' }, shared),
    build({ ...shared, entryPoints: { 'perse.global': 'js/global.ts' }, format: 'iife' }),
    writeFile('pkg/perse.wasm', wasm),
  ]);
}

/** An entry by itself, so that a page without a bundler loads two files and not a chain of them. */
function modules(entryPoints, shared) {
  return build({ ...shared, entryPoints, format: 'esm', splitting: true, chunkNames: '[name]-[hash]' });
}

/** What all bundles share; `glue` takes the place of the core's usual one. */
async function options(wasm, { outdir = 'pkg', glue } = {}) {
  const plugins = [inline({ 'perse.wasm.gz': gzipped(wasm), ...(await imageTexts()) })];
  if (glue) plugins.push(replaced(/\/perse_wasm\.js$/, join(root, glue)));
  return {
    ...{ outdir, plugins, bundle: true, target: 'es2022', minify: true },
    ...{ legalComments: 'none', logLevel: 'warning' },
  };
}

/** An esbuild plugin: another file in the place of one. */
function replaced(filter, path) {
  return { name: 'replaced', setup: (build) => void build.onResolve({ filter }, () => ({ path })) };
}

/**
 * One declaration file for both entries of the page, and one for its server, which knows nothing of the
 * DOM; the compiler fails where facade and core disagree.
 */
async function types() {
  run('node_modules/.bin/tsc', ['--project', '.']);
  for (const name of ['index', 'server']) {
    const bundle = await rollup({
      input: { [name]: `js/${name}.ts` },
      plugins: [dts({ tsconfig: 'tsconfig.json' })],
    });
    await bundle.write({ dir: 'pkg', entryFileNames: '[name].d.ts' });
    await bundle.close();
  }
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
      './server': entry('server'),
      ...cameraExports,
      './perse.wasm': './perse.wasm',
      './perse.global.js': entry('perse.global'),
      './package.json': './package.json',
    },
    sideEffects: ['./perse.global.js', ...cameraSideEffects],
    ...cameraPeers,
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
