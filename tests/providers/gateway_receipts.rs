//! What a gateway of any make reports, read as configured.

use verifyd::channel::{
    NotBelieved, Provider, Receipt,
    http::{HttpProvider, HttpSettings, Receipts},
};

use crate::{
    samples::{CODE, PHONE},
    webhook::{Incoming, delivered, failed},
};

fn provider() -> HttpProvider {
    let mut settings = HttpSettings::new("http://127.0.0.1:9");
    settings.receipts = Some(Receipts {
        id: "/id".to_owned(),
        status: "/status".to_owned(),
        delivered: vec!["DELIVRD".to_owned(), "1".to_owned()],
        failed: vec!["UNDELIV".to_owned(), "2".to_owned()],
        error: Some("/reason".to_owned()),
    });
    HttpProvider::new(settings).unwrap()
}

fn read(request: &Incoming<'_>) -> Result<Vec<Receipt>, NotBelieved> {
    request.read_by(&provider()).map(|news| news.receipts)
}

fn json(body: &str) -> Result<Vec<Receipt>, NotBelieved> {
    read(&Incoming::post(body))
}

#[test]
fn a_report_is_json_a_form_or_a_query() {
    let reported = Ok(vec![failed("g-1", 5001, Some("e.42"))]);
    assert_eq!(json(r#"{"id": "g-1", "status": "UNDELIV", "reason": "e.42"}"#), reported);
    let form = "id=g-1&status=UNDELIV&reason=e.42";
    let kind = ("content-type", "application/x-www-form-urlencoded; charset=utf-8");
    assert_eq!(read(&Incoming::post(form).with(kind.0, kind.1)), reported);
    assert_eq!(read(&Incoming::get(form)), reported);
    assert_eq!(read(&Incoming::get("id=g%2D1&status=DELIVRD")), Ok(vec![delivered("g-1")]));
}

#[test]
fn numbers_are_texts_lists_are_many_and_other_statuses_no_end() {
    let body = r#"[{"id": 7, "status": 1}, {"id": 8, "status": 2}, {"id": 9, "status": 0}]"#;
    assert_eq!(json(body), Ok(vec![delivered("7"), failed("8", 5001, None)]));
    assert_eq!(json(r#"{"id": "a", "status": "ACCEPTD"}"#), Ok(vec![]));
    assert_eq!(json("[]"), Ok(vec![]));
}

#[test]
fn a_reason_is_a_code_and_never_words() {
    for reason in [format!("no route to {PHONE}"), format!("Code {CODE}"), "x".repeat(33)] {
        let body = format!(r#"{{"id": "a", "status": "UNDELIV", "reason": "{reason}"}}"#);
        assert_eq!(json(&body), Ok(vec![failed("a", 5001, None)]));
    }
}

#[test]
fn what_has_no_id_or_status_is_malformed() {
    for body in ["", "DELIVRD", "{}", r#"{"id": "a"}"#, r#"{"status": "DELIVRD"}"#, r#"{"id": {}, "status": 1}"#, "[1]"]
    {
        assert_eq!(json(body), Err(NotBelieved::Malformed), "{body}");
    }
    assert_eq!(read(&Incoming::get("")), Err(NotBelieved::Malformed));
}

#[test]
fn a_gateway_reports_only_where_it_says_how() {
    assert!(provider().reports());
    let silent = HttpProvider::new(HttpSettings::new("http://127.0.0.1:9")).unwrap();
    assert!(!silent.reports() && silent.webhook().is_none());
    let pointer = |id: &str| Receipts {
        id: id.to_owned(),
        status: "/s".to_owned(),
        delivered: vec![],
        failed: vec![],
        error: None,
    };
    let mut settings = HttpSettings::new("http://127.0.0.1:9");
    settings.receipts = Some(pointer("id"));
    assert_eq!(HttpProvider::new(settings).err().unwrap().key, "receipt_id_path");
}
