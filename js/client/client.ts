/** The `Perse` facade: keeps a client's settings, and turns the outcome of each call into a result. */
import type { ErrorDetail } from '../messages/error-detail.js';
import { hasLanguage, loadMessages, messageOf, toFailure } from '../messages/messages.js';
import { PerseError } from '../error.js';
import { bare } from '../own.js';
import { tokenProblem } from '../session/provider.js';
import { createTokenCache } from '../session/token-cache.js';
import type {
  CallOptions,
  CallSettings,
  Code,
  CompareResult,
  DeletionResult,
  DetectResult,
  EnrollmentListResult,
  EnrollmentResult,
  FaceQualityWithSpoofing,
  Image,
  ImageQualityResult,
  PerseOptions,
  PhotoAndUser,
  PhotoPair,
  PrepareResult,
  QualityResult,
  SimilarResult,
  TokenListener,
  TokenProvider,
  UserToken,
  VerifyResult,
} from '../types.js';
import type { Loader } from '../wasm/loader.js';
import { runCall, type Method } from './call.js';
import { startDeadline, type Deadline } from './deadline.js';
import { createReport, since } from './events.js';
import { DEFAULTS, clientOptions } from './options.js';

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
  compare(...values: [...PhotoPair, ...CallSettings]): Promise<CompareResult>;
  /**
   * As `compare`, judged by the service's own threshold: `similar` or `not_similar`.
   *
   * @example
   * const result = await Perse.face.isSimilar(selfie, userToken, { enduserConsent: true });
   * if (result.code === 'similar') console.log('Welcome back');
   * else if (result.code === 'not_similar') console.log('This is someone else');
   * else console.log(result.message);
   */
  isSimilar(...values: [...PhotoPair, ...CallSettings]): Promise<SimilarResult>;
  /**
   * Judges a selfie as `quality` does, and only a good one is compared with the second photo or the enrolled user,
   * as `isSimilar` does. Each photo is prepared once. `details.image` names the photo that a failure is about.
   *
   * @example
   * const result = await Perse.face.verify(selfie, idPhoto, { enduserConsent: true });
   * if (result.code === 'similar') console.log('Welcome');
   * else console.log(result.message); // what to do better
   */
  verify(selfie: Image, reference: Image | UserToken, ...settings: CallSettings): Promise<VerifyResult>;
  /**
   * Judges whether any face is too dark, too bright or blurred.
   *
   * @example
   * const result = await Perse.face.quality(photo, { enduserConsent: true });
   * if (!result.status) console.log(result.message); // what to do better
   */
  quality(image: Image, ...settings: CallSettings): Promise<QualityResult>;
  /**
   * As `quality`, and whether a face may be a picture of one. `isSpoofing: false` is no proof of a person's
   * presence: a single picture can't give one.
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
  update(...values: [...PhotoAndUser, ...CallSettings]): Promise<EnrollmentResult>;
  /**
   * Deletes an enrolled user.
   *
   * @example
   * const { status } = await Perse.face.enrollment.delete(userToken);
   */
  delete(userToken: UserToken, ...settings: CallSettings): Promise<DeletionResult>;
}

/** Methods that run on the device: nothing is sent, and no consent or token is needed. */
export interface ImageMethods {
  /**
   * Judges whether an image is too dark, too bright or blurred.
   *
   * @example
   * const result = await Perse.image.quality(photo);
   * if (!result.status) console.log(result.message); // what to do better
   */
  quality(image: Image, options?: CallOptions): Promise<ImageQualityResult>;
  /**
   * Prepares an image, as calls do by themselves, and reports the steps.
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
   * a call needs it: before the token expires, and once when the service rejects it. `''` removes both.
   *
   * @throws PerseError for another value.
   * @example
   * client.setToken(async () => (await fetch('/my-session', { method: 'POST' })).text());
   */
  setToken(token: string | TokenProvider): void;
  /**
   * Calls a listener when the session token expires soon, has expired, or was renewed, each with the time of its
   * expiry. Returns a function that removes the listener.
   *
   * @example
   * const stop = client.onToken((event) => console.log(`The session is ${event}`));
   */
  onToken(listener: TokenListener): () => void;
  /**
   * Removes the token or its provider, the API key and the consent, as at logout. Pending calls
   * end with `aborted`. Other settings and listeners stay.
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
   * Methods that run on the device alone.
   *
   * @example
   * const result = await client.image.quality(photo);
   */
  image: ImageMethods;
  /**
   * Judges a detection at hand as `face.quality` judges a photo, without a request.
   *
   * @example
   * const detection = await client.face.detect(photo, { enduserConsent: true });
   * const { code, message } = await client.qualityOf(detection);
   */
  qualityOf(detection: DetectResult): Promise<QualityResult>;
}

/** Creates a client; its calls run in the loader's core. */
export function createClient(loader: Loader, options: PerseOptions = {}): PerseClient {
  let settings = bare(DEFAULTS);
  let apiKey: string | undefined;
  const tokens = createTokenCache();
  const pending = new Set<Deadline>();

  /** Starts the time limit of a call, which `clear` can cancel. */
  function startCancellable(timeout: number, signal: AbortSignal | undefined): Deadline {
    const deadline = startDeadline(timeout, signal);
    pending.add(deadline);
    const end = () => {
      pending.delete(deadline);
      deadline.end();
    };
    return { ...deadline, end };
  }

  /** Returns a method of the facade, which runs the core's method under this client's settings. */
  const method =
    (name: Method) =>
    async (...values: unknown[]): Promise<any> => {
      const { throwOnError, warn, ...messageOptions } = settings;
      const report = createReport(() => settings.onEvent);
      const start = performance.now();
      // In parallel with the call.
      const messages = loadMessages(messageOptions);
      try {
        const outcome = await runCall(name, values, {
          ...{ loader, tokens, apiKey, report },
          ...{ settings: () => settings, secrets: new Set([apiKey]), startDeadline: startCancellable },
        });
        await messages;
        const { detail: _, ...result } = outcome;
        report('result', { ms: since(start), code: outcome.code });
        return { ...result, message: messageOf(outcome, messageOptions) };
      } catch (thrown) {
        const error = thrown as ErrorDetail;
        const { code, detail } = error;
        // A page that cancelled its own call knows.
        if (warn && code !== 'aborted') {
          const text = detail ?? messageOf({ code }, { locale: 'en' });
          console.warn(`Perse: ${text} (${code})${hint(code)}`);
        }
        await messages;
        const failure = toFailure(error, messageOptions);
        report('result', { ms: since(start), code });
        if (throwOnError) {
          throw Object.assign(new PerseError(code, failure.message, failure), failure);
        }
        return failure;
      }
    };

  /** Returns what a developer should know beyond the message, which is for the page's user. */
  function hint(code: Code): string {
    switch (code) {
      case 'network_error':
        return ` Is the baseUrl ${settings.baseUrl} right, and do its CORS and the page's connect-src allow the call?`;
      case 'unauthorized':
        return ' Fetch a session token from your server and pass it to Perse.setToken.';
      case 'consent_required':
        return " Ask for the end user's consent and pass enduserConsent: true.";
      default:
        return '';
    }
  }

  const client: PerseClient = {
    setToken(value) {
      tokens.set(
        typeof value === 'function' ? value : checkCredential('setToken', 'the session token', value),
      );
    },
    onToken(listener) {
      if (typeof listener !== 'function') {
        throw new PerseError('invalid_request', 'onToken expects a function.');
      }
      return tokens.listen(listener);
    },
    clear() {
      tokens.set(undefined);
      apiKey = undefined;
      settings = bare({ ...settings, enduserConsent: false });
      for (const deadline of pending) deadline.cancel('The call was cancelled by Perse.clear().');
    },
    configure(changes) {
      try {
        const { wasm, ...own } = clientOptions(changes);
        settings = bare({ ...settings, ...own });
        const { locale, warn } = settings;
        if (warn && own.locale && !hasLanguage(locale)) {
          console.warn(
            `Perse: there are no messages in "${locale}", so they are in English. Set \`messages\`.`,
          );
        }
        if (wasm !== undefined) loader.use(wasm);
      } catch (error) {
        const { code, detail } = error as ErrorDetail;
        throw new PerseError(code, detail ?? code);
      }
    },
    init(key) {
      apiKey = checkCredential('init', 'the API key', key);
    },
    face: {
      detect: method('detect'),
      compare: method('compare'),
      isSimilar: method('isSimilar'),
      verify: method('verify'),
      quality: method('quality'),
      qualityWithSpoofCheck: method('qualityWithSpoofCheck'),
      enrollment: {
        create: method('enrollmentCreate'),
        read: method('enrollmentRead'),
        update: method('enrollmentUpdate'),
        delete: method('enrollmentDelete'),
      },
    },
    image: {
      quality: method('imageQuality'),
      prepare: method('imagePrepare'),
    },
    qualityOf: method('qualityOf'),
  };
  client.configure(options);
  return client;
}

/** Returns a token or key, trimmed; `undefined` for an empty one. An error never shows it. */
function checkCredential(method: string, name: string, value: unknown): string | undefined {
  const text = typeof value === 'string' ? value.trim() : value;
  const problem = tokenProblem(text);
  if (problem) {
    throw new PerseError('unauthorized', `${method} expects ${name}, a string; got ${problem}.`);
  }
  return (text as string) || undefined;
}
