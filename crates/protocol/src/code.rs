//! The closed set of codes, each with its English message and its HTTP status.

/// Declares the codes once; everything that lists them is derived from this table.
macro_rules! codes {
    ($($(#[$doc:meta])* $name:ident = $code:literal, $http:expr, $message:literal;)+) => {
        /// What became of a call.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        #[cfg_attr(feature = "typescript", derive(tsify::Tsify))]
        pub enum Code {
            $(
                $(#[$doc])*
                #[cfg_attr(feature = "typescript", serde(rename = $code))]
                $name,
            )+
        }

        impl Code {
            /// Every code, in the order of the documentation.
            pub const ALL: &[Self] = &[$(Self::$name),+];

            /// The code as it stands on the wire and in a result.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$name => $code),+ }
            }

            /// What happened and what to do, in English.
            #[must_use]
            pub const fn message(self) -> &'static str {
                match self { $(Self::$name => $message),+ }
            }

            /// The HTTP status that a server sends it with; `None` for a code that only the SDK
            /// gives.
            #[must_use]
            pub const fn http_status(self) -> Option<u16> {
                match self { $(Self::$name => $http),+ }
            }

            /// The code of that name, if it is one of ours.
            #[must_use]
            pub fn parse(code: &str) -> Option<Self> {
                match code { $($code => Some(Self::$name),)+ _ => None }
            }
        }
    };
}

codes! {
    /// The call did what it was asked.
    Success = "success", Some(200), "The request succeeded.";
    /// The two faces are of one person.
    Similar = "similar", None, "The faces are of the same person.";

    /// An upload whose content type is not `multipart/form-data`.
    ContentTypeHeaderMissing = "content_type_header_missing", Some(415),
        "The request's content type is not multipart/form-data.";
    /// At least one image has no face in it.
    NoFaceDetected = "no_face_detected", Some(422),
        "No face was found in at least one of the images. Face the camera in good light, with the whole face in the picture.";
    /// The file has no bytes, or was not sent.
    EmptyFile = "empty_file", Some(400),
        "The source file is empty or was not sent. Choose another photo.";
    /// The API does not take this type of file.
    InvalidFileType = "invalid_file_type", Some(415),
        "The file is not an image that the service takes. Use a JPEG, PNG or WebP photo.";
    /// A required part of the request is missing.
    FormKeyMissing = "form_key_missing", Some(400),
        "The request is missing its image(s) or the user token.";
    /// The file is over the limit.
    FileTooLarge = "file_too_large", Some(413),
        "The image file is over 1 MB. Send a smaller photo.";
    /// The faces are of two people.
    NotSimilar = "not_similar", None, "The faces do not look like the same person.";
    /// The photo is too dark, too bright, or not sharp.
    BadImageQuality = "bad_image_quality", None,
        "The photo is too dark, too bright or not sharp enough. Take another one in even light and hold still.";
    /// Too dark to enrol.
    ImageUnderexposed = "image_underexposed", Some(422),
        "The photo is too dark to enrol. Take another one in better light.";
    /// Too bright to enrol.
    ImageOverexposed = "image_overexposed", Some(422),
        "The photo is too bright to enrol. Take another one away from direct light.";
    /// No enrolled user has that token.
    UserTokenNotFound = "user_token_not_found", Some(422), "No user is enrolled under this user token.";
    /// No enrolled user has the token of an update.
    ImageIdInvalid = "image_id_invalid", Some(422),
        "The user to update was not found. Check the user token.";
    /// No enrolled user has the token of a comparison.
    NoFaceBiometricData = "no_face_biometric_data", Some(422),
        "The user to compare with was not found. Check the user token.";
    /// The session token is missing, expired or not valid.
    Unauthorized = "unauthorized", Some(401),
        "The session token is missing, expired or not valid. Fetch a new one from your server and call Perse.setToken.";

    /// The end user did not agree to the use of their biometric data.
    ConsentRequired = "consent_required", Some(422),
        "Nothing was processed: the end user's consent is required. Ask for it and pass enduserConsent: true.";
    /// The request could not be understood.
    InvalidRequest = "invalid_request", Some(400), "The request is malformed.";
    /// The API has no such path.
    RouteNotFound = "route_not_found", Some(404), "The API has no such path. Check the base URL.";
    /// The path does not take this method.
    MethodNotAllowed = "method_not_allowed", Some(405), "The path does not take this HTTP method.";
    /// The service has too much to do.
    ServerBusy = "server_busy", Some(503), "The service is busy. Try again in a few seconds.";
    /// The service failed.
    ServerError = "server_error", Some(500), "The service failed. Try again later.";

    /// The service refused the request with a code that this version does not know.
    RequestRefused = "request_refused", None, "The service refused the request.";
    /// No answer came over the network.
    NetworkError = "network_error", None,
        "The service could not be reached. Check the connection and try again.";
    /// No answer came in time.
    Timeout = "timeout", None, "The service did not answer in time. Check the connection and try again.";
    /// The answer was not one of this API.
    InvalidResponse = "invalid_response", None,
        "The answer is not one of the face verification API. Check the base URL.";
    /// A failure inside the SDK.
    InternalError = "internal_error", None, "The SDK failed. Try again; if it happens again, report it.";
    /// The browser could not start the WebAssembly module.
    WasmUnavailable = "wasm_unavailable", None,
        "WebAssembly could not start. If the page has a Content-Security-Policy, add 'wasm-unsafe-eval' to script-src.";
}

impl serde::Serialize for Code {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::Code;

    #[test]
    fn every_code_is_found_by_its_own_name() {
        for &code in Code::ALL {
            assert_eq!(Code::parse(code.as_str()), Some(code));
        }
        assert_eq!(Code::parse("no_such_code"), None);
    }

    #[test]
    fn every_message_is_a_sentence() {
        for &code in Code::ALL {
            assert!(code.message().ends_with('.'), "{code:?}");
        }
    }
}
