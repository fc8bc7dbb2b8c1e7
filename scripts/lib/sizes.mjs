// Sizes of the built package, raw and compressed.
import { readFile, readdir } from 'node:fs/promises';
import { brotliCompressSync, gzipSync } from 'node:zlib';

/** What a page with the default entry downloads, as gzip. */
const DEFAULT_ENTRY_LIMIT = 60_000;

const kilobytes = (bytes) => `${(bytes / 1000).toFixed(1)} kB`.padStart(10);

/** Prints the size of each script in a folder; throws when the default entry is over its limit. */
export async function report(folder) {
  const total = { raw: 0, gzip: 0, brotli: 0 };
  const line = (name, { raw, gzip, brotli }) =>
    console.log(`${name.padEnd(32)}${kilobytes(raw)}${kilobytes(gzip)}${kilobytes(brotli)}`);
  console.log(`\n${folder.padEnd(32)}       raw      gzip    brotli`);
  for (const name of (await readdir(folder)).filter((name) => name.endsWith('.js')).sort()) {
    const text = await readFile(`${folder}/${name}`);
    const size = {
      raw: text.length,
      gzip: gzipSync(text, { level: 9 }).length,
      brotli: brotliCompressSync(text).length,
    };
    // The fallback for old browsers; nobody else loads it.
    const isFallback = name.startsWith('gunzip-');
    line(isFallback ? `${name} (old browsers)` : name, size);
    if (!isFallback) for (const key in total) total[key] += size[key];
  }
  line('default entry, whole', total);
  if (total.gzip > DEFAULT_ENTRY_LIMIT) {
    throw new Error(
      `The default entry is ${total.gzip} bytes gzip, over its limit of ${DEFAULT_ENTRY_LIMIT}.`,
    );
  }
}
