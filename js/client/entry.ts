/** What every entry exports: one shared client, and the way to more of them. */
import { createClient, type PerseClient } from './client.js';
import { createLoader, type CoreSource } from '../wasm/loader.js';
import type { PerseOptions } from '../types.js';

/** The page's own client, with what only an entry has. */
export interface Perse extends PerseClient {
  /**
   * Makes a client of its own, with its own token and settings: for a second tenant on one page.
   *
   * @example
   * const tenant = Perse.createPerse({ baseUrl: 'https://api.example.com/v0' });
   * tenant.setToken(tokenOfTheTenant);
   */
  createPerse(options?: PerseOptions): PerseClient;
  /**
   * Vue 3 plugin: sets `$Perse` on every component.
   *
   * @example
   * createApp(App).use(Perse.VueNextInstall).mount('#app');
   */
  VueNextInstall(app: { config: { globalProperties: object } }): void;
  /**
   * Vue 2 plugin: sets `$Perse` on every component.
   *
   * @example
   * Vue.use(Perse.VueInstall);
   */
  VueInstall(vue: { prototype: object }): void;
}

/** Creates an entry whose core comes from `source`. Loads nothing before the first call. */
export function createEntry(source: () => Promise<CoreSource>): Perse {
  const loader = createLoader(source);
  const createPerse = (options?: PerseOptions): PerseClient => createClient(loader, options);
  const perse: Perse = {
    ...createPerse(),
    createPerse,
    VueNextInstall: (app) => void Object.assign(app.config.globalProperties, { $Perse: perse }),
    VueInstall: (vue) => void Object.assign(vue.prototype, { $Perse: perse }),
  };
  return perse;
}
