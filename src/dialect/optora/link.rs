//! What becomes of a link, as a page (spec 3.1; security E2).

use poem::{
    Request,
    http::{HeaderMap, header},
};
use poem_openapi::{ApiResponse, payload::Html};

use super::{
    DIALECT,
    pages::{Page, link_page},
    settings::Settings,
    webhook,
};
use crate::{
    core::{recipient::Recipient, session::SessionState},
    service::{Error, Service, Session},
};

/// Seconds after which an overloaded server may be asked again.
const PATIENCE: &str = "1";

/// A page, one variant per HTTP status.
#[derive(ApiResponse)]
pub(super) enum LinkAnswer {
    /// The address is confirmed, or is to be confirmed by the page.
    #[oai(status = 200)]
    Done(Html<String>),
    /// The link is good for nothing: malformed, unknown, too old or used.
    #[oai(status = 400)]
    Useless(Html<String>),
    /// The confirmation did not come from the page of the link.
    #[oai(status = 403)]
    Elsewhere(Html<String>),
    /// The server failed; the link may be tried again.
    #[oai(status = 500)]
    Fault(Html<String>),
    /// The server is overloaded; the link may be tried again.
    #[oai(status = 503)]
    Overloaded(Html<String>, #[oai(header = "Retry-After")] String),
}

impl LinkAnswer {
    /// No token, or several.
    pub(super) fn malformed() -> Self {
        Self::Useless(link_page(&Page::Malformed))
    }

    /// Not from the page of the link.
    pub(super) fn elsewhere() -> Self {
        Self::Elsewhere(link_page(&Page::Elsewhere))
    }

    /// To whoever wants the headers only.
    pub(super) const fn nothing() -> Self {
        Self::Done(Html(String::new()))
    }

    fn failed(err: &Error) -> Self {
        match err {
            Error::NoVerification | Error::CodeExpired | Error::CodeUsed | Error::GuessesUsedUp => {
                Self::Useless(link_page(&Page::Over))
            }
            Error::Overloaded => Self::Overloaded(link_page(&Page::Busy), PATIENCE.to_owned()),
            err => {
                let source = std::error::Error::source(err).map(ToString::to_string);
                tracing::error!(%err, source, "a link could not be looked at");
                Self::Fault(link_page(&Page::Busy))
            }
        }
    }
}

/// What links are followed with.
pub(super) struct Links<'a> {
    pub(super) service: &'a Service,
    pub(super) settings: &'a Settings,
}

impl Links<'_> {
    /// The token, if the query has exactly one.
    pub(super) fn token(request: &Request, first: Option<String>) -> Option<String> {
        let query = request.uri().query().unwrap_or_default();
        let named = form_urlencoded::parse(query.as_bytes()).filter(|(name, _)| name == "token").count();
        first.filter(|token| named == 1 && !token.is_empty())
    }

    /// Uses the link up, and tells whoever wanted to know.
    pub(super) async fn follow(&self, token: &str) -> LinkAnswer {
        match self.followed(token).await {
            Ok(session) => {
                webhook::tell(self.service, self.settings, &session);
                LinkAnswer::Done(link_page(&Page::Confirmed { email: email(&session) }))
            }
            Err(err) => LinkAnswer::failed(&err),
        }
    }

    /// Anybody may follow a link, from anywhere.
    async fn followed(&self, token: &str) -> Result<Session, Error> {
        let caller = self.service.stand_in(self.settings.named_app(), None).await?;
        self.service.follow_link(&caller, DIALECT.name, token).await
    }

    /// A page that confirms; nothing has changed yet.
    pub(super) async fn ask(&self, token: &str) -> LinkAnswer {
        match self.service.peek_link(DIALECT.name, token).await {
            Ok(session) if session.state == SessionState::Pending => {
                let (email, link) = (email(&session), self.settings.link);
                LinkAnswer::Done(link_page(&Page::Ask { email, token, link }))
            }
            Ok(_) => LinkAnswer::failed(&Error::CodeUsed),
            Err(err) => LinkAnswer::failed(&err),
        }
    }

    /// Whether nothing says that a confirmation comes from another site's page. A browser that keeps the referrer back says
    /// `null` for the origin, and names the site only to servers with TLS: where nothing is said, the token has to do.
    pub(super) fn is_from_our_page(&self, request: &Request) -> bool {
        let said = |name| text(request.headers(), name);
        match (said("sec-fetch-site"), said(header::ORIGIN.as_str())) {
            (Some(site), _) => site == "same-origin",
            (None, None | Some("null")) => true,
            (None, Some(origin)) => self.settings.base_url.as_deref().is_some_and(|base| is_origin_of(origin, base)),
        }
    }
}

/// The address that the link was sent to.
fn email(session: &Session) -> &str {
    session.recipient.as_ref().map_or("Your address", Recipient::as_str)
}

fn text<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers.get(name).map(|value| value.to_str().unwrap_or_default())
}

/// Whether `url` begins with this scheme, host and port.
fn is_origin_of(origin: &str, url: &str) -> bool {
    url.strip_prefix(origin).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_origin_is_compared_as_a_whole() {
        for (origin, is) in [
            ("https://otp.example.com", true),
            ("https://otp.example.co", false),
            ("https://otp.example.com:444", false),
            ("http://otp.example.com", false),
            ("", false),
        ] {
            assert_eq!(is_origin_of(origin, "https://otp.example.com"), is, "{origin}");
        }
        assert!(is_origin_of("https://a.test", "https://a.test/otp"));
    }

    #[test]
    fn a_token_stands_in_the_query_exactly_once() {
        let read = |uri: &str| {
            let request = Request::builder().uri_str(uri).finish();
            let token = form_urlencoded::parse(uri.split_once('?').map_or("", |(_, query)| query).as_bytes())
                .find(|(name, _)| name == "token")
                .map(|(_, value)| value.into_owned());
            Links::token(&request, token)
        };
        assert_eq!(read("/l?token=abc").as_deref(), Some("abc"));
        assert_eq!(read("/l?a=b&token=abc&c").as_deref(), Some("abc"));
        for uri in ["/l", "/l?", "/l?token=", "/l?token=a&token=b", "/l?token=a&token=a", "/l?Token=a", "/l?token[]=a"]
        {
            assert_eq!(read(uri), None, "{uri}");
        }
    }
}
