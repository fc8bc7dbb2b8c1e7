/** The `Perse` facade: it keeps a client's settings and token, and hands each call to the core. */
import type { CallContext } from '../build/wasm/perse_wasm.js';
import { startDeadline, type Deadline } from './deadline.js';
import { PerseError } from './error.js';
import { internalError, scriptUnavailable, type Operation, type Outcome, type PerseCore } from './loader.js';
import { isCause, messageOf, toFailure, type Cause } from './messages.js';
import { DEFAULTS, clientOptions, partArguments, problemOfBaseUrl, type Settings } from './settings.js';
import { createTokenKeeper, problemOf } from './token.js';
import type {
  CallOptions,
  CallSettings,
  Code,
  CompareResult,
  DeletionResult,
  DetectResult,
  EnrollmentListResult,
  EnrollmentResult,
  ErrorCode,
  FaceQualityWithSpoofing,
  Image,
  ImageQualityResult,
  PerseOptions,
  PrepareResult,
  QualityResult,
  SimilarResult,
  TokenListener,
  TokenProvider,
  UserToken,
} from './types.js';

/** Face detection, comparison and enrolment. Every method resolves to a result with a `status`. */
export interface FaceMethods {
  /**
   * Finds the faces of a photo, with their landmarks and metrics.
   *
   * @example
   * const result = await Perse.face.detect(photo, { enduserConsent: true });
   * if (result.status) console.log(result.faces.map((face) => face.boundingBox));
   */
  detect(image: Image, ...settings: CallSettings): Promise<DetectResult>;
  /**
   * Compares the largest faces of two photos, or of a photo and an enrolled user, in either order.
   *
   * @example
   * const result = await Perse.face.compare(selfie, idPhoto, { enduserConsent: true });
   * if (result.status) console.log(result.similarity >= result.defaultThresholds.similarity);
   */
  compare(a: Image | UserToken, b: Image | UserToken, ...settings: CallSettings): Promise<CompareResult>;
  /**
   * As `compare`, judged by the service's own threshold: `similar` or `not_similar`.
   *
   * @example
   * const result = await Perse.face.isSimilar(selfie, userToken, { enduserConsent: true });
   * if (result.code === 'similar') console.log('Welcome back');
   * else if (result.code === 'not_similar') console.log('This is someone else');
   * else console.log(result.message);
   */
  isSimilar(a: Image | UserToken, b: Image | UserToken, ...settings: CallSettings): Promise<SimilarResult>;
  /**
   * Tells whether any face is too dark, too bright or blurred.
   *
   * @example
   * const result = await Perse.face.quality(photo, { enduserConsent: true });
   * if (!result.status) console.log(result.message); // what to do better
   */
  quality(image: Image, ...settings: CallSettings): Promise<QualityResult>;
  /**
   * As `quality`, and whether a face may be a picture of a person.
   *
   * @example
   * const result = await Perse.face.qualityWithSpoofCheck(photo, { enduserConsent: true });
   * if (result.code === 'bad_image_quality') console.log(result.detailedFaces[0]?.isSpoofing);
   */
  qualityWithSpoofCheck(
    image: Image,
    ...settings: CallSettings
  ): Promise<QualityResult<FaceQualityWithSpoofing>>;
  /** The users whose face the service knows. */
  enrollment: EnrollmentMethods;
}

/** The users whose face the service knows. */
export interface EnrollmentMethods {
  /**
   * Enrols the person of a photo, of several the largest face; keep the `userToken` with the user's account.
   *
   * @example
   * const result = await Perse.face.enrollment.create(photo, { enduserConsent: true });
   * if (result.status) await saveWithTheAccount(result.userToken);
   */
  create(image: Image, ...settings: CallSettings): Promise<EnrollmentResult>;
  /**
   * Lists the tokens of all enrolled users.
   *
   * @example
   * const result = await Perse.face.enrollment.read();
   * if (result.status) console.log(result.totalUsers, result.userTokens);
   */
  read(...settings: CallSettings): Promise<EnrollmentListResult>;
  /**
   * Replaces the photo of an enrolled user (of several faces the largest); the two in either order.
   *
   * @example
   * await Perse.face.enrollment.update(photo, userToken, { enduserConsent: true });
   */
  update(a: Image | UserToken, b: Image | UserToken, ...settings: CallSettings): Promise<EnrollmentResult>;
  /**
   * Forgets an enrolled user.
   *
   * @example
   * const { status } = await Perse.face.enrollment.delete(userToken);
   */
  delete(userToken: UserToken, ...settings: CallSettings): Promise<DeletionResult>;
}

/** What is done with a picture on the device: nothing is sent, and no consent or token is needed. */
export interface ImageMethods {
  /**
   * Tells whether a picture is too dark, too bright or blurred.
   *
   * @example
   * const result = await Perse.image.quality(photo);
   * if (!result.status) console.log(result.message); // what to do better
   */
  quality(image: Image, options?: CallOptions): Promise<ImageQualityResult>;
  /**
   * Makes a picture fit, as calls do by themselves, and reports what was done to it.
   *
   * @example
   * const result = await Perse.image.prepare(photo);
   * if (result.status) console.log(result.report.from?.bytes, result.report.to.bytes);
   */
  prepare(image: Image, options?: CallOptions): Promise<PrepareResult>;
}

/** A client of the face verification service. */
export interface PerseClient {
  /**
   * Sets the session token that the page's own server fetched, or a function that fetches one whenever
   * a call needs it: before the token ends, and once when the service rejects it. `''` forgets both.
   *
   * @throws PerseError when it is given something else.
   * @example
   * client.setToken(async () => (await fetch('/my-session', { method: 'POST' })).text());
   */
  setToken(token: string | TokenProvider): void;
  /**
   * Tells a listener when the session token is about to end, has ended, or has been renewed, each with
   * the time of its end. Gives a function that stops it.
   *
   * @example
   * const stop = client.onToken((event) => console.log(`The session is ${event}`));
   */
  onToken(listener: TokenListener): () => void;
  /**
   * Forgets the user, as at logout: the token or its provider, the API key and the consent. Calls under
   * way end with `aborted`. Other settings and listeners stay.
   *
   * @example
   * client.clear();
   */
  clear(): void;
  /**
   * Changes settings; those that are not named stay.
   *
   * @throws PerseError naming a wrong option.
   * @example
   * client.configure({ timeout: 20_000, throwOnError: true });
   */
  configure(options: PerseOptions): void;
  /**
   * Sets an API key, as older deployments take it.
   *
   * @deprecated Use {@link PerseClient.setToken}.
   * @example
   * client.init(apiKey);
   */
  init(apiKey: string): void;
  /**
   * The methods.
   *
   * @example
   * const result = await client.face.detect(photo, { enduserConsent: true });
   */
  face: FaceMethods;
  /**
   * What is done on the device alone.
   *
   * @example
   * const result = await client.image.quality(photo);
   */
  image: ImageMethods;
}

/** Makes a client on a core. */
export function createClient(core: PerseCore, options: PerseOptions = {}): PerseClient {
  let settings: Settings = { ...DEFAULTS };
  let apiKey: string | undefined;
  const tokens = createTokenKeeper(core.load);
  const underWay = new Set<Deadline>();

  /** A method of the core under this client's settings. */
  const method =
    (operation: Operation) =>
    async (...values: unknown[]): Promise<any> => {
      const { throwOnError, warn, ...words } = settings;
      const secrets = new Set([apiKey]);
      try {
        const { detail, ...result } = await run(operation, values, secrets);
        return { ...result, message: messageOf({ code: result.code, detail }, words) };
      } catch (error) {
        const cause = toCause(error, secrets);
        const { code, detail } = cause;
        if (warn) console.warn(`Perse: ${messageOf(cause, { locale: 'en' })} (${code})${hint(code)}`);
        const failure = toFailure({ code, detail }, words);
        if (throwOnError) throw new PerseError(code, failure.message);
        return failure;
      }
    };

  /** Adds to `secrets` what is sent. */
  async function run(
    operation: Operation,
    values: unknown[],
    secrets: Set<string | undefined>,
  ): Promise<Outcome> {
    const { inputs, options } = partArguments(values);
    const { baseUrl, timeout, retries, prepare, precheck, signal } = {
      ...{ ...settings, signal: undefined },
      ...options,
    };
    // Once more, because a relative address may stand for another page than when it was set.
    const problem = problemOfBaseUrl(baseUrl);
    if (problem) throw { code: 'invalid_request', detail: problem } satisfies Cause;

    const deadline = startDeadline(timeout, signal);
    underWay.add(deadline);
    try {
      const { timeLeft } = await deadline.within(core.load(), 'module');
      const context: CallContext = {
        ...{ baseUrl, apiKey, retries, precheck, signal: deadline.signal },
        // Elsewhere there is nothing that could decode a photo.
        prepare: prepare && typeof createImageBitmap === 'function',
        get enduserConsent() {
          return options.enduserConsent ?? settings.enduserConsent;
        },
        async token(rejected) {
          const token = await deadline.within(tokens.get(timeLeft, rejected, settings.timeout), 'token');
          secrets.add(token);
          return token;
        },
        pause: deadline.pause,
        encode: (picture, orientation, maxBytes) =>
          work(deadline, ({ encode }) =>
            encode(picture as Blob, { orientation, maxBytes, signal: deadline.signal }),
          ),
        measure: (picture, shorterSide) =>
          work(deadline, ({ measure }) => measure(picture as Blob, { shorterSide, signal: deadline.signal })),
      };
      return await deadline.within(core.call(operation, context, inputs), 'service');
    } finally {
      deadline.end();
      underWay.delete(deadline);
    }
  }

  /** What a call failed with; a token in it is the last thing that anybody should read. */
  function toCause(error: unknown, secrets: Set<string | undefined>): Cause {
    const { code, detail } = isCause(error) ? error : internalError(error);
    return { code, detail: detail && tokens.redact(detail, secrets) };
  }

  /** What a developer should know beyond the message, which is for the page's user. */
  const hint = (code: Code): string =>
    code === 'network_error'
      ? ` Is the baseUrl ${settings.baseUrl} right, and do its CORS and the page's connect-src allow the call?`
      : '';

  const client: PerseClient = {
    setToken(value) {
      tokens.set(typeof value === 'function' ? value : secret('setToken', 'the session token', value));
    },
    onToken(listener) {
      if (typeof listener !== 'function') {
        throw new PerseError('invalid_request', 'onToken takes a function.');
      }
      return tokens.listen(listener);
    },
    clear() {
      tokens.set(undefined);
      apiKey = undefined;
      settings = { ...settings, enduserConsent: false };
      for (const deadline of underWay) deadline.cancel('The call was cancelled by Perse.clear().');
    },
    configure(changes) {
      try {
        const { wasm, ...own } = clientOptions(changes);
        settings = { ...settings, ...own };
        if (wasm !== undefined) core.use(wasm);
      } catch (cause) {
        const { code, detail } = cause as Cause;
        throw new PerseError(code, detail ?? code);
      }
    },
    init(key) {
      apiKey = secret('init', 'the API key', key);
    },
    face: {
      detect: method('Detect'),
      compare: method('Compare'),
      isSimilar: method('IsSimilar'),
      quality: method('Quality'),
      qualityWithSpoofCheck: method('QualityWithSpoofCheck'),
      enrollment: {
        create: method('EnrollmentCreate'),
        read: method('EnrollmentRead'),
        update: method('EnrollmentUpdate'),
        delete: method('EnrollmentDelete'),
      },
    },
    image: {
      quality: method('ImageQuality'),
      prepare: method('ImagePrepare'),
    },
  };
  client.configure(options);
  return client;
}

/** Has something done with a picture; of what goes wrong it tells as the core does. */
function work<Value>(
  deadline: Deadline,
  action: (imaging: typeof import('./imaging.js')) => Promise<Value>,
): Promise<Value> {
  const done = import('./imaging.js').then(action).catch((cause) => {
    const { code, message } = cause as { code?: ErrorCode; message?: string };
    if (cause?.name === 'ImageFailure') throw { code: code!, detail: message } satisfies Cause;
    // What the browsers say of a chunk that does not come.
    if (/import|dynamically|module script/i.test(String(message))) throw scriptUnavailable(cause);
    throw { code: 'internal_error', detail: `The photo could not be prepared: ${cause}` } satisfies Cause;
  });
  return deadline.within(done, 'picture');
}

/** A token or key; never part of an error. */
function secret(method: string, name: string, value: unknown): string | undefined {
  const text = typeof value === 'string' ? value.trim() : value;
  const problem = problemOf(text);
  if (problem) {
    throw new PerseError('unauthorized', `${method} takes ${name}, a string; it was given ${problem}.`);
  }
  return (text as string) || undefined;
}
