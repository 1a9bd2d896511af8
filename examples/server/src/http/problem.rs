//! Errors as `application/problem+json` (RFC 9457).

use std::fmt;

use axum::Json;
use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use logistics_core::dispatch_run::DispatchRunRejection;
use logistics_core::eventsourcing::{ExecuteError, Retry, StoreError};
use logistics_core::ids::IdError;
use logistics_core::manifest::ManifestRejection;
use logistics_core::partner::PartnerRejection;
use logistics_core::shipment::ShipmentRejection;
use serde::Serialize;
use serde_json::{Map, Value};

use super::correlation;

/// What went wrong, for the caller: a stable code for programs, words for people.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
pub(crate) struct Problem(Box<Details>);

/// The members of a problem.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
struct Details {
    /// `urn:logistics:problem:` and the code.
    #[serde(rename = "type")]
    kind: String,
    /// The status in words.
    title: String,
    /// The HTTP status.
    status: u16,
    /// A stable word for programs.
    code: &'static str,
    /// What happened, for people.
    detail: String,
    /// The field of the request it is about.
    #[serde(skip_serializing_if = "Option::is_none")]
    field: Option<String>,
    /// What to quote when asking for help.
    #[serde(skip_serializing_if = "Option::is_none")]
    correlation_id: Option<String>,
    /// More, by name.
    #[serde(flatten)]
    extra: Map<String, Value>,
}

impl Problem {
    pub(crate) fn new(status: StatusCode, code: &'static str, detail: impl fmt::Display) -> Self {
        Self(Box::new(Details {
            kind: format!("urn:logistics:problem:{code}"),
            title: status.canonical_reason().unwrap_or("Error").to_owned(),
            status: status.as_u16(),
            code,
            detail: detail.to_string(),
            field: None,
            correlation_id: None,
            extra: Map::new(),
        }))
    }

    pub(crate) fn bad_request(code: &'static str, detail: impl fmt::Display) -> Self {
        Self::new(StatusCode::BAD_REQUEST, code, detail)
    }

    pub(crate) fn unprocessable(code: &'static str, detail: impl fmt::Display) -> Self {
        Self::new(StatusCode::UNPROCESSABLE_ENTITY, code, detail)
    }

    /// Not now: something else has to happen first.
    pub(crate) fn conflict(code: &'static str, detail: impl fmt::Display) -> Self {
        Self::new(StatusCode::CONFLICT, code, detail)
    }

    /// There is no `what` with this id.
    pub(crate) fn not_found(what: &str, id: &str) -> Self {
        let shown: String = id.chars().take(64).collect();
        Self::new(StatusCode::NOT_FOUND, "not_found", format!("there is no {what} {shown:?}"))
    }

    /// It is not the version that the caller has seen.
    pub(crate) fn version_mismatch(latest: u64) -> Self {
        let detail = format!("the latest version is {latest}");
        Self::new(StatusCode::PRECONDITION_FAILED, "version_mismatch", detail).about("If-Match")
    }

    pub(crate) fn about(mut self, field: impl Into<String>) -> Self {
        self.0.field = Some(field.into());
        self
    }

    pub(crate) fn with(mut self, name: &str, value: impl Serialize) -> Self {
        if let Ok(value) = serde_json::to_value(value) {
            self.0.extra.insert(name.to_owned(), value);
        }
        self
    }

    /// Something that the caller cannot mend; the cause goes to the log, not to the caller.
    pub(crate) fn internal(error: &(dyn std::error::Error + 'static)) -> Self {
        tracing::error!(error = %chain(error), "request failed");
        Self::new(
            StatusCode::INTERNAL_SERVER_ERROR,
            "internal",
            "the server failed; its log has the cause under the correlation id",
        )
    }
}

/// An error and everything that led to it, in one line.
pub(crate) fn chain(error: &(dyn std::error::Error + 'static)) -> String {
    let causes = std::iter::successors(Some(error), |error| error.source());
    causes.map(ToString::to_string).collect::<Vec<_>>().join(": ")
}

impl IntoResponse for Problem {
    fn into_response(mut self) -> Response {
        let status =
            StatusCode::from_u16(self.0.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        self.0.correlation_id = correlation::current().map(|id| id.to_string());
        let content_type: (HeaderName, HeaderValue) =
            (header::CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
        (status, [content_type], Json(self)).into_response()
    }
}

impl From<StoreError> for Problem {
    fn from(error: StoreError) -> Self {
        let problem = Self::internal(&error);
        match error.retry {
            Retry::Never => problem,
            Retry::Later => Self::new(
                StatusCode::SERVICE_UNAVAILABLE,
                "store_unavailable",
                "the store cannot answer now; send the request again, with the same key",
            ),
        }
    }
}

impl From<IdError> for Problem {
    fn from(error: IdError) -> Self {
        Self::bad_request("invalid_id", error)
    }
}

/// A refusal of the domain.
pub(crate) trait Coded: std::error::Error {
    /// A stable word for programs.
    fn code(&self) -> &'static str;
    /// The field that is to blame.
    fn field(&self) -> Option<&'static str> {
        None
    }
    /// Whether the request is wrong in itself, and does not only come at the wrong time.
    fn is_invalid_input(&self) -> bool {
        false
    }
}

impl Coded for ShipmentRejection {
    fn code(&self) -> &'static str {
        Self::code(self)
    }

    fn field(&self) -> Option<&'static str> {
        Self::field(self)
    }

    fn is_invalid_input(&self) -> bool {
        Self::is_invalid_input(self)
    }
}

impl Coded for PartnerRejection {
    fn code(&self) -> &'static str {
        Self::code(self)
    }

    fn field(&self) -> Option<&'static str> {
        Self::field(self)
    }

    fn is_invalid_input(&self) -> bool {
        Self::field(self).is_some()
    }
}

impl Coded for ManifestRejection {
    fn code(&self) -> &'static str {
        Self::code(self)
    }

    fn field(&self) -> Option<&'static str> {
        Self::field(self)
    }

    fn is_invalid_input(&self) -> bool {
        Self::field(self).is_some()
    }
}

impl Coded for DispatchRunRejection {
    fn code(&self) -> &'static str {
        Self::code(self)
    }
}

impl<R: Coded + 'static> From<ExecuteError<R>> for Problem {
    fn from(error: ExecuteError<R>) -> Self {
        match error {
            ExecuteError::Rejected(rejection) => {
                let status = match rejection.is_invalid_input() {
                    true => StatusCode::UNPROCESSABLE_ENTITY,
                    false => StatusCode::CONFLICT,
                };
                let problem = Self::new(status, rejection.code(), &rejection);
                match rejection.field() {
                    Some(field) => problem.about(field),
                    None => problem,
                }
            }
            ExecuteError::KeyReused { .. } => {
                Self::unprocessable("key_reused", error).about("Idempotency-Key")
            }
            ExecuteError::VersionMismatch { .. } => {
                Self::new(StatusCode::PRECONDITION_FAILED, "version_mismatch", error)
            }
            ExecuteError::Contended { .. } => Self::new(
                StatusCode::SERVICE_UNAVAILABLE,
                "contended",
                "other requests changed the same thing; send the request again",
            ),
            ExecuteError::TooLarge(source) => Self::unprocessable("too_large", source),
            ExecuteError::Store(source) | ExecuteError::OutcomeUnknown(source) => source.into(),
            other => Self::internal(&other),
        }
    }
}
