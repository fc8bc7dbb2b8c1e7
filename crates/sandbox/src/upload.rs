//! A multipart body, read within limits and checked in the order that clients rely on: its content
//! type, its declared size, whether there is room to read it, its size while it streams in, its form, its required parts, the consent, then each file.

use std::{collections::HashMap, time::Duration};

use axum::{
    body::Body,
    extract::Request,
    http::{HeaderMap, header},
};
use bytes::{Bytes, BytesMut};
use multer::{Constraints, Multipart, SizeLimit};
use perse_protocol::{Code, field, limit};

use crate::{
    account_limit::AccountPermit,
    decode::Photo,
    error::Failure,
    worker_pool::{BodyPermit, Pool},
};

/// Bytes around the files: other fields, the parts' headers, boundaries.
const AROUND_BYTES: usize = 64 * 1024;
/// The longest text field: a user token is 36.
const TEXT_BYTES: usize = 256;

/// The known fields of an upload. Others are read over.
///
/// It counts as a body in memory until it is dropped, which is when its request is answered.
pub(crate) struct Form {
    fields: Fields,
    _permits: (BodyPermit, AccountPermit),
}

type Fields = HashMap<&'static str, Bytes>;

impl Form {
    /// Reads a body that may hold so many images, each within the limit, in the time given.
    pub(crate) async fn read(
        request: Request,
        images: usize,
        pool: &Pool,
        permit: AccountPermit,
        time: Duration,
    ) -> Result<Self, Failure> {
        let boundary = boundary(request.headers()).ok_or(Code::ContentTypeHeaderMissing)?;
        let most = images * limit::IMAGE_BYTES + AROUND_BYTES;
        if content_length(request.headers()).is_some_and(|length| length > most as u64) {
            return Err(Code::FileTooLarge.into());
        }
        let reading = pool.acquire_body()?;
        let fields = within(time, Self::parse(request.into_body(), boundary, most)).await?;
        Ok(Self { fields, _permits: (reading, permit) })
    }

    async fn parse(body: Body, boundary: String, most: usize) -> Result<Fields, Failure> {
        let limits = Constraints::new().size_limit(SizeLimit::new().whole_stream(most as u64));
        let mut parts = Multipart::with_constraints(body.into_data_stream(), boundary, limits);
        let mut fields = Fields::new();
        while let Some(mut part) = parts.next_field().await.map_err(malformed)? {
            let known = part.name().and_then(known);
            let mut value = BytesMut::new();
            while let Some(chunk) = part.chunk().await.map_err(malformed)? {
                if let Some((_, most)) = known {
                    if value.len() + chunk.len() > most {
                        return Err(too_long(most));
                    }
                    value.extend_from_slice(&chunk);
                }
            }
            if let Some((name, _)) = known
                && fields.insert(name, value.freeze()).is_some()
            {
                return Err(Failure::because(
                    Code::InvalidRequest,
                    format!("The field {name} was sent twice."),
                ));
            }
        }
        Ok(fields)
    }

    /// The images of these fields, if the end user agreed to their use.
    pub(crate) fn photos<const N: usize>(&self, fields: [&str; N]) -> Result<[Photo; N], Failure> {
        let missing = fields.iter().find(|&field| !self.fields.contains_key(field));
        if let Some(field) = missing {
            return Err(Failure::because(
                Code::FormKeyMissing,
                format!("The request is missing its field {field}."),
            ));
        }
        if self.text(field::ENDUSER_CONSENT) != Some("true") {
            return Err(Code::ConsentRequired.into());
        }
        let photos: Vec<Photo> = fields
            .iter()
            .filter_map(|&field| self.fields.get(field).cloned())
            .map(Photo::new)
            .collect::<Result<_, _>>()?;
        photos.try_into().map_err(|_| Code::ServerError.into())
    }

    /// The image of the field that most calls use.
    pub(crate) fn photo(&self) -> Result<Photo, Failure> {
        self.photos([field::IMAGE]).map(|[photo]| photo)
    }

    /// The user token, if one was sent.
    pub(crate) fn user_token(&self) -> Option<String> {
        self.text(field::USER_TOKEN).filter(|token| !token.is_empty()).map(str::to_owned)
    }

    fn text(&self, field: &str) -> Option<&str> {
        self.fields.get(field).and_then(|value| str::from_utf8(value).ok()).map(str::trim)
    }
}

/// A field that this API knows, and the most bytes that it may have.
fn known(name: &str) -> Option<(&'static str, usize)> {
    const IMAGES: [&str; 3] = [field::IMAGE, field::IMAGE_1, field::IMAGE_2];
    const TEXTS: [&str; 2] = [field::USER_TOKEN, field::ENDUSER_CONSENT];
    let of = |fields: &[&'static str], most| {
        fields.iter().find(|&&field| field == name).map(|&field| (field, most))
    };
    of(&IMAGES, limit::IMAGE_BYTES).or_else(|| of(&TEXTS, TEXT_BYTES))
}

fn too_long(most: usize) -> Failure {
    if most == TEXT_BYTES {
        Failure::because(Code::InvalidRequest, format!("A text field has more than {TEXT_BYTES} bytes."))
    } else {
        Code::FileTooLarge.into()
    }
}

/// Waits for a body no longer than a patient client would need.
pub(crate) async fn within<T>(
    time: Duration,
    reading: impl Future<Output = Result<T, Failure>>,
) -> Result<T, Failure> {
    tokio::time::timeout(time, reading).await.unwrap_or_else(|_| Err(Failure::body_timeout()))
}

fn boundary(headers: &HeaderMap) -> Option<String> {
    multer::parse_boundary(headers.get(header::CONTENT_TYPE)?.to_str().ok()?).ok()
}

fn content_length(headers: &HeaderMap) -> Option<u64> {
    headers.get(header::CONTENT_LENGTH)?.to_str().ok()?.parse().ok()
}

fn malformed(error: multer::Error) -> Failure {
    match error {
        multer::Error::StreamSizeExceeded { .. } | multer::Error::FieldSizeExceeded { .. } => {
            Code::FileTooLarge.into()
        }
        _ => {
            Failure::because(Code::InvalidRequest, "The request's multipart body is malformed or incomplete.")
        }
    }
}
