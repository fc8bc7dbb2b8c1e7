/** The handler's way to the service: its session tokens, and one call with one of them. */
import { PerseError } from '../error.js';
import type { ErrorCode } from '../types.js';
import { own } from './options.js';
import type { Route, Verdict } from './purpose.js';
import { Refusal } from './reply.js';
import { send, serviceMessage, type ServiceResponse } from './service.js';
import { createSession, statusCode, type Session } from './session.js';
import type { Settings } from './settings.js';

/** A session token is replaced so long before it expires, in milliseconds. */
const RENEW_BEFORE_MS = 30_000;
/** Time limit and interval of a request that polls for another one's session. */
const LOGIN_POLLS = 40;
const LOGIN_POLL_MS = 50;
/** A detection of a hundred faces has 60 kB. */
const MAX_RESPONSE_BYTES = 1_000_000;
/** HTTP statuses by which the service judges a photo. */
const JUDGED = [400, 402, 413, 415, 422];
/** Failures in which the service asks to be left alone for a while. */
const BUSY: readonly unknown[] = ['rate_limited', 'server_busy'];

export interface Call {
  route: Route;
  form: FormData;
  requestId: string;
  /** Under one key, the service enrols one user. */
  idempotencyKey: string | undefined;
  /** Never part of a message. */
  userToken: string | undefined;
}

/** Outcome of a photo at the service: the verdict, and the response to the page. */
export interface Judgement {
  verdict: Verdict;
  /** Id of the request, the service's own where it has one. */
  requestId: string;
  /** The service's response as it was. */
  text: string;
  /** Response to the page in place of a verdict. */
  refusal: Refusal | undefined;
}

export interface Upstream {
  /** Returns a session token, a new one where `stale` was refused. */
  session(route: Route, stale?: Session): Promise<Session>;
  /** @throws PerseError where the service did not judge the photo */
  call(call: Call, session: Session): Promise<Judgement>;
}

export function createUpstream({ privateKey, baseUrl, timeout, scoped }: Settings): Upstream {
  const slots = new Map<string, SessionSlot>();

  /** All calls share one login and its session. */
  async function session(route: Route, stale?: Session): Promise<Session> {
    const scope = scoped ? route.scope : undefined;
    const key = scope ?? '';
    await waitForLogin(slots, key);
    const current = slots.get(key);
    if (current && isUsable(current, stale)) return current.session ?? current.login;
    const login = createSession({ privateKey, baseUrl, timeout, scope });
    const slot: SessionSlot = { login, session: undefined };
    slots.set(key, slot);
    const forget = () => void (slots.get(key) === slot && slots.delete(key));
    login.then((session) => (slot.session = session), forget);
    return login;
  }

  async function once(call: Call, { token }: Session): Promise<ServiceResponse> {
    return send({
      url: baseUrl + call.route.path,
      method: 'POST',
      headers: {
        authorization: `Bearer ${token}`,
        accept: 'application/json',
        'x-request-id': call.requestId,
        ...(call.idempotencyKey !== undefined && { 'idempotency-key': call.idempotencyKey }),
      },
      body: call.form,
      ...{ timeout, maxBytes: MAX_RESPONSE_BYTES, secrets: [], signal: undefined },
    });
  }

  async function call(call: Call, first: Session): Promise<Judgement> {
    let used = first;
    let response = await once(call, used);
    if (isUnauthorized(response)) {
      // The service has forgotten the session before its time, as after a restart.
      used = await session(call.route, first);
      response = await once(call, used);
    }
    const secrets = [privateKey, used.token, call.userToken ?? ''].filter(Boolean);
    return judge(call, response, secrets);
  }

  return { session, call };
}

/** A pending login, or its session. */
interface SessionSlot {
  login: Promise<Session>;
  session: Session | undefined;
}

/** Cloudflare's runtime lets no request wait for another one's promise. */
const canShareLogin = () => globalThis.navigator?.userAgent !== 'Cloudflare-Workers';

/** Waits there for another request's login, by a timer of this request's own; not for ever, as it may be gone. */
async function waitForLogin(slots: Map<string, SessionSlot>, key: string): Promise<void> {
  const isPending = () => slots.get(key)?.session === undefined && slots.has(key);
  for (let left = canShareLogin() ? 0 : LOGIN_POLLS; left > 0 && isPending(); left -= 1) {
    await new Promise((resolve) => setTimeout(resolve, LOGIN_POLL_MS));
  }
}

const isUsable = ({ session }: SessionSlot, stale: Session | undefined) =>
  session ? session !== stale && session.expiresAt - Date.now() > RENEW_BEFORE_MS : canShareLogin();

const isUnauthorized = ({ status, body }: ServiceResponse) =>
  status === 401 || own(body, 'code') === 'unauthorized';

function judge({ route, requestId }: Call, response: ServiceResponse, secrets: string[]): Judgement {
  const { status, body, text, headers } = response;
  const serviceId = headers.get('x-request-id') ?? '';
  const ids = { text, requestId: /^[\w.-]{1,128}$/.test(serviceId) ? serviceId : requestId };
  const isOk = status >= 200 && status < 300 && own(body, 'status') !== false;
  const verdict = isOk ? route.judge(body) : undefined;
  if (verdict) return { ...ids, verdict, refusal: undefined };

  const code = own(body, 'code');
  const isRefusal = !isOk && (JUDGED.includes(status) || status < 300) && !isUnauthorized(response);
  if (isRefusal && typeof code === 'string' && /^[a-z_]{3,40}$/.test(code)) {
    const message = serviceMessage(body, secrets) ?? 'The service refused the photo. Try another one.';
    const refusal = new Refusal(status < 300 ? 422 : status, code as ErrorCode, message);
    return { ...ids, verdict: { passed: false, code, page: {} }, refusal };
  }
  // For the developer: the page reads nothing of it.
  const reason = isUnauthorized(response) ? 'unauthorized' : statusCode(status, !isOk);
  throw new PerseError(reason, `The API did not judge the photo, HTTP status ${status}.`);
}

/** Response to the page when the service did not judge its photo: nothing of the reason. */
export function unavailable(error: unknown): Refusal {
  const code = own(error, 'code');
  if (BUSY.includes(code)) {
    return new Refusal(503, 'server_busy', 'The face verification is busy. Try again in a few seconds.');
  }
  const status = code === undefined ? 500 : 502;
  return new Refusal(status, 'server_error', 'The face verification is not available. Try again later.');
}
