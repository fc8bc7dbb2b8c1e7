/** Runs one call: arguments → photos → attempts → result. */
import {
  internalError,
  isErrorDetail,
  scriptUnavailable,
  type ErrorDetail,
} from '../messages/error-detail.js';
import { presentable } from '../messages/presentable.js';
import { own } from '../own.js';
import {
  DEFAULT_LIMITS,
  judgePhoto,
  preparePhoto,
  type PhotoOptions,
  type ReadyPhoto,
} from '../photo/prepare.js';
import type { Source } from '../photo/source.js';
import { randomId } from '../random-id.js';
import type { TokenCache } from '../session/token-cache.js';
import type {
  Code,
  Comparison,
  DetectedImage,
  Detection,
  Engine,
  Face,
  Origin,
  Point,
  PrepareLimits,
} from '../types.js';
import type { Core, Loader } from '../wasm/loader.js';
import { splitArguments, type Arguments } from './arguments.js';
import { repeat, type AttemptState } from './attempts.js';
import { boundedFetch } from './bounded-fetch.js';
import type { Deadline } from './deadline.js';
import { since, type Report } from './events.js';
import { readBaseUrl, type Settings } from './options.js';

/** A detection of a hundred faces has 60 kB. */
const MAX_RESPONSE_BYTES = 1_000_000;
/** A million users, 40 bytes each, and room for more. */
const MAX_LIST_BYTES = 64_000_000;

/** The name of a method in the core's class. */
export type Method =
  | 'detect'
  | 'compare'
  | 'isSimilar'
  | 'quality'
  | 'qualityWithSpoofCheck'
  | 'enrollmentCreate'
  | 'enrollmentRead'
  | 'enrollmentUpdate'
  | 'enrollmentDelete'
  | 'imagePrepare'
  | 'imageQuality'
  // Of the facade alone.
  | 'verify'
  | 'qualityOf';

/** Methods that are requests to the service. */
type Attempted = Exclude<Method, 'imagePrepare' | 'imageQuality' | 'verify' | 'qualityOf'>;

/** A result before its code is put into words. */
export interface Outcome {
  status: boolean;
  code: Code;
  detail?: string | undefined;
}

/** The parts of a client that a call needs. */
export interface CallContext {
  loader: Loader;
  tokens: TokenCache;
  /** Reads the current settings, which may change during a call. */
  settings(): Settings;
  apiKey: string | undefined;
  /** Collects the credentials that were sent, to keep them out of errors. */
  secrets: Set<string | undefined>;
  /** Reports the steps of the call. */
  report: Report;
  /** Starts the time limit of the call. */
  startDeadline(timeout: number, signal: AbortSignal | undefined): Deadline;
}

interface Running extends CallContext, Arguments {
  method: Method;
  core: Core;
  deadline: Deadline;
  baseUrl: string;
}

/**
 * Runs a method with a page's arguments.
 *
 * @throws ErrorDetail without the credentials that were sent.
 */
export async function runCall(method: Method, values: unknown[], context: CallContext): Promise<Outcome> {
  try {
    return await run(method, values, context);
  } catch (error) {
    const refused = isErrorDetail(error) ? error : internalError(error);
    const detail = own(refused, 'detail');
    throw {
      code: refused.code,
      detail: typeof detail === 'string' ? context.tokens.redact(detail, context.secrets) : undefined,
      image: own(refused, 'image') as ErrorDetail['image'],
    } satisfies ErrorDetail;
  }
}

async function run(method: Method, values: unknown[], context: CallContext): Promise<Outcome> {
  const args = splitArguments(method === 'qualityOf' ? [] : values);
  const { timeout, ...settings } = context.settings();
  // A relative URL that was set without a page becomes absolute with one; any other was read when it was set.
  const isRelative = /^[./]/.test(settings.baseUrl);
  const { baseUrl, problem } = isRelative
    ? readBaseUrl(settings.baseUrl)
    : { baseUrl: settings.baseUrl, problem: undefined };
  if (problem) throw { code: 'invalid_request', detail: problem } satisfies ErrorDetail;

  const deadline = context.startDeadline(args.options.timeout ?? timeout, args.options.signal);
  try {
    const core = await deadline.within(context.loader.load(), 'module');
    const call: Running = { ...context, ...args, method, core, deadline, baseUrl };
    if (method === 'qualityOf') return judgeDetection(core, values);
    checkCall(method === 'verify' ? 'compare' : method, call);
    switch (method) {
      case 'imagePrepare':
        return await prepareImage(call);
      case 'imageQuality':
        return await judgeImage(call);
      case 'verify':
        return await verify(call);
      case 'detect':
        return await detect(call);
      default:
        return await runAttempts(method, call);
    }
  } catch (error) {
    deadline.abort();
    throw error;
  } finally {
    deadline.end();
  }
}

const operationOf = (core: Core, method: Method): number =>
  core.Operation[(method[0]!.toUpperCase() + method.slice(1)) as keyof Core['Operation'] & string];

/** @throws ErrorDetail for wrong arguments, and where the consent is missing. */
function checkCall(method: Method, call: Running): void {
  const { core, images, settings, userTokens } = call;
  const { engine } = settings();
  if (engine && userTokens.length > 0) {
    const detail = 'An engine on the device knows no enrolled users: compare two photos.';
    throw { code: 'invalid_request', detail } satisfies ErrorDetail;
  }
  // Finding a face on the device makes no biometric template, and sends nothing.
  const needsNone = engine && (method === 'detect' || method === 'quality');
  core.checkCall(operationOf(core, method), [...images, ...userTokens], needsNone || hasConsent(call));
}

/** Judges the result of a detection; a detection that failed stays a failure. */
function judgeDetection(core: Core, [detection, spoofCheck]: unknown[]): Outcome {
  const [code, message] = [own(detection, 'code'), own(detection, 'message')];
  if (own(detection, 'status') === false && isErrorDetail(detection)) {
    throw { code, detail: message } as ErrorDetail;
  }
  return core.judgeDetection(detection, spoofCheck === true);
}

async function detect(call: Running): Promise<Outcome> {
  const photos: ReadyPhoto[] = [];
  const outcome = await runAttempts('detect', call, photos);
  return placeFaces(outcome as Outcome & Detection, photos[0]!);
}

/** Converts the places of faces from pixels of the photo that was sent to pixels of the image of the page. */
export function placeFaces(
  detection: Outcome & Detection,
  { width, height, source }: ReadyPhoto,
): Outcome & Detection & DetectedImage {
  const imageSize = { width: source[0], height: source[1] };
  const factors = [source[0] / width, source[1] / height];
  if (factors.every((factor) => factor === 1)) return { ...detection, imageSize };
  const scale = (value: number, axis: number) => Math.round(value * factors[axis % 2]!);
  const faces = detection.faces.map((face) => ({
    ...face,
    boundingBox: face.boundingBox.map(scale) as Face['boundingBox'],
    landmarks: Object.fromEntries(
      Object.entries<Point>({ ...face.landmarks }).map(([name, point]) => [name, point.map(scale)]),
    ) as unknown as Face['landmarks'],
  }));
  return { ...detection, faces, imageSize };
}

/** Judges the first photo, and compares it with the second photo or the user only if it is good. */
async function verify(call: Running): Promise<Outcome> {
  if (call.places[0] !== 'a') {
    throw {
      code: 'invalid_request',
      detail: 'verify expects the selfie first, then the photo or the user token to compare it with.',
    } satisfies ErrorDetail;
  }
  const photos: ReadyPhoto[] = [];
  try {
    photos.push(...(await readyPhotos(call)));
  } catch (error) {
    return verdictOf(error);
  }
  const selfie = { ...call, images: call.images.slice(0, 1), userTokens: [] };
  const quality = await runAttempts('quality', selfie, photos.slice(0, 1)).catch((error) => {
    throw about(error, 'a');
  });
  if (!quality.status) return { ...quality, details: { image: 'a' } } as Outcome;
  const comparison = await runAttempts('compare', call, photos).catch((error) => {
    // The selfie has a face.
    throw error.code === 'no_face_detected' ? about(error, 'b') : error;
  });
  const { similarity, defaultThresholds, source } = comparison as Outcome & Comparison & Origin;
  return {
    ...judgeSimilarity(comparison as Outcome & Comparison),
    ...{ similarity, threshold: defaultThresholds.similarity },
    ...(source && { source }),
  };
}

/** Judges a similarity by the threshold of its own response. */
function judgeSimilarity({ similarity, defaultThresholds }: Comparison): Outcome {
  const isSimilar = similarity >= defaultThresholds.similarity;
  return { status: isSimilar, code: isSimilar ? 'similar' : 'not_similar' };
}

/** Adds to an error which image it is about. */
const about = (error: unknown, image: 'a' | 'b' | undefined): unknown =>
  isErrorDetail(error) ? { ...error, image } : error;

/** Read before each attempt: a page may revoke the consent while a call waits. */
const hasConsent = ({ options, settings }: Running): boolean =>
  options.enduserConsent ?? settings().enduserConsent;

/**
 * Runs a method by the service, or by an engine in the page. `photos` are those that are ready; without them they
 * become ready here.
 */
async function runAttempts(method: Attempted, call: Running, photos: ReadyPhoto[] = []): Promise<Outcome> {
  const { engine } = call.settings();
  try {
    // Without a field of the response, which is not the SDK's own detail.
    return {
      ...(await (engine ? runByEngine(engine, method, call, photos) : request(method, call, photos))),
      detail: undefined,
    };
  } catch (error) {
    const isJudged = photos.length === 0 && (method === 'quality' || method === 'qualityWithSpoofCheck');
    if (isJudged) return verdictOf(error);
    throw error;
  }
}

/** Makes the attempts of a method. */
function request(method: Attempted, call: Running, photos: ReadyPhoto[]): Promise<Outcome> {
  const { deadline, options, report, settings, tokens } = call;
  const idempotencyKey = method === 'enrollmentCreate' && isSameOrigin(call.baseUrl) ? randomId() : undefined;
  return repeat({
    retries: options.retries ?? settings().retries,
    hasApiKey: call.apiKey !== undefined,
    async getToken(rejected) {
      const limit = options.timeout ?? settings().timeout;
      const token = await deadline.within(tokens.get(rejected, limit, report), 'token');
      call.secrets.add(token);
      return token;
    },
    async send(state) {
      const blobs = await readyBlobs(call, photos);
      return deadline.within(attempt(method, blobs, { ...state, idempotencyKey }, call), 'service');
    },
    pause(ms, { code }, { attempt }) {
      report('retry', { attempt: attempt + 2, ms: Math.round(ms), code });
      return deadline.pause(ms);
    },
  });
}

async function runByEngine(
  engine: Engine,
  method: Attempted,
  call: Running,
  photos: ReadyPhoto[],
): Promise<Outcome> {
  const { core, deadline } = call;
  const { callEngine } = await import('./engine-call.js').catch((error) => {
    throw scriptUnavailable(error);
  });
  const running = callEngine(engine, method, {
    ...{ core, judgeSimilarity, signal: deadline.signal },
    async readyPhotos() {
      const blobs = await readyBlobs(call, photos);
      checkCall(method, call);
      return blobs;
    },
  });
  return deadline.within(running, 'engine');
}

async function readyBlobs(call: Running, photos: ReadyPhoto[]): Promise<Blob[]> {
  if (photos.length < call.images.length) photos.push(...(await readyPhotos(call)));
  return photos.map(({ blob }) => blob);
}

/**
 * Returns the verdict on a photo that was judged on the device: as the service's, except that no face was counted.
 *
 * @throws another error.
 */
function verdictOf(error: unknown): Outcome {
  if (!isErrorDetail(error) || error.code !== 'bad_image_quality') throw error;
  const { image, ...verdict } = error;
  const faces = { totalFaces: 0, detailedFaces: [] };
  return { ...verdict, ...faces, ...(image && { details: { image } }), status: false };
}

/** Checks the photos of a call if it is asked to, and prepares them. */
async function readyPhotos(call: Running): Promise<ReadyPhoto[]> {
  const hasPrecheck = (call.options.precheck ?? call.settings().precheck) && canDecode();
  if (hasPrecheck) await eachImage(call, precheck);
  const start = performance.now();
  const photos = await eachImage(call, preparePhoto);
  if (photos.length > 0) {
    call.report('prepare', { ms: since(start), bytes: bytesOf(photos.map(({ blob }) => blob)) });
  }
  return photos;
}

/** Refuses a photo that is hopelessly dark, bright or blurred. */
async function precheck(image: Source, options: PhotoOptions): Promise<void> {
  const judged = await judgePhoto(image, options).catch((error: ErrorDetail) => {
    // Not judged where its pixels can't be read.
    if (error.code !== 'pixels_unavailable') throw error;
  });
  if (judged?.isHopeless) {
    throw { code: 'bad_image_quality', detail: judged.detail } satisfies ErrorDetail;
  }
}

/** Runs a job on each image in turn; an error says which of two it is about. */
async function eachImage<Result>(
  call: Running,
  job: (image: Source, options: PhotoOptions) => Promise<Result>,
): Promise<Result[]> {
  const { deadline, images, places, userTokens } = call;
  const results = [];
  for (const [index, image] of images.entries()) {
    try {
      results.push(await deadline.within(job(image, photoOptions(call)), 'photo'));
    } catch (error) {
      throw images.length + userTokens.length > 1 ? about(error, places[index]) : error;
    }
  }
  return results;
}

const bytesOf = (photos: Blob[]): number => photos.reduce((sum, { size }) => sum + size, 0);

async function prepareImage(call: Running): Promise<Outcome> {
  const [{ source: _, ...photo }] = (await eachImage(call, preparePhoto)) as [ReadyPhoto];
  return { ...photo, status: true, code: 'success' };
}

async function judgeImage(call: Running): Promise<Outcome> {
  const [image] = call.images as [Source];
  const judged = await call.deadline.within(judgePhoto(image, photoOptions(call)), 'photo');
  const { isHopeless: _, ...verdict } = judged;
  return verdict;
}

/** Returns whether photos can be decoded; Node.js can't. */
const canDecode = (): boolean => typeof createImageBitmap === 'function';

function photoOptions({ core, deadline, options, settings }: Running): PhotoOptions {
  const prepare = options.prepare ?? settings().prepare;
  const limits = prepare && canDecode() ? { ...DEFAULT_LIMITS, ...definedOf(prepare) } : undefined;
  return { core, signal: deadline.signal, limits };
}

const definedOf = (limits: boolean | PrepareLimits): PrepareLimits =>
  Object.fromEntries(Object.entries(limits).filter(([, value]) => value !== undefined));

/** Makes one attempt in a core's client of its own. */
function attempt(
  method: Attempted,
  photos: Blob[],
  { token, attempt, mayHaveHappened, idempotencyKey }: AttemptState & { idempotencyKey: string | undefined },
  call: Running,
): Promise<Outcome> {
  const { apiKey, baseUrl, deadline, loader, report, userTokens } = call;
  const number = attempt + 1;
  const start = performance.now();
  report('request', { attempt: number, bytes: bytesOf(photos) });
  return loader.call((core) => {
    const maxBytes = method === 'enrollmentRead' ? MAX_LIST_BYTES : MAX_RESPONSE_BYTES;
    const fetch = boundedFetch(call.settings().fetch, maxBytes, ({ status: httpStatus, headers }) => {
      const requestId = headers?.get?.('x-request-id');
      report('response', { attempt: number, ms: since(start), httpStatus, ...(requestId && { requestId }) });
    });
    const client = new core.Perse({ baseUrl, apiKey, fetch });
    try {
      client.setToken(token);
      const options = {
        ...{ enduserConsent: hasConsent(call), signal: deadline.signal },
        ...{ prepared: true, attempt, mayHaveHappened, idempotencyKey },
      };
      // Each method takes its images and user tokens in any order.
      const send = client[method] as (...values: unknown[]) => Promise<Outcome>;
      return send.call(client, ...photos, ...userTokens, options).catch((refusal) => {
        // The detail may be the service's message. An empty one leaves room for the code's own.
        const detail = own(refusal, 'detail');
        throw typeof detail === 'string' ? { ...refusal, detail: presentable(detail) || undefined } : refusal;
      });
    } finally {
      // The attempt has its own copy of the settings.
      client.free();
    }
  });
}

/**
 * Checks whether a request to this address needs no leave by CORS. Browsers repeat a POST by themselves when a
 * connection drops; a key lets the service store the user once all the same. A service of another origin that
 * does not allow the key's header would fail every enrolment, so it gets none.
 */
const isSameOrigin = (baseUrl: string): boolean =>
  `${baseUrl}/`.startsWith(`${(globalThis.location as Location | undefined)?.origin}/`);
