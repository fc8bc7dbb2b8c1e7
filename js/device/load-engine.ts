/** Loads the face engine's parts, and starts it in a worker. */
import type { Analyser, AnalyserOptions } from '../camera/analyser.js';
import { CameraError } from '../camera/errors.js';
import { startScript } from '../script-worker.js';
import { lazyModule } from '../wasm/lazy-module.js';
import { captureWeights } from './capture-weights.js';
import { fetchWeights } from './fetch-weights.js';
import { startWorkerAnalyser } from './worker-analyser.js';

const loadModule = lazyModule(
  () => import('./engine-simd.js'),
  () => import('./engine-plain.js'),
);

/** Rejects with a `CameraError` of the code `models_unavailable` or `wasm_unavailable`. */
export async function loadEngine({ models }: AnalyserOptions): Promise<Analyser> {
  const [module, weights, script] = await Promise.all([
    loadModule().catch(failAs('wasm_unavailable')),
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
