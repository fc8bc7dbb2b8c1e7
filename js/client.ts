/** The `Perse` facade: it keeps a client's settings and hands each call to the core. */
import type { Session } from '../build/wasm/perse_wasm.js';
import { PerseError } from './error.js';
import type { Operation, PerseCore } from './loader.js';
import type {
  CallSettings,
  CompareResult,
  DeletionResult,
  DetectResult,
  EnrollmentListResult,
  EnrollmentResult,
  Failure,
  FaceQualityWithSpoofing,
  Image,
  PerseOptions,
  QualityResult,
  SimilarResult,
  UserToken,
} from './types.js';

/** The settings that each client has of its own. */
type Settings = Required<Omit<PerseOptions, 'wasm'>>;

const DEFAULTS: Settings = {
  baseUrl: 'https://api.getperse.com/v0',
  enduserConsent: false,
  timeout: 10_000,
  throwOnError: false,
  warn: true,
};

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

/** A client of the face verification service. */
export interface PerseClient {
  /**
   * Sets the session token that the page's own server fetched; `''` forgets it.
   *
   * @example
   * client.setToken(await fetch('/my-session').then((answer) => answer.text()));
   */
  setToken(token: string): void;
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
}

/** Makes a client on a core. */
export function createClient(core: PerseCore, options: PerseOptions = {}): PerseClient {
  let settings: Settings = { ...DEFAULTS };
  let token: string | undefined;
  let apiKey: string | undefined;

  /** A method of the core under this client's settings. */
  const method =
    (operation: Operation) =>
    async (...values: unknown[]): Promise<any> => {
      const { throwOnError, warn } = settings;
      const session: Session = { ...settings, token, apiKey };
      return core.call(operation, session, values).catch((failure: Failure) => {
        if (warn) console.warn(`Perse: ${failure.message} (${failure.code})${hint(failure, session)}`);
        if (throwOnError) throw new PerseError(failure.code, failure.message);
        return failure;
      });
    };

  const client: PerseClient = {
    setToken(value) {
      token = secret('setToken', 'the session token', value);
    },
    configure(changes) {
      const { wasm, ...own } = checked(changes);
      settings = { ...settings, ...own };
      if (wasm !== undefined) core.use(wasm);
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
  };
  client.configure(options);
  return client;
}

/** What a developer should know beyond the message, which is for the page's user. */
function hint({ code }: Failure, { baseUrl }: Session): string {
  return code === 'network_error'
    ? ` Is the baseUrl ${baseUrl} right, and do its CORS and the page's connect-src allow the call?`
    : '';
}

/** A token or key; never part of an error. */
function secret(method: string, name: string, value: unknown): string | undefined {
  const wrong = (what: string) =>
    new PerseError('unauthorized', `${method} takes ${name}, a string; ${what}.`);
  if (typeof value !== 'string') throw wrong(`it was given ${typeOf(value)}`);
  const text = value.trim();
  if (/[\s"'{}<>]/.test(text) || text === 'undefined' || text === 'null') {
    throw wrong('it was given other text, such as JSON, a page or "Bearer …"');
  }
  return text || undefined;
}

/** The options that are set, each of its type. */
function checked(options: PerseOptions): Partial<Settings> & Pick<PerseOptions, 'wasm'> {
  const wrong = (what: string) => new PerseError('invalid_request', `configure: ${what}`);
  if (typeof options !== 'object' || options === null) {
    throw wrong(`it takes an object of options; it was given ${typeOf(options)}.`);
  }
  const set = Object.entries(options).filter(([, value]) => value !== undefined);
  for (const [name, value] of set) {
    const isKnown = name === 'wasm' || Object.hasOwn(DEFAULTS, name);
    if (!isKnown) {
      const known = [...Object.keys(DEFAULTS), 'wasm'].join(', ');
      throw wrong(`there is no option ${name}. The options are ${known}.`);
    }
    const expected = name === 'wasm' ? ['string', 'object'] : [typeof DEFAULTS[name as keyof Settings]];
    if (!expected.includes(typeOf(value))) {
      throw wrong(`${name} takes a ${expected.join(' or an ')}; it was given ${typeOf(value)}.`);
    }
  }
  const { baseUrl } = options;
  if (baseUrl !== undefined && !/^(https?:\/\/[^/]|\.{0,2}\/)/.test(baseUrl.trim())) {
    throw wrong(
      `baseUrl takes an address that begins with https://, or a path of the page; it was given ${baseUrl}.`,
    );
  }
  if (options.timeout !== undefined && !(options.timeout > 0)) {
    throw wrong(`timeout takes milliseconds, over 0; it was given ${options.timeout}.`);
  }
  return { ...Object.fromEntries(set), ...(baseUrl && { baseUrl: baseUrl.trim() }) };
}

function typeOf(value: unknown): string {
  return value === null ? 'null' : typeof value;
}
