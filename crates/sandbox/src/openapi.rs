//! `GET /v0/openapi.json`: the API as an OpenAPI 3.1 document.
//!
//! The schemas of the responses come from `perse-protocol`; here is what a route takes and how it can fail. The tests
//! compare real responses with it.

use std::{collections::BTreeMap, sync::Arc};

use axum::{Router, routing::get};
use bytes::Bytes;
use perse_protocol::{
    Code, Scope, field, limit,
    response::{Comparison, Deletion, Detection, Enrollment, EnrollmentList, ErrorBody},
    route,
};
use serde_json::{Map, Value, json};
use utoipa::ToSchema;

use crate::{app::App, error::Failure, routes::MAX_PART};

/// The document, below [`route::PREFIX`]; needs no token.
pub(crate) fn router() -> Router<Arc<App>> {
    let text = Bytes::from(openapi());
    let document = move || async move { ([("content-type", "application/json")], text) };
    Router::new().route("/openapi.json", get(document))
}

/// One method of one path.
struct Operation {
    path: String,
    method: &'static str,
    id: &'static str,
    summary: &'static str,
    /// The scope that a session token needs, if the route needs one.
    scope: Option<Scope>,
    parameters: Value,
    /// Content types and schemas of the body, if there is one.
    body: Option<Value>,
    /// The schema of the response.
    response: Value,
    /// The ways to fail beside those of every route.
    failures: Vec<Failure>,
}

impl Operation {
    fn new(method: &'static str, path: &str, id: &'static str, summary: &'static str) -> Self {
        Self {
            path: path.to_owned(),
            method,
            id,
            summary,
            scope: None,
            parameters: json!([]),
            body: None,
            response: Value::Null,
            failures: Vec::new(),
        }
    }

    fn needs(self, scope: Scope) -> Self {
        Self { scope: Some(scope), ..self }
    }

    fn parameter(mut self, place: &str, name: &str, description: &str, schema: &Value) -> Self {
        if let Some(parameters) = self.parameters.as_array_mut() {
            parameters.push(json!({
                "in": place, "name": name, "description": description, "schema": schema, "required": place == "path"
            }));
        }
        self
    }

    fn body(self, content_type: &str, schema: &Value) -> Self {
        let body = json!({ "required": true, "content": { content_type: { "schema": schema } } });
        Self { body: Some(body), ..self }
    }

    fn responds(self, response: Value) -> Self {
        Self { response, ..self }
    }

    fn fails(mut self, failures: impl IntoIterator<Item = Failure>) -> Self {
        self.failures.extend(failures);
        self
    }

    /// Fails as every upload can.
    fn fails_as_upload(self) -> Self {
        self.fails([
            Code::ContentTypeHeaderMissing.into(),
            Code::FileTooLarge.into(),
            Code::InvalidRequest.into(),
            Failure::body_timeout(),
            Code::FormKeyMissing.into(),
            Code::ConsentRequired.into(),
            Code::EmptyFile.into(),
            Code::InvalidFileType.into(),
            Code::NoFaceDetected.into(),
        ])
    }

    fn document(&self) -> Value {
        let mut failures = vec![Code::ServerError.into(), Code::ServerBusy.into()];
        if self.scope.is_some() {
            failures.extend([Code::Unauthorized.into(), Failure::refused(""), Failure::rate_limited()]);
        }
        failures.extend(self.failures.iter().cloned());
        let mut codes: BTreeMap<String, Vec<Code>> = BTreeMap::new();
        for failure in &failures {
            codes.entry(failure.status().as_str().to_owned()).or_default().push(failure.code());
        }
        let mut responses: Map<_, _> =
            codes.into_iter().map(|(status, codes)| (status, failure_response(&codes))).collect();
        let success = json!({
            "description": "Done.",
            "headers": { route::REQUEST_ID: request_id() },
            "content": { "application/json": { "schema": self.response } },
        });
        responses.insert("200".to_owned(), success);
        let mut operation = json!({
            "operationId": self.id,
            "summary": self.summary,
            "parameters": self.parameters,
            "responses": responses,
            "security": [],
        });
        if let Some(body) = &self.body {
            operation["requestBody"] = body.clone();
        }
        if let Some(scope) = self.scope {
            operation["security"] = json!([{ "sessionToken": [] }, { "privateKey": [] }]);
            operation["description"] =
                format!("A session token that is restricted to scopes needs `{}`.", scope.as_str()).into();
        }
        operation
    }
}

/// The response of a status, whose code is one of these.
fn failure_response(codes: &[Code]) -> Value {
    let names: Vec<_> = codes.iter().map(|code| code.as_str()).collect();
    let lines: Vec<_> =
        codes.iter().map(|code| format!("- `{}`: {}", code.as_str(), code.message())).collect();
    let mut headers = json!({ route::REQUEST_ID: request_id() });
    if codes.iter().any(|code| matches!(code, Code::ServerBusy | Code::RateLimited)) {
        headers["retry-after"] = json!({
            "description": "Seconds after which the request may be repeated.",
            "schema": { "type": "integer", "minimum": 1 },
        });
    }
    json!({
        "description": lines.join("\n"),
        "headers": headers,
        "content": { "application/json": { "schema": {
            "allOf": [reference("ErrorBody"), { "properties": { "code": { "enum": names } } }],
        } } },
    })
}

fn request_id() -> Value {
    json!({
        "description": "Names the request in the server's log: the one that was sent, if it has 1 to 64 letters, digits, `-`, `_` or `.`.",
        "schema": { "type": "string" },
    })
}

fn reference(schema: &str) -> Value {
    json!({ "$ref": format!("#/components/schemas/{schema}") })
}

/// The response of an enrolment call, which also says its HTTP status.
fn with_status(schema: &str) -> Value {
    json!({ "allOf": [
        reference(schema),
        { "type": "object", "required": ["status"], "properties": { "status": { "type": "integer", "const": 200 } } },
    ] })
}

fn form(images: &[&str], required_text: &[&str], optional_text: &[&str]) -> Value {
    let mut properties = json!({ field::ENDUSER_CONSENT: {
        "type": "string", "enum": ["true", "false"],
        "description": "Whether the end user agreed to the use of their biometric data. Without `true` nothing is processed.",
    } });
    for image in images {
        properties[image] = json!({
            "type": "string", "format": "binary",
            "description": format!("A JPEG, PNG or WebP file of at most {} bytes, with one face or several.", limit::IMAGE_BYTES),
        });
    }
    for text in required_text.iter().chain(optional_text) {
        properties[text] = json!({ "type": "string", "description": "The token of an enrolled user." });
    }
    let required = [&[field::ENDUSER_CONSENT], images, required_text].concat();
    json!({ "type": "object", "required": required, "properties": properties })
}

fn operations() -> Vec<Operation> {
    const FORM: &str = "multipart/form-data";
    let image = form(&[field::IMAGE], &[], &[]);
    let user = json!({ "type": "string" });
    let key_description = "Requests with one key and the same credentials within 24 hours enrol one user.";
    let key = json!({ "type": "string", "minLength": 1, "maxLength": 255, "pattern": "^[!-~]+$" });
    vec![
        Operation::new("post", route::LOGIN, "login", "Exchange a private key for a session token")
            .body(
                "application/json",
                &json!({ "type": "object", "required": ["privateKey"], "properties": {
                    "privateKey": { "type": "string", "description": "Never leaves the page's own server." },
                    "scope": {
                        "type": "string",
                        "pattern": format!("^({0})( ({0}))*$", Scope::ALL.map(Scope::as_str).join("|")),
                        "description": "Restricts the token to these scopes, separated by spaces.",
                    },
                    "userToken": { "type": "string", "description": "Restricts the token to this user." },
                } }),
            )
            .responds(
                json!({ "type": "object", "required": ["token"], "properties": { "token": { "type": "string" } } }),
            )
            .fails([
                Code::InvalidRequest.into(),
                Failure::body_too_long(),
                Failure::body_timeout(),
                Code::FormKeyMissing.into(),
                Code::Unauthorized.into(),
                Failure::rate_limited(),
            ]),
        Operation::new("post", route::DETECT, "detect", "Find faces, and measure them and the photo")
            .needs(Scope::Detect)
            .body(FORM, &image)
            .responds(reference("Detection"))
            .fails_as_upload(),
        Operation::new("post", route::COMPARE, "compare", "Compare the largest faces of two photos, or of a photo and an enrolled user")
            .needs(Scope::Compare)
            .body(
                FORM,
                &json!({ "oneOf": [
                    form(&[field::IMAGE_1, field::IMAGE_2], &[], &[]),
                    form(&[field::IMAGE], &[field::USER_TOKEN], &[]),
                ] }),
            )
            .responds(reference("Comparison"))
            .fails_as_upload()
            .fails([Code::NoFaceBiometricData.into()]),
        Operation::new("post", route::ENROLLMENT, "enrol", "Enrol the largest face of a photo under a new user token")
            .needs(Scope::Enrol)
            .parameter("header", route::IDEMPOTENCY_KEY, key_description, &key)
            .body(FORM, &image)
            .responds(with_status("Enrollment"))
            .fails_as_upload()
            .fails([Code::ImageUnderexposed.into(), Code::ImageOverexposed.into()]),
        Operation::new("put", route::ENROLLMENT, "updateEnrolment", "Replace the face of an enrolled user")
            .needs(Scope::Users)
            .body(FORM, &form(&[field::IMAGE], &[field::USER_TOKEN], &[]))
            .responds(with_status("Enrollment"))
            .fails_as_upload()
            .fails([
                Code::ImageIdInvalid.into(),
                Code::ImageUnderexposed.into(),
                Code::ImageOverexposed.into(),
            ]),
        Operation::new("get", route::ENROLLMENT_LIST, "listUsers", "List the users of the account, the oldest first")
            .needs(Scope::Users)
            .parameter(
                "query",
                "limit",
                "Users of this part of the list; the list is whole without.",
                &json!({ "type": "integer", "minimum": 1, "maximum": MAX_PART }),
            )
            .parameter(
                "query",
                "cursor",
                "The `next_cursor` of the part before.",
                &json!({ "type": "string", "pattern": "^[0-9]{1,18}$" }),
            )
            .responds(json!({ "allOf": [
                with_status("EnrollmentList"),
                { "properties": { "next_cursor": {
                    "type": "string", "description": "The cursor of the next part; there is none at the end.",
                } } },
            ] }))
            .fails([Code::InvalidRequest.into()]),
        Operation::new("delete", &format!("{}/{{user_token}}", route::ENROLLMENT), "deleteUser", "Delete an enrolled user")
            .needs(Scope::Users)
            .parameter("path", "user_token", "The token of the user.", &user)
            .responds(with_status("Deletion"))
            .fails([Code::UserTokenNotFound.into()]),
    ]
}

/// Returns the document as JSON.
#[must_use]
pub fn openapi() -> String {
    document().to_string()
}

fn document() -> Value {
    let mut schemas = Vec::new();
    collect::<Detection>(&mut schemas);
    collect::<Comparison>(&mut schemas);
    collect::<Enrollment>(&mut schemas);
    collect::<EnrollmentList>(&mut schemas);
    collect::<Deletion>(&mut schemas);
    collect::<ErrorBody>(&mut schemas);
    let schemas: BTreeMap<_, _> = schemas.into_iter().collect();
    let mut paths: BTreeMap<String, Map<String, Value>> = BTreeMap::new();
    for operation in operations() {
        let path = paths.entry(operation.path.clone()).or_default();
        path.insert(operation.method.to_owned(), operation.document());
    }
    json!({
        "openapi": "3.1.0",
        "info": {
            "title": "Face verification API",
            "version": env!("CARGO_PKG_VERSION"),
            "description": "Finds, compares and enrols faces. A failure is `{ message, code, status: false }`: its code decides, not its HTTP status.",
        },
        "servers": [{ "url": route::PREFIX }],
        "paths": paths,
        "components": {
            "schemas": schemas,
            "securitySchemes": {
                "sessionToken": { "type": "http", "scheme": "bearer", "bearerFormat": "JWT" },
                "privateKey": {
                    "type": "apiKey", "in": "header", "name": route::API_KEY,
                    "description": "A private key itself, as older clients send it. Never from a page.",
                },
            },
        },
    })
}

/// Adds a schema and those that it refers to.
fn collect<T: ToSchema>(schemas: &mut Vec<(String, Value)>) {
    let mut found = vec![(T::name().into_owned(), T::schema())];
    T::schemas(&mut found);
    schemas.extend(found.into_iter().map(|(name, schema)| (name, json!(schema))));
}
