//! Defines every code, with its HTTP status and its message in each language.

/// A language that every code has a message in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Language {
    /// English.
    English,
    /// Brazilian Portuguese.
    Portuguese,
    /// Spanish.
    Spanish,
}

impl Language {
    /// Lists the languages in the order of a code's messages.
    pub const ALL: [Self; 3] = [Self::English, Self::Portuguese, Self::Spanish];
}

/// Declares the codes, from which every list of them is derived. Messages are in the order of
/// [`Language::ALL`].
macro_rules! codes {
    ($($(#[$doc:meta])* $name:ident = $code:literal, $http:expr, $english:literal, $portuguese:literal, $spanish:literal;)+) => {
        /// Identifies the outcome of a call.
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
            /// Lists every code, in the order of the documentation.
            pub const ALL: &[Self] = &[$(Self::$name),+];

            /// Returns the code as the wire and the results spell it.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$name => $code),+ }
            }

            /// Returns the English message: what happened, and what to do.
            #[must_use]
            pub const fn message(self) -> &'static str {
                match self { $(Self::$name => $english),+ }
            }

            /// Returns the message in a language.
            #[must_use]
            pub const fn message_in(self, language: Language) -> &'static str {
                match (self, language) {
                    $((Self::$name, Language::Portuguese) => $portuguese,
                    (Self::$name, Language::Spanish) => $spanish,)+
                    _ => self.message(),
                }
            }

            /// Returns the HTTP status that a server sends with the code; `None` for a code of the SDK alone.
            #[must_use]
            pub const fn http_status(self) -> Option<u16> {
                match self { $(Self::$name => $http),+ }
            }

            /// Returns the code of that name; `None` for an unknown one.
            #[must_use]
            pub fn parse(code: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|known| known.as_str() == code)
            }

            /// Returns the code of an HTTP status without a readable error body, as a proxy sends it;
            /// `invalid_response` for a status that has no code of its own.
            #[must_use]
            pub const fn of_http_status(status: u16) -> Self {
                match status {
                    401 => Self::Unauthorized,
                    413 => Self::FileTooLarge,
                    // Too Early: the same request may be sent again (RFC 8470).
                    425 | 503 => Self::ServerBusy,
                    429 => Self::RateLimited,
                    // Request Timeout, and Network Authentication Required, as of a hotel's network.
                    408 | 511 => Self::NetworkError,
                    500.. => Self::ServerError,
                    _ => Self::InvalidResponse,
                }
            }
        }
    };
}

codes! {
    /// The call did what it was asked.
    Success = "success", Some(200),
        "The request succeeded.",
        "A solicitação foi concluída.",
        "La solicitud se completó.";
    /// The two faces are of one person.
    Similar = "similar", None,
        "The faces are of the same person.",
        "Os rostos são da mesma pessoa.",
        "Los rostros son de la misma persona.";

    /// An upload whose content type is not `multipart/form-data`.
    ContentTypeHeaderMissing = "content_type_header_missing", Some(415),
        "The request's content type is not multipart/form-data.",
        "O tipo de conteúdo da solicitação não é multipart/form-data.",
        "El tipo de contenido de la solicitud no es multipart/form-data.";
    /// At least one image has no face in it.
    NoFaceDetected = "no_face_detected", Some(422),
        "No face was found in at least one of the images. Face the camera in good light, with the whole face in the picture.",
        "Nenhum rosto foi encontrado em pelo menos uma das imagens. Olhe para a câmera com boa luz e com o rosto inteiro na foto.",
        "No se encontró ningún rostro en al menos una de las imágenes. Mire a la cámara con buena luz y con el rostro completo en la foto.";
    /// The file has no bytes, or was not sent.
    EmptyFile = "empty_file", Some(400),
        "The source file is empty or wasn't sent. Choose another photo.",
        "O arquivo está vazio ou não foi enviado. Escolha outra foto.",
        "El archivo está vacío o no se envió. Elija otra foto.";
    /// The API does not accept this type of file.
    InvalidFileType = "invalid_file_type", Some(415),
        "This file can't be used here. Choose a JPEG, PNG or WebP photo.",
        "Este arquivo não pode ser usado aqui. Escolha uma foto JPEG, PNG ou WebP.",
        "Este archivo no se puede usar aquí. Elija una foto JPEG, PNG o WebP.";
    /// A required part of the request is missing.
    FormKeyMissing = "form_key_missing", Some(400),
        "The request is missing its image(s) or the user token.",
        "Falta na solicitação a imagem ou o token do usuário.",
        "Falta en la solicitud la imagen o el token del usuario.";
    /// The file is over the limit.
    FileTooLarge = "file_too_large", Some(413),
        "The image file is over 1 MB. Send a smaller photo.",
        "O arquivo de imagem tem mais de 1 MB. Envie uma foto menor.",
        "El archivo de imagen supera 1 MB. Envíe una foto más pequeña.";
    /// The faces are of two people.
    NotSimilar = "not_similar", None,
        "The faces do not look like the same person.",
        "Os rostos não parecem ser da mesma pessoa.",
        "Los rostros no parecen ser de la misma persona.";
    /// The photo is too dark, too bright, or not sharp.
    BadImageQuality = "bad_image_quality", None,
        "The photo is too dark, too bright or not sharp enough. Take another one in even light and hold still.",
        "A foto está escura, clara demais ou sem nitidez. Tire outra com luz uniforme e sem se mexer.",
        "La foto está oscura, demasiado clara o borrosa. Tome otra con luz uniforme y sin moverse.";
    /// Too dark to enrol.
    ImageUnderexposed = "image_underexposed", Some(422),
        "The photo is too dark to enrol. Take another one in better light.",
        "A foto está escura demais para o cadastro. Tire outra com mais luz.",
        "La foto está demasiado oscura para el registro. Tome otra con más luz.";
    /// Too bright to enrol.
    ImageOverexposed = "image_overexposed", Some(422),
        "The photo is too bright to enrol. Take another one away from direct light.",
        "A foto está clara demais para o cadastro. Tire outra longe da luz direta.",
        "La foto está demasiado clara para el registro. Tome otra lejos de la luz directa.";
    /// No enrolled user has that token.
    UserTokenNotFound = "user_token_not_found", Some(422),
        "No user is enrolled under this user token.",
        "Nenhum usuário está cadastrado com este token.",
        "No hay ningún usuario registrado con este token.";
    /// No enrolled user has the token of an update.
    ImageIdInvalid = "image_id_invalid", Some(422),
        "The user to update was not found. Check the user token.",
        "O usuário a atualizar não foi encontrado. Verifique o token do usuário.",
        "No se encontró el usuario que se quería actualizar. Compruebe el token del usuario.";
    /// No enrolled user has the token of a comparison.
    NoFaceBiometricData = "no_face_biometric_data", Some(422),
        "The user to compare with was not found. Check the user token.",
        "O usuário a comparar não foi encontrado. Verifique o token do usuário.",
        "No se encontró el usuario con el que comparar. Compruebe el token del usuario.";
    /// The session token is missing, expired or not valid.
    Unauthorized = "unauthorized", Some(401),
        "The session has expired or isn't valid. Start a new session and try again.",
        "A sessão expirou ou não é válida. Inicie uma nova sessão e tente de novo.",
        "La sesión caducó o no es válida. Inicie una nueva sesión y vuelva a intentarlo.";

    /// The end user did not agree to the use of their biometric data.
    ConsentRequired = "consent_required", Some(422),
        "Nothing was processed, because consent is missing. Agree to the use of your photo and try again.",
        "Nada foi processado, porque falta o seu consentimento. Aceite o uso da sua foto e tente de novo.",
        "No se procesó nada, porque falta su consentimiento. Acepte el uso de su foto y vuelva a intentarlo.";
    /// The request could not be understood.
    InvalidRequest = "invalid_request", Some(400),
        "The request is malformed.",
        "A solicitação está malformada.",
        "La solicitud está mal formada.";
    /// The API has no such path.
    RouteNotFound = "route_not_found", Some(404),
        "The API has no such path. Check the base URL.",
        "A API não tem esse caminho. Verifique o endereço base.",
        "La API no tiene esa ruta. Compruebe la dirección base.";
    /// The path does not accept this method.
    MethodNotAllowed = "method_not_allowed", Some(405),
        "The path does not accept this HTTP method.",
        "O caminho não aceita este método HTTP.",
        "La ruta no acepta este método HTTP.";
    /// The service is overloaded.
    ServerBusy = "server_busy", Some(503),
        "The service is busy. Try again in a few seconds.",
        "O serviço está ocupado. Tente de novo em alguns segundos.",
        "El servicio está ocupado. Vuelva a intentarlo en unos segundos.";
    /// Too many requests came in too short a time.
    RateLimited = "rate_limited", Some(429),
        "Too many requests in a short time. Wait a moment and try again.",
        "Foram feitas solicitações demais em pouco tempo. Espere um momento e tente de novo.",
        "Se hicieron demasiadas solicitudes en poco tiempo. Espere un momento y vuelva a intentarlo.";
    /// The service failed.
    ServerError = "server_error", Some(500),
        "The service failed. Try again later.",
        "O serviço falhou. Tente de novo mais tarde.",
        "El servicio falló. Vuelva a intentarlo más tarde.";

    /// The service refused the request with a code that this version does not know.
    RequestRefused = "request_refused", None,
        "The service refused the request.",
        "O serviço recusou a solicitação.",
        "El servicio rechazó la solicitud.";
    /// No response came over the network.
    NetworkError = "network_error", None,
        "The service could not be reached. Check the connection and try again.",
        "Não foi possível acessar o serviço. Verifique a conexão e tente de novo.",
        "No se pudo acceder al servicio. Compruebe la conexión y vuelva a intentarlo.";
    /// The device has no connection.
    Offline = "offline", None,
        "This device is offline. Connect it to the internet and try again.",
        "Este dispositivo está sem conexão. Conecte-o à internet e tente de novo.",
        "Este dispositivo no tiene conexión. Conéctelo a internet y vuelva a intentarlo.";
    /// The page cancelled the call.
    Aborted = "aborted", None,
        "The call was cancelled. Start it again when you are ready.",
        "A operação foi cancelada. Comece de novo quando quiser.",
        "La operación se canceló. Vuelva a empezar cuando quiera.";
    /// No response came in time.
    Timeout = "timeout", None,
        "The service did not respond in time. Check the connection and try again.",
        "O serviço não respondeu a tempo. Verifique a conexão e tente de novo.",
        "El servicio no respondió a tiempo. Compruebe la conexión y vuelva a intentarlo.";
    /// The response was not one of this API.
    InvalidResponse = "invalid_response", None,
        "The response isn't from the face verification API. Check the base URL and any proxy.",
        "A resposta não veio do serviço de verificação. Verifique a conexão e tente de novo.",
        "La respuesta no proviene del servicio de verificación. Compruebe la conexión y vuelva a intentarlo.";
    /// A failure inside the SDK.
    InternalError = "internal_error", None,
        "Something went wrong in this app. Try again; if it happens again, report it.",
        "Algo falhou no aplicativo. Tente de novo; se voltar a acontecer, avise.",
        "Algo falló en la aplicación. Vuelva a intentarlo; si vuelve a ocurrir, avise.";
    /// The browser could not start the WebAssembly module.
    WasmUnavailable = "wasm_unavailable", None,
        "This browser can't run the face verification. Reload the page, or use another browser.",
        "Este navegador não consegue executar a verificação facial. Recarregue a página ou use outro navegador.",
        "Este navegador no puede ejecutar la verificación facial. Vuelva a cargar la página o use otro navegador.";
    /// The browser does not let the page read the pixels of images, or returns false ones.
    PixelsUnavailable = "pixels_unavailable", None,
        "This browser keeps the pixels of photos from this site. Allow the site to use canvas data, or use another browser.",
        "Este navegador não deixa o site ler os pixels das fotos. Permita ao site usar dados de canvas ou use outro navegador.",
        "Este navegador no deja que el sitio lea los píxeles de las fotos. Permita al sitio usar datos de canvas o use otro navegador.";
}

#[cfg(feature = "serialize")]
impl serde::Serialize for Code {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::{Code, Language};

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
            for language in Language::ALL {
                assert!(code.message_in(language).ends_with('.'), "{code:?} {language:?}");
            }
            let [english, portuguese, spanish] = Language::ALL.map(|language| code.message_in(language));
            assert!(english != portuguese && portuguese != spanish, "{code:?}");
        }
    }
}
