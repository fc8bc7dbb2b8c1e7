/** A client for a page's own tests: each method returns what the test sets, without WebAssembly or a request. */
import type { PerseClient } from './client/client.js';

/** Methods whose results a test can set. */
export interface MockedMethods {
  /** `face.detect` */
  'face.detect': PerseClient['face']['detect'];
  /** `face.compare` */
  'face.compare': PerseClient['face']['compare'];
  /** `face.isSimilar` */
  'face.isSimilar': PerseClient['face']['isSimilar'];
  /** `face.verify` */
  'face.verify': PerseClient['face']['verify'];
  /** `face.quality` */
  'face.quality': PerseClient['face']['quality'];
  /** `face.qualityWithSpoofCheck` */
  'face.qualityWithSpoofCheck': PerseClient['face']['qualityWithSpoofCheck'];
  /** `face.enrollment.create` */
  'face.enrollment.create': PerseClient['face']['enrollment']['create'];
  /** `face.enrollment.read` */
  'face.enrollment.read': PerseClient['face']['enrollment']['read'];
  /** `face.enrollment.update` */
  'face.enrollment.update': PerseClient['face']['enrollment']['update'];
  /** `face.enrollment.delete` */
  'face.enrollment.delete': PerseClient['face']['enrollment']['delete'];
  /** `image.quality` */
  'image.quality': PerseClient['image']['quality'];
  /** `image.prepare` */
  'image.prepare': PerseClient['image']['prepare'];
  /** `qualityOf` */
  qualityOf: PerseClient['qualityOf'];
}

/** A result of a method, of which a test may leave out what it does not need. */
type Part<Method> = Method extends (...values: any) => Promise<infer Result> ? PartOf<Result> : never;
type PartOf<Result> = Result extends { code: infer Code }
  ? Partial<Omit<Result, 'code'>> & { code: Code }
  : never;

/** The results of a mocked client: an object, or a function of the method's arguments that returns one. */
export type MockResults = {
  [Name in keyof MockedMethods]?:
    | Part<MockedMethods[Name]>
    | ((...values: any[]) => Part<MockedMethods[Name]> | Promise<Part<MockedMethods[Name]>>);
};

/** A call of a mocked client. */
export interface MockCall {
  /** The method, as `face.compare` or `setToken`. */
  method: string;
  /** Its arguments. */
  values: unknown[];
}

/** A client whose results a test sets. */
export interface MockPerse extends PerseClient {
  /** Every call, in order. */
  calls: MockCall[];
  /**
   * Sets results; those that are not named stay.
   *
   * @example
   * perse.setResults({ 'face.compare': { code: 'timeout' } });
   */
  setResults(results: MockResults): void;
}

const SUCCESSES = new Set(['success', 'similar']);

/**
 * Creates a client that sends nothing. `status` and `message` follow from the `code` where a test leaves them out. A
 * method without a result rejects with an error that names it.
 *
 * @example
 * const perse = createMockPerse({ 'face.isSimilar': { code: 'similar' } });
 * const { status } = await perse.face.isSimilar(selfie, userToken, true);
 */
export function createMockPerse(results: MockResults = {}): MockPerse {
  const set: Record<string, unknown> = { ...results };
  const calls: MockCall[] = [];

  const method =
    (name: keyof MockedMethods) =>
    async (...values: unknown[]): Promise<any> => {
      calls.push({ method: name, values });
      const given = Object.hasOwn(set, name) ? set[name] : undefined;
      const result = await (typeof given === 'function' ? given(...values) : given);
      if (!result) throw new Error(`createMockPerse has no result for ${name}: pass one.`);
      return { status: SUCCESSES.has(result.code), message: result.code, ...result };
    };
  const record =
    (name: string) =>
    (...values: unknown[]): void =>
      void calls.push({ method: name, values });

  return {
    calls,
    setResults: (more) => void Object.assign(set, more),
    setToken: record('setToken'),
    configure: record('configure'),
    clear: record('clear'),
    init: record('init'),
    onToken(...values) {
      record('onToken')(...values);
      return () => {};
    },
    face: {
      detect: method('face.detect'),
      compare: method('face.compare'),
      isSimilar: method('face.isSimilar'),
      verify: method('face.verify'),
      quality: method('face.quality'),
      qualityWithSpoofCheck: method('face.qualityWithSpoofCheck'),
      enrollment: {
        create: method('face.enrollment.create'),
        read: method('face.enrollment.read'),
        update: method('face.enrollment.update'),
        delete: method('face.enrollment.delete'),
      },
    },
    image: { quality: method('image.quality'), prepare: method('image.prepare') },
    qualityOf: method('qualityOf'),
  };
}
