/** Maps each purpose to its route, and the service's response to its verdict. */
import { own } from './options.js';

/**
 * Purpose of a verification: `login` compares one photo with an enrolled user, `match` two photos of the
 * page, `enrol` enrols a new user, `detect` judges one photo's quality.
 */
export type Purpose = 'login' | 'match' | 'enrol' | 'detect';

/** Verdict of the service's response on a verification. */
export interface Verdict {
  passed: boolean;
  code: string;
  similarity?: number | undefined;
  threshold?: number | undefined;
  userToken?: string | undefined;
  /** Response to the page when only the verdict is revealed. */
  page: object;
}

export interface Route {
  path: string;
  /** The fields that hold the images. */
  images: readonly string[];
  scope: 'compare' | 'enrol' | 'detect';
  /** Returns `undefined` for a response that is not one of the API. */
  judge(body: unknown): Verdict | undefined;
}

export const ROUTES: Readonly<Record<Purpose, Route>> = {
  login: { path: '/face/compare', images: ['image_file'], scope: 'compare', judge: judgeComparison },
  match: {
    path: '/face/compare',
    images: ['image_file1', 'image_file2'],
    scope: 'compare',
    judge: judgeComparison,
  },
  enrol: { path: '/face/enrollment', images: ['image_file'], scope: 'enrol', judge: judgeEnrolment },
  detect: { path: '/face/detect', images: ['image_file'], scope: 'detect', judge: judgeDetection },
};

/** A similarity tells an attacker which photo came closer, so the page reads 0 or 100 and a threshold of 50. */
function judgeComparison(body: unknown): Verdict | undefined {
  const similarity = number(body, 'similarity');
  const threshold = number(own(body, 'default_thresholds'), 'similarity');
  if (isNaN(similarity + threshold)) return undefined;
  const passed = similarity >= threshold;
  return {
    passed,
    code: passed ? 'similar' : 'not_similar',
    ...{ similarity, threshold },
    page: {
      similarity: passed ? 100 : 0,
      image_tokens: ['', ''],
      default_thresholds: { similarity: 50 },
      time_taken: 0,
    },
  };
}

function judgeEnrolment(body: unknown): Verdict | undefined {
  const userToken = own(body, 'user_token');
  if (typeof userToken !== 'string' || userToken === '') return undefined;
  return {
    passed: true,
    code: 'success',
    userToken,
    page: { user_token: '', time_taken: 0, status: 200 },
  };
}

/** Each metric of a face, and whether its threshold is the most or the least that is good. */
const METRICS = { underexposure: 1, overexposure: 1, sharpness: -1 };

/** Passes where there is a face and every face is within the response's own thresholds. */
function judgeDetection(body: unknown): Verdict | undefined {
  const faces = own(body, 'faces');
  const thresholds = own(body, 'default_thresholds');
  if (!Array.isArray(faces) || typeof thresholds !== 'object') return undefined;
  // False, too, for a metric or a threshold that is missing.
  const isGood = (face: unknown) =>
    Object.entries(METRICS).every(
      ([name, sign]) => sign * number(own(face, 'face_metrics'), name) <= sign * number(thresholds, name),
    );
  const passed = faces.length > 0 && faces.every(isGood);
  const code = faces.length === 0 ? 'no_face_detected' : passed ? 'success' : 'bad_image_quality';
  // The score itself would tell which presentation came closer.
  const hideScore = (face: object) => ({
    ...face,
    liveness_score: number(face, 'liveness_score') >= number(thresholds, 'liveness') ? 1 : 0,
  });
  return { passed, code, page: { ...(body as object), faces: faces.map(hideScore), image_token: '' } };
}

/** Returns a finite number of the response, NaN for anything else. */
function number(object: unknown, name: string): number {
  const value = own(object, name);
  return typeof value === 'number' && Number.isFinite(value) ? value : NaN;
}
