/** The face engine's worker: loads the engine, then reports on one frame after the other. The build makes a text of it. */
import { CameraEngine, initSync } from '../../build/camera-engine/perse_device.js';
import type { AnalysedFrame } from '../camera/analyser.js';
import type { Answer, Task } from './messages.js';
import { toReport } from './report.js';

let engine: CameraEngine | undefined;
let canvas: OffscreenCanvasRenderingContext2D | undefined;

onmessage = ({ data }: MessageEvent<Task>) => {
  let answer: Answer;
  try {
    answer = 'module' in data ? start(data) : analyse(data.frame);
  } catch (cause) {
    answer = { failure: { code: 'wasm_unavailable', message: String(cause) } };
  }
  postMessage(answer);
};

function start({ module, weights }: { module: WebAssembly.Module; weights: ArrayBuffer }): Answer {
  initSync({ module });
  engine = CameraEngine.create(new Uint8Array(weights));
  if (engine) return { isReady: true };
  return { failure: { code: 'models_unavailable', message: 'The weights are damaged.' } };
}

function analyse(frame: AnalysedFrame): Answer {
  const { data, width, height } = pixelsOf(frame);
  return { report: toReport(engine!.track(data, width, performance.now()), width, height) };
}

function pixelsOf(frame: AnalysedFrame): ImageData {
  const [width, height] =
    'displayWidth' in frame ? [frame.displayWidth, frame.displayHeight] : [frame.width, frame.height];
  if (canvas?.canvas.width !== width || canvas.canvas.height !== height) {
    // Safari before 17 has no canvas in workers.
    canvas = new OffscreenCanvas(width, height).getContext('2d', { willReadFrequently: true })!;
  }
  canvas.drawImage(frame, 0, 0);
  frame.close();
  return canvas.getImageData(0, 0, width, height);
}
