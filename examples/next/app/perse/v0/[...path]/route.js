import { verifications } from '../../../../lib/perse';

export const POST = verifications.handle;
// All that a ticket does not allow is refused there.
export { POST as DELETE, POST as GET, POST as PUT };
