//! What a gateway reports about messages it took.

use http::{HeaderMap, Method};
use serde_json::{Map, Value};

use super::settings::checked_pointer;
use crate::channel::{
    News, NotBelieved, Receipt, Refusal, Report, SettingsError, Webhook, WebhookRequest,
    web::answer::{as_reference, as_text},
};

/// Longest reason that is kept, in characters.
const MAX_REASON: usize = 32;

/// Where a report says what. A report is JSON, a form, or the query of a `GET`; a form's field `id` is at `/id`. JSON may
/// be a list of reports.
pub struct Receipts {
    /// JSON pointer to the id that the gateway gave when it took the message.
    pub id: String,
    /// JSON pointer to the status.
    pub status: String,
    /// Statuses that mean "arrived".
    pub delivered: Vec<String>,
    /// Statuses that mean "never arrives".
    pub failed: Vec<String>,
    /// JSON pointer to the reason; a code, not a sentence.
    pub error: Option<String>,
}

impl Receipts {
    pub(super) fn checked(self) -> Result<Self, SettingsError> {
        checked_pointer("receipt_id_path", &self.id)?;
        checked_pointer("receipt_status_path", &self.status)?;
        self.error.as_deref().map_or(Ok(()), |pointer| checked_pointer("receipt_error_path", pointer))?;
        Ok(self)
    }

    /// `Ok(None)` for a status that is not the end.
    fn receipt(&self, report: &Value) -> Result<Option<Receipt>, NotBelieved> {
        let reference = report.pointer(&self.id).and_then(as_reference).ok_or(NotBelieved::Malformed)?;
        let status = report.pointer(&self.status).and_then(as_text).ok_or(NotBelieved::Malformed)?;
        let detail = self.error.as_ref().and_then(|pointer| report.pointer(pointer)).and_then(as_text).filter(is_code);
        let report = if self.delivered.contains(&status) {
            Report::Delivered
        } else if self.failed.contains(&status) {
            Report::Failed(Refusal::Other.code())
        } else {
            return Ok(None);
        };
        Ok(Some(Receipt { reference, report, detail }))
    }
}

/// A gateway signs nothing that all of them agree on: the secret path is what makes its requests believable.
impl Webhook for Receipts {
    fn read(&self, request: &WebhookRequest<'_>) -> Result<News, NotBelieved> {
        let body = if *request.method == Method::GET {
            fields(request.query.as_bytes())
        } else if is_form(request.headers) {
            fields(request.body)
        } else {
            serde_json::from_slice(request.body).map_err(|_| NotBelieved::Malformed)?
        };
        let reports = match body {
            Value::Array(reports) => reports,
            one => vec![one],
        };
        let receipts = reports.iter().filter_map(|report| self.receipt(report).transpose());
        Ok(News { receipts: receipts.collect::<Result<_, _>>()?, ..News::default() })
    }
}

/// Words may hold the recipient or the text; a code of letters, digits and `._-` hardly can.
#[expect(clippy::ptr_arg, reason = "the shape that `Option::filter` asks for")]
fn is_code(reason: &String) -> bool {
    let code = |byte: u8| byte.is_ascii_alphanumeric() || b"._-".contains(&byte);
    reason.len() <= MAX_REASON && reason.bytes().all(code)
}

fn is_form(headers: &HeaderMap) -> bool {
    let kind = headers.get(http::header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    kind.to_ascii_lowercase().starts_with("application/x-www-form-urlencoded")
}

/// A form as an object of texts.
fn fields(form: &[u8]) -> Value {
    let fields =
        form_urlencoded::parse(form).map(|(name, value)| (name.into_owned(), Value::String(value.into_owned())));
    Value::Object(fields.collect::<Map<_, _>>())
}
