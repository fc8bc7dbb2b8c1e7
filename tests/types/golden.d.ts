// index.d.ts

/**
 * A point in pixels, `[x, y]`, from the image's top left corner.
 */
type Point = [number, number];

/**
 * Exposure and focus of an image, or of the crop of a face.
 */
interface Metrics {
    /**
     * Loss of shadow detail, 0..1; 0 is best.
     */
    underexposure: number;
    /**
     * Loss of highlight detail, 0..1; 0 is best.
     */
    overexposure: number;
    /**
     * 0..1; 1 is best, low where the picture is blurred.
     */
    sharpness: number;
    /**
     * Colour degradation, 0..1; 0 is best. Older services leave it out.
     */
    color?: number;
    /**
     * Degrees that the head is turned away from the camera, 0..360; 0 is best. Older services leave it out.
     */
    rotation?: number;
    /**
     * Degrees, −90..90; positive where the face looks towards the image's right, which is the person's left.
     * Services other than the sandbox leave it out.
     */
    yaw?: number;
    /**
     * Degrees, −180..180; positive where the face looks up. Services other than the sandbox leave it out.
     */
    pitch?: number;
    /**
     * Degrees, −180..180; positive where the head is tilted counter-clockwise in the image. Services other than
     * the sandbox leave it out.
     */
    roll?: number;
}

/**
 * Five points of a face; right and left are the person's own.
 */
interface Landmarks {
    /**
     * Centre of the right eye.
     */
    rightEye: Point;
    /**
     * Centre of the left eye.
     */
    leftEye: Point;
    /**
     * Tip of the nose.
     */
    nose: Point;
    /**
     * Right corner of the mouth.
     */
    mouthRight: Point;
    /**
     * Left corner of the mouth.
     */
    mouthLeft: Point;
}

/**
 * Identifies the outcome of a call.
 */
type Code = "success" | "similar" | "content_type_header_missing" | "no_face_detected" | "empty_file" | "invalid_file_type" | "form_key_missing" | "file_too_large" | "not_similar" | "bad_image_quality" | "image_underexposed" | "image_overexposed" | "user_token_not_found" | "image_id_invalid" | "no_face_biometric_data" | "unauthorized" | "consent_required" | "invalid_request" | "route_not_found" | "method_not_allowed" | "server_busy" | "rate_limited" | "server_error" | "request_refused" | "network_error" | "offline" | "aborted" | "timeout" | "invalid_response" | "internal_error" | "wasm_unavailable" | "pixels_unavailable";

/**
 * Limits that the service recommends for judging its metrics.
 */
interface DetectionThresholds {
    /**
     * A face with more underexposure is too dark.
     */
    underexposure: number;
    /**
     * A face with more overexposure is too bright.
     */
    overexposure: number;
    /**
     * A face with less sharpness is blurred.
     */
    sharpness: number;
    /**
     * A face with a lower score may be a picture of one. A higher score is no proof of a person's presence. Absent
     * where the faces were detected on the device.
     */
    liveness?: number;
}

/**
 * One face of an image.
 */
interface Face {
    /**
     * Places of its features.
     */
    landmarks: Landmarks;
    /**
     * `[x, y, width, height]` in pixels, from the image's top left corner.
     */
    boundingBox: [number, number, number, number];
    /**
     * The detector's confidence, 0..1.
     */
    confidence: number;
    /**
     * Metrics of the face alone.
     */
    faceMetrics: Metrics;
    /**
     * 0..1; low where the service judges the face to be a picture of one. A single image can't prove a person's
     * presence; the sandbox's score is no presentation attack detection. Absent where the faces were detected on
     * the device.
     */
    livenessScore?: number;
}

/**
 * The limit that the service recommends for judging a similarity.
 */
interface ComparisonThresholds {
    /**
     * At least this similarity means the same person.
     */
    similarity: number;
}

/**
 * The response of `GET /face/enrollment/list`.
 */
interface EnrollmentList {
    /**
     * The tokens of all enrolled users.
     */
    userTokens: string[];
    /**
     * Number of users.
     */
    totalUsers: number;
    /**
     * Seconds that the service worked on it.
     */
    timeTaken: number;
}

/**
 * The response of `POST /face/compare`.
 */
interface Comparison {
    /**
     * Similarity of the faces, 0..100; judge it only against the threshold of the same response.
     */
    similarity: number;
    /**
     * Unique ids of the two images.
     */
    imageTokens: [string, string];
    /**
     * The service's limit.
     */
    defaultThresholds: ComparisonThresholds;
    /**
     * Seconds that the service worked on it.
     */
    timeTaken: number;
}

/**
 * The response of `POST /face/detect`.
 */
interface Detection {
    /**
     * Number of faces that were found wholly inside the image.
     */
    totalFaces: number;
    /**
     * The faces.
     */
    faces: Face[];
    /**
     * Metrics of the whole image.
     */
    imageMetrics: Metrics;
    /**
     * Unique id of this image.
     */
    imageToken: string;
    /**
     * The service's limits.
     */
    defaultThresholds: DetectionThresholds;
    /**
     * Seconds that the service worked on it.
     */
    timeTaken: number;
}

/**
 * The response of creating or updating an enrolment.
 */
interface Enrollment {
    /**
     * The enrolled user's token: keep it with the user's account.
     */
    userToken: string;
    /**
     * Seconds that the service worked on it.
     */
    timeTaken: number;
}

/**
 * The response of deleting an enrolment.
 */
interface Deletion {
    /**
     * Seconds that the service worked on it.
     */
    timeTaken: number;
}

/** Types of the environment that not every project's declarations have. */
/**
 * A class of the environment; `never` where the compiler's declarations lack it, as those of a worker or of Node.js
 * lack elements, and older ones newer classes.
 */
type Global<Name extends string> = typeof globalThis extends {
    [Key in Name]: {
        prototype: infer Instance;
    };
} ? Instance : never;

/** Types of the SDK's options and results. The responses themselves are declared by the Rust core. */

/**
 * An image: a file, its bytes or its data URL, or anything that a browser can draw. Files
 * have at most 64,000,000 bytes and 120 megapixels.
 */
type Image = Global<'Blob'> | ArrayBuffer | ArrayBufferView | `data:${string}` | Global<'HTMLImageElement'> | Global<'SVGImageElement'> | Global<'HTMLVideoElement'> | Global<'HTMLCanvasElement'> | Global<'OffscreenCanvas'> | Global<'ImageBitmap'> | Global<'ImageData'> | Global<'VideoFrame'>;
/** The environment's `fetch`. */
type Fetch = typeof globalThis extends {
    fetch: infer Function;
} ? Function : never;
/** An image file before or after its preparation. */
interface ImageFileFacts {
    /** MIME type, by content. */
    type: string;
    /** File size. */
    bytes: number;
    /** Pixels in a row, upright. */
    width: number;
    /** Rows, upright. */
    height: number;
}
/** A kind of data in a file besides its pixels. */
type Metadata = 'exif' | 'gps' | 'xmp' | 'iptc' | 'comment' | 'thumbnail' | 'trailing' | 'other';
/** Limits of a prepared photo. */
interface PrepareLimits {
    /**
     * Longer side, 64 to 16,384 pixels.
     *
     * @default 1600
     */
    maxSide?: number;
    /**
     * File size, 10,000 to 1,000,000 bytes.
     *
     * @default 500_000
     */
    maxBytes?: number;
    /**
     * Quality of the JPEG, 0.1 to 1. It is lowered only where fewer pixels do not make the file fit.
     *
     * @default 0.85
     */
    quality?: number;
}
/** Report on a prepared image. */
interface PrepareReport {
    /** The file before; absent if it was no file. */
    from?: ImageFileFacts;
    /** The file after. */
    to: ImageFileFacts;
    /** It was rotated upright. */
    isTurned: boolean;
    /** It was resized. */
    isResized: boolean;
    /** Its type was changed. */
    isConverted: boolean;
    /** The kinds that were found and removed. Of types that the service does not accept nothing is reported, nor kept. */
    removed: Metadata[];
}
/** An image that can be sent. */
interface PreparedImage {
    /** The file. */
    blob: Global<'Blob'>;
    /** Pixels in a row. */
    width: number;
    /** Rows. */
    height: number;
    /** The preparation in detail. */
    report: PrepareReport;
}
/** An image that can be sent, when `status` is `true`. */
type PrepareResult = Success<PreparedImage> | Failure;
/** The measures of a whole picture, its shorter side reduced to 128 pixels. */
interface ImageMetrics {
    /** Share of dark pixels, 0..1; over 0.7 it is too dark. */
    underexposure: number;
    /** Share of bright pixels, 0..1; over 0.65 it is too bright. */
    overexposure: number;
    /** Spread of the Laplacian, 0..1; under 0.1591 it is blurred. */
    sharpness: number;
}
/** The verdict on a whole picture, worked out on the device. */
type ImageQualityVerdict = {
    /** The verdict in words, and what to do better. */
    message: string;
    /** The measured metrics. */
    metrics: ImageMetrics;
    /** It is too dark. */
    isUnderexposed: boolean;
    /** It is too bright. */
    isOverexposed: boolean;
    /** It is not sharp enough. */
    isBlurred: boolean;
    /** Pixels in a row, upright. */
    width: number;
    /** Rows, upright. */
    height: number;
    /** The file's size; absent if it was no file. */
    bytes?: number;
} & ({
    /** It has no fault. */
    status: true;
    /** The only code of that. */
    code: 'success';
} | {
    /** It has a fault. */
    status: false;
    /** The only code of that. */
    code: 'bad_image_quality';
});
/** The verdict on a picture, or why there is none. */
type ImageQualityResult = ImageQualityVerdict | Failure<Exclude<ErrorCode, 'bad_image_quality'>>;
/** The token of an enrolled user, as `face.enrollment.create` returned it. */
type UserToken = string;
/** The codes of a result whose `status` is `false`. */
type ErrorCode = Exclude<Code, 'success' | 'similar'>;
/** A failure: what happened and what to do, in `message`. */
interface Failure<Codes extends ErrorCode = ErrorCode> extends Origin {
    /** The call failed. */
    status: false;
    /** Code of the failure. */
    code: Codes;
    /** Message for the person in front of the screen: what happened and what to do. */
    message: string;
    /** Place of the failure, if the client knows it. */
    details?: {
        /** The argument of `compare`, `isSimilar` or `verify` that the failure is about: the first or the second. */
        image: 'a' | 'b';
    };
    /** Details for developers, in English. Not enumerable: it is in no JSON. */
    readonly cause?: unknown;
}
/** Origin of a result. */
interface Origin {
    /** Present where an engine in the page worked it out, and not the service. */
    source?: 'device';
}
/** A response of the service, or of an engine in its place. */
type Success<Response> = Origin & Response & {
    /** The call succeeded. */
    status: true;
    /** The only code of a success. */
    code: 'success';
    /** The same in words. */
    message: string;
    /** Only failures have details. */
    details?: undefined;
};
/** The faces of a photo, when `status` is `true`. Their places are pixels of the upright image of the page. */
type DetectResult = Success<Detection & DetectedImage> | Failure;
/** The image that faces were detected in. */
interface DetectedImage {
    /** Size of the upright image that was passed, in pixels; the photo that was sent may be smaller. */
    imageSize: {
        /** Pixels in a row. */
        width: number;
        /** Rows. */
        height: number;
    };
}
/** The similarity of two faces, when `status` is `true`. */
type CompareResult = Success<Comparison> | Failure;
/** The token of the user who is now enrolled, when `status` is `true`. */
type EnrollmentResult = Success<Enrollment> | Failure;
/** The tokens of all enrolled users, when `status` is `true`. */
type EnrollmentListResult = Success<EnrollmentList> | Failure;
/** Whether the user was deleted. */
type DeletionResult = Success<Deletion> | Failure;
/** Whether two faces are of one person: `code` is `similar` or `not_similar`. */
type SimilarResult = (Origin & {
    /** The faces are of one person. */
    status: true;
    /** The only code of that. */
    code: 'similar';
    /** The same in words. */
    message: string;
    /** Only failures have details. */
    details?: undefined;
}) | Failure;
/** Faults of one face. */
interface FaceQuality {
    /** It is too dark. */
    isUnderexposed: boolean;
    /** It is too bright. */
    isOverexposed: boolean;
    /** It is not sharp enough. */
    isBlurred: boolean;
}
/** Faults of one face, spoofing included. */
interface FaceQualityWithSpoofing extends FaceQuality {
    /** The face may be a picture of a person; judged only where nothing else is wrong with it. */
    isSpoofing: boolean;
}
/** The verdict on each face of a photo; `status` is `true` only when none has a fault. */
type QualityVerdict<Quality extends FaceQuality = FaceQuality> = Origin & {
    /** The verdict in words, and what to do better. */
    message: string;
    /** Number of faces that were found. */
    totalFaces: number;
    /** The verdict on each. */
    detailedFaces: Quality[];
} & ({
    /** No face has a fault. */
    status: true;
    /** The only code of that. */
    code: 'success';
} | {
    /** There is no face, or one with a fault. */
    status: false;
    /** Which of the two. */
    code: 'bad_image_quality' | 'no_face_detected';
});
/** The verdict on a photo, or why there is none. */
type QualityResult<Quality extends FaceQuality = FaceQuality> = QualityVerdict<Quality> | Failure<Exclude<ErrorCode, 'bad_image_quality' | 'no_face_detected'>>;
/** The verdict of `verify` on two faces. */
type VerifyVerdict = Origin & {
    /** The verdict in words. */
    message: string;
    /** Only failures and unfit photos have details. */
    details?: undefined;
    /** Similarity of the faces. */
    similarity: number;
    /** The service's threshold: at least this similarity means the same person. */
    threshold: number;
} & ({
    /** The faces are of one person. */
    status: true;
    /** The only code of that. */
    code: 'similar';
} | {
    /** The faces are of two persons. */
    status: false;
    /** The only code of that. */
    code: 'not_similar';
});
/** The verdict of `verify` on a photo that is not good enough to be compared. */
type UnfitPhoto = QualityVerdict & {
    /** The photo is not good enough. */
    status: false;
    /** Place of the fault. */
    details: {
        /** The first photo; the second one only with `precheck`. */
        image: 'a' | 'b';
    };
};
/**
 * The verdict of `verify`: on the first photo where that is not good enough, otherwise on the two faces. Or why
 * there is none.
 */
type VerifyResult = VerifyVerdict | UnfitPhoto | Failure<Exclude<ErrorCode, 'bad_image_quality' | 'not_similar'>>;
/**
 * Fetches a session token from the page's own server: the token itself, an object with it as `createSession`
 * of `perse-wasm/server` returns it, or the server's response with either. An error with one of this package's
 * codes fails the call with that code and message; any other gives `unauthorized`.
 *
 * @example
 * Perse.setToken(() => fetch('/my-session', { method: 'POST' }));
 */
type TokenProvider = () => ProvidedToken | Promise<ProvidedToken>;
/** A session token as a provider returns it. */
type ProvidedToken = string | Global<'Response'> | {
    /** The token. */
    token: string;
    /** Its expiry, in milliseconds since 1970; read where the token itself does not contain one. */
    expiresAt?: number;
};
/**
 * A step of a call, for logs and measurements. It never contains tokens, photos or faces.
 *
 * @example
 * Perse.configure({ onEvent: (event) => console.debug(event.call, event.type, event) });
 */
interface CallEvent {
    /**
     * `prepare`: the photos are ready. `token`: the provider was asked. `request`: an attempt begins. `response`: its
     * response has begun to arrive. `retry`: another attempt follows after a pause. `result`: the call has ended.
     */
    type: 'prepare' | 'token' | 'request' | 'response' | 'retry' | 'result';
    /** Number of the call, from 1; unique on the page. */
    call: number;
    /** Number of the attempt, from 1. */
    attempt?: number;
    /** Duration of the step, or of the pause before a retry, in milliseconds. */
    ms?: number;
    /** Size of all photos that are sent, in bytes. */
    bytes?: number;
    /** The code of the result, or of the failure that is followed by a retry. */
    code?: Code;
    /** HTTP status of the response. */
    httpStatus?: number;
    /** The service's `x-request-id`, which its support needs; CORS must expose the header. */
    requestId?: string;
}
/** Event of the session token: it expires soon, it has expired, or it was renewed. */
type TokenEvent = 'expiring' | 'expired' | 'renewed';
/**
 * Receives the events of the session token, and the expiry of that token: milliseconds since 1970 by the
 * device's clock, `undefined` if it does not say.
 */
type TokenListener = (event: TokenEvent, expiresAt: number | undefined) => void;
/** The WebAssembly module, or where it is. */
type WasmSource = WasmModule | Promise<WasmModule>;
type WasmModule = string | Global<'URL'> | Global<'Response'> | ArrayBuffer | ArrayBufferView | (WebAssemblyModule & object);
type WebAssemblyModule = typeof globalThis extends {
    WebAssembly: {
        Module: {
            prototype: infer Module;
        };
    };
} ? Module : never;
/**
 * Finds and compares faces in the service's place. The module `perse-wasm/device` is one. It must send nothing: faces
 * are found without the end user's consent. What it rejects with is `internal_error`, unless it has one of this
 * package's codes as `code`, and a text in English as `detail`.
 *
 * @example
 * import * as device from 'perse-wasm/device';
 * const perse = createPerse({ engine: device });
 */
interface Engine {
    /**
     * Finds the faces of a photo, which is upright and has no metadata, the largest first.
     *
     * @example
     * const { faces } = await engine.detectFaces(photo);
     */
    detectFaces(photo: Global<'Blob'>, signal?: Global<'AbortSignal'>): Promise<Detection>;
    /**
     * Compares the largest faces of two photos; rejects with the code `no_face_detected` where one has none.
     *
     * @example
     * const { similarity } = await engine.compareFaces([selfie, idPhoto]);
     */
    compareFaces(photos: [Global<'Blob'>, Global<'Blob'>], signal?: Global<'AbortSignal'>): Promise<Comparison>;
}
/**
 * Settings of a client.
 *
 * @example
 * Perse.configure({ enduserConsent: true, timeout: 20_000 });
 */
interface PerseOptions {
    /**
     * Base URL of the API; `https://api.getperse.com/v0` by default. Relative to the page, if relative. It has
     * to be https, except on this machine.
     */
    baseUrl?: string;
    /**
     * The end user agreed to the use of their biometric data; `false` by default. Set it to `false` again
     * when they take that back: what is not yet sent then stays here.
     */
    enduserConsent?: boolean;
    /**
     * Time limit of a call and of everything that belongs to it, in milliseconds.
     *
     * @default 30_000
     */
    timeout?: number;
    /**
     * Largest number of repeats of a request where that is safe, 0 to 10; 2 by default. Never after an
     * enrolment that may have been stored.
     */
    retries?: number;
    /**
     * Prepares photos before they are sent: rotates them upright, resizes and encodes as JPEG those over the limits
     * or of a type that the service does not accept. `true` stands for the default limits, `false` sends photos as
     * they are. Their metadata is removed in any case.
     *
     * @default true
     */
    prepare?: boolean | PrepareLimits;
    /**
     * Judges photos before they are sent: one that is hopelessly dark, bright or blurred gives
     * `bad_image_quality` without a request. Skipped where the browser can't read pixels.
     *
     * @default false
     */
    precheck?: boolean;
    /** Failures reject with {@link PerseError} instead of resolving to `{status: false, …}`. */
    throwOnError?: boolean;
    /** Failures also show as a warning on the console; `true` by default. */
    warn?: boolean;
    /** The language of the messages: English, Portuguese or Spanish (`'pt-BR'`); the page's by default. */
    locale?: string;
    /** Messages of the page's own, by code. */
    messages?: {
        [code in Code]?: string;
    };
    /** The WebAssembly module or its URL, if not where the entry looks for it; for all clients of the page. */
    wasm?: WasmSource;
    /** Sends the requests in place of the global `fetch`, as for tests. */
    fetch?: Fetch;
    /**
     * Finds and compares faces in the service's place: `detect`, `quality`, `compare`, `isSimilar` and `verify` send
     * nothing then, need no token, and return `source: 'device'`. Methods that need the service are `invalid_request`.
     */
    engine?: Engine;
    /** Receives each step of each call, for logs and measurements. */
    onEvent?: (event: CallEvent) => void;
}
/** Settings of one call, which go before the client's own. */
interface CallOptions extends Pick<PerseOptions, 'enduserConsent' | 'timeout' | 'retries' | 'prepare' | 'precheck'> {
    /** Cancels the call, which then fails with `aborted`. */
    signal?: Global<'AbortSignal'>;
}
/**
 * Arguments that may follow the images of a call: the end user's consent, options, or both.
 *
 * @example
 * await Perse.face.detect(photo, true);
 * await Perse.face.detect(photo, { enduserConsent: true, timeout: 5_000 });
 * await Perse.face.detect(photo, true, { timeout: 5_000 });
 */
type CallSettings = [enduserConsent?: boolean, options?: CallOptions] | [options?: CallOptions];
/** Two photos, or a photo and the token of an enrolled user in either order. */
type PhotoPair = [a: Image, b: Image | UserToken] | [a: UserToken, b: Image];
/** A photo and the token of an enrolled user, in either order. */
type PhotoAndUser = [image: Image, userToken: UserToken] | [userToken: UserToken, image: Image];

/** Face detection, comparison and enrolment. Every method resolves to a result with a `status`. */
interface FaceMethods {
    /**
     * Finds the faces of a photo, with their landmarks and metrics.
     *
     * @example
     * const result = await Perse.face.detect(photo, { enduserConsent: true });
     * if (result.status) console.log(result.faces.map((face) => face.boundingBox));
     */
    detect(image: Image, ...settings: CallSettings): Promise<DetectResult>;
    /**
     * Compares the largest faces of two photos, or of a photo and an enrolled user, in either order.
     *
     * @example
     * const result = await Perse.face.compare(selfie, idPhoto, { enduserConsent: true });
     * if (result.status) console.log(result.similarity >= result.defaultThresholds.similarity);
     */
    compare(...values: [...PhotoPair, ...CallSettings]): Promise<CompareResult>;
    /**
     * As `compare`, judged by the service's own threshold: `similar` or `not_similar`.
     *
     * @example
     * const result = await Perse.face.isSimilar(selfie, userToken, { enduserConsent: true });
     * if (result.code === 'similar') console.log('Welcome back');
     * else if (result.code === 'not_similar') console.log('This is someone else');
     * else console.log(result.message);
     */
    isSimilar(...values: [...PhotoPair, ...CallSettings]): Promise<SimilarResult>;
    /**
     * Judges a selfie as `quality` does, and only a good one is compared with the second photo or the enrolled user,
     * as `isSimilar` does. Each photo is prepared once. `details.image` names the photo that a failure is about.
     *
     * @example
     * const result = await Perse.face.verify(selfie, idPhoto, { enduserConsent: true });
     * if (result.code === 'similar') console.log('Welcome');
     * else console.log(result.message); // what to do better
     */
    verify(selfie: Image, reference: Image | UserToken, ...settings: CallSettings): Promise<VerifyResult>;
    /**
     * Judges whether any face is too dark, too bright or blurred.
     *
     * @example
     * const result = await Perse.face.quality(photo, { enduserConsent: true });
     * if (!result.status) console.log(result.message); // what to do better
     */
    quality(image: Image, ...settings: CallSettings): Promise<QualityResult>;
    /**
     * As `quality`, and whether a face may be a picture of one. `isSpoofing: false` is no proof of a person's
     * presence: a single picture can't give one.
     *
     * @example
     * const result = await Perse.face.qualityWithSpoofCheck(photo, { enduserConsent: true });
     * if (result.code === 'bad_image_quality') console.log(result.detailedFaces[0]?.isSpoofing);
     */
    qualityWithSpoofCheck(image: Image, ...settings: CallSettings): Promise<QualityResult<FaceQualityWithSpoofing>>;
    /** The users whose face the service knows. */
    enrollment: EnrollmentMethods;
}
/** The users whose face the service knows. */
interface EnrollmentMethods {
    /**
     * Enrols the person of a photo, of several the largest face; keep the `userToken` with the user's account.
     *
     * @example
     * const result = await Perse.face.enrollment.create(photo, { enduserConsent: true });
     * if (result.status) await saveWithTheAccount(result.userToken);
     */
    create(image: Image, ...settings: CallSettings): Promise<EnrollmentResult>;
    /**
     * Lists the tokens of all enrolled users.
     *
     * @example
     * const result = await Perse.face.enrollment.read();
     * if (result.status) console.log(result.totalUsers, result.userTokens);
     */
    read(...settings: CallSettings): Promise<EnrollmentListResult>;
    /**
     * Replaces the photo of an enrolled user (of several faces the largest); the two in either order.
     *
     * @example
     * await Perse.face.enrollment.update(photo, userToken, { enduserConsent: true });
     */
    update(...values: [...PhotoAndUser, ...CallSettings]): Promise<EnrollmentResult>;
    /**
     * Deletes an enrolled user.
     *
     * @example
     * const { status } = await Perse.face.enrollment.delete(userToken);
     */
    delete(userToken: UserToken, ...settings: CallSettings): Promise<DeletionResult>;
}
/** Methods that run on the device: nothing is sent, and no consent or token is needed. */
interface ImageMethods {
    /**
     * Judges whether an image is too dark, too bright or blurred.
     *
     * @example
     * const result = await Perse.image.quality(photo);
     * if (!result.status) console.log(result.message); // what to do better
     */
    quality(image: Image, options?: CallOptions): Promise<ImageQualityResult>;
    /**
     * Prepares an image, as calls do by themselves, and reports the steps.
     *
     * @example
     * const result = await Perse.image.prepare(photo);
     * if (result.status) console.log(result.report.from?.bytes, result.report.to.bytes);
     */
    prepare(image: Image, options?: CallOptions): Promise<PrepareResult>;
}
/** A client of the face verification service. */
interface PerseClient {
    /**
     * Sets the session token that the page's own server fetched, or a function that fetches one whenever
     * a call needs it: before the token expires, and once when the service rejects it. `''` removes both.
     *
     * @throws PerseError for another value.
     * @example
     * client.setToken(async () => (await fetch('/my-session', { method: 'POST' })).text());
     */
    setToken(token: string | TokenProvider): void;
    /**
     * Calls a listener when the session token expires soon, has expired, or was renewed, each with the time of its
     * expiry. Returns a function that removes the listener.
     *
     * @example
     * const stop = client.onToken((event) => console.log(`The session is ${event}`));
     */
    onToken(listener: TokenListener): () => void;
    /**
     * Removes the token or its provider, the API key and the consent, as at logout. Pending calls
     * end with `aborted`. Other settings and listeners stay.
     *
     * @example
     * client.clear();
     */
    clear(): void;
    /**
     * Changes settings; those that are not named stay.
     *
     * @throws PerseError naming a wrong option.
     * @example
     * client.configure({ timeout: 20_000, throwOnError: true });
     */
    configure(options: PerseOptions): void;
    /**
     * Sets an API key, as older deployments take it.
     *
     * @deprecated Use {@link PerseClient.setToken}.
     * @example
     * client.init(apiKey);
     */
    init(apiKey: string): void;
    /**
     * The methods.
     *
     * @example
     * const result = await client.face.detect(photo, { enduserConsent: true });
     */
    face: FaceMethods;
    /**
     * Methods that run on the device alone.
     *
     * @example
     * const result = await client.image.quality(photo);
     */
    image: ImageMethods;
    /**
     * Judges a detection at hand as `face.quality` judges a photo, without a request.
     *
     * @example
     * const detection = await client.face.detect(photo, { enduserConsent: true });
     * const { code, message } = await client.qualityOf(detection);
     */
    qualityOf(detection: DetectResult): Promise<QualityResult>;
}

/** Creates the exports of every entry: one shared client, and a function for more of them. */

/** The page's own client, with what only an entry has. */
interface Perse extends PerseClient {
    /**
     * Creates another client with its own token and settings, for a second tenant on one page.
     *
     * @example
     * const tenant = Perse.createPerse({ baseUrl: 'https://api.example.com/v0' });
     * tenant.setToken(tokenOfTheTenant);
     */
    createPerse(options?: PerseOptions): PerseClient;
    /**
     * Vue 3 plugin: sets `$Perse` on every component.
     *
     * @example
     * createApp(App).use(Perse.VueNextInstall).mount('#app');
     */
    VueNextInstall: VuePlugin<VueApp>;
    /**
     * Vue 2 plugin: sets `$Perse` on every component.
     *
     * @example
     * Vue.use(Perse.VueInstall);
     */
    VueInstall: VuePlugin<VueConstructor>;
    /**
     * Loads what the first call needs, and with `photos` what a photo needs that is encoded again. It is never needed;
     * on a slow network the first call is faster. Resolves in any case: a failure shows in the first call.
     *
     * @example
     * loginButton.addEventListener('pointerenter', () => Perse.preload({ photos: true }));
     */
    preload(options?: PreloadOptions): Promise<void>;
}
/** Options of `preload`. */
interface PreloadOptions {
    /**
     * Whether photos follow.
     *
     * @default false
     */
    photos?: boolean;
}
/** An application of Vue 3. */
interface VueApp {
    /** Its configuration. */
    config: {
        /** Properties of every component. */
        globalProperties: object;
    };
}
/** The constructor of Vue 2. */
interface VueConstructor {
    /** Properties of every component. */
    prototype: object;
}
/** A plugin of Vue: a function, which is its own `install`. */
interface VuePlugin<Target> {
    /** Sets `$Perse` on every component; an API key goes to `init`. */
    (target: Target, apiKey?: unknown): void;
    /**
     * The same function.
     *
     * @example
     * Vue.use(Perse.VueInstall, apiKey);
     */
    install(target: Target, apiKey?: unknown): void;
}

/**
 * A failure as an exception: calls reject with it under `throwOnError`, and `configure` and `setToken` throw it for
 * a wrong value.
 *
 * @example
 * Perse.configure({ throwOnError: true });
 * try {
 *   await Perse.face.detect(photo, { enduserConsent: true });
 * } catch (error) {
 *   if (Perse.isPerseError(error)) console.log(error.code, error.message);
 * }
 */
declare class PerseError extends Error implements Failure {
    /** Identifies the class, also across realms. */
    readonly name = "PerseError";
    /** As in the result of a call that failed. */
    readonly status = false;
    /** Code of the failure. */
    readonly code: ErrorCode;
    /** As in the result of a call that failed. */
    readonly details?: NonNullable<Failure['details']>;
    constructor(code: ErrorCode, message: string, options?: {
        cause?: unknown;
    });
    /**
     * Returns the three fields of a failure, without the stack.
     *
     * @example
     * report(JSON.stringify(error)); // {"status":false,"code":"timeout","message":"…"}
     */
    toJSON(): Failure;
}
/**
 * Returns whether a value is a {@link PerseError}, also one of another copy of this package.
 *
 * @example
 * if (isPerseError(error) && error.code === 'timeout') retry();
 */
declare function isPerseError(value: unknown): value is PerseError;

/**
 * The default entry: ready at import, nothing to configure, WebAssembly inside. What is exported by name
 * is documented here once more: an editor shows a constant's own text.
 */

/**
 * Face verification. It is ready at import; the WebAssembly loads at the first call.
 *
 * @example
 * import * as Perse from 'perse-wasm';
 * Perse.setToken(tokenFromYourServer);
 * const result = await Perse.face.compare(selfie, idPhoto, { enduserConsent: true });
 * if (result.status) console.log(result.similarity);
 * else console.log(result.code, result.message);
 */
declare const perse: Perse;

/**
 * Sets the session token that your own server fetched, or a function that fetches one whenever a call
 * needs it; `''` removes both.
 *
 * @throws PerseError for another value.
 * @example
 * Perse.setToken(async () => (await fetch('/my-session', { method: 'POST' })).text());
 */
declare const setToken: Perse['setToken'];
/**
 * Calls a listener when the session token expires soon, has expired, or was renewed. Returns a function that
 * removes the listener.
 *
 * @example
 * const stop = Perse.onToken((event) => console.log(`The session is ${event}`));
 */
declare const onToken: Perse['onToken'];
/**
 * Removes the token or its provider, the API key and the consent, as at logout. Pending calls end with `aborted`.
 *
 * @example
 * Perse.clear();
 */
declare const clear: Perse['clear'];
/**
 * Changes settings; those that are not named stay.
 *
 * @throws PerseError naming a wrong option.
 * @example
 * Perse.configure({ timeout: 20_000, throwOnError: true });
 */
declare const configure: Perse['configure'];
/**
 * Sets an API key, as older deployments take it.
 *
 * @deprecated Use {@link setToken}.
 * @example
 * Perse.init(apiKey);
 */
declare const init: Perse['init'];
/**
 * Face detection, comparison and enrolment.
 *
 * @example
 * const result = await Perse.face.isSimilar(selfie, idPhoto, { enduserConsent: true });
 */
declare const face: Perse['face'];
/**
 * Methods that run on the device: nothing is sent, and no consent or token is needed.
 *
 * @example
 * const result = await Perse.image.quality(photo);
 */
declare const image: Perse['image'];
/**
 * Judges a detection at hand as `face.quality` judges a photo, without a request.
 *
 * @example
 * const { code, message } = await Perse.qualityOf(await Perse.face.detect(photo, true));
 */
declare const qualityOf: Perse['qualityOf'];
/**
 * Creates another client with its own token and settings, for a second tenant on one page.
 *
 * @example
 * const tenant = Perse.createPerse({ baseUrl: 'https://api.example.com/v0' });
 * tenant.setToken(tokenOfTheTenant);
 */
declare const createPerse: Perse['createPerse'];
/**
 * Loads what the first call needs, and with `photos` what a photo needs that is encoded again. It is never needed.
 *
 * @example
 * loginButton.addEventListener('pointerenter', () => Perse.preload({ photos: true }));
 */
declare const preload: Perse['preload'];
/**
 * Vue 3 plugin: sets `$Perse` on every component.
 *
 * @example
 * createApp(App).use(VueNextInstall).mount('#app');
 */
declare const VueNextInstall: Perse['VueNextInstall'];
/**
 * Vue 2 plugin: sets `$Perse` on every component.
 *
 * @example
 * Vue.use(VueInstall);
 */
declare const VueInstall: Perse['VueInstall'];

export { PerseError, VueInstall, VueNextInstall, clear, configure, createPerse, perse as default, face, image, init, isPerseError, onToken, preload, qualityOf, setToken };
export type { CallEvent, CallOptions, CallSettings, Code, CompareResult, Comparison, ComparisonThresholds, Deletion, DeletionResult, DetectResult, DetectedImage, Detection, DetectionThresholds, Engine, Enrollment, EnrollmentList, EnrollmentListResult, EnrollmentMethods, EnrollmentResult, ErrorCode, Face, FaceMethods, FaceQuality, FaceQualityWithSpoofing, Failure, Image, ImageFileFacts, ImageMethods, ImageMetrics, ImageQualityResult, ImageQualityVerdict, Landmarks, Metadata, Metrics, Origin, Perse, PerseClient, PerseOptions, PhotoAndUser, PhotoPair, Point, PreloadOptions, PrepareLimits, PrepareReport, PrepareResult, PreparedImage, ProvidedToken, QualityResult, QualityVerdict, SimilarResult, Success, TokenEvent, TokenListener, TokenProvider, UnfitPhoto, UserToken, VerifyResult, VerifyVerdict, VueApp, VueConstructor, VuePlugin, WasmSource };

// slim.d.ts

export * from './index.js';
export { default } from './index.js';

// perse.global.d.ts

import type * as perse from './index.js';

declare global {
  /** The package, on a page that loads it by a script tag. */
  const Perse: typeof perse;
}

// server.d.ts

/**
 * Identifies the outcome of a call.
 */
type Code = "success" | "similar" | "content_type_header_missing" | "no_face_detected" | "empty_file" | "invalid_file_type" | "form_key_missing" | "file_too_large" | "not_similar" | "bad_image_quality" | "image_underexposed" | "image_overexposed" | "user_token_not_found" | "image_id_invalid" | "no_face_biometric_data" | "unauthorized" | "consent_required" | "invalid_request" | "route_not_found" | "method_not_allowed" | "server_busy" | "rate_limited" | "server_error" | "request_refused" | "network_error" | "offline" | "aborted" | "timeout" | "invalid_response" | "internal_error" | "wasm_unavailable" | "pixels_unavailable";

/** Types of the SDK's options and results. The responses themselves are declared by the Rust core. */

/** The codes of a result whose `status` is `false`. */
type ErrorCode = Exclude<Code, 'success' | 'similar'>;
/** A failure: what happened and what to do, in `message`. */
interface Failure<Codes extends ErrorCode = ErrorCode> extends Origin {
    /** The call failed. */
    status: false;
    /** Code of the failure. */
    code: Codes;
    /** Message for the person in front of the screen: what happened and what to do. */
    message: string;
    /** Place of the failure, if the client knows it. */
    details?: {
        /** The argument of `compare`, `isSimilar` or `verify` that the failure is about: the first or the second. */
        image: 'a' | 'b';
    };
    /** Details for developers, in English. Not enumerable: it is in no JSON. */
    readonly cause?: unknown;
}
/** Origin of a result. */
interface Origin {
    /** Present where an engine in the page worked it out, and not the service. */
    source?: 'device';
}

/**
 * A failure as an exception: calls reject with it under `throwOnError`, and `configure` and `setToken` throw it for
 * a wrong value.
 *
 * @example
 * Perse.configure({ throwOnError: true });
 * try {
 *   await Perse.face.detect(photo, { enduserConsent: true });
 * } catch (error) {
 *   if (Perse.isPerseError(error)) console.log(error.code, error.message);
 * }
 */
declare class PerseError extends Error implements Failure {
    /** Identifies the class, also across realms. */
    readonly name = "PerseError";
    /** As in the result of a call that failed. */
    readonly status = false;
    /** Code of the failure. */
    readonly code: ErrorCode;
    /** As in the result of a call that failed. */
    readonly details?: NonNullable<Failure['details']>;
    constructor(code: ErrorCode, message: string, options?: {
        cause?: unknown;
    });
    /**
     * Returns the three fields of a failure, without the stack.
     *
     * @example
     * report(JSON.stringify(error)); // {"status":false,"code":"timeout","message":"…"}
     */
    toJSON(): Failure;
}
/**
 * Returns whether a value is a {@link PerseError}, also one of another copy of this package.
 *
 * @example
 * if (isPerseError(error) && error.code === 'timeout') retry();
 */
declare function isPerseError(value: unknown): value is PerseError;

/**
 * Scope of a session token: `detect` (find and judge faces), `compare`, `enrol` (a new user), `users`
 * (list, update and delete enrolled users).
 */
type Scope = 'detect' | 'compare' | 'enrol' | 'users';
/** Options of {@link createSession}. */
interface SessionOptions {
    /**
     * The account's private key, from a secret of the server's environment; never from a page. Without it
     * the call fails, and says so.
     */
    privateKey: string | undefined;
    /**
     * Base URL of the API. Plain `http` is accepted only for this very machine: `localhost`, `127.0.0.1` and the
     * like.
     *
     * @default 'https://api.getperse.com/v0'
     */
    baseUrl?: string | undefined;
    /**
     * Restricts the token to some calls, where the service has scopes; others get 403 `request_refused`. A
     * service without scopes may ignore it or refuse the login.
     *
     * @default every call
     */
    scope?: Scope | readonly Scope[] | undefined;
    /**
     * Restricts the token to one enrolled user, where the service has scopes.
     *
     * @default every user
     */
    userToken?: string | undefined;
    /**
     * Milliseconds that the API may take.
     *
     * @default 10_000
     */
    timeout?: number | undefined;
    /** Ends the call early, with the code `aborted`. */
    signal?: AbortSignal | undefined;
}
/** A session token for a page. */
interface Session {
    /** The session token, for `Perse.setToken` on the page. It is a secret of this one page's user. */
    token: string;
    /** When it expires: milliseconds since 1970, as `Date.now()` counts. */
    expiresAt: number;
}
/**
 * Fetches a session token for a page, with the private key that never leaves the server. Call it in a
 * route that has checked who asks, and respond with `Cache-Control: no-store`. Nothing is tried twice.
 *
 * A page that holds a session token may do whatever the token allows, and its verdict proves nothing to
 * your server. Where you rely on the verdict, use {@link createVerifications}.
 *
 * @throws PerseError whose `code` says what went wrong: `unauthorized` (a wrong key), `invalid_request` (a
 * wrong option, or a browser), `rate_limited`, `timeout`, `aborted`, `network_error`, `server_busy`,
 * `server_error`, `invalid_response` and others of the API. Neither key nor token is ever part of its message.
 * @example
 * import { createSession } from 'perse-wasm/server';
 * const { token, expiresAt } = await createSession({ privateKey: process.env.PERSE_PRIVATE_KEY });
 */
declare function createSession(options: SessionOptions): Promise<Session>;

/** Keeps verifications between requests. */
/**
 * Keeps texts under keys for a time. The default one keeps them in this process's memory, so it serves one
 * process only; several processes, and serverless functions, need a shared one such as SQL or Redis.
 */
interface VerificationStore {
    /**
     * Returns the value of a key, unless it is expired.
     *
     * @example
     * const value = await store.get('perse-verification:7b1c…');
     */
    get(key: string): Promise<string | undefined>;
    /**
     * Sets a new key for `ttl` milliseconds.
     *
     * @example
     * await store.set('perse-verification:7b1c…', '{"status":"pending"}', 900_000);
     */
    set(key: string, value: string, ttl: number): Promise<void>;
    /**
     * Replaces the value of a key by `change(value)` for another `ttl` milliseconds. Nothing else may change
     * the key in between; a store that finds out afterwards calls `change` again with the new value.
     *
     * Nothing changes if the key is missing or expired, or `change` returns `undefined`.
     *
     * @example
     * await store.update('visits', (value) => String(Number(value) + 1), 900_000);
     */
    update(key: string, change: (value: string) => string | undefined, ttl: number): Promise<void>;
}
/**
 * A {@link VerificationStore} in this process's memory.
 *
 * @example
 * const store = createMemoryStore(); // the default of createVerifications
 */
declare function createMemoryStore(): VerificationStore;

/**
 * Purpose of a verification: `login` compares one photo with an enrolled user, `match` two photos of the
 * page, `enrol` enrols a new user, `detect` judges one photo's quality.
 */
type Purpose = 'login' | 'match' | 'enrol' | 'detect';

/** The public types of verifications. */

/** Options of {@link createVerifications}. */
interface VerificationsOptions {
    /** The account's private key, from a secret of the server's environment. */
    privateKey: string | undefined;
    /**
     * Base URL of the API; plain `http` only for this very machine.
     *
     * @default 'https://api.getperse.com/v0'
     */
    baseUrl?: string | undefined;
    /**
     * Signs the tickets: 32 characters or more, the same in every process. Needed with a `store`.
     *
     * @default a random one that ends with this process
     */
    secret?: string | undefined;
    /**
     * Keeps the verifications.
     *
     * @default this process's memory
     */
    store?: VerificationStore | undefined;
    /**
     * Milliseconds that a ticket is good for, and that a final result is kept: 1,000 to 86,400,000.
     *
     * @default 900_000
     */
    ttl?: number | undefined;
    /**
     * Photos that a person may try with one ticket, 1 to 100. A call that the service did not judge, because
     * it was down for example, is none.
     *
     * @default 5
     */
    attempts?: number | undefined;
    /**
     * Part of a response that the page reads. `verdict`: only whether it passed; a `similarity` is 0 or 100 then, the
     * threshold 50, and a new user's token is empty. `all`: what the service responded.
     *
     * @default 'verdict'
     */
    reveal?: 'verdict' | 'all' | undefined;
    /**
     * Asks the service for session tokens that are good for one kind of call only. For services with scopes.
     *
     * @default false
     */
    scoped?: boolean | undefined;
    /**
     * Milliseconds that the API may take for one request.
     *
     * @default 10_000
     */
    timeout?: number | undefined;
    /** Called once with each final result, before the page reads it. For your audit log. */
    onResult?: ((result: VerificationResult) => unknown) | undefined;
    /**
     * Called when the service or the store failed, or `onResult` did. The page reads a neutral message only.
     *
     * @default writes code and message to the console
     */
    onError?: ((error: unknown) => unknown) | undefined;
}
/** Options of {@link Verifications.start}. */
interface StartOptions {
    /** The use that the page may make of the ticket. */
    purpose: Purpose;
    /** The user, in your words: the id of the user's account, for example. It goes to the result. */
    subject?: string | undefined;
    /** The enrolled user to compare with. Needed for `login`, and for nothing else. */
    userToken?: string | undefined;
}
/** A verification that was started. */
interface StartedVerification {
    /** Names the verification. Keep it on the server, in the person's session. */
    id: string;
    /** The ticket, for `Perse.setToken` on the page. */
    token: string;
    /** When the ticket expires: milliseconds since 1970. */
    expiresAt: number;
}
/** Result of a verification. */
interface VerificationResult {
    /** As `start` returned it. */
    id: string;
    /** As it was given to `start`. */
    subject: string | undefined;
    /** As it was given to `start`. */
    purpose: Purpose;
    /**
     * `passed` and `failed` are final. `pending`: the person may still try. `expired`: the person can no longer
     * try. Rely on `passed` alone.
     */
    status: 'pending' | 'passed' | 'failed' | 'expired';
    /** Code of the last attempt: `similar`, `not_similar`, `success`, `no_face_detected` … */
    code: string | undefined;
    /** Similarity of the last comparison, 0..100. */
    similarity: number | undefined;
    /** Similarity from which on the service calls two faces similar. */
    threshold: number | undefined;
    /** Attempts that were made, 0 to `attempts`. */
    attempts: number;
    /** `login`: as it was given to `start`. `enrol`: the token of the new user. */
    userToken: string | undefined;
    /** Ids of the requests, the oldest first; the service's logs have them, too. At most 20. */
    requestIds: string[];
    /** When the last attempt ended: milliseconds since 1970. */
    at: number | undefined;
}
/** Result of {@link createVerifications}. */
interface Verifications {
    /**
     * Starts a verification. Call it in a route that has checked who asks.
     *
     * @throws PerseError `invalid_request` for a wrong option
     * @example
     * const { id, token } = await verifications.start({ purpose: 'enrol', subject: user.id });
     */
    start(options: StartOptions): Promise<StartedVerification>;
    /**
     * Responds to a request of the page. Mount it at a path such as `/perse/v0`, for `POST` below it; the
     * page's `baseUrl` is that path. Never rejects.
     *
     * @example
     * export const POST = verifications.handle; // a route handler of Next.js
     */
    handle(request: Request): Promise<Response>;
    /**
     * Returns what became of a verification; `undefined` when the id is unknown or was forgotten.
     *
     * @example
     * if ((await verifications.result(session.verification))?.status === 'passed') signIn();
     */
    result(id: string): Promise<VerificationResult | undefined>;
}

/**
 * Makes verdicts that your server can rely on. The page gets a ticket for one purpose and one person in place
 * of a session token. Its calls go through `handle`, and the result stays on your server.
 *
 * @throws PerseError `invalid_request` for a wrong option, or in a browser
 * @example
 * const verifications = createVerifications({ privateKey: process.env.PERSE_PRIVATE_KEY });
 * const { id, token } = await verifications.start({ purpose: 'login', subject: user.id, userToken: user.face });
 * // The page: Perse.configure({ baseUrl: '/perse/v0' }), Perse.setToken(token), Perse.face.isSimilar(photo, 'me')
 * const result = await verifications.result(id);
 * if (result?.status === 'passed') signIn(result.subject);
 */
declare function createVerifications(options: VerificationsOptions): Verifications;

export { PerseError, createMemoryStore, createSession, createVerifications, isPerseError };
export type { ErrorCode, Failure, Purpose, Scope, Session, SessionOptions, StartOptions, StartedVerification, VerificationResult, VerificationStore, Verifications, VerificationsOptions };
