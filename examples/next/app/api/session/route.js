// The page's own server: it has the private key, and gives the page a session token for it. It also runs
// on the edge: export const runtime = 'edge';
import { createSession } from 'perse-wasm/server';

export async function POST() {
  // Your own sign-in check belongs here. Whoever passes it may use the API at your expense:
  //   if (!(await auth())) return new Response(null, { status: 401 });
  const headers = { 'Cache-Control': 'no-store' };
  try {
    const session = await createSession({
      privateKey: process.env.PERSE_PRIVATE_KEY,
      // Only needed where the API is not at its usual place, with the sandbox for example.
      baseUrl: process.env.PERSE_BASE_URL,
    });
    return Response.json(session, { headers });
  } catch (error) {
    // For you, not for the page; there is no secret in it.
    console.error(`No session: ${error.message} (${error.code})`);
    const message = 'The face verification is not available. Try again later.';
    return Response.json({ message }, { status: 502, headers });
  }
}
