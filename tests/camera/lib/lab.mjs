// Where the camera's tests are done: the built entry, a page, a browser.
import { build } from 'esbuild';
import { join } from 'node:path';
import { bundleCamera } from '../../../scripts/lib/camera-bundle.mjs';
import { openBrowser } from '../../../scripts/lib/browser.mjs';
import { root } from '../../../scripts/lib/run.mjs';
import { inPage } from '../../consumers/lib/page.mjs';
import { serveFolder } from '../../consumers/lib/static.mjs';
import { writeScenes } from './scenes.mjs';

/** Everything the tests make, in `build/`. */
export const folder = join(root, 'build', 'camera-test');

/** Builds what the page loads, and makes the scenes. */
export async function prepareLab() {
  process.chdir(root);
  await Promise.all([
    bundleCamera(folder, { types: false }),
    writeScenes(folder),
    build({
      entryPoints: { react: 'tests/camera/react.page.js', vue: 'tests/camera/vue.page.js' },
      ...{ outdir: join(folder, 'pages'), bundle: true, format: 'esm', logLevel: 'warning' },
      ...{ define: { 'process.env.NODE_ENV': '"development"', __VUE_OPTIONS_API__: 'true' } },
      ...{ external: ['perse-wasm/*', 'perse-wasm'] },
      alias: { 'perse-wasm': folder },
    }),
  ]);
}

/** Opens the page in an engine. `camera: true` has Chromium's own fake camera play `film`. */
export async function openLab(engine, { args = [], film, ...size } = {}) {
  const files = await serveFolder(root, {
    types: { '.jpg': 'image/jpeg' },
    headers: { 'cache-control': 'no-cache' },
  });
  const fake = film
    ? [
        ...['--use-fake-device-for-media-stream', '--use-fake-ui-for-media-stream'],
        `--use-file-for-fake-video-capture=${film}`,
      ]
    : [];
  const { driver, quit } = await openBrowser(engine, { ...size, args: [...args, ...fake] }).catch(
    async (error) => {
      await files.stop();
      throw error;
    },
  );
  return {
    ...{ engine, driver, url: files.url },
    /** Loads the page anew. */
    async open(query = {}, page = 'camera.html') {
      await driver.get(`${files.url}/tests/camera/${page}?${new URLSearchParams(query)}`);
      await inPage(driver, async () => {
        while (!globalThis.lab?.isReady) await new Promise((resolve) => setTimeout(resolve, 10));
      });
    },
    /** Runs a function in the page; what it gives has to be JSON. */
    inPage: (action, ...values) => inPage(driver, action, ...values),
    close: () => Promise.all([quit(), files.stop()]),
  };
}
