#!/usr/bin/env node
// Builds the npm package into pkg/: WebAssembly by wasm-pack, entries by esbuild, declarations by rollup. Modules
// whose sources did not change are not compiled again.
import { build } from 'esbuild';
import { rollup } from 'rollup';
import { dts } from 'rollup-plugin-dts';
import { createHash } from 'node:crypto';
import { copyFile, mkdir, readFile, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { bundleCamera, cameraExports, cameraPeers, cameraSideEffects } from './lib/camera-bundle.mjs';
import { COMMON_JS, OLD_SYNTAX, conditions, writeCommonTypes } from './lib/common-js.mjs';
import { gzipped, imageTexts, inline } from './lib/inline.mjs';
import { fail, output, run, root, tool, toolsDir } from './lib/run.mjs';
import { writeMessages } from './lib/messages.mjs';
import { report } from './lib/sizes.mjs';

/** The most JavaScript functions that the core may import: each is glue that every page loads. */
const MAX_CORE_IMPORTS = 60;

process.chdir(root);
/** Our crates, as cargo describes them. */
let packages;
const version = (await readFile('Cargo.toml', 'utf8')).match(/^version = "(.+)"/m)[1];

// A core that panics on request, for tests: build/forced-panic/index.js instead of pkg/.
if (process.argv.includes('--forced-panic')) {
  const folder = 'build/forced-panic';
  const wasm = await core({ folder, cargoFeatures: ['forced-panic'] });
  const shared = await options(wasm, { outdir: folder, glue: `${folder}/perse_wasm.js` });
  await modules({ index: 'js/index.ts' }, shared);
  process.exit();
}

const wasm = await core();
reportImports(wasm);
await pixels();
await engines();
await writeMessages();
await rm('pkg', { recursive: true, force: true });
await mkdir('pkg');
await Promise.all([bundle(wasm), types(), bundleCamera()]);
await writeCommonTypes('pkg');
const integrity = await sri('pkg/perse.global.js');
await manifest();
await report();
console.log(`\nperse.global.js: integrity="${integrity}"`);

/** Compiles the core with its glue and types; returns the module's bytes. */
async function core(changes) {
  return compile({
    ...{ crate: 'perse-wasm', path: '.', folder: 'build/core', file: 'perse.wasm' },
    // The facade reads images and measures pixels.
    hasDefaultFeatures: false,
    // rustc inlines for speed by default, which the core does not need.
    codegen: ['llvm-args=-inline-threshold=30'],
    ...changes,
  });
}

function reportImports(wasm) {
  const count = WebAssembly.Module.imports(new WebAssembly.Module(wasm)).length;
  console.log(`perse.wasm imports ${count} JavaScript functions (limit ${MAX_CORE_IMPORTS})`);
  if (count > MAX_CORE_IMPORTS) fail(`perse.wasm imports ${count} functions, over the limit.`);
}

/** Compiles the pixel module into build/pixels and build/pixels-simd. */
function pixels() {
  return twice({ crate: 'perse-pixels', path: 'crates/pixels', file: 'pixels.wasm' }, 'build/pixels');
}

/** Compiles the two face engines: that of a camera into build/camera-engine, that of photos into build/photo-engine. */
async function engines() {
  for (const [feature, folder] of [
    ['camera', 'build/camera-engine'],
    ['photos', 'build/photo-engine'],
  ]) {
    const module = {
      ...{ crate: 'perse-device', path: 'crates/device', file: 'device.wasm' },
      ...{ cargoFeatures: [feature], hasDefaultFeatures: false },
      // As fast as with 3, and 5 % smaller. A lower inline threshold saves 2 kB more and costs a quarter of the speed.
      codegen: ['opt-level=2'],
    };
    await twice(module, folder);
  }
}

/** Compiles a module without and, for browsers that have them, with vector instructions. One glue serves both. */
async function twice(module, folder) {
  await compile({ ...module, folder });
  await compile({ ...module, folder: `${folder}-simd`, targetFeatures: ['simd128'] });
  const name = `${module.crate.replaceAll('-', '_')}.js`;
  const [plain, simd] = await Promise.all([folder, `${folder}-simd`].map((of) => readFile(`${of}/${name}`)));
  if (!plain.equals(simd)) fail(`The two modules of ${module.crate} need one glue each.`);
}

/**
 * Compiles a crate by wasm-pack into a folder: `file`, its glue and its types. Returns the module's bytes. The
 * optimiser's options are the crate's own, in its Cargo.toml.
 */
async function compile({
  crate,
  path,
  folder,
  file,
  targetFeatures = [],
  cargoFeatures = [],
  hasDefaultFeatures = true,
  codegen = [],
}) {
  const module = `${folder}/${file}`;
  if (await isNewer(module, await sources(crate))) return readFile(module);
  // Before `withoutHome`, which lists the folders of the downloaded crates.
  run('cargo', ['fetch', '--quiet', '--locked']);
  const name = crate.replaceAll('-', '_');
  run(
    tool('wasm-pack'),
    [
      ...['--log-level', 'warn', 'build', path, '--target', 'web', '--profile', 'wasm'],
      // The tools are installed by scripts/setup; package.json and .gitignore are this script's.
      ...['--mode', 'no-install', '--no-pack', '--no-gitignore'],
      ...['--out-dir', join(root, folder), '--out-name', name, '--', '--locked'],
      ...(hasDefaultFeatures ? [] : ['--no-default-features']),
      ...cargoFeatures.flatMap((feature) => ['--features', feature]),
    ],
    {
      // wasm-pack finds the pinned wasm-bindgen among the tools, and binaryen's wasm-opt among npm's packages.
      PATH: [join(toolsDir, 'bin'), join(root, 'node_modules', '.bin'), process.env.PATH].join(delimiter),
      // A folder for each set of options: cargo would compile everything again whenever they change.
      CARGO_TARGET_DIR: join(root, 'target', crate, ...targetFeatures),
      CARGO_ENCODED_RUSTFLAGS: [
        ...(await withoutHome()),
        ...targetFeatures.map((feature) => `-Ctarget-feature=+${feature}`),
        ...codegen.map((option) => `-C${option}`),
      ].join('\x1f'),
    },
  );
  await shortenNames(folder, name, module);
  return readFile(module);
}

/**
 * Shortens the names between a module and its glue. Each has a hash, which no compression makes smaller: that is
 * 4 % of all that a page loads.
 */
async function shortenNames(folder, name, module) {
  const features = ['bulk-memory', 'multivalue', 'mutable-globals', 'nontrapping-float-to-int']
    .concat('reference-types', 'sign-ext', 'simd')
    .map((feature) => `--enable-${feature}`);
  const long = `${folder}/${name}_bg.wasm`;
  const pass = ['--minify-imports-and-exports-and-modules', long, '-o', module];
  const { imports, exports } = JSON.parse(output('node_modules/.bin/wasm-opt', [...features, ...pass]));
  await rm(long);
  const importNames = new Map(imports.map(([, from, to]) => [from, to]));
  const exportNames = new Map(exports);
  const glue = `${folder}/${name}.js`;
  const text = await readFile(glue, 'utf8');
  await writeFile(
    glue,
    text
      .replaceAll(/^( +)(\w+)(?=: function\()/gm, (_, space, from) => space + importNames.get(from))
      .replaceAll(/\bwasm\.(\w+)/g, (_, from) => `wasm.${exportNames.get(from)}`)
      .replace(`"./${name}_bg.js":`, 'a:'),
  );
}

/** Lists the files that a module is made of: its crate's, those of the crates that it needs, and of the build. */
async function sources(crate) {
  packages ??= JSON.parse(
    output('cargo', ['metadata', '--no-deps', '--locked', '--format-version', '1']),
  ).packages;
  const folders = new Set();
  const add = ({ name, manifest_path, dependencies }) => {
    // The package at the top holds the others.
    folders.add(name === 'perse-wasm' ? 'src' : dirname(manifest_path));
    for (const { name, path, kind } of dependencies) {
      if (path && kind !== 'dev') add(packages.find((other) => other.name === name));
    }
  };
  add(packages.find(({ name }) => name === crate));
  const files = await Promise.all(
    [...folders].map((folder) => readdir(folder, { recursive: true, withFileTypes: true })),
  );
  return ['Cargo.toml', 'Cargo.lock', 'package-lock.json', 'scripts/build.mjs'].concat(
    files.flat().flatMap((entry) => (entry.isFile() ? join(entry.parentPath ?? entry.path, entry.name) : [])),
  );
}

/** Maps the paths of crates in panic locations, which must not name this machine's folders. */
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
    modules({ server: 'js/server/index.ts' }, shared),
    modules({ testing: 'js/testing.ts' }, shared),
    build({ ...shared, ...OLD_SYNTAX, entryPoints: { 'perse.global': 'js/global.ts' }, format: 'iife' }),
    // One file with all that it needs, for `require`, Browserify and webpack 4.
    build({ ...shared, ...COMMON_JS, ...OLD_SYNTAX, entryPoints: ['js/index.ts'] }),
    build({ ...shared, ...COMMON_JS, entryPoints: { server: 'js/server/index.ts' } }),
    build({ ...shared, ...COMMON_JS, entryPoints: ['js/testing.ts'] }),
    writeFile('pkg/perse.wasm', wasm),
  ]);
  await Promise.all(['pkg/server.js', 'pkg/server.cjs'].map(annotateImport));
}

/**
 * esbuild drops the comment that keeps webpack from warning of an import whose name it cannot know, and
 * which Node.js 18 alone makes.
 */
async function annotateImport(path) {
  const text = await readFile(path, 'utf8');
  await writeFile(path, text.replace('import(', 'import(/*webpackIgnore:true*//*@vite-ignore*/'));
}

/** An entry by itself, so that a page without a bundler loads two files and not a chain of them. */
function modules(entryPoints, shared) {
  return build({ ...shared, entryPoints, format: 'esm', splitting: true, chunkNames: '[name]-[hash]' });
}

/** Options that all bundles share; `glue` takes the place of the core's usual one. */
async function options(wasm, { outdir = 'pkg', glue } = {}) {
  const plugins = [inline({ 'perse.wasm.gz': await gzipped(wasm), ...(await imageTexts()) })];
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
  for (const [name, entry] of [
    ['index', 'js/index.ts'],
    ['server', 'js/server/index.ts'],
    ['testing', 'js/testing.ts'],
  ]) {
    const bundle = await rollup({
      input: { [name]: entry },
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
  const manifest = {
    ...{ name: 'perse-wasm', version, description, keywords, license, author, homepage, repository },
    type: 'module',
    engines,
    // For Browserify and webpack 4, which do not know `exports`.
    main: './index.cjs',
    types: './index.d.cts',
    unpkg: './perse.global.js',
    jsdelivr: './perse.global.js',
    exports: {
      '.': conditions('index'),
      // The modules share their file of WebAssembly; what is required has it inside.
      './slim': { ...conditions('slim'), require: conditions('index').require },
      './server': conditions('server'),
      './testing': conditions('testing'),
      ...cameraExports,
      './perse.wasm': './perse.wasm',
      './perse.global.js': { types: './perse.global.d.ts', default: './perse.global.js' },
      './package.json': './package.json',
    },
    sideEffects: ['./perse.global.js', ...cameraSideEffects],
    ...cameraPeers,
  };
  await writeFile('pkg/package.json', `${JSON.stringify(manifest, null, 2)}\n`);
  for (const file of ['LICENSE', 'THIRD-PARTY-NOTICES.md']) await copyFile(file, `pkg/${file}`);
  const readme = await readFile('README.md', 'utf8');
  // The script tag of the published text is that of this very build; the pictures are not in the package.
  const published = readme
    .replaceAll(/sha384-[\w+/=…]+/g, integrity)
    .replaceAll(/^!\[.*\]\(docs\/.*\)\n\n/gm, '');
  await writeFile('pkg/README.md', published);
}

/** Returns the `integrity` of a file for a script tag. */
async function sri(file) {
  return `sha384-${createHash('sha384')
    .update(await readFile(file))
    .digest('base64')}`;
}

/** Returns whether a file is newer than others. */
async function isNewer(file, others) {
  const [time, ...times] = await Promise.all(
    [file, ...others].map(async (path) => (await stat(path).catch(() => undefined))?.mtimeMs),
  );
  return times.every((other) => time > other);
}
