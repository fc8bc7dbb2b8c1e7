#!/usr/bin/env node
// Writes THIRD-PARTY-NOTICES.md: what the npm package contains of others, with their licences, from the very
// crates that are compiled into it. `--check` fails where the file is not what would be written.
import { existsSync } from 'node:fs';
import { readFile, readdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fail, output, root } from './lib/run.mjs';

/** Crates of ours that become WebAssembly of the package. */
const MODULES = ['perse-wasm', 'perse-pixels', 'perse-device'];
const TARGET = 'wasm32-unknown-unknown';
/** npm packages of which code or trained networks are in the package. */
const BUNDLED = ['fflate', '@mediapipe/face_detection', '@vladmandic/face-api'];
/** A package of which a network is packed without an installation; the holder is that of its licence file. */
const UNPACKED = { name: 'faceplugin-face-recognition-js', version: '0.0.1', holder: '2021 gitguanqi' };
/** An installed file with the text of the Apache License, for projects that ship none. */
const APACHE_TEXT = 'node_modules/typescript/LICENSE.txt';
const FILE = 'THIRD-PARTY-NOTICES.md';

/** Licences that may be in the package; of several that are offered, the first. */
const ACCEPTED = ['MIT', 'Zlib', 'ISC', 'BSD-3-Clause', 'Apache-2.0', 'Unlicense', 'Unicode-3.0'];

/** Parts that no manifest names. */
const UNLISTED = `The Rust standard library, and dlmalloc-rs where a module uses its allocator, are of the Rust project's
contributors, under the MIT licence or the Apache License 2.0.`;

const PACKED = `The package holds trained networks: of \`@mediapipe/face_detection\` (Copyright The MediaPipe Authors)
\`face_detection_short_range\` and \`face_detection_full_range\`, of \`@vladmandic/face-api\` \`face_landmark_68\` and
\`tiny_face_detector\`, of \`faceplugin-face-recognition-js\` \`fr_feature\`. The weights of the first two and of the last were
rounded to 8 bits, and all were packed into another format. \`docs/model-card.md\` says more.`;

const NETWORKS = `The sandbox runs the same networks. The demo page shows sample photos of \`@vladmandic/face-api\`. Nothing of any network
or photo is copied into this repository.`;

process.chdir(root);
const text = await notices();
if (process.argv.includes('--check')) {
  const current = await readFile(FILE, 'utf8');
  if (current !== text) fail(`${FILE} is not up to date. Run node scripts/notices.mjs and commit it.`);
} else {
  await writeFile(FILE, text);
}

async function notices() {
  const parts = [...(await crates()), ...(await packages()), await unpacked()];
  /** Projects with one licence text, word for word, share it. */
  const byText = new Map();
  for (const part of parts) {
    const key = part.text.replaceAll(/\s+/g, ' ').trim();
    byText.set(key, [...(byText.get(key) ?? []), part]);
  }
  const rows = parts.map(({ name, version, licence }) => `| ${name} | ${version} | ${licence} |`);
  const texts = [...byText.values()].map(
    (group) =>
      `### ${group.map(({ name }) => name).join(', ')}\n\n\`\`\`text\n${group[0].text.trim()}\n\`\`\``,
  );
  return [
    '# Third-party notices',
    '<!-- Written by scripts/notices.mjs. -->',
    '## In the npm package',
    'The package holds compiled or bundled code, or trained networks, of these projects. Where a project offers a choice, the\nlicence in the last column is the one that is used here.',
    `| project | version | licence |\n| --- | --- | --- |\n${rows.join('\n')}`,
    UNLISTED,
    PACKED,
    '## Used by the sandbox and the tests, not in the package',
    NETWORKS,
    '## Licence texts',
    ...texts,
    '',
  ]
    .join('\n\n')
    .trimEnd()
    .concat('\n');
}

/** Every crate of others that is linked into one of our modules. */
async function crates() {
  const metadata = JSON.parse(
    output('cargo', ['metadata', '--locked', '--format-version', '1', '--filter-platform', TARGET]),
  );
  const modules = MODULES.filter((name) => metadata.packages.some((one) => one.name === name));
  const ids = new Set();
  for (const name of modules) {
    const args = ['tree', '--locked', '--package', name, '--target', TARGET, '--prefix', 'none'];
    // Macros run in the compiler, and leave nothing of themselves.
    const tree = output('cargo', [...args, '--edges', 'normal,no-proc-macro', '--format', '{p}']);
    for (const [, crate, version] of tree.matchAll(/^(\S+) v(\S+)/gm)) ids.add(`${crate} ${version}`);
  }
  const linked = metadata.packages
    .filter(({ name, version, source }) => source && ids.has(`${name} ${version}`))
    .sort((one, other) => (one.name < other.name ? -1 : 1));
  return Promise.all(
    linked.map(async ({ name, version, license, manifest_path }) => ({
      ...{ name, version },
      ...(await licenceOf(name, license, dirname(manifest_path))),
    })),
  );
}

async function packages() {
  return Promise.all(
    BUNDLED.map(async (name) => {
      const folder = join('node_modules', name);
      const { version, license } = JSON.parse(await readFile(join(folder, 'package.json'), 'utf8'));
      return { name, version, ...(await licenceOf(name, license, folder)) };
    }),
  );
}

async function unpacked() {
  const { holder, ...part } = UNPACKED;
  return { ...part, licence: 'MIT', text: await mitLicence(holder) };
}

/** The licences that are used of those that are offered, and their texts from the project's own files. */
async function licenceOf(name, expression, folder) {
  const used = expression.split(/\s+AND\s+/).map((part) => {
    const offered = part.split(/\s+OR\s+|\s*\/\s*/).map((one) => one.replaceAll(/[()]/g, ''));
    const licence = ACCEPTED.find((one) => offered.includes(one));
    return licence ?? fail(`The licence of ${name}, ${expression}, is not known to scripts/notices.mjs.`);
  });
  const texts = await Promise.all(used.map((licence) => textOf(name, licence, folder)));
  return { licence: used.join(' and '), text: texts.join('\n\n') };
}

async function textOf(name, licence, folder) {
  const files = (await readdir(folder)).filter((file) => /^(licen[cs]e|copying)/i.test(file)).sort();
  const [word] = licence.toLowerCase().split('-');
  const file = files.find((file) => file.toLowerCase().includes(word)) ?? files[0];
  return file ? readFile(join(folder, file), 'utf8') : standardText(name, licence, folder);
}

/** For a project that ships no licence file: the MIT licence with the authors that its manifest names. */
async function standardText(name, licence, folder) {
  if (licence === 'Apache-2.0') return readFile(APACHE_TEXT, 'utf8');
  if (licence !== 'MIT' || !existsSync('LICENSE')) fail(`${name} ships no licence text.`);
  const manifest = await readFile(join(folder, 'Cargo.toml'), 'utf8');
  const [, list = ''] = manifest.match(/^authors = \[([^\]]*)\]/m) ?? [];
  const authors = [...list.matchAll(/"([^"<]+?)\s*(?:<[^"]*)?"/g)].map(([, author]) => author);
  return mitLicence(authors.join(', ') || `the ${name} developers`);
}

async function mitLicence(holder) {
  const [, permission] = (await readFile('LICENSE', 'utf8')).match(/(Permission is hereby[^]*)/);
  return `MIT License\n\nCopyright (c) ${holder}\n\n${permission}`;
}
