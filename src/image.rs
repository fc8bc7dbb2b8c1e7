//! A picture made fit for the service, or measured, on the device.

use crate::{
    answer::{set, with_verdict},
    bindings::{CallContext, failure_of},
    failure::Failure,
    preflight::{self, Plan},
    request::settled,
    source::Source,
    verdict::{ImageMetrics, ImageQuality, MEASURED_SIDE},
};
use js_sys::{Array, Object, Reflect, Uint8Array, WeakMap};
use perse_image_file::{Header, Kind, Removed, hide_exif, read_header, strip, strip_with_orientation};
use perse_protocol::{Code, ImageType, limit};
use wasm_bindgen::{JsCast, JsValue, prelude::wasm_bindgen};
use web_sys::{Blob, BlobPropertyBag};

/// A larger file can't go out as it is, whatever its metadata takes, so only its beginning is read.
const WHOLE_BYTES: f64 = 2_000_000.0;
/// So much of it holds all that comes before the pixels, in most files.
const BEGINNING_BYTES: f64 = 512_000.0;

thread_local! {
    /// Results of [`prepare`] by file. A `Blob` does not change, and a photo is often judged first and
    /// compared then: preparing it costs more than the rest of a call.
    static PREPARED: WeakMap<Blob, Object> = WeakMap::new_typed();
}

/// Makes a picture fit. Gives `{blob, width, height, report}`, as the facade declares it.
///
/// # Errors
/// `empty_file`, `invalid_file_type` or `file_too_large`, and what to do.
pub(crate) async fn prepare(context: &CallContext, source: &Source) -> Result<Object, Failure> {
    let file = match source {
        Source::Pixels(pixels) => return Ok(encode(context, pixels, 1).await?.report(None)),
        Source::File(file) => file,
    };
    if let Some(prepared) = PREPARED.with(|files| files.has(file).then(|| files.get(file)))
        && context.prepare()
    {
        return Ok(prepared);
    }
    let prepared = prepare_file(context, file).await?;
    if context.prepare() {
        PREPARED.with(|files| files.set(file, &prepared));
    }
    Ok(prepared)
}

/// The file of what [`prepare`] gave.
pub(crate) fn blob_of_prepared(prepared: &Object) -> Result<Blob, Failure> {
    let blob = Reflect::get(prepared, &"blob".into()).unwrap_or_default();
    // Not by `instanceof`: a file of another realm stays one when it goes out as it is.
    if blob.is_object() { Ok(blob.unchecked_into()) } else { Err(Code::InternalError.into()) }
}

async fn prepare_file(context: &CallContext, file: &Blob) -> Result<Object, Failure> {
    preflight::check_size(file.size())?;
    let is_whole = file.size() <= WHOLE_BYTES;
    let (bytes, header) = read_beginning(file, if is_whole { WHOLE_BYTES } else { BEGINNING_BYTES }).await?;
    let Header { image_type, orientation, .. } = header;
    let (width, height) = header.upright_size();

    let stripped = match image_type {
        _ if is_whole && image_type.is_accepted() => strip(&bytes).map_err(|_| preflight::damaged())?,
        // Only to tell what is in it; its beginning may end before its pixels.
        ImageType::Jpeg => strip(&bytes).unwrap_or_default(),
        _ => None,
    };
    let removed = stripped.as_ref().map(|stripped| stripped.removed).unwrap_or_default();
    let bytes_left = match &stripped {
        Some(stripped) if is_whole => stripped.bytes.len(),
        _ => file.size() as usize,
    };
    let original =
        Original { image_type, bytes: file.size(), size: [width, height], is_turned: false, removed };
    if preflight::plan(&header, bytes_left, context.prepare())? == Plan::AsItIs {
        let mime = image_type.mime();
        let blob = match stripped {
            Some(stripped) => joined(&stripped.bytes, None, mime)?,
            None if file.type_() == mime => file.clone(),
            None => slice(file, 0.0, file.size(), mime)?,
        };
        return Ok(Picture { blob, size: original.size }.report(Some(original)));
    }

    // Other types turn in their own ways, which browsers know.
    let is_turned = image_type.is_accepted() && orientation.exif() != 1;
    let bare = if is_turned { without_orientation(file, bytes, image_type).await? } else { file.clone() };
    let exif = if is_turned { orientation.exif() } else { 1 };
    let picture = encode(context, &bare, exif).await.map_err(|failure| match failure.code {
        Code::InvalidFileType if !image_type.is_accepted() => preflight::not_taken(image_type),
        _ => failure,
    })?;
    Ok(picture.report(Some(Original { is_turned, ..original })))
}

/// The same picture as it is stored: browsers differ in what they make of an orientation.
async fn without_orientation(
    file: &Blob,
    mut bytes: Vec<u8>,
    image_type: ImageType,
) -> Result<Blob, Failure> {
    if image_type == ImageType::Jpeg {
        hide_exif(&mut bytes);
        let rest = slice(file, bytes.len() as f64, file.size(), "")?;
        return joined(&bytes, Some(&rest), image_type.mime());
    }
    if file.size() > bytes.len() as f64 {
        bytes = read(file, file.size()).await?;
    }
    let bare = strip_with_orientation(&bytes).map_err(|_| preflight::damaged())?;
    joined(bare.as_ref().map_or(&bytes, |bare| &bare.bytes), None, image_type.mime())
}

/// A file that can be sent.
struct Picture {
    blob: Blob,
    size: [u32; 2],
}

/// What a picture was made of.
struct Original {
    image_type: ImageType,
    bytes: f64,
    /// Upright.
    size: [u32; 2],
    is_turned: bool,
    removed: Removed,
}

impl Picture {
    /// The picture, and what was done to its original, if that was a file.
    fn report(self, original: Option<Original>) -> Object {
        let Self { blob, size } = self;
        let side = |mime: &str, bytes: f64, [width, height]: [u32; 2]| {
            let side = Object::new();
            set(&side, "type", mime);
            set(&side, "bytes", bytes);
            set(&side, "width", width);
            set(&side, "height", height);
            side
        };
        let report = Object::new();
        if let Some(original) = &original {
            set(&report, "from", side(original.image_type.mime(), original.bytes, original.size));
        }
        let mime = blob.type_();
        set(&report, "to", side(&mime, blob.size(), size));
        let is = |test: &dyn Fn(&Original) -> bool| original.as_ref().is_some_and(test);
        set(&report, "isTurned", is(&|original| original.is_turned));
        set(&report, "isResized", is(&|original| original.size != size));
        set(&report, "isConverted", is(&|original| original.image_type.mime() != mime));
        let removed = original.as_ref().map(|original| original.removed).unwrap_or_default();
        set(&report, "removed", removed.iter().map(|kind| JsValue::from(name_of(kind))).collect::<Array>());

        let prepared = Object::new();
        set(&prepared, "blob", &blob);
        set(&prepared, "width", size[0]);
        set(&prepared, "height", size[1]);
        set(&prepared, "report", report);
        prepared
    }
}

/// The beginning of a file, of so many bytes at least, and its header.
async fn read_beginning(file: &Blob, length: f64) -> Result<(Vec<u8>, Header), Failure> {
    let bytes = read(file, length).await?;
    let header = read_header(&bytes);
    if header.is_err() && file.size() > length {
        let bytes = read(file, file.size()).await?;
        let header = preflight::check_header(read_header(&bytes))?;
        return Ok((bytes, header));
    }
    Ok((bytes, preflight::check_header(header)?))
}

async fn read(file: &Blob, length: f64) -> Result<Vec<u8>, Failure> {
    let beginning = slice(file, 0.0, length, "")?;
    let bytes = settled(beginning.unchecked_ref::<Readable>().array_buffer()).await;
    let bytes = bytes.map_err(|_| unreadable())?;
    Ok(Uint8Array::new(&bytes).to_vec())
}

fn slice(file: &Blob, start: f64, end: f64, mime: &str) -> Result<Blob, Failure> {
    file.slice_with_f64_and_f64_and_content_type(start, end, mime).map_err(|_| unreadable())
}

/// A file of bytes, and of what follows them.
fn joined(bytes: &[u8], rest: Option<&Blob>, mime: &str) -> Result<Blob, Failure> {
    let parts = Array::of1(&Uint8Array::from(bytes));
    if let Some(rest) = rest {
        parts.push(rest);
    }
    let options = BlobPropertyBag::new();
    options.set_type(mime);
    Blob::new_with_blob_sequence_and_options(&parts, &options).map_err(|_| Code::InternalError.into())
}

fn unreadable() -> Failure {
    Failure::new(
        Code::InvalidFileType,
        "The file could not be read: it was moved or changed after it was chosen. Choose it again.",
    )
}

fn name_of(kind: Kind) -> &'static str {
    match kind {
        Kind::Exif => "exif",
        Kind::Gps => "gps",
        Kind::Xmp => "xmp",
        Kind::Iptc => "iptc",
        Kind::Comment => "comment",
        Kind::Thumbnail => "thumbnail",
        Kind::Trailing => "trailing",
        Kind::Other => "other",
    }
}

/// Has the facade make a JPEG of it: upright, within the service's limit.
async fn encode(context: &CallContext, picture: &JsValue, orientation: u8) -> Result<Picture, Failure> {
    let encoded =
        settled(context.encode(picture, orientation, limit::IMAGE_BYTES as u32)).await.map_err(failure_of)?;
    let blob = blob_of_prepared(encoded.unchecked_ref())?;
    Ok(Picture { size: [number(&encoded, "width") as u32, number(&encoded, "height") as u32], blob })
}

fn number(object: &JsValue, key: &str) -> f64 {
    Reflect::get(object, &key.into()).ok().and_then(|value| value.as_f64()).unwrap_or_default()
}

/// A picture's verdict by itself, and its upright size.
async fn judge(context: &CallContext, source: &Source) -> Result<(ImageQuality, [u32; 2]), Failure> {
    let (picture, size) = match source {
        Source::Pixels(pixels) => (pixels, None),
        Source::File(file) => {
            preflight::check_size(file.size())?;
            let (_, header) = read_beginning(file, BEGINNING_BYTES).await?;
            (file.as_ref(), Some((header.upright_size(), header.image_type)))
        }
    };
    let measured = settled(context.measure(picture, MEASURED_SIDE)).await.map_err(|failure| {
        let failure = failure_of(failure);
        match size {
            Some((_, image_type)) if failure.code == Code::InvalidFileType && !image_type.is_accepted() => {
                preflight::not_taken(image_type)
            }
            _ => failure,
        }
    })?;
    let quality = ImageQuality::judge(ImageMetrics {
        underexposure: number(&measured, "underexposure"),
        overexposure: number(&measured, "overexposure"),
        sharpness: number(&measured, "sharpness"),
    });
    // A browser may or may not have turned it: the file says how it lies.
    let own = || (number(&measured, "width") as u32, number(&measured, "height") as u32);
    let (width, height) = size.map_or_else(own, |(size, _)| size);
    Ok((quality, [width, height]))
}

/// The verdict of [`judge`] as the facade declares it.
///
/// # Errors
/// As [`prepare`]; a file that is too large for the service is none.
pub(crate) async fn quality(context: &CallContext, source: &Source) -> Result<Object, Failure> {
    let (quality, size) = judge(context, source).await?;
    let result = Object::new();
    if let Source::File(file) = source {
        set(&result, "bytes", file.size());
    }
    let metrics = Object::new();
    for (key, value) in [
        ("underexposure", quality.metrics.underexposure),
        ("overexposure", quality.metrics.overexposure),
        ("sharpness", quality.metrics.sharpness),
    ] {
        set(&metrics, key, value);
    }
    set(&result, "metrics", metrics);
    set(&result, "isUnderexposed", quality.is_underexposed);
    set(&result, "isOverexposed", quality.is_overexposed);
    set(&result, "isBlurred", quality.is_blurred);
    set(&result, "width", size[0]);
    set(&result, "height", size[1]);
    let code = quality.code();
    set(&result, "detail", quality.detail());
    Ok(with_verdict(result, code == Code::Success, code))
}

/// Refuses a picture that no service can judge.
///
/// # Errors
/// `bad_image_quality`, or as [`prepare`].
pub(crate) async fn precheck(context: &CallContext, source: &Source) -> Result<(), Failure> {
    let (quality, _) = judge(context, source).await?;
    match quality.detail() {
        Some(detail) if quality.is_hopeless() => Err(Failure::new(Code::BadImageQuality, detail)),
        _ => Ok(()),
    }
}

#[wasm_bindgen]
extern "C" {
    /// A `Blob` that may lack `arrayBuffer`, as those of older libraries do.
    type Readable;

    #[wasm_bindgen(catch, method, js_name = arrayBuffer)]
    fn array_buffer(this: &Readable) -> Result<JsValue, JsValue>;
}
