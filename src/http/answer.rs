//! The body of an answer to a hot call, written as it goes out.

use poem::{
    IntoResponse, Response,
    http::{HeaderValue, StatusCode, header::CONTENT_TYPE},
};
use poem_openapi::{
    ApiResponse,
    payload::{Json, Payload},
    registry::{MetaResponses, Registry},
    types::ToJSON,
};
use serde::Serialize;

/// Bytes that hold nearly every answer, so that it is not moved while it is written.
const ROOM: usize = 512;

/// A `T` as JSON, like [`Json`], which makes a tree of values first: with it, an answer of a dozen fields was a tenth of the
/// instructions of its call.
#[derive(Clone, Copy, Debug)]
pub struct Answer<T>(pub T);

impl<T: Serialize + Send> IntoResponse for Answer<T> {
    fn into_response(self) -> Response {
        let mut body = Vec::with_capacity(ROOM);
        match serde_json::to_writer(&mut body, &self.0) {
            Ok(()) => {
                let mut response = Response::from(body);
                let kind = HeaderValue::from_static(<Json<String> as Payload>::CONTENT_TYPE);
                response.headers_mut().insert(CONTENT_TYPE, kind);
                response
            }
            Err(err) => {
                tracing::error!(%err, "an answer could not be written");
                StatusCode::INTERNAL_SERVER_ERROR.into_response()
            }
        }
    }
}

impl<T: Serialize + ToJSON> ApiResponse for Answer<T> {
    fn meta() -> MetaResponses {
        Json::<T>::meta()
    }

    fn register(registry: &mut Registry) {
        <Json<T> as ApiResponse>::register(registry);
    }
}

/// Whether it is written as the document says, which is made for [`Json`].
#[cfg(test)]
pub(crate) fn is_as_documented<T: Serialize + ToJSON>(value: &T) -> bool {
    serde_json::to_string(value).unwrap() == serde_json::to_string(&value.to_json()).unwrap()
}

#[cfg(test)]
mod tests {
    use poem_openapi::Object;

    use super::*;

    #[derive(Clone, Object, Serialize)]
    struct Sample {
        text: String,
        number: Option<i32>,
    }

    #[tokio::test]
    async fn an_answer_is_what_the_tree_of_its_values_is() {
        for number in [None, Some(-1)] {
            let sample = Sample { text: "a\"\u{7}\u{e9}".to_owned(), number };
            assert!(is_as_documented(&sample));
            let (tree, answer) = (Json(sample.clone()).into_response(), Answer(sample).into_response());
            assert_eq!(answer.content_type(), tree.content_type());
            assert_eq!(answer.into_body().into_vec().await.unwrap(), tree.into_body().into_vec().await.unwrap());
        }
    }

    #[derive(Clone, Object, Serialize)]
    struct Forgetful {
        #[oai(skip_serializing_if_is_none)]
        number: Option<i32>,
    }

    #[test]
    fn one_that_is_written_otherwise_is_seen() {
        assert!(!is_as_documented(&Forgetful { number: None }));
    }
}
