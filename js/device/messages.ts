/** Messages between the page and the face engine's worker. Each has one response, in order. */
import type { AnalysedFrame, FrameReport } from '../camera/analyser.js';

/** From the page: first the engine's parts, then frame after frame. */
export type Task =
  | {
      /** The compiled engine. */
      module: WebAssembly.Module;
      /** The networks' weights, unpacked; transferred. */
      weights: ArrayBuffer;
    }
  | {
      /** A frame of at most 480 pixels on the shorter side; transferred, and closed by the worker. */
      frame: AnalysedFrame;
    };

/** From the worker. */
export type Answer =
  | {
      /** The engine has its weights and takes frames. */
      isReady: true;
    }
  | {
      /** Report on the frame. */
      report: FrameReport;
    }
  | {
      /** The engine cannot go on. */
      failure: {
        /** Whether it is the weights or the module. */
        code: 'models_unavailable' | 'wasm_unavailable';
        /** For developers. */
        message: string;
      };
    };
