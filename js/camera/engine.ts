/** Loads the face engine of this package when the first camera starts. */
import type { Analyser, AnalyserOptions } from './analyser.js';
import { CameraError } from './errors.js';

/** Rejects with `models_unavailable` or `wasm_unavailable`. The camera works by hand then. */
export async function loadEngine(options: AnalyserOptions): Promise<Analyser> {
  const device = await import('../device/load-engine.js').catch((cause) => {
    throw new CameraError('wasm_unavailable', cause);
  });
  return device.loadEngine(options);
}
