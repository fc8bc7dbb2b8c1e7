/** The engine's numbers, as the detection that they are. */
import type { Detection, Face, Metrics, Point } from '../../types.js';
import type { Numbers } from '../numbers.js';

/** Numbers before the first face, and of each face: the order is that of `report` in `crates/device/src/photos.rs`. */
const HEAD = 7;
const FACE = 23;

/** A detection without what does not come from the photo's pixels. */
export type Found = Omit<Detection, 'imageToken' | 'timeTaken'>;

/** Reads the report on a photo. */
export function toDetection(numbers: Float32Array): Found {
  const values = Array.from(numbers, rounded);
  const [underexposure, overexposure, sharpness, ...image] = values as Numbers<7>;
  const faces: Face[] = [];
  for (let at = HEAD; at + FACE <= values.length; at += FACE) faces.push(toFace(values.slice(at, at + FACE)));
  return {
    ...{ totalFaces: faces.length, faces, imageMetrics: toMetrics(image) },
    defaultThresholds: { underexposure, overexposure, sharpness },
  };
}

/** Six decimals, all that a float of 32 bits has to say. */
const rounded = (value: number): number => Math.round(value * 1e6) / 1e6;

function toFace(values: number[]): Face {
  const point = (index: number) => values.slice(index * 2, index * 2 + 2) as Point;
  const [rotation, yaw, pitch, roll] = values.slice(19) as Numbers<4>;
  return {
    landmarks: {
      rightEye: point(0),
      leftEye: point(1),
      nose: point(2),
      mouthRight: point(3),
      mouthLeft: point(4),
    },
    boundingBox: values.slice(10, 14) as Numbers<4>,
    confidence: values[14]!,
    faceMetrics: { ...toMetrics(values.slice(15, 19) as Numbers<4>), rotation, yaw, pitch, roll },
  };
}

function toMetrics([underexposure, overexposure, sharpness, color]: Numbers<4>): Metrics {
  return { underexposure, overexposure, sharpness, color };
}
