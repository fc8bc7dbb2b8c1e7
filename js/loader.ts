/**
 * Loads the WebAssembly core at the first call, and replaces an instance that has failed. Importing
 * this module does nothing, so that a server can import it.
 */
import type * as Core from '../build/wasm/perse_wasm.js';
import type { Failure } from './types.js';

export type Operation = keyof typeof Core.Operation;

type Reject = (failure: Failure) => void;

let loading: Promise<typeof Core> | undefined;

/** The calls under way in the instance, which can't settle by themselves once it has panicked. */
const pending = new Set<Reject>();

/** Runs a method in the core. Rejects with a {@link Failure}. */
export async function call(operation: Operation, session: Core.Session, values: unknown[]): Promise<object> {
  const core = await load();
  return new Promise((resolve, reject: Reject) => {
    pending.add(reject);
    core
      .call(core.Operation[operation], session, values)
      .then(resolve, (reason) => reject(reason instanceof Error ? internalError(reason) : reason))
      .finally(() => pending.delete(reject));
  });
}

/** One load for all callers; a failed one is forgotten, so that the next call tries again. */
function load(): Promise<typeof Core> {
  loading ??= instantiate().catch((cause) => {
    loading = undefined;
    throw wasmUnavailable(cause);
  });
  return loading;
}

async function instantiate(): Promise<typeof Core> {
  const { core, module } = await import('./inline-wasm.js');
  await core.default({ module_or_path: await module() });
  core.start((place: string) => {
    loading = Promise.resolve().then(() => {
      // Instantiates the compiled module afresh, with empty memory.
      core.__wbg_reset_state();
      return instantiate();
    });
    for (const reject of pending) reject(internalError(place));
    pending.clear();
  });
  return core;
}

function internalError(cause: unknown): Failure {
  return {
    status: false,
    code: 'internal_error',
    message: `The SDK failed. Try again; if it happens again, report it with this: ${String(cause)}`,
  };
}

function wasmUnavailable(cause: unknown): Failure {
  return {
    status: false,
    code: 'wasm_unavailable',
    message:
      'WebAssembly could not start. If the page has a Content-Security-Policy, ' +
      `add 'wasm-unsafe-eval' to script-src. The browser said: ${String(cause)}`,
  };
}
