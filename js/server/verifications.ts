/** Verifications: what stands between a page and the service, and keeps the verdict for the server. */
import { readImages, writeForm } from './form.js';
import { createLedger, toResult, type Ledger } from './ledger.js';
import { readOptions, refuseBrowser } from './options.js';
import { ROUTES, type Purpose } from './purpose.js';
import { Refusal, reply, replyRefusal } from './reply.js';
import { readSettings, type Settings } from './settings.js';
import { createTickets, webCrypto, type Tickets } from './ticket.js';
import type { StartedVerification, StartOptions, Verifications, VerificationsOptions } from './types.js';
import { createUpstream, unavailable, type Judgement, type Upstream } from './upstream.js';

/** State that the parts of one `createVerifications` share. */
interface Context {
  settings: Settings;
  ledger: Ledger;
  tickets: Tickets;
  upstream: Upstream;
}

/** The API's paths for pages; the purpose decides which one of them a ticket opens. */
const API_PATH = /\/face\/(detect|compare|enrollment(\/[^/]+)?)$/;

/**
 * Makes verdicts that your server can rely on. The page gets a ticket for one purpose and one person in place
 * of a session token. Its calls go through `handle`, and the result stays on your server.
 *
 * @throws PerseError `invalid_request` for a wrong option, or in a browser
 * @example
 * const verifications = createVerifications({ privateKey: process.env.PERSE_PRIVATE_KEY });
 * const { id, token } = await verifications.start({ purpose: 'login', subject: user.id, userToken: user.face });
 * // The page: Perse.configure({ baseUrl: '/perse/v0' }), Perse.setToken(token), Perse.face.isSimilar(photo, 'me')
 * const result = await verifications.result(id);
 * if (result?.status === 'passed') signIn(result.subject);
 */
export function createVerifications(options: VerificationsOptions): Verifications {
  refuseBrowser('createVerifications');
  const settings = readSettings(options);
  const { store, ttl, attempts, secret } = settings;
  const ledger = createLedger(store, ttl, attempts);
  const tickets = createTickets(secret);
  const context = { settings, ledger, tickets, upstream: createUpstream(settings) };
  return {
    start: (options) => start(context, options),
    handle: (request) => handle(context, request),
    async result(id) {
      const entry = typeof id === 'string' ? await ledger.find(id) : undefined;
      return entry && toResult(id, entry);
    },
  };
}

async function start(context: Context, options: StartOptions): Promise<StartedVerification> {
  const { settings, ledger, tickets } = context;
  const { get, invalid } = readOptions('start', options, ['purpose', 'subject', 'userToken']);
  const [purpose, subject, userToken] = ['purpose', 'subject', 'userToken'].map(get);
  if (typeof purpose !== 'string' || !Object.hasOwn(ROUTES, purpose)) {
    throw invalid(`purpose expects one of ${Object.keys(ROUTES).join(', ')}.`);
  }
  if (subject !== undefined && typeof subject !== 'string') throw invalid('subject expects a string.');
  const isUser = typeof userToken === 'string' && userToken !== '';
  if (purpose === 'login' ? !isUser : userToken !== undefined) {
    throw invalid('login needs the userToken of an enrolled user, and no other purpose accepts one.');
  }
  const id = (await webCrypto()).randomUUID();
  // A JWT counts in seconds.
  const expires = Math.ceil((Date.now() + settings.ttl) / 1000);
  const expiresAt = expires * 1000;
  const user = isUser ? userToken : undefined;
  await ledger.add(id, { purpose: purpose as Purpose, subject, userToken: user, expiresAt });
  return { id, token: await tickets.sign(id, expires), expiresAt };
}

async function handle(context: Context, request: Request): Promise<Response> {
  const { onError } = context.settings;
  const requestId = (await webCrypto()).randomUUID();
  try {
    return await attempt(context, request, requestId);
  } catch (error) {
    if (error instanceof Refusal) return replyRefusal(error, requestId);
    await quietly(() => onError(error));
    return replyRefusal(unavailable(error), requestId);
  }
}

/** One photo of the page: checked, counted, sent to the service, judged. */
async function attempt(context: Context, request: Request, requestId: string): Promise<Response> {
  const { ledger, tickets, upstream, settings } = context;
  const path = API_PATH.exec(new URL(request.url).pathname)?.[0];
  if (!path) throw new Refusal(404, 'route_not_found', 'There is no such path.');
  const id = await tickets.verify(ticketOf(request));
  const entry = id === undefined ? undefined : await ledger.find(id);
  if (id === undefined || !entry || !ledger.isOpen(entry)) throw unauthorized();

  const { purpose } = entry;
  const route = ROUTES[purpose];
  if (request.method !== 'POST' || path !== route.path) {
    throw new Refusal(403, 'request_refused', 'This verification does not allow the request.');
  }
  const images = await readImages(request, route.images);
  // The user of `start`, whatever user the page sent.
  const userToken = purpose === 'login' ? entry.userToken : undefined;
  const form = writeForm(route.images, images, userToken);
  const session = await upstream.session(route);
  if (!(await ledger.begin(id))) throw unauthorized();

  let judgement: Judgement | undefined;
  try {
    const idempotencyKey = purpose === 'enrol' ? id : undefined;
    judgement = await upstream.call({ route, form, requestId, idempotencyKey, userToken }, session);
  } finally {
    await end(context, id, judgement?.requestId ?? requestId, judgement);
  }
  const { verdict, text, refusal, requestId: serviceId } = judgement;
  if (refusal) return replyRefusal(refusal, serviceId);
  return reply(200, settings.reveal === 'all' ? text : JSON.stringify(verdict.page), serviceId);
}

/** Writes an attempt's end down, and reports a final result. */
async function end({ ledger, settings }: Context, id: string, requestId: string, judgement?: Judgement) {
  const { onResult, onError } = settings;
  const ended = await ledger.end(id, requestId, judgement?.verdict);
  if (ended && ended.status !== 'pending') {
    try {
      await onResult(toResult(id, ended));
    } catch (error) {
      // A log that fails changes no verdict.
      await quietly(() => onError(error));
    }
  }
}

async function quietly(action: () => unknown): Promise<void> {
  try {
    await action();
  } catch {
    // The last place that could report it has failed.
  }
}

/** The ticket of `Authorization: Bearer <ticket>`. */
function ticketOf(request: Request): string {
  return /^Bearer +(\S+)$/i.exec(request.headers.get('authorization') ?? '')?.[1] ?? '';
}

const unauthorized = () =>
  new Refusal(401, 'unauthorized', 'The verification is over or its ticket is not valid. Start a new one.');
