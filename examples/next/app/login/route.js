import { answer, begin, faces, readName } from '../../lib/perse';

/** Your own check comes first, a password for example: a face alone is no second factor. */
export async function POST(request) {
  const name = await readName(request);
  if (!faces.has(name)) return answer({ message: 'Sign up first.' }, 404);
  return begin({ purpose: 'login', subject: name, userToken: faces.get(name) });
}
