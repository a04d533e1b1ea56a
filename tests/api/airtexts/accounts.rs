//! Who calls: three ways, and what each key owns (spec 2.1).

use base64::{Engine, prelude::BASE64_STANDARD, prelude::BASE64_URL_SAFE_NO_PAD};
use hmac::{Hmac, KeyInit, Mac};
use serde_json::{Value, json};
use sha2::Sha256;
use verifyd::{core::access::Pool, service::NewKey};

use super::stage::{APPID, PHONE, Stage, is, refusal};
use crate::harness::{Answer, Key, Node, request};

const SECRET: &str = "a signing secret of 32 characters";

/// A good call with a value of `Authorization`.
async fn with(stage: &Stage, authorization: &str) -> Answer {
    stage.exchange("GET", "/otp/list", &[("authorization", authorization)], "").await
}

fn token(head: &Value, claims: &Value, secret: &str) -> String {
    let encode = |value: &Value| BASE64_URL_SAFE_NO_PAD.encode(value.to_string());
    let signed = format!("{}.{}", encode(head), encode(claims));
    let mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).unwrap();
    let signature = mac.chain_update(signed.as_bytes()).finalize().into_bytes();
    format!("{signed}.{}", BASE64_URL_SAFE_NO_PAD.encode(signature))
}

#[tokio::test]
async fn the_published_examples_run_in_all_three_ways() {
    let stage = Stage::with("airtexts.resend_interval = '0s'").await;
    let pair = format!("{}:{}", stage.key.dev_key, stage.key.dev_secret);
    let (basic, bearer) =
        (format!("Basic {}", BASE64_STANDARD.encode(&pair)), format!("Bearer {}", BASE64_STANDARD.encode(&pair)));
    let headers = [("x-api-key", stage.key.dev_key.as_str()), ("x-api-secret", stage.key.dev_secret.as_str())];
    let ways: [&[(&str, &str)]; 3] = [&headers, &[("authorization", &basic)], &[("authorization", &bearer)]];
    for way in ways {
        let example =
            json!({"appid": "your_app_id", "recipient": "+5511999888777", "channel": "sms", "from": "YourApp"});
        let sent = stage.exchange("POST", "/otp/send", way, &example.to_string()).await;
        let id = super::stage::id(&sent);
        let example = json!({"appid": "your_app_id", "recipient": "+5511999888777", "otp_code": stage.code(), "verification_id": id});
        let verified = stage.exchange("POST", "/otp/verify", way, &example.to_string()).await;
        assert_eq!((verified.status.as_u16(), &verified.json()["verified"]), (200, &json!(true)));
    }
}

#[tokio::test]
async fn a_bearer_may_be_written_in_many_ways() {
    let stage = Stage::new().await;
    let (key, secret) = (&stage.key.dev_key, &stage.key.dev_secret);
    let colon = format!("{key}:{secret}");
    let dash = format!("{key}-{secret}");
    for text in [
        BASE64_STANDARD.encode(&colon),
        BASE64_STANDARD.encode(&colon).trim_end_matches('=').to_owned(),
        BASE64_URL_SAFE_NO_PAD.encode(&colon),
        BASE64_STANDARD.encode(&dash),
        colon.clone(),
    ] {
        assert_eq!(with(&stage, &format!("Bearer {text}")).await.status, 200, "{}", text.len());
    }
    let wrong = BASE64_STANDARD.encode(format!("{key}:wrong"));
    for value in [format!("Bearer {wrong}"), format!("Basic {wrong}"), format!("Digest {wrong}"), "Bearer x".to_owned()]
    {
        assert_eq!(refusal(&with(&stage, &value).await), is(401, "INVALID_CREDENTIALS"));
    }
}

#[tokio::test]
async fn the_headers_come_before_authorization() {
    let stage = Stage::new().await;
    let good = stage.key.basic();
    let headers =
        [("x-api-key", stage.key.dev_key.as_str()), ("x-api-secret", "wrong"), ("authorization", good.as_str())];
    let answer = stage.exchange("GET", "/otp/list", &headers, "").await;
    assert_eq!(refusal(&answer), is(401, "INVALID_CREDENTIALS"));
    assert_eq!(answer.header("www-authenticate"), "Basic realm=\"verifyd\", charset=\"UTF-8\"");
    let half = stage.exchange("GET", "/otp/list", &headers[..1], "").await;
    assert_eq!(refusal(&half), is(401, "INVALID_CREDENTIALS"));
}

#[tokio::test]
async fn a_signed_token_speaks_for_its_key() {
    let stage = Stage::with(&format!("airtexts.jwt_secret = '{SECRET}'")).await;
    let now = 1_795_219_200;
    let head = json!({"alg": "HS256", "typ": "JWT"});
    let key = &stage.key.dev_key;
    for claims in [json!({"sub": key}), json!({"sub": key, "exp": now + 1, "nbf": now, "aud": "any", "iat": now})] {
        assert_eq!(with(&stage, &format!("Bearer {}", token(&head, &claims, SECRET))).await.status, 200, "{claims}");
    }
    let refused = [
        (head.clone(), json!({"sub": key, "exp": now}), SECRET),
        (head.clone(), json!({"sub": key, "nbf": now + 1}), SECRET),
        (head.clone(), json!({"sub": "vk00000000000000000000"}), SECRET),
        (head.clone(), json!({"sub": key}), "another secret, as long as the first one"),
        (head.clone(), json!({"iss": key}), SECRET),
        (json!({"alg": "none"}), json!({"sub": key}), SECRET),
        (json!({"alg": "HS512"}), json!({"sub": key}), SECRET),
    ];
    for (head, claims, secret) in refused {
        let answer = with(&stage, &format!("Bearer {}", token(&head, &claims, secret))).await;
        assert_eq!(refusal(&answer), is(401, "INVALID_CREDENTIALS"), "{head} {claims}");
    }
    stage.app.service().enable_key(key, false).await.unwrap();
    let answer = with(&stage, &format!("Bearer {}", token(&head, &json!({"sub": key}), SECRET))).await;
    assert_eq!(refusal(&answer), is(401, "INVALID_CREDENTIALS"), "a key that is switched off");
}

#[tokio::test]
async fn without_a_signing_secret_no_token_is_believed() {
    let stage = Stage::new().await;
    for secret in ["", SECRET] {
        let signed = token(&json!({"alg": "HS256"}), &json!({"sub": stage.key.dev_key}), secret);
        assert_eq!(refusal(&with(&stage, &format!("Bearer {signed}")).await), is(401, "INVALID_CREDENTIALS"));
    }
}

#[tokio::test]
async fn a_user_of_the_configuration_speaks_for_a_key() {
    let stage = Stage::new().await;
    let users = format!("[airtexts.users]\nalice = {{ key = '{}', password = 'open sesame' }}", stage.key.dev_key);
    let node = Node::new(stage.app.beside_with(&users).await);
    let as_alice = |password: &str| format!("Basic {}", BASE64_STANDARD.encode(format!("alice:{password}")));
    for (password, status) in [("open sesame", 200), ("open", 401), ("", 401)] {
        let answer = node.exchange(request("GET", "/otp/list", &[("authorization", &as_alice(password))], "")).await;
        assert_eq!(answer.status, status, "{password}");
    }
}

#[tokio::test]
async fn a_key_of_another_api_is_unknown() {
    let stage = Stage::new().await;
    assert_eq!(refusal(&with(&stage, &stage.app.key.basic()).await), is(401, "INVALID_CREDENTIALS"));
    let new = NewKey::of(Pool::Mailpass);
    let other: Key = stage.app.service().create_key(stage.app.app_id("default").await, new).await.unwrap().into();
    assert_eq!(refusal(&with(&stage, &other.basic()).await), is(401, "INVALID_CREDENTIALS"));
    let ours = stage.app.call_as(&stage.key, "GET", "/v1/template-configs", "").await;
    assert_eq!(ours.status, 401, "and ours is unknown there");
}

#[tokio::test]
async fn an_appid_must_be_one_that_the_key_owns() {
    let stage = Stage::new().await;
    let other = json!({"appid": "myapp_123", "recipient": PHONE}).to_string();
    assert_eq!(refusal(&stage.call_as(&stage.key, "POST", "/otp/send", &other).await), is(403, "INVALID_APPID"));
    let any = stage.key_for(&["*"]).await;
    assert_eq!(stage.call_as(&any, "POST", "/otp/send", &other).await.status, 200);
    for strange in ["*", "a b", "é", "\u{0}", &"x".repeat(65)] {
        let body = json!({"appid": strange, "recipient": PHONE}).to_string();
        let answer = stage.call_as(&stage.key, "POST", "/otp/send", &body).await;
        assert_eq!(refusal(&answer), is(403, "INVALID_APPID"), "{strange:?}");
    }
    assert_eq!(refusal(&stage.get("/otp/list?appid=myapp_123").await), is(403, "INVALID_APPID"));
    assert_eq!(stage.get(&format!("/otp/list?appid={APPID}")).await.status, 200);
}
