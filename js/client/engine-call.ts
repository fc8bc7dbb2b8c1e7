/** Runs a method by an engine in the page, in the service's place. A chunk of its own, which few pages need. */
import type { ErrorDetail } from '../messages/error-detail.js';
import type { Comparison, Detection, Engine } from '../types.js';
import type { Core } from '../wasm/loader.js';
import type { Method, Outcome } from './call.js';

/** The parts of a call that an engine needs. */
export interface EngineCall {
  core: Core;
  /** Judges a similarity by the threshold of its own response. */
  judgeSimilarity(comparison: Comparison): Outcome;
  signal: AbortSignal;
  /** Prepares the photos, and checks the consent again. */
  readyPhotos(): Promise<Blob[]>;
}

/** @throws ErrorDetail for a method that needs the service, and as the engine does. */
export async function callEngine(engine: Engine, method: Method, call: EngineCall): Promise<Outcome> {
  return { ...(await outcomeOf(engine, method, call)), source: 'device' } as Outcome;
}

async function outcomeOf(engine: Engine, method: Method, call: EngineCall): Promise<Outcome> {
  switch (method) {
    case 'detect':
      return success(await detect(engine, call));
    case 'quality':
      return call.core.judgeDetection(await detect(engine, call), false);
    case 'compare':
      return success(await compare(engine, call));
    case 'isSimilar':
      return call.judgeSimilarity(await compare(engine, call));
    default:
      throw {
        code: 'invalid_request',
        detail: 'This method needs the service: use a client without the option engine.',
      } satisfies ErrorDetail;
  }
}

const success = (response: object): Outcome => ({ ...response, status: true, code: 'success' });

async function detect(engine: Engine, { readyPhotos, signal }: EngineCall): Promise<Detection> {
  const [photo] = await readyPhotos();
  return engine.detectFaces(photo!, signal);
}

async function compare(engine: Engine, { readyPhotos, signal }: EngineCall): Promise<Comparison> {
  const [a, b] = await readyPhotos();
  return engine.compareFaces([a!, b!], signal);
}
