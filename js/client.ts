/** The `Perse` facade: it keeps a client's settings and hands each call to the core. */
import type { Session } from '../build/wasm/perse_wasm.js';
import { PerseError } from './error.js';
import type { Call, Operation } from './loader.js';
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

const DEFAULTS: Required<PerseOptions> = {
  baseUrl: 'https://api.getperse.com/v0',
  enduserConsent: false,
  timeout: 10_000,
  throwOnError: false,
  warn: true,
};

/** Face detection, comparison and enrolment. Every method resolves to a result with a `status`. */
export interface FaceMethods {
  /** Finds the faces of a photo, with their landmarks and metrics. */
  detect(image: Image, ...settings: CallSettings): Promise<DetectResult>;
  /** Compares the largest faces of two photos, or of a photo and an enrolled user, in either order. */
  compare(a: Image | UserToken, b: Image | UserToken, ...settings: CallSettings): Promise<CompareResult>;
  /** As `compare`, judged by the service's own threshold: `similar` or `not_similar`. */
  isSimilar(a: Image | UserToken, b: Image | UserToken, ...settings: CallSettings): Promise<SimilarResult>;
  /** Tells whether any face is too dark, too bright or blurred. */
  quality(image: Image, ...settings: CallSettings): Promise<QualityResult>;
  /** As `quality`, and whether a face may be a picture of a person. */
  qualityWithSpoofCheck(
    image: Image,
    ...settings: CallSettings
  ): Promise<QualityResult<FaceQualityWithSpoofing>>;
  /** The users whose face the service knows. */
  enrollment: {
    /** Enrols the person of a photo; keep the `userToken` with the user's account. */
    create(image: Image, ...settings: CallSettings): Promise<EnrollmentResult>;
    /** Lists the tokens of all enrolled users. */
    read(...settings: CallSettings): Promise<EnrollmentListResult>;
    /** Replaces the photo of an enrolled user; the two in either order. */
    update(a: Image | UserToken, b: Image | UserToken, ...settings: CallSettings): Promise<EnrollmentResult>;
    /** Forgets an enrolled user. */
    delete(userToken: UserToken, ...settings: CallSettings): Promise<DeletionResult>;
  };
}

/** A client of the face verification service. */
export interface PerseClient {
  /** Sets the session token that the page's own server fetched; `''` forgets it. */
  setToken(token: string): void;
  /** Changes settings; those that are not named stay. @throws PerseError naming a wrong option. */
  configure(options: PerseOptions): void;
  /** Sets an API key, as older deployments take it. @deprecated Use {@link PerseClient.setToken}. */
  init(apiKey: string): void;
  /** The methods. */
  face: FaceMethods;
}

/** Makes a client on a core. */
export function createClient(call: Call, options: PerseOptions = {}): PerseClient {
  let settings = { ...DEFAULTS };
  let token: string | undefined;
  let apiKey: string | undefined;

  /** A method of the core under this client's settings. */
  const method =
    (operation: Operation) =>
    async (...values: unknown[]): Promise<any> => {
      const { throwOnError, warn } = settings;
      const session: Session = { ...settings, token, apiKey };
      const result = await call(operation, session, values).catch((failure: Failure) => {
        if (warn) console.warn(`Perse: ${failure.message} (${failure.code})`);
        if (throwOnError) throw new PerseError(failure.code, failure.message);
        return failure;
      });
      return result;
    };

  const client: PerseClient = {
    setToken(value) {
      token = secret('setToken', 'the session token', value);
    },
    configure(changes) {
      settings = { ...settings, ...checked(changes) };
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

/** A token or key; never part of an error. */
function secret(method: string, name: string, value: unknown): string | undefined {
  if (typeof value !== 'string') {
    throw new PerseError('unauthorized', `${method} takes ${name}, a string; it was given ${typeOf(value)}.`);
  }
  return value.trim() || undefined;
}

/** The options that are set, each of its type. */
function checked(options: PerseOptions): PerseOptions {
  if (typeof options !== 'object' || options === null) {
    throw new PerseError(
      'invalid_request',
      `configure takes an object of options; it was given ${typeOf(options)}.`,
    );
  }
  const set = Object.entries(options).filter(([, value]) => value !== undefined);
  for (const [name, value] of set) {
    if (!Object.hasOwn(DEFAULTS, name)) {
      const known = Object.keys(DEFAULTS).join(', ');
      throw new PerseError(
        'invalid_request',
        `configure: there is no option ${name}. The options are ${known}.`,
      );
    }
    const expected = typeof DEFAULTS[name as keyof PerseOptions];
    if (typeof value !== expected) {
      throw new PerseError(
        'invalid_request',
        `configure: ${name} takes a ${expected}; it was given ${typeOf(value)}.`,
      );
    }
  }
  if (options.timeout !== undefined && !(options.timeout > 0)) {
    throw new PerseError('invalid_request', 'configure: timeout takes a number of milliseconds over 0.');
  }
  return Object.fromEntries(set);
}

function typeOf(value: unknown): string {
  return value === null ? 'null' : typeof value;
}
