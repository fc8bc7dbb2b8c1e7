import { answer, faces, openSession, saveSession, verifications } from '../../lib/perse';

/** Ends a sign-up or a login: what the page says about the verdict does not matter. */
export async function POST() {
  const session = await openSession();
  const result = session.verification && (await verifications.result(session.verification));
  if (result?.status !== 'passed') return answer({ message: 'You are not signed in.' }, 401);
  const { purpose, subject: name, userToken } = result;
  const isTaken = purpose === 'enrol' && faces.has(name);
  if (purpose === 'enrol' && !isTaken) faces.set(name, userToken);
  await saveSession({ ...session, verification: undefined, ...(!isTaken && { name }) });
  return isTaken ? answer({ message: 'Choose another name.' }, 409) : answer({ name });
}
