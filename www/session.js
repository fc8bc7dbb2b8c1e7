// The page's session. Tokens come from the page's own backend and go straight to the SDK, which keeps
// and renews them; they are never shown.

/** Asks the page's own backend for a session; the SDK understands its response. */
export const requestSession = (options) => fetch('/demo/session', { method: 'POST', ...options });

/** Fetches a session token; rejects with a failure `{status, code, message}`. */
export async function fetchToken() {
  let answer;
  try {
    answer = await requestSession({ signal: AbortSignal.timeout(10_000) });
  } catch {
    throw failure(
      'network_error',
      'The page could not reach its server to start a session. Check that it runs and try again.',
    );
  }
  const { token, code, message } = await answer.json().catch(() => ({}));
  if (answer.ok && typeof token === 'string') return token;
  throw failure(
    code ?? 'invalid_response',
    message ?? 'This server hands out no sessions. Start the page with npm start.',
  );
}

/**
 * Keeps `element` saying how long the session lasts. Gives the listener that is told of its end. Not a
 * live region: it would never be quiet.
 */
export function showSession(element, { renew }) {
  let end; // in ms since 1970, once there is a session
  const update = () => {
    const left = end && Math.max(0, end - Date.now());
    const text =
      left === undefined
        ? 'No session yet'
        : left === 0
          ? `Session ended${renew ? '; renewed when needed' : ''}`
          : left > 60_000
            ? `Session: ${Math.round(left / 60_000)} min left`
            : `Session: ${Math.ceil(left / 1000)} s left`;
    if (element.textContent !== text) element.textContent = text;
  };
  setInterval(update, 1000);
  return (event, expiresAt) => {
    end = expiresAt;
    update();
  };
}

const failure = (code, message) => ({ status: false, code, message });
