#!/usr/bin/env node
// The built package as its user installs it: its files, its manifest, its types and their documentation.
// `--update` takes the declarations as they are for tests/types/golden.d.ts.
import assert from 'node:assert/strict';
import { mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { homedir, tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import ts from 'typescript';
import { fail, root } from './lib/run.mjs';
import { createConsumerProject, execute, pack } from './lib/consumer-project.mjs';

/** All that the package may hold. */
const FILES = [
  /^(LICENSE|README\.md|THIRD-PARTY-NOTICES\.md|package\.json)$/,
  /^(index|slim|perse\.global|server|testing|camera|perse\.camera\.global|react|vue|device)\.(js|d\.ts)$/,
  /^(index|server|testing|camera|react|vue)\.(cjs|d\.cts)$/,
  /^(inline-wasm|fetch-wasm|gunzip|encoder|pixels-plain|pixels-simd|encode|worker-script|pt|es|chunk)-\w+\.js$/,
  /^(engine-plain|engine-simd|engine-script|engine-call|load-engine)-\w+\.js$/,
  /^perse\.wasm$/,
  /^models\/(capture|detection|recognition)\.weights\.js$/,
];
/** Files that must not be missing. */
const ENTRIES = [
  ...['index.js', 'slim.js', 'perse.global.js', 'perse.wasm', 'index.d.ts', 'slim.d.ts'],
  ...['server.js', 'server.d.ts', 'camera.js', 'camera.d.ts', 'models/capture.weights.js'],
  ...['device.js', 'device.d.ts', 'models/detection.weights.js', 'models/recognition.weights.js'],
];
const GOLDEN = 'tests/types/golden.d.ts';
const STRICT = {
  ...{ strict: true, noUncheckedIndexedAccess: true, exactOptionalPropertyTypes: true, noEmit: true },
  ...{ verbatimModuleSyntax: true, isolatedModules: true, skipLibCheck: false, types: [] },
  ...{ target: 'ES2022', lib: ['ES2022', 'DOM', 'DOM.Iterable'] },
};
const RESOLUTIONS = {
  bundler: { module: 'ESNext', moduleResolution: 'Bundler' },
  nodenext: { module: 'NodeNext', moduleResolution: 'NodeNext' },
  node16: { module: 'Node16', moduleResolution: 'Node16' },
};

process.chdir(root);
const packed = await pack();
let project, problem;
try {
  step('files', checkFiles(packed.files));
  await execute('node_modules/.bin/publint', ['--strict', 'pkg']);
  step('publint');
  // In each way of resolving modules; a .wasm file and weights have no types.
  const attw = (...args) =>
    execute('node_modules/.bin/attw', ['--no-definitely-typed', packed.tarball, ...args]);
  await attw(
    // Files of script tags are not imported.
    ...['--exclude-entrypoints', './perse.wasm', './perse.global.js', './perse.camera.global.js'],
    ...['./models/capture.weights.js', './device'],
  );
  // Its weights are modules.
  await attw('--entrypoints', './device', '--profile', 'esm-only');
  step('attw');
  await checkMachinePaths();
  step('nothing of this machine');
  await checkSnippets();
  step('code in README and docs');
  await checkGolden();
  step(GOLDEN);
  for (const name of ['index', 'server', 'testing', 'camera', 'react', 'vue', 'device'])
    checkDocumentation(`pkg/${name}.d.ts`);
  step('documentation of every public member');
  await checkExports();
  step('declarations and modules export the same');
  project = await createConsumerProject('tests/types', packed.tarball);
  for (const resolution of Object.keys(RESOLUTIONS)) {
    await mustCompile('typescript', resolution);
    await mustNotCompile(resolution);
    step(`types, ${resolution}`);
  }
  await mustCompile('typescript-oldest', 'bundler');
  step('types, with the oldest TypeScript 5');
  // Old compilers know no `verbatimModuleSyntax`, and not every project has the DOM's declarations.
  for (const [compiler, resolution] of [
    ['typescript', 'nodenext'],
    ['typescript-4', 'node16'],
  ]) {
    for (const lib of [['ES2022'], ['ES2022', 'WebWorker'], ['ES2022', 'DOM']]) {
      await mustCompile(compiler, resolution, 'bare', { lib, verbatimModuleSyntax: undefined });
    }
  }
  step('types, without the DOM, in a worker, with TypeScript 4.7');
} catch (error) {
  problem = error;
}
await project?.remove();
await packed.remove();
if (problem) fail(problem.message);

function step(name) {
  console.log(`ok: ${name}`);
}

function checkFiles(files) {
  const unexpected = files.filter((file) => !FILES.some((pattern) => pattern.test(file)));
  assert.deepEqual(unexpected, [], `the package holds what a user doesn't need: ${unexpected.join(', ')}`);
  const missing = ENTRIES.filter((file) => !files.includes(file));
  assert.deepEqual(missing, [], `the package lacks ${missing.join(', ')}`);
}

/** The package doesn't tell where it was built. */
async function checkMachinePaths() {
  for (const file of packed.files) {
    const text = await readFile(join('pkg', file), 'latin1');
    for (const path of [homedir(), root, '.cargo/registry']) {
      assert.ok(path.length < 2 || !text.includes(path), `${file} names the folder ${path}`);
    }
  }
}

/**
 * Code in the documents that says where it is from, `<!-- tests/… -->` or `<!-- examples/… -->` before its fence, is
 * there line for line; a line of three dots stands for what is left out.
 */
async function checkSnippets() {
  const documents = (await readdir('docs')).filter((name) => name.endsWith('.md'));
  for (const document of ['README.md', ...documents.map((name) => `docs/${name}`)]) {
    const text = await readFile(document, 'utf8');
    for (const [, file, code] of text.matchAll(/<!-- ((?:tests|examples)\/\S+) -->\s+```\w*\n(.*?)```/gs)) {
      const source = `\n${trimmed(await readFile(file, 'utf8'))}\n`;
      const parts = trimmed(code).split(/^.*(?:…|\.\.\.)\W*$/m);
      for (const part of parts.map((text) => text.trim())) {
        const isThere = source.includes(`\n${part}\n`) || part === '';
        assert.ok(isThere, `${document}: this is not in ${file}:\n${part}`);
      }
    }
  }
}

/** A text without the indentation of its lines. */
function trimmed(text) {
  return text
    .split('\n')
    .map((line) => line.trim())
    .join('\n');
}

/** The public declarations, compared with those that were last agreed to. */
async function checkGolden() {
  const names = ['index', 'slim', 'perse.global', 'server'];
  const files = await Promise.all(names.map((name) => readFile(`pkg/${name}.d.ts`, 'utf8')));
  const actual = names.map((name, index) => `// ${name}.d.ts\n\n${files[index]}`).join('\n');
  if (process.argv.includes('--update')) return writeFile(GOLDEN, actual);
  const expected = await readFile(GOLDEN, 'utf8').catch(() => '');
  if (actual === expected) return;
  const proposed = join(await mkdtemp(join(tmpdir(), 'perse-golden-')), 'actual.d.ts');
  await writeFile(proposed, actual);
  const difference = await execute('git', ['diff', '--no-index', GOLDEN, proposed], { accept: [0, 1] });
  await rm(dirname(proposed), { recursive: true });
  throw new Error(
    `The public declarations have changed. If that is meant: npm run test:package -- --update\n${difference}`,
  );
}

/** Everything that is exported has its text, every method and value also an example. */
function checkDocumentation(file) {
  const program = ts.createProgram([file], { target: ts.ScriptTarget.ES2022, types: [] });
  const checker = program.getTypeChecker();
  const source = program.getSourceFile(file);
  const problems = [];

  const check = (name, node, needsExample) => {
    const docs = ts.getJSDocCommentsAndTags(node).filter(ts.isJSDoc);
    if (!docs.some(({ comment }) => comment)) problems.push(`${name} has no documentation`);
    const hasExample = ts.getJSDocTags(node).some(({ tagName }) => tagName.text === 'example');
    if (needsExample && !hasExample) problems.push(`${name} has no @example`);
  };
  const checkMembers = (name, node) => {
    // The type of a parameter isn't a thing of its own.
    if (ts.isParameter(node) || (node.name && ts.isPrivateIdentifier(node.name))) return;
    const isMethod = ts.isMethodSignature(node) || ts.isMethodDeclaration(node);
    if (isMethod || ts.isPropertySignature(node) || ts.isPropertyDeclaration(node)) {
      name += `.${node.name.getText(source)}`;
      check(name, node, isMethod);
    }
    ts.forEachChild(node, (child) => checkMembers(name, child));
  };

  const exported = checker.getExportsOfModule(checker.getSymbolAtLocation(source));
  for (const alias of exported) {
    const symbol = alias.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(alias) : alias;
    for (const declaration of symbol.declarations) {
      check(alias.name, declaration, (symbol.flags & ts.SymbolFlags.Value) !== 0);
      checkMembers(alias.name, declaration);
    }
  }
  assert.deepEqual(problems, [], problems.join('\n'));
}

/** The entries have exactly the values that the declarations promise. */
async function checkExports() {
  for (const [declarations, entries] of [
    ['pkg/index.d.ts', ['index', 'slim']],
    ['pkg/server.d.ts', ['server']],
    ['pkg/camera.d.ts', ['camera']],
  ]) {
    const program = ts.createProgram([declarations], { types: [] });
    const checker = program.getTypeChecker();
    const module = checker.getSymbolAtLocation(program.getSourceFile(declarations));
    const declared = checker.getExportsOfModule(module).filter((alias) => {
      const symbol = alias.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(alias) : alias;
      return (symbol.flags & ts.SymbolFlags.Value) !== 0;
    });
    for (const entry of entries) {
      const exports = await import(pathToFileURL(join(root, 'pkg', `${entry}.js`)));
      assert.deepEqual(Object.keys(exports).sort(), declared.map(({ name }) => name).sort(), entry);
    }
  }
}

async function mustCompile(compiler, resolution, folder = 'good', options = {}) {
  const diagnostics = await compile(compiler, resolution, folder, options);
  assert.deepEqual(diagnostics, [], `${compiler}, ${resolution}:\n${diagnostics.join('\n')}`);
}

/** Exactly the lines with a comment like `// TS2339: why` fail, each with that error. */
async function mustNotCompile(resolution) {
  const expected = [];
  for (const file of await readdir('tests/types/bad')) {
    const lines = (await readFile(join('tests/types/bad', file), 'utf8')).split('\n');
    for (const [index, line] of lines.entries()) {
      const code = line.match(/\/\/ (TS\d+): /)?.[1];
      if (code) expected.push(`bad/${file}:${index + 1} ${code}`);
    }
  }
  const diagnostics = await compile('typescript', resolution, 'bad');
  const actual = diagnostics.map((line) => line.replace(/^(.+)\((\d+),\d+\): error (TS\d+).*$/, '$1:$2 $3'));
  assert.deepEqual(actual.sort(), expected.sort(), `${resolution}:\n${diagnostics.join('\n')}`);
}

/** Compiles a folder of the project; gives the errors, a line each. */
async function compile(compiler, resolution, folder, options = {}) {
  const compilerOptions = { ...STRICT, ...RESOLUTIONS[resolution], ...options };
  const config = { compilerOptions, include: [folder] };
  await writeFile(join(project.folder, 'tsconfig.json'), JSON.stringify(config));
  const tsc = join('node_modules', compiler, 'bin', 'tsc');
  const output = await execute('node', [tsc, '--pretty', 'false'], {
    cwd: project.folder,
    accept: [0, 1, 2],
  });
  return output.split('\n').filter((line) => /error TS\d+/.test(line));
}
