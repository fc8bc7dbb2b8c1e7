// Code of a server that relies on the verdict.
import { createMemoryStore, createSession, createVerifications } from 'perse-wasm/server';
import type {
  Purpose,
  Scope,
  StartedVerification,
  StartOptions,
  VerificationResult,
  Verifications,
  VerificationsOptions,
  VerificationStore,
} from 'perse-wasm/server';

declare const env: Record<string, string | undefined>;

const store: VerificationStore = {
  get: async (key) => (key === '' ? undefined : 'value'),
  set: async (key, value, ttl) => console.log(key, value, ttl.toFixed()),
  update: async (_key, change) => void change('value'),
};
const options: VerificationsOptions = {
  privateKey: env['PERSE_PRIVATE_KEY'],
  baseUrl: env['PERSE_BASE_URL'],
  secret: env['PERSE_TICKET_SECRET'],
  store,
  ttl: 60_000,
  attempts: 3,
  reveal: 'verdict',
  scoped: true,
  timeout: 5_000,
  onResult: ({ subject, status }) => console.log(subject, status),
  onError: (error) => console.error(error),
};
const verifications: Verifications = createVerifications(options);
createVerifications({ privateKey: 'key', store: createMemoryStore(), secret: 'x'.repeat(32) });

const purpose: Purpose = 'login';
const login: StartOptions = { purpose, subject: 'ada', userToken: 'user' };
const { id, token, expiresAt }: StartedVerification = await verifications.start(login);
const { handle } = verifications;
const response: Response = await handle(new Request('https://shop.example/perse/v0/face/compare'));
const result: VerificationResult | undefined = await verifications.result(id);
if (result?.status === 'passed') console.log(result.similarity?.toFixed(), result.requestIds.length);
console.log(token, new Date(expiresAt), response.status);

const scope: Scope = 'detect';
await createSession({ privateKey: 'key', scope, userToken: 'user' });
await createSession({ privateKey: 'key', scope: ['detect', 'compare'] });
