// Sizes of the built package, raw and compressed, entry by entry.
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { brotliCompressSync, gzipSync } from 'node:zlib';

/**
 * Limits of the files that a page loads for the first call of an entry, and that its server loads, in bytes of gzip.
 */
const LIMITS = {
  'index.js': 50_000,
  'slim.js': 52_000,
  'perse.global.js': 100_500,
  'server.js': 8_000,
  'camera.js': 24_000,
  'device.js': 60_000,
};
/** Limit of the further files that encode a photo, in bytes of gzip. */
const IMAGING_LIMIT = 25_000;
/** Limits of the camera with the engine that guides, and of what `device` adds to a page, in bytes of gzip. */
const GUIDING_LIMIT = 75_000;
const DEVICE_LIMIT = 70_000;
/** Limits of the weights: those that guide, what else finds faces, and those that describe faces. */
const WEIGHTS_LIMITS = { capture: 480_000, detection: 700_000, recognition: 1_000_000 };
/**
 * Chunks that not every page needs: for old browsers, other languages, photos that are encoded again, and the
 * face engines.
 */
const LAZY = /^(gunzip|encoder|encode|pixels|worker|pt|es|load-engine|engine)-|^models/;
/** Those that a browser of today needs for such a photo. */
const IMAGING = /^(encoder|pixels-simd|worker-script)-/;
/** Those that it does not need for a face engine. */
const NOT_FOR_ENGINE = /^(gunzip|engine-plain|engine-call)-|^models|^index/;

/** The package's entries. */
export const entries = Object.keys(LIMITS);

export const kilobytes = (bytes) => `${(bytes / 1000).toFixed(1)} kB`;

/** Prints the size of each entry with all that it loads; throws when one is over its limit. */
export async function report() {
  const cell = (bytes) => kilobytes(bytes).padStart(10);
  console.log(`\n${'entry, with all that it loads'.padEnd(32)}       raw      gzip    brotli`);
  for (const [entry, limit] of Object.entries(LIMITS)) {
    const { raw, gzip, brotli } = await measure(entry);
    console.log(`${entry.padEnd(32)}${[raw, gzip, brotli].map(cell).join('')}`);
    check(entry, gzip, limit);
  }
  const line = (name, size, limit) => {
    console.log(`${name.padEnd(32)}${[size.raw, size.gzip, size.brotli].map(cell).join('')}`);
    check(name, size.gzip, limit);
  };
  const imaging = [...(await closure('index.js', new Set(), /^gunzip-/))].filter((name) =>
    IMAGING.test(name),
  );
  line('to prepare a photo', await sum(imaging), IMAGING_LIMIT);
  for (const [name, entry, limit] of [
    ['camera that guides', 'camera.js', GUIDING_LIMIT],
    ['faces of photos, on the device', 'device.js', DEVICE_LIMIT],
  ]) {
    line(name, await sum(await closure(entry, new Set(), NOT_FOR_ENGINE)), limit);
  }
  for (const [name, limit] of Object.entries(WEIGHTS_LIMITS)) {
    line(`weights: ${name}`, await sum([`models/${name}.weights.js`]), limit);
  }
}

function check(name, gzip, limit) {
  if (gzip > limit) throw new Error(`${name} is ${gzip} bytes as gzip, over its limit of ${limit}.`);
}

/** Total size of the files that an entry needs, each compressed by itself as a server does. */
export async function measure(entry) {
  return sum(await closure(entry));
}

async function sum(files) {
  const total = { raw: 0, gzip: 0, brotli: 0 };
  for (const file of files) {
    const size = compressed(await readFile(`pkg/${file}`));
    for (const key in total) total[key] += size[key];
  }
  return total;
}

/** Sizes of some bytes as they are, and as a server would send them. */
export const compressed = (bytes) => ({
  raw: bytes.length,
  gzip: gzipSync(bytes, { level: 9 }).length,
  brotli: brotliCompressSync(bytes).length,
});

/** An entry and all files that it names, but those that not every page needs. */
async function closure(entry, files = new Set(), lazy = LAZY) {
  files.add(entry);
  if (!entry.endsWith('.js')) return files;
  const text = await readFile(`pkg/${entry}`, 'utf8');
  for (const [, name] of text.matchAll(/["']\.\/([\w./-]+\.(?:js|wasm))["']/g)) {
    if (!files.has(name) && !lazy.test(name) && existsSync(`pkg/${name}`)) {
      await closure(name, files, lazy);
    }
  }
  return files;
}
