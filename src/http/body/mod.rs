//! The body of a request: its bytes, in one of the ways in which APIs have them written, as what a call asks for.

mod bytes;
mod writing;

use std::marker::PhantomData;

use poem::{Request, RequestBody, Result};
use poem_openapi::{
    ApiExtractor, ApiExtractorType, ExtractParamOptions,
    registry::{MetaMediaType, MetaRequest, Registry},
    types::ParseFromJSON,
};

use self::writing::JSON;
use super::Rejection;

pub use bytes::{BODY_LIMIT, read};
pub use writing::{Express, Json, OrForm, Writing};

/// A `T`, written as `W` says. What can be read and is no `T` is [`Rejection::Shape`].
#[derive(Clone, Copy, Debug)]
pub struct Body<W, T>(pub T, PhantomData<W>);

/// See [`Json`].
pub type JsonBody<T> = Body<Json, T>;

/// See [`OrForm`].
pub type JsonOrForm<T> = Body<OrForm, T>;

/// See [`Express`].
pub type LooseJsonBody<T> = Body<Express, T>;

impl<'a, W: Writing, T: ParseFromJSON> ApiExtractor<'a> for Body<W, T> {
    const TYPES: &'static [ApiExtractorType] = &[ApiExtractorType::RequestObject];

    type ParamType = ();
    type ParamRawType = ();

    fn register(registry: &mut Registry) {
        T::register(registry);
    }

    fn request_meta() -> Option<MetaRequest> {
        let content = MetaMediaType { content_type: JSON, schema: T::schema_ref() };
        Some(MetaRequest { description: None, content: vec![content], required: true })
    }

    async fn from_request(
        request: &'a Request,
        body: &mut RequestBody,
        _: ExtractParamOptions<Self::ParamType>,
    ) -> Result<Self> {
        let value = W::value(request, body).await?;
        // The framework's words name Rust types and may quote the body: they are not kept.
        let body = T::parse_from_json(Some(value)).map_err(|_| Rejection::Shape)?;
        Ok(Self(body, PhantomData))
    }
}
