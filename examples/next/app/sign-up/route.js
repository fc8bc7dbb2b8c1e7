import { answer, begin, faces, readName } from '../../lib/perse';

/** A name that exists keeps its face. */
export async function POST(request) {
  const name = await readName(request);
  if (!name || faces.has(name)) return answer({ message: 'Choose another name.' }, 409);
  return begin({ purpose: 'enrol', subject: name });
}
