import assert from 'node:assert/strict';
import { test } from 'node:test';
import { repeat } from './attempts.js';

const refusal = (code, retryAfterMs, mayHaveHappened = false) => ({ code, retryAfterMs, mayHaveHappened });

/** Runs the loop over some outcomes; returns its result, the states of its attempts, and its pauses. */
async function run(
  outcomes,
  { tokens = ['token'], retries = 2, hasApiKey = false, lateAfter = Infinity, cancelledAt } = {},
) {
  const states = [];
  const pauses = [];
  const asked = [];
  const result = await repeat({
    retries,
    hasApiKey,
    async getToken(rejected) {
      asked.push(rejected);
      return tokens[Math.min(asked.length, tokens.length) - 1];
    },
    async send(state) {
      states.push(state);
      const outcome = outcomes[states.length - 1];
      if (typeof outcome === 'object') throw outcome;
      return outcome;
    },
    async pause(milliseconds) {
      if (milliseconds === cancelledAt) throw { code: 'aborted' };
      pauses.push(milliseconds);
      return milliseconds <= lateAfter;
    },
  }).catch((error) => error);
  return { result, states, pauses, asked };
}

test('a good attempt is the only one', async () => {
  const { result, states, pauses } = await run(['done']);
  assert.equal(result, 'done');
  assert.deepEqual(states, [{ token: 'token', attempt: 0, mayHaveHappened: false }]);
  assert.deepEqual(pauses, []);
});

test('a refused attempt is repeated after its own pause', async () => {
  const { result, states, pauses } = await run([
    refusal('server_busy', 300),
    refusal('server_error', 700, true),
    'done',
  ]);
  assert.equal(result, 'done');
  assert.deepEqual(pauses, [300, 700]);
  assert.deepEqual(
    states.map(({ attempt, mayHaveHappened }) => [attempt, mayHaveHappened]),
    [
      [0, false],
      [1, false],
      [2, true],
    ],
  );
});

test('what may have happened once may have happened later, too', async () => {
  const { states } = await run([refusal('server_error', 1, true), refusal('rate_limited', 1), 'done']);
  assert.deepEqual(
    states.map(({ mayHaveHappened }) => mayHaveHappened),
    [false, true, true],
  );
});

test('the retries are counted', async () => {
  const busy = refusal('server_busy', 1);
  assert.equal((await run([busy, busy, busy])).states.length, 3);
  assert.equal((await run([busy, 'done'], { retries: 0 })).result, busy);
  assert.equal((await run([busy, busy, busy])).result, busy);
});

test('an attempt that must not be repeated is the last one', async () => {
  const refused = refusal('no_face_detected', undefined);
  const { result, states } = await run([refused, 'done']);
  assert.equal(result, refused);
  assert.equal(states.length, 1);
});

test('a pause beyond the time limit ends with the refusal', async () => {
  const busy = refusal('server_busy', 60_000);
  const { result, states } = await run([busy, 'done'], { lateAfter: 10_000 });
  assert.equal(result, busy);
  assert.equal(states.length, 1);
});

test('a call that is cancelled during a pause ends with that', async () => {
  const { result, states } = await run([refusal('server_busy', 300), 'done'], { cancelledAt: 300 });
  assert.deepEqual(result, { code: 'aborted' });
  assert.equal(states.length, 1);
});

test('a rejected token is replaced once, without counting as a retry', async () => {
  const rejected = refusal('unauthorized', undefined);
  const options = { tokens: ['old', 'new'], retries: 0 };
  const good = await run([rejected, 'done'], options);
  assert.equal(good.result, 'done');
  assert.deepEqual(good.asked, [undefined, 'old']);
  assert.deepEqual(
    good.states.map(({ token }) => token),
    ['old', 'new'],
  );
  const bad = await run([rejected, rejected, 'done'], options);
  assert.equal(bad.result, rejected);
  assert.equal(bad.states.length, 2);
});

test('a rejected token without a replacement ends with the refusal', async () => {
  const rejected = refusal('unauthorized', undefined);
  const { result, states } = await run([rejected, 'done'], { tokens: ['old', undefined], hasApiKey: true });
  assert.equal(result, rejected);
  assert.equal(states.length, 1);
});

test('without a token only an API key can be sent', async () => {
  assert.equal((await run(['done'], { tokens: [undefined], hasApiKey: true })).result, 'done');
  const { result, states } = await run(['done'], { tokens: [undefined] });
  assert.deepEqual(result, { code: 'unauthorized' });
  assert.equal(states.length, 0);
});

test('a rejected API key is not asked for again', async () => {
  const rejected = refusal('unauthorized', undefined);
  const { result, states } = await run([rejected, 'done'], { tokens: [undefined], hasApiKey: true });
  assert.equal(result, rejected);
  assert.equal(states.length, 1);
});
