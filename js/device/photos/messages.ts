/** Messages between the page and the worker of the engine of photos. Each question has one answer. */
import type { ErrorDetail } from '../../messages/error-detail.js';

/** From the page: first the engine's parts, the weights that describe faces before the first comparison. */
export type Question =
  | {
      /** The compiled engine. */
      module: WebAssembly.Module;
      /** Weights that find faces: those of a camera, and the others. Transferred. */
      weights: [capture: ArrayBuffer, detection: ArrayBuffer];
    }
  | {
      /** Weights that describe faces. Transferred. */
      recognition: ArrayBuffer;
    }
  | {
      /** The photo whose faces are asked for. */
      detect: Blob;
    }
  | {
      /** The photos whose largest faces are compared. */
      compare: [Blob, Blob];
    };

/** From the worker. */
export type Answer =
  | {
      /** The engine has its weights. */
      isReady: true;
    }
  | {
      /** The numbers of `report` in `crates/device/src/photos.rs`. */
      faces: Float32Array;
    }
  | {
      /** Similarity of the two faces, 0..100. */
      similarity: number;
      /** At least this similarity means the same person. */
      threshold: number;
    }
  | {
      /** Why the question has no answer. */
      errorDetail: ErrorDetail;
    };
