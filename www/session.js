// The page's session: a token from the page's own backend, fetched when it is first needed and
// renewed before it ends. The token stays in here and in the SDK; it is never shown.

const MARGIN = 30_000;

/** `renew: false` leaves an ended session ended, until `start` is called. */
export function createSession({ setToken, renew, onchange }) {
  let lasts; // { from, until } in ms since 1970, once there is a session
  let pending;

  async function fetchToken() {
    let answer;
    try {
      answer = await fetch('/demo/session', { method: 'POST', signal: AbortSignal.timeout(10_000) });
    } catch {
      return failure(
        'network_error',
        'The page could not reach its server to start a session. Check that it runs and try again.',
      );
    }
    const body = await answer.json().catch(() => undefined);
    if (!answer.ok || typeof body?.token !== 'string') {
      const message = body?.message ?? 'This server hands out no sessions. Start the page with npm start.';
      return failure(body?.code ?? 'invalid_response', message);
    }
    const now = Date.now();
    lasts = { from: now, until: Number(body.expiresAt) || now + 60_000 };
    await setToken(body.token);
    onchange?.();
    return { status: true };
  }

  const session = {
    /** Fetches a new token; calls at the same time share one request. */
    start: () => (pending ??= fetchToken().finally(() => (pending = undefined))),
    /** Makes sure of a token that is worth sending; resolves to `{status, …}`. */
    ensure() {
      if (!lasts) return session.start();
      const margin = Math.min(MARGIN, (lasts.until - lasts.from) / 5);
      if (renew && Date.now() > lasts.until - margin) return session.start();
      return Promise.resolve({ status: true });
    },
    renews: renew,
    /** Milliseconds left; undefined while there is no session. */
    left: () => lasts && Math.max(0, lasts.until - Date.now()),
  };
  return session;
}

/** Keeps `element` saying how long the session lasts. Not a live region: it would never be quiet. */
export function showSession(session, element) {
  const update = () => {
    const left = session.left();
    const text =
      left === undefined
        ? 'No session yet'
        : left === 0
          ? `Session ended${session.renews ? '; renewed when needed' : ''}`
          : left > 60_000
            ? `Session: ${Math.round(left / 60_000)} min left`
            : `Session: ${Math.ceil(left / 1000)} s left`;
    if (element.textContent !== text) element.textContent = text;
  };
  setInterval(update, 1000);
  return update;
}

const failure = (code, message) => ({ status: false, code, message });
