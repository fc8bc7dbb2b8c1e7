/** The engine's numbers, as the report that they are. */
import type { Exposure, FaceReport, FrameReport } from '../camera/analyser.js';
import type { Numbers } from './numbers.js';

/** Numbers before the first face, and of each face: the order is that of `report` in `crates/device`. */
const HEAD = 4;
const FACE = 13 + 2 * 68;

/** Reads the report on a frame. */
export function toReport(numbers: Float32Array, width: number, height: number): FrameReport {
  const faces: FaceReport[] = [];
  for (let at = HEAD; at + FACE <= numbers.length; at += FACE) faces.push(toFace(numbers, at));
  return { width, height, faces, searched: numbers[0] === 1, exposure: toExposure(numbers, 1) };
}

function toFace(numbers: Float32Array, at: number): FaceReport {
  const [x, y, width, height, yaw, pitch, roll] = numbers.subarray(at) as unknown as Numbers<7>;
  const [left, right, mouth] = numbers.subarray(at + 10) as unknown as Numbers<3>;
  return {
    box: { x, y, width, height },
    points: numbers.slice(at + 13, at + FACE),
    ...{ yaw, pitch, roll, mouth, eyes: { left, right }, quality: toExposure(numbers, at + 7) },
  };
}

function toExposure(numbers: Float32Array, at: number): Exposure {
  const [underexposure, overexposure, sharpness] = numbers.subarray(at) as unknown as Numbers<3>;
  return { underexposure, overexposure, sharpness };
}
