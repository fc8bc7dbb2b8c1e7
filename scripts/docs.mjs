#!/usr/bin/env node
// Builds the documentation as a site, into build/docs, and checks every link of it and of the other documents. The
// built package goes with it, for the playground; `--dev` serves the site while it is written.
// DOCS_BASE is the path below which a host serves it, `/` by default.
import { access, cp, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fail, output, root, run } from './lib/run.mjs';

const SITE = 'build/docs';
/** A folder that the site serves unchanged. */
const PACKAGE = 'docs/public/perse-wasm';

process.chdir(root);
const openapi = ['run', '--quiet', '--package', 'perse-sandbox', '--', 'openapi'];
await writeFile('build/openapi.json', output('cargo', openapi));
await rm(PACKAGE, { recursive: true, force: true });
await cp('pkg', PACKAGE, { recursive: true, filter: (path) => !/\.(cjs|md|d\.c?ts)$/.test(path) });
if (process.argv.includes('--dev')) {
  run('node_modules/.bin/vitepress', ['dev', 'docs']);
  process.exit();
}
// Also fails where a page links to one that is missing.
run('node_modules/.bin/vitepress', ['build', 'docs']);
await referenceOfCode();
const problems = [...(await anchorProblems()), ...(await fileProblems())];
if (problems.length > 0) fail(problems.join('\n'));

/** Adds what typedoc and rustdoc make of the declarations and of the crates that others could use. */
async function referenceOfCode() {
  run('node_modules/.bin/typedoc', [
    ...['--options', 'docs/typedoc.json', '--out', `${SITE}/api/typescript`, '--logLevel', 'Warn'],
  ]);
  const crates = [
    'perse-wasm',
    'perse-protocol',
    'perse-image-file',
    'perse-metrics',
    'perse-pixels',
    'perse-vision',
  ];
  const flags = crates.flatMap((name) => ['--package', name]);
  // The class `Perse` exists for the browser alone.
  const target = 'wasm32-unknown-unknown';
  run('cargo', ['doc', '--quiet', '--no-deps', '--lib', '--target', target, ...flags], {
    RUSTDOCFLAGS: '--deny warnings',
  });
  await cp(`target/${target}/doc`, `${SITE}/api/rust`, { recursive: true });
}

/** Links of the site whose heading is missing. */
async function anchorProblems() {
  const problems = [];
  const pages = (await readdir(SITE)).filter((name) => name.endsWith('.html'));
  const texts = new Map(
    await Promise.all(pages.map(async (name) => [name, await readFile(join(SITE, name), 'utf8')])),
  );
  for (const [page, text] of texts) {
    for (const [, path, anchor] of text.matchAll(/href="([^"#:]*)#([^"]+)"/g)) {
      const target = texts.get(path === '' ? page : path.split('/').at(-1));
      if (!target?.includes(`id="${decodeURIComponent(anchor)}"`))
        problems.push(`${page}: ${path}#${anchor} is missing`);
    }
  }
  return problems;
}

/** Links of the repository's documents whose file is missing. */
async function fileProblems() {
  const problems = [];
  for (const document of output('git', ['ls-files', '*.md']).trim().split('\n')) {
    const text = await readFile(document, 'utf8');
    for (const [, link] of text.matchAll(/\]\(([^)#:\s]+)(?:#[^)]*)?\)/g)) {
      const isThere = await access(join(dirname(document), link)).then(
        () => true,
        () => false,
      );
      if (!isThere) problems.push(`${document}: ${link} is missing`);
    }
  }
  return problems;
}
