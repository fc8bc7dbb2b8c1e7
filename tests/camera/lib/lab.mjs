// Harness of the camera's tests: the built entry, a page, a browser.
import { build } from 'esbuild';
import { existsSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
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
  const client = 'pkg/index.js';
  if (!existsSync(client)) throw new Error('Build the package first: npm run build.');
  await mkdir(folder, { recursive: true });
  await Promise.all([
    bundleCamera(folder, { types: false }),
    writeScenes(folder),
    // On a server the wrappers load the client beside them.
    writeFile(join(folder, 'index.js'), "export * from '../../pkg/index.js';\n"),
  ]);
  await build({
    entryPoints: { react: 'tests/camera/react.page.js', vue: 'tests/camera/vue.page.js' },
    ...{ outdir: join(folder, 'pages'), bundle: true, format: 'esm', logLevel: 'warning' },
    define: {
      'process.env.NODE_ENV': '"development"',
      ...{ __VUE_OPTIONS_API__: 'true', __VUE_PROD_DEVTOOLS__: 'false' },
      __VUE_PROD_HYDRATION_MISMATCH_DETAILS__: 'false',
    },
    alias: { 'perse-wasm': folder },
    external: ['/pkg/*'],
    plugins: [besides],
  });
}

/** The page has one camera and one client, however many bundles use them. */
const besides = {
  name: 'besides',
  setup({ onResolve }) {
    onResolve({ filter: /^\.\/(camera|index)\.js$/ }, ({ path }) => ({
      path: path === './index.js' ? '/pkg/index.js' : '/build/camera-test/camera.js',
      external: true,
    }));
  },
};

/** Opens the page in an engine. Chromium's own fake camera plays `film`. */
export async function openLab(engine, { args = [], film, ...size } = {}) {
  const files = await serveFolder(root, {
    types: { '.jpg': 'image/jpeg' },
    headers: { 'cache-control': 'no-cache' },
  });
  const fake =
    film && engine === 'chromium'
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
    /** Loads the page again. With `{ engine: '' }` its elements use the package's engine, not the replay. */
    async open(query = {}, page = 'camera.html') {
      const search = new URLSearchParams(query);
      await driver.get(`${files.url}/tests/camera/${page}?${search}`);
      await inPage(driver, async () => {
        while (!globalThis.lab?.isReady) await new Promise((resolve) => setTimeout(resolve, 10));
      });
    },
    /** Runs a function in the page; what it gives has to be JSON. */
    inPage: (action, ...values) => inPage(driver, action, ...values),
    close: () => Promise.all([quit(), files.stop()]),
  };
}
