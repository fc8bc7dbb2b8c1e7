/** Why a picture can't be prepared: what happened and what to do. */
export type ImageFailureCode = 'invalid_file_type' | 'empty_file' | 'file_too_large';

/** A picture that can't be prepared. Anything else that goes wrong is another error. */
export class ImageFailure extends Error {
  override readonly name = 'ImageFailure';
  /** What went wrong. */
  readonly code: ImageFailureCode;

  constructor(code: ImageFailureCode, message: string) {
    super(message);
    this.code = code;
  }
}
