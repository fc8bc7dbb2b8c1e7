// Vercel's edge runtime, which Next.js also runs its edge routes in. It takes a script, not a module.
import { build } from 'esbuild';
import { EdgeRuntime } from 'edge-runtime';

const [api, hostile, privateKey] = process.argv.slice(2);
const { outputFiles } = await build({
  stdin: {
    contents: `import worker from './worker.mjs';
      addEventListener('fetch', (event) => event.respondWith(worker.fetch(event.request)));`,
    resolveDir: process.cwd(),
  },
  bundle: true,
  write: false,
  format: 'iife',
});
const runtime = new EdgeRuntime({ initialCode: outputFiles[0].text });
const response = await runtime.dispatchFetch(
  `https://edge.example/?${new URLSearchParams({ api, hostile, privateKey })}`,
);
console.log(await response.text());
