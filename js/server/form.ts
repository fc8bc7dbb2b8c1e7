/** Reads the page's form within limits, checks it, and writes the service's form. */
import { readBody } from './body.js';
import { bare } from './options.js';
import { Refusal } from './reply.js';

/** The largest image file, in bytes, as the service has it. */
const MAX_IMAGE_BYTES = 1_000_000;
/** Room for the other fields, the parts' headers and the boundaries. */
const MAX_OTHER_BYTES = 65_536;
/** Time limit for a page to send its body, in milliseconds. */
const BODY_TIMEOUT_MS = 60_000;

const CONSENT = 'client_declaration_enduser_consent';

/**
 * Returns the images of these fields, each sent once and with the end user's consent.
 *
 * @throws Refusal in the order that the service checks: content type, length, form, fields, consent, files
 */
export async function readImages(request: Request, fields: readonly string[]): Promise<Blob[]> {
  const contentType = request.headers.get('content-type') ?? '';
  if (!/^multipart\/form-data\s*;/i.test(contentType)) {
    throw new Refusal(415, 'content_type_header_missing', 'The request is not multipart/form-data.');
  }
  const form = await parseForm(contentType, await readBytes(request, fields.length));
  const missing = fields.find((name) => !form.has(name));
  if (missing) throw new Refusal(400, 'form_key_missing', `The request is missing its field ${missing}.`);
  const twice = [...fields, CONSENT].find((name) => form.getAll(name).length > 1);
  if (twice) throw new Refusal(400, 'invalid_request', `The field ${twice} was sent twice.`);
  if (form.get(CONSENT) !== 'true') {
    throw new Refusal(422, 'consent_required', 'Nothing was processed: consent is required.');
  }
  return fields.map((name) => checkImage(form.get(name)));
}

/** Returns the form that the service gets: nothing else of the page's form is passed on. */
export function writeForm(fields: readonly string[], images: readonly Blob[], userToken?: string): FormData {
  const form = new FormData();
  // The file's own name may tell more than the person agreed to.
  fields.forEach((name, index) => form.append(name, images[index]!, 'photo'));
  if (userToken !== undefined) form.append('user_token', userToken);
  form.append(CONSENT, 'true');
  return form;
}

function checkImage(file: FormDataEntryValue | null): Blob {
  // A text field of that name is no file.
  if (file === null || typeof file === 'string' || file.size === 0) {
    throw new Refusal(400, 'empty_file', 'The photo is empty or was not sent. Choose another one.');
  }
  if (file.size > MAX_IMAGE_BYTES) throw tooLarge();
  return file;
}

async function readBytes(request: Request, images: number): Promise<Uint8Array<ArrayBuffer>> {
  const maxBytes = images * MAX_IMAGE_BYTES + MAX_OTHER_BYTES;
  if (Number(request.headers.get('content-length')) > maxBytes) throw tooLarge();
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<never>((_, reject) => {
    const error = new Refusal(408, 'timeout', 'The photo did not arrive in time. Try again.');
    timer = setTimeout(reject, BODY_TIMEOUT_MS, error);
  });
  try {
    const bytes = await Promise.race([readBody(request.body, maxBytes), late]);
    if (!bytes) throw tooLarge();
    return bytes;
  } catch (error) {
    throw error instanceof Refusal ? error : malformed();
  } finally {
    clearTimeout(timer);
  }
}

async function parseForm(contentType: string, bytes: Uint8Array<ArrayBuffer>): Promise<FormData> {
  try {
    return await new Response(bytes, bare({ headers: { 'content-type': contentType } })).formData();
  } catch {
    throw malformed();
  }
}

const malformed = () => new Refusal(400, 'invalid_request', 'The form is malformed or incomplete.');

const tooLarge = () => new Refusal(413, 'file_too_large', 'The photo is over 1 MB. Send a smaller one.');
