//! A gateway's settings.

use serde_json::Value;

use super::{AppError, authorities};
use crate::{
    channel::{
        http::{Body, HttpSettings, Receipts, Success},
        web::client::ClientSettings,
    },
    config::provider::{self, Http},
};

pub(super) fn settings(name: &str, http: &Http) -> Result<HttpSettings, AppError> {
    let fields = || http.template.iter().map(|(field, text)| (field.clone(), text.expose().to_owned()));
    let body = match (http.method, http.body) {
        (provider::Method::Get, _) => Body::Query(fields().collect()),
        (_, provider::Body::Form) => Body::Form(fields().collect()),
        (_, provider::Body::Json) => {
            Body::Json(Value::Object(fields().map(|(field, text)| (field, Value::String(text))).collect()))
        }
    };
    let authorization = (!http.authorization.is_empty()).then(|| ("authorization".to_owned(), &http.authorization));
    let headers = http.headers.iter().map(|(header, value)| (header.clone(), value)).chain(authorization);
    let field = http.success_pointer.clone().map(|pointer| (pointer, http.success_value.clone()));
    Ok(HttpSettings {
        method: match http.method {
            provider::Method::Post => "POST",
            provider::Method::Put => "PUT",
            provider::Method::Get => "GET",
        }
        .to_owned(),
        headers: headers.map(|(header, value)| (header, value.expose().to_owned())).collect(),
        body,
        success: Success { statuses: http.success_status.ranges().to_vec(), field },
        reference: http.message_id_path.clone(),
        receipts: receipts(http),
        connection: ClientSettings {
            extra_ca: authorities(name, http.ca_file.as_deref())?,
            connect_timeout: http.connect_timeout,
            timeout: http.timeout,
        },
        dangerous_plain_http: http.dangerous_plain_http,
        ..HttpSettings::new(http.url.expose())
    })
}

/// The configuration has both pointers, or no way in for reports.
fn receipts(http: &Http) -> Option<Receipts> {
    Some(Receipts {
        id: http.receipt_id_path.clone()?,
        status: http.receipt_status_path.clone()?,
        delivered: http.receipt_delivered.clone(),
        failed: http.receipt_failed.clone(),
        error: http.receipt_error_path.clone(),
    })
}
