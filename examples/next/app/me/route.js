import { answer, openSession } from '../../lib/perse';

export async function GET() {
  const { name } = await openSession();
  return name ? answer({ name }) : answer({ message: 'You are not signed in.' }, 401);
}
