/** Creates the exports of every entry: one shared client, and a function for more of them. */
import { createClient, type PerseClient } from './client.js';
import { own } from '../own.js';
import { createLoader, type CoreSource, type Loader } from '../wasm/loader.js';
import type { PerseOptions } from '../types.js';

/** The page's own client, with what only an entry has. */
export interface Perse extends PerseClient {
  /**
   * Creates another client with its own token and settings, for a second tenant on one page.
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
  VueNextInstall: VuePlugin<VueApp>;
  /**
   * Vue 2 plugin: sets `$Perse` on every component.
   *
   * @example
   * Vue.use(Perse.VueInstall);
   */
  VueInstall: VuePlugin<VueConstructor>;
  /**
   * Loads what the first call needs, and with `photos` what a photo needs that is encoded again. It is never needed;
   * on a slow network the first call is faster. Resolves in any case: a failure shows in the first call.
   *
   * @example
   * loginButton.addEventListener('pointerenter', () => Perse.preload({ photos: true }));
   */
  preload(options?: PreloadOptions): Promise<void>;
}

/** Options of `preload`. */
export interface PreloadOptions {
  /**
   * Whether photos follow.
   *
   * @default false
   */
  photos?: boolean;
}

/** An application of Vue 3. */
export interface VueApp {
  /** Its configuration. */
  config: {
    /** Properties of every component. */
    globalProperties: object;
  };
}

/** The constructor of Vue 2. */
export interface VueConstructor {
  /** Properties of every component. */
  prototype: object;
}

/** A plugin of Vue: a function, which is its own `install`. */
export interface VuePlugin<Target> {
  /** Sets `$Perse` on every component; an API key goes to `init`. */
  (target: Target, apiKey?: unknown): void;
  /**
   * The same function.
   *
   * @example
   * Vue.use(Perse.VueInstall, apiKey);
   */
  install(target: Target, apiKey?: unknown): void;
}

/** Creates an entry whose core comes from `source`. Loads nothing before the first call. */
export function createEntry(source: () => Promise<CoreSource>): Perse {
  const loader: Loader = createLoader(source);
  const createPerse = (options?: PerseOptions): PerseClient => createClient(loader, options);
  const perse: Perse = {
    ...createPerse(),
    createPerse,
    VueNextInstall: plugin((app) => app.config.globalProperties),
    VueInstall: plugin((vue) => vue.prototype),
    async preload(options) {
      const wanted: Promise<unknown>[] = [loader.load()];
      if (own(options, 'photos')) wanted.push(import('../photo/encoder.js').then(({ preload }) => preload()));
      await Promise.allSettled(wanted);
    },
  };
  return perse;

  function plugin<Target>(componentsOf: (target: Target) => object): VuePlugin<Target> {
    const install = (target: Target, apiKey?: unknown) => {
      // Vue passes whatever a page passes.
      if (typeof apiKey === 'string') perse.init(apiKey);
      Object.assign(componentsOf(target), { $Perse: perse });
    };
    return Object.assign(install, { install });
  }
}
