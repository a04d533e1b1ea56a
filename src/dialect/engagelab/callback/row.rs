//! One row for each piece of news (spec 5.5).

use serde_json::{Value, json};

use crate::core::{
    callback::{News, Notice, Operator, Status, Topic, What},
    clock::Timestamp,
    decimal,
};

/// Decision 29: the service, not the channel.
const SERVER: &str = "otp";
/// Spec 5.5(a): always.
const CURRENCY: &str = "USD";
/// What stands where nothing is linked (spec 5.5c).
const NOT_LINKED: &str = "0";

pub(super) fn row(news: &News) -> Value {
    match &news.what {
        What::Status(status) => status_row(news, status),
        What::Notice(notice) => notice_row(news, notice),
    }
}

fn status_row(news: &News, status: &Status) -> Value {
    let id = status.message.to_string();
    let mut row = json!({
        "message_id": id,
        "to": status.to,
        "server": SERVER,
        "channel": status.channel.as_str(),
        "itime": news.at.seconds(),
    });
    if let Some(args) = &status.custom_args {
        row["custom_args"] = json!(args);
    }
    row["status"] = json!({
        "message_status": status.kind.as_str(),
        "status_data": {
            "msg_time": status.accepted_at.seconds(),
            "message_id": id,
            "current_send_channel": status.channel.as_str(),
            "template_key": status.template_id,
            "business_id": news.app.to_string(),
        },
    });
    if let Some(cost) = status.cost {
        row["status"]["billing"] = json!({ "cost": cost.json(), "currency": CURRENCY });
    }
    row["status"]["error_code"] = json!(status.error_code);
    if status.error_code != 0 {
        row["status"]["error_detail"] = json!({ "message": status.detail.as_deref().unwrap_or("send fail") });
    }
    row
}

fn notice_row(news: &News, notice: &Notice) -> Value {
    let app = news.app.to_string();
    match notice {
        Notice::TemplateAudit { template_id, status, reason } => {
            let data = json!({ "template_id": template_id, "status": status, "reason": reason });
            notification_row(news.at, notice.topic(), &data)
        }
        Notice::InsufficientBalance { remain_balance, balance_threshold } => {
            let (remain, threshold) = (remain_balance.json(), balance_threshold.json());
            let data = json!({ "business_id": app, "remain_balance": remain, "balance_threshold": threshold });
            notification_row(news.at, notice.topic(), &data)
        }
        Notice::InsufficientVerificationRate { rate, threshold } => {
            let data = json!({ "rate": decimal::json(*rate, 2), "threshold": threshold });
            notification_row(news.at, notice.topic(), &data)
        }
        Notice::Uplink { message_sid, account_sid, from, to, body } => {
            let who = json!({ "message_sid": message_sid, "account_sid": account_sid, "from": from, "to": to });
            uplink_row(news.at, who, body)
        }
        Notice::KeyManage { operator, action, api_key, description } => {
            let what = json!({ "action": action, "api_key": api_key, "description": description });
            system_row(news.at, &app, operator, Topic::KeyManage, &what)
        }
        Notice::TemplateManage { operator, action, template_id, template_name } => {
            let what = json!({ "action": action, "template_id": template_id, "template_name": template_name });
            system_row(news.at, &app, operator, Topic::TemplateManage, &what)
        }
        Notice::ApiCall { operator, api_path, method } => {
            let what = json!({ "api_path": api_path, "method": method });
            system_row(news.at, &app, operator, Topic::ApiCall, &what)
        }
        Notice::AccountLogin { operator, action, fail_reason } => {
            let mut what = json!({ "action": action });
            if let Some(reason) = fail_reason {
                what["fail_reason"] = json!(reason);
            }
            system_row(news.at, &app, operator, Topic::AccountLogin, &what)
        }
    }
}

fn head(at: Timestamp) -> Value {
    json!({ "server": SERVER, "itime": at.seconds() })
}

fn notification_row(at: Timestamp, topic: Topic, data: &Value) -> Value {
    let mut row = head(at);
    row["notification"] = json!({ "event": topic.as_str(), "notification_data": data });
    row
}

fn uplink_row(at: Timestamp, mut data: Value, body: &str) -> Value {
    data["body"] = json!(body);
    let mut row = head(at);
    row["message_id"] = NOT_LINKED.into();
    row["business_id"] = NOT_LINKED.into();
    row["response"] = json!({ "event": Topic::UplinkMessage.as_str(), "response_data": data });
    row
}

/// The details stand in an object of the event's own name.
fn system_row(at: Timestamp, app: &str, operator: &Operator, topic: Topic, what: &Value) -> Value {
    let mut who = json!({});
    if let Some(key) = &operator.api_key {
        who["api_key"] = json!(key);
    }
    who["ip_address"] = json!(operator.ip_address.as_deref().unwrap_or_default());
    let mut data = json!({ "business_id": app, "org_id": NOT_LINKED, "operator": who });
    data[topic.as_str()] = what.clone();
    let mut row = head(at);
    row["system_event"] = json!({ "event": topic.as_str(), "data": data });
    row
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::{callback::Format, channel::Channel, event::EventKind, id::MessageId, money::Usd};

    fn body(what: What) -> String {
        let news = News { app: 42, at: Timestamp::from_millis(1_701_234_567_890), what };
        super::super::Callbacks.body(&[news])
    }

    fn status(kind: EventKind) -> Status {
        Status {
            message: MessageId(123_456_789),
            to: "+6598765432".into(),
            kind,
            channel: Channel::Sms,
            template_id: "otp".into(),
            accepted_at: Timestamp::from_millis(1_701_234_560_000),
            custom_args: None,
            error_code: 0,
            detail: None,
            cost: None,
        }
    }

    #[test]
    fn a_step_of_a_message() {
        let args = json!({"order_id": "O1"}).as_object().cloned();
        insta::assert_snapshot!(body(What::Status(Box::new(Status { custom_args: args, ..status(EventKind::Sent) }))), @r#"{"total":1,"rows":[{"message_id":"123456789","to":"+6598765432","server":"otp","channel":"sms","itime":1701234567,"custom_args":{"order_id":"O1"},"status":{"message_status":"sent","status_data":{"msg_time":1701234560,"message_id":"123456789","current_send_channel":"sms","template_key":"otp","business_id":"42"},"error_code":0}}]}"#);
    }

    #[test]
    fn what_a_step_cost_stands_before_its_error_code() {
        let cost = Usd::parse("0.032");
        let row = body(What::Status(Box::new(Status { cost, ..status(EventKind::Sent) })));
        let (_, billing) = row.split_once(r#""business_id":"42"},"#).unwrap();
        assert_eq!(billing, r#""billing":{"cost":0.032,"currency":"USD"},"error_code":0}}]}"#);
    }

    #[test]
    fn a_failure_has_its_number_and_its_words() {
        let failed = Status { error_code: 5012, detail: Some("no route".into()), ..status(EventKind::SentFailed) };
        insta::assert_snapshot!(body(What::Status(Box::new(failed))), @r#"{"total":1,"rows":[{"message_id":"123456789","to":"+6598765432","server":"otp","channel":"sms","itime":1701234567,"status":{"message_status":"sent_failed","status_data":{"msg_time":1701234560,"message_id":"123456789","current_send_channel":"sms","template_key":"otp","business_id":"42"},"error_code":5012,"error_detail":{"message":"no route"}}}]}"#);
    }

    #[test]
    fn every_status_is_a_word_of_the_specification() {
        let words = EventKind::ALL.map(|kind| {
            row(&News {
            app: 1,
            at: Timestamp::default(),
            what: What::Status(Box::new(status(kind))),
        })["status"]["message_status"].clone()
        });
        assert_eq!(
            json!(words),
            json!([
                "plan",
                "target_valid",
                "target_invalid",
                "sent",
                "sent_failed",
                "delivered",
                "delivered_failed",
                "verified",
                "verified_failed",
                "verified_timeout"
            ])
        );
    }

    #[test]
    fn notices_have_the_shape_of_their_family() {
        let operator = Operator { api_key: Some("vk1".into()), ip_address: Some("192.0.2.1".into()) };
        let text = str::to_owned;
        let notices = [
            Notice::TemplateAudit { template_id: text("t"), status: 3, reason: text("no") },
            Notice::InsufficientBalance {
                remain_balance: Usd::from_micros(-5000),
                balance_threshold: Usd::from_micros(2_000_000),
            },
            Notice::InsufficientVerificationRate { rate: 3333, threshold: 40 },
            Notice::Uplink {
                message_sid: text("SM1"),
                account_sid: text("AC1"),
                from: text("+1"),
                to: text("+2"),
                body: text("hi"),
            },
            Notice::KeyManage {
                operator: Operator::default(),
                action: text("create api_key"),
                api_key: text("vk2"),
                description: text("d"),
            },
            Notice::TemplateManage {
                operator: operator.clone(),
                action: text("delete template"),
                template_id: text("t"),
                template_name: text("n"),
            },
            Notice::ApiCall { operator, api_path: text("/v1/messages"), method: text("POST") },
            Notice::AccountLogin {
                operator: Operator { api_key: None, ip_address: Some("192.0.2.1".into()) },
                action: text("login_failed"),
                fail_reason: Some(text("no")),
            },
        ];
        let bodies = notices.map(|notice| body(What::Notice(Box::new(notice))));
        insta::assert_snapshot!(bodies.join("\n"), @r#"
{"total":1,"rows":[{"server":"otp","itime":1701234567,"notification":{"event":"template_audit_result","notification_data":{"template_id":"t","status":3,"reason":"no"}}}]}
{"total":1,"rows":[{"server":"otp","itime":1701234567,"notification":{"event":"insufficient_balance","notification_data":{"business_id":"42","remain_balance":-0.005,"balance_threshold":2}}}]}
{"total":1,"rows":[{"server":"otp","itime":1701234567,"notification":{"event":"insufficient_verification_rate","notification_data":{"rate":33.33,"threshold":40}}}]}
{"total":1,"rows":[{"server":"otp","itime":1701234567,"message_id":"0","business_id":"0","response":{"event":"uplink_message","response_data":{"message_sid":"SM1","account_sid":"AC1","from":"+1","to":"+2","body":"hi"}}}]}
{"total":1,"rows":[{"server":"otp","itime":1701234567,"system_event":{"event":"key_manage","data":{"business_id":"42","org_id":"0","operator":{"ip_address":""},"key_manage":{"action":"create api_key","api_key":"vk2","description":"d"}}}}]}
{"total":1,"rows":[{"server":"otp","itime":1701234567,"system_event":{"event":"template_manage","data":{"business_id":"42","org_id":"0","operator":{"api_key":"vk1","ip_address":"192.0.2.1"},"template_manage":{"action":"delete template","template_id":"t","template_name":"n"}}}}]}
{"total":1,"rows":[{"server":"otp","itime":1701234567,"system_event":{"event":"api_call","data":{"business_id":"42","org_id":"0","operator":{"api_key":"vk1","ip_address":"192.0.2.1"},"api_call":{"api_path":"/v1/messages","method":"POST"}}}}]}
{"total":1,"rows":[{"server":"otp","itime":1701234567,"system_event":{"event":"account_login","data":{"business_id":"42","org_id":"0","operator":{"ip_address":"192.0.2.1"},"account_login":{"action":"login_failed","fail_reason":"no"}}}}]}
"#);
    }
}
