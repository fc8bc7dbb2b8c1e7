// The plugins fit what Vue takes, without its types: these are the parts of them that matter here.
import { VueInstall, VueNextInstall } from 'perse-wasm';

interface Vue3App {
  config: { globalProperties: Record<string, unknown> & { $router?: object } };
  use<Options extends unknown[]>(plugin: (app: Vue3App, ...options: Options) => unknown): this;
}
interface Vue2 {
  prototype: { $mount(): void };
  use(plugin: (vue: Vue2, options?: unknown) => void): Vue2;
}

export const three = (app: Vue3App): Vue3App => app.use(VueNextInstall);
export const two = (vue: Vue2): Vue2 => vue.use(VueInstall);
