//! Paths below the base URL, and the headers that carry the caller's right to use them.

/// The service's public base URL.
pub const BASE_URL: &str = "https://api.getperse.com/v0";
/// The version prefix of every path, as a server mounts it.
pub const PREFIX: &str = "/v0";

/// `POST`, JSON `{"privateKey"}` → `{"token"}`. For the page's own server only.
pub const LOGIN: &str = "/login";
/// `POST`, multipart with one image → [`Detection`](crate::response::Detection).
pub const DETECT: &str = "/face/detect";
/// `POST`, multipart with two images, or an image and a user token →
/// [`Comparison`](crate::response::Comparison).
pub const COMPARE: &str = "/face/compare";
/// `POST` (create) and `PUT` (update), multipart → [`Enrollment`](crate::response::Enrollment);
/// `DELETE` with `/{user_token}` appended → [`Deletion`](crate::response::Deletion).
pub const ENROLLMENT: &str = "/face/enrollment";
/// `GET` → [`EnrollmentList`](crate::response::EnrollmentList).
pub const ENROLLMENT_LIST: &str = "/face/enrollment/list";

/// Header that carries `Bearer <session token>`.
pub const AUTHORIZATION: &str = "Authorization";
/// Header that older deployments took an API key in, instead of a session token.
pub const API_KEY: &str = "x-api-key";
/// Header that names one request, in the response and in the logs of both sides.
pub const REQUEST_ID: &str = "x-request-id";
/// Header of `POST /face/enrollment`: requests with the same key and credentials within 24 hours enrol one
/// user.
pub const IDEMPOTENCY_KEY: &str = "idempotency-key";
