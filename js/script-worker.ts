/**
 * Workers that start from their text, which works in every bundle and on `file://`; a policy needs
 * `worker-src blob:` for it.
 */

/** A worker that was started from its text. */
export interface ScriptWorker {
  /** The worker. A policy that forbids it shows as an error event. */
  worker: Worker;
  /** Frees the text, once the worker has answered or failed. */
  release(): void;
}

/** Starts a worker. Throws where a policy forbids it at once, or where there are no object URLs. */
export function startScript(script: string): ScriptWorker {
  const url = URL.createObjectURL(new Blob([script], { type: 'text/javascript' }));
  const release = () => URL.revokeObjectURL(url);
  try {
    return { worker: new Worker(trusted(url)), release };
  } catch (cause) {
    release();
    throw cause;
  }
}

interface TrustedTypes {
  createPolicy(name: string, rules: object): { createScriptURL(url: string): string };
}

let policy: { createScriptURL(url: string): string } | undefined;

/** Wraps the URL for pages whose policy requires Trusted Types; it then has to allow the name `perse-wasm`. */
function trusted(url: string): string {
  const { trustedTypes } = globalThis as { trustedTypes?: TrustedTypes };
  policy ??= trustedTypes?.createPolicy('perse-wasm', { createScriptURL: (url: string) => url });
  return policy?.createScriptURL(url) ?? url;
}
