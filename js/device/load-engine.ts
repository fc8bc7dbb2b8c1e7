/** Loads the face engine's parts, and starts it in a worker. */
import type { Analyser, AnalyserOptions } from '../camera/analyser.js';
import { CameraError } from '../camera/errors.js';
import { startScript } from '../script-worker.js';
import { inflate } from '../wasm/inflate.js';
import { hasVectors } from '../wasm/vectors.js';
import { captureWeights } from './capture-weights.js';
import { fetchWeights } from './fetch-weights.js';
import { startWorkerAnalyser } from './worker-analyser.js';

let compiling: Promise<WebAssembly.Module> | undefined;

/** Rejects with a `CameraError` of the code `models_unavailable` or `wasm_unavailable`. */
export async function loadEngine({ models }: AnalyserOptions): Promise<Analyser> {
  const [module, weights, script] = await Promise.all([
    compile().catch(failAs('wasm_unavailable')),
    (models ? fetchWeights(models) : captureWeights()).catch(failAs('models_unavailable')),
    import('./engine-script.js').catch(failAs('wasm_unavailable')),
  ]);
  const { worker, release } = start(script.default);
  try {
    return await startWorkerAnalyser(worker, module, weights);
  } finally {
    release();
  }
}

/** One module for all captures of the page; a failed load is forgotten, so that the next one tries again. */
function compile(): Promise<WebAssembly.Module> {
  compiling ??= load().catch((cause) => {
    compiling = undefined;
    throw cause;
  });
  return compiling;
}

async function load(): Promise<WebAssembly.Module> {
  const chunk = await (hasVectors() ? import('./engine-simd.js') : import('./engine-plain.js'));
  return WebAssembly.compile(await inflate(chunk.default));
}

function start(script: string) {
  try {
    return startScript(script);
  } catch (cause) {
    return failAs('wasm_unavailable')(cause);
  }
}

const failAs =
  (code: CameraError['code']) =>
  (cause: unknown): never => {
    throw cause instanceof CameraError ? cause : new CameraError(code, cause);
  };
