/**
 * Loads the face engine of this package. Without it the camera works by hand: the person gets no
 * guidance, and takes the photo with the button.
 */
import type { Analyser, AnalyserOptions } from './analyser.js';
import { CameraError } from './errors.js';

/** Rejects with `models_unavailable` as long as the package has no engine for the tab. */
export async function loadEngine(_options: AnalyserOptions): Promise<Analyser> {
  throw new CameraError('models_unavailable', 'This build of the package has no face engine.');
}
