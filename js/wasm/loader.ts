/**
 * Loads the WebAssembly core at the first call, and replaces an instance that panicked. Importing the package
 * loads nothing, so that a server can import it.
 */
import { internalError, scriptUnavailable, type ErrorDetail } from '../messages/error-detail.js';
import type { WasmSource } from '../types.js';

/** The core's generated glue. */
export type Core = typeof import('../../build/core/perse_wasm.js');

/** The core's glue, and the default place of its module. */
export type CoreSource = Core & { module(): WasmSource };

export interface Loader {
  /** Loads the module unless it is loaded; rejects with an {@link ErrorDetail}. */
  load(): Promise<Core>;
  /** Calls the core; rejects with what the core rejects with, or an {@link ErrorDetail} if it panics. */
  call<Result>(action: (core: Core) => Promise<Result>): Promise<Result>;
  /** Sets the place of the module. @throws ErrorDetail when it was loaded already. */
  use(wasm: WasmSource): void;
}

/** Creates a loader; `source` loads the glue. */
export function createLoader(source: () => Promise<CoreSource>): Loader {
  let configured: WasmSource | undefined;
  let loading: Promise<Core> | undefined;
  let hasInstance = false;

  /** Rejects the calls in the instance, which never settle by themselves after a panic. */
  const pending = new Set<(error: ErrorDetail) => void>();

  /** One load for all callers; a failed one is forgotten, so that the next call tries again. */
  function load(): Promise<Core> {
    loading ??= instantiate().catch((error) => {
      loading = undefined;
      throw error;
    });
    return loading;
  }

  async function instantiate(): Promise<Core> {
    const lack = missing();
    if (lack) throw { code: 'wasm_unavailable', detail: lack } satisfies ErrorDetail;
    const core = await source().catch((error) => {
      throw scriptUnavailable(error);
    });
    let module: WasmSource | undefined;
    try {
      if (!hasInstance) {
        module = await (configured ?? core.module());
        await core.default({ module_or_path: module });
        hasInstance = true;
      }
      // After a panic this call gets a new instance of the same module.
      core.start(onPanic);
      return core;
    } catch (error) {
      throw wasmUnavailable(error, module);
    }
  }

  function onPanic(file: string, line?: number): void {
    loading = undefined;
    for (const reject of pending) reject(internalError(line ? `${file}:${line}` : file));
    pending.clear();
  }

  /** Passes on what the core rejects with; another error is one inside the instance, such as full memory. */
  async function run<Result>(core: Core, action: (core: Core) => Promise<Result>): Promise<Result> {
    try {
      return await action(core);
    } catch (reason) {
      if (!(reason instanceof Error)) throw reason;
      if (reason instanceof WebAssembly.RuntimeError && loading) {
        core.discard();
        onPanic(reason.message);
      }
      throw internalError(reason);
    }
  }

  return {
    load,
    async call(action) {
      const core = await load();
      return new Promise((resolve, reject) => {
        pending.add(reject);
        run(core, action)
          .then(resolve, reject)
          .finally(() => pending.delete(reject));
      });
    },
    use(wasm) {
      if (loading) {
        const detail =
          'configure: set wasm before the first call. The WebAssembly module was loaded already.';
        throw { code: 'invalid_request', detail } satisfies ErrorDetail;
      }
      configured = wasm;
    },
  };
}

/** Describes what this environment lacks to run the package; `undefined` if it has all. */
function missing(): string | undefined {
  const [imitation] = /jsdom|happydom/i.exec(globalThis.navigator?.userAgent) ?? [];
  if (imitation) {
    return `${imitation} imitates a browser without its files and requests. In tests use createMockPerse of perse-wasm/testing.`;
  }
  const name = ['WebAssembly', 'TextDecoder', 'Response', 'FormData'].find((name) => !(name in globalThis));
  // iOS in Lockdown Mode has no WebAssembly.
  return name && `This environment has no ${name}.`;
}

/** Describes what to change: a missing file, or a policy that forbids WebAssembly. */
function wasmUnavailable(error: unknown, module: unknown): ErrorDetail {
  const place = module instanceof Response ? module.url : module;
  const isFile = typeof place === 'string' || place instanceof URL;
  const isForbidden = /unsafe-eval|CSP|Content.Security/i.test(String(error));
  const advice =
    isFile && !isForbidden
      ? `Serve perse.wasm of this package at ${place}, or set its place: Perse.configure({ wasm: url }).`
      : "If the page has a Content-Security-Policy, add 'wasm-unsafe-eval' to script-src.";
  return {
    code: 'wasm_unavailable',
    detail: `WebAssembly could not start. ${advice} The browser said: ${error}`,
  };
}
