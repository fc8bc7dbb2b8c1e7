// Builds the package's files for `require`.
import { readFile, writeFile } from 'node:fs/promises';

/** Entries that can be required. */
const ENTRIES = ['index', 'server', 'testing', 'camera', 'react', 'vue'];

/** Options of esbuild for a file that is required. */
export const COMMON_JS = { format: 'cjs', outExtension: { '.js': '.cjs' } };

/** Options of esbuild for files that bundlers of 2018 and browsers of 2021 read. */
export const OLD_SYNTAX = { target: 'es2018' };

/** Returns the entry of `exports` in package.json. */
export const conditions = (name) => ({
  import: { types: `./${name}.d.ts`, default: `./${name}.js` },
  require: { types: `./${name}.d.cts`, default: `./${name}.cjs` },
});

/** Writes the declarations of what is required: those of the modules, under other names. */
export async function writeCommonTypes(folder) {
  for (const name of ENTRIES) {
    const types = await readFile(`${folder}/${name}.d.ts`, 'utf8');
    await writeFile(`${folder}/${name}.d.cts`, types.replaceAll(/(['"]\.\/\w+)\.js(['"])/g, '$1.cjs$2'));
  }
}
