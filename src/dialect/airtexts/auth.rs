//! Three ways to say who calls (spec 2.1): the headers `X-API-Key` and `X-API-Secret`, else `Authorization` with `Basic` or
//! `Bearer`.

mod given;
mod token;

use std::sync::Arc;

use poem::{Request, RequestBody, Result};
use poem_openapi::{
    ApiExtractor, ApiExtractorType, ExtractParamOptions,
    registry::{MetaSecurityScheme, Registry},
};
use subtle::ConstantTimeEq;

use self::given::Given;
use super::{NAME, Settings, User, error::ApiError, limits::Limits};
use crate::{
    core::{access::Permission, clock::Timestamp},
    http::client_ip::TrustedProxies,
    service::{Caller, Service},
};

pub use token::Signer;

/// The proxies that are believed about the client's address; handed to requests as data.
pub type Proxies = Arc<TrustedProxies>;

/// The names of the ways in the document. Both headers belong together, see `document`.
pub(super) const KEY_HEADER: &str = "apiKey";
pub(super) const SECRET_HEADER: &str = "apiSecret";
const BASIC: &str = "basicAuth";
const BEARER: &str = "bearerAuth";

/// Who calls. Every call counts against the caller's rate.
pub(super) struct Account(pub(super) Caller);

impl<'a> ApiExtractor<'a> for Account {
    const TYPES: &'static [ApiExtractorType] = &[ApiExtractorType::SecurityScheme];

    type ParamType = ();
    type ParamRawType = ();

    fn register(registry: &mut Registry) {
        registry.create_security_scheme(KEY_HEADER, header("X-API-Key", "The key."));
        registry.create_security_scheme(SECRET_HEADER, header("X-API-Secret", "The secret of the key."));
        registry.create_security_scheme(BASIC, http("basic", "Key and secret."));
        registry.create_security_scheme(
            BEARER,
            http("bearer", "`key:secret` in base64, or a JSON Web Token (HS256) whose `sub` is the key."),
        );
    }

    fn security_schemes() -> Vec<&'static str> {
        vec![KEY_HEADER, SECRET_HEADER, BASIC, BEARER]
    }

    async fn from_request(
        request: &'a Request,
        _: &mut RequestBody,
        _: ExtractParamOptions<Self::ParamType>,
    ) -> Result<Self> {
        Ok(Self(called(request).await?))
    }
}

async fn called(request: &Request) -> Result<Caller> {
    let service: &Service = request.data().ok_or(poem::error::GetDataError("Service"))?;
    let proxies: &Proxies = request.data().ok_or(poem::error::GetDataError("Proxies"))?;
    let settings: &Arc<Settings> = request.data().ok_or(poem::error::GetDataError("Settings"))?;
    let given = Given::of(request.headers()).ok_or_else(ApiError::unauthenticated)?;
    let known = proven(settings, given, service.now()).ok_or_else(ApiError::unauthenticated)?;
    let address = proxies.client_ip(request);
    let caller = match known {
        Proof::Secret { key, secret } => service.authenticate(NAME, &key, &secret, address).await,
        Proof::Vouched { key } => service.vouched(NAME, &key, address).await,
    };
    let caller = caller.map_err(ApiError::from)?;
    let (method, path) = (request.method().as_str(), request.original_uri().path());
    service.note_call(&caller, method, path).await.map_err(ApiError::from)?;
    Limits::new(service, settings, &caller).request().await?;
    caller.need(Permission::Otp).map_err(ApiError::from)?;
    Ok(caller)
}

/// What there is to show for a key.
enum Proof {
    /// Its secret, which is still to be looked at.
    Secret { key: String, secret: String },
    /// Somebody whom we believe spoke for it.
    Vouched { key: String },
}

/// `None` where a user's password or a token's signature is wrong.
fn proven(settings: &Settings, given: Given, now: Timestamp) -> Option<Proof> {
    match given {
        Given::Pair { name, secret } => match settings.users.get(&name) {
            Some(user) => knows(user, &secret).then(|| Proof::Vouched { key: user.key.clone() }),
            None => Some(Proof::Secret { key: name, secret }),
        },
        Given::Token(token) => {
            let key = settings.signer.as_ref()?.key_of(&token, now)?;
            Some(Proof::Vouched { key })
        }
    }
}

fn knows(user: &User, password: &str) -> bool {
    user.password.as_bytes().ct_eq(password.as_bytes()).into()
}

fn header(name: &'static str, description: &'static str) -> MetaSecurityScheme {
    MetaSecurityScheme { name: Some(name), key_in: Some("header"), ..scheme("apiKey", description) }
}

fn http(name: &'static str, description: &'static str) -> MetaSecurityScheme {
    MetaSecurityScheme { scheme: Some(name), ..scheme("http", description) }
}

const fn scheme(ty: &'static str, description: &'static str) -> MetaSecurityScheme {
    MetaSecurityScheme {
        ty,
        description: Some(description),
        name: None,
        key_in: None,
        scheme: None,
        bearer_format: None,
        flows: None,
        openid_connect_url: None,
    }
}
