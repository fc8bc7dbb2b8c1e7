/**
 * Loads the WebAssembly core at the first call, and replaces an instance that has failed. Nothing
 * happens before that, so that a server can import the package.
 */
import type * as Core from '../build/wasm/perse_wasm.js';
import type { Cause } from './messages.js';
import type { Code, WasmSource } from './types.js';

export type Operation = keyof typeof Core.Operation;

/** What a method resolves to, before its code is put into words. */
export interface Outcome {
  code: Code;
  detail?: string;
}

export interface PerseCore {
  /** Loads the module, if it is not loaded yet; rejects with a {@link Cause}. */
  load(): Promise<typeof Core>;
  /** Runs a method; rejects with a {@link Cause}. */
  call(operation: Operation, context: Core.CallContext, inputs: unknown[]): Promise<Outcome>;
  /** Loads the module from there, if it is not loaded yet. */
  use(wasm: WasmSource): void;
}

/** The core's glue, and where its module comes from unless the page says otherwise. */
export type CoreSource = typeof Core & { module(): WasmSource };

/** A core of its own, loaded from `source` when the first call needs it. */
export function createCore(source: () => Promise<CoreSource>): PerseCore {
  let given: WasmSource | undefined;
  let loading: Promise<typeof Core> | undefined;
  let hasPanicked = false;

  /** The calls in the instance, which can't settle by themselves once it has panicked. */
  const pending = new Set<(cause: Cause) => void>();

  /** One load for all callers; a failed one is forgotten, so that the next call tries again. */
  function load(): Promise<typeof Core> {
    loading ??= instantiate().catch((cause) => {
      loading = undefined;
      throw cause;
    });
    return loading;
  }

  async function instantiate(): Promise<typeof Core> {
    const core = await source().catch((cause) => {
      throw scriptUnavailable(cause);
    });
    let module: WasmSource | undefined;
    try {
      if (hasPanicked) core.__wbg_reset_state();
      else {
        module = await (given ?? core.module());
        await core.default({ module_or_path: module });
      }
      hasPanicked = false;
      core.start(onPanic);
      return core;
    } catch (cause) {
      throw wasmUnavailable(cause, module);
    }
  }

  /** The instance can't be trusted any more: the next call gets a fresh one of the same module. */
  function onPanic(place: string): void {
    hasPanicked = true;
    loading = undefined;
    for (const reject of pending) reject(internalError(place));
    pending.clear();
  }

  async function run(core: typeof Core, ...[operation, context, inputs]: Parameters<PerseCore['call']>) {
    try {
      return (await core.call(core.Operation[operation], context, inputs)) as Outcome;
    } catch (reason) {
      if (!(reason instanceof Error)) throw reason; // what the core tells
      // Without a panic something went wrong that the core could not tell, as when memory runs out.
      if (reason instanceof WebAssembly.RuntimeError) onPanic(reason.message);
      throw internalError(reason);
    }
  }

  return {
    load,
    async call(...call) {
      const core = await load();
      return new Promise((resolve, reject: (cause: Cause) => void) => {
        pending.add(reject);
        run(core, ...call)
          .then(resolve, reject)
          .finally(() => pending.delete(reject));
      });
    },
    use(wasm) {
      given = wasm;
    },
  };
}

export function internalError(cause: unknown): Cause {
  return {
    code: 'internal_error',
    detail: `The SDK failed. Try again; if it happens again, report it with this: ${cause}`,
  };
}

export function scriptUnavailable(cause: unknown): Cause {
  const detail =
    `A script of this package could not be loaded. Check the connection and load the page again; ` +
    `if it stays so, serve all files of the package. The browser said: ${cause}`;
  return { code: 'wasm_unavailable', detail };
}

/** What to change: a file that is not there is told from a policy that forbids WebAssembly. */
function wasmUnavailable(cause: unknown, module: unknown): Cause {
  const place = module instanceof Response ? module.url : module;
  const isFile = typeof place === 'string' || place instanceof URL;
  const isForbidden = /unsafe-eval|CSP|Content.Security/i.test(String(cause));
  const advice =
    isFile && !isForbidden
      ? `Serve perse.wasm of this package at ${place}, or say where it is: Perse.configure({ wasm: url }).`
      : "If the page has a Content-Security-Policy, add 'wasm-unsafe-eval' to script-src.";
  return {
    code: 'wasm_unavailable',
    detail: `WebAssembly could not start. ${advice} The browser said: ${cause}`,
  };
}
