//! The published document: the generated one, polished, with the limits that the types do not carry.

use serde_json::Value;

mod limits;

use self::limits::limits;
use super::{error::examples, service};
use crate::http::spec::{constrain, polish};

/// The document as it is committed, served and linted. Needs no server.
pub(super) fn document() -> Value {
    let generated = serde_json::from_str(&service().spec()).unwrap_or_default();
    let mut document = polish(generated, &examples());
    for (schema, property, limits) in limits() {
        constrain(&mut document, &format!("/components/schemas/{schema}/properties/{property}"), &limits);
    }
    for operation in ["get", "delete"] {
        let place = format!("/paths/~1v1~1template-configs~1{{template_id}}/{operation}/parameters/0/schema");
        constrain(&mut document, &place, &limits::template_id());
    }
    document
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_limit_finds_its_field() {
        let document = document();
        for (schema, property, limits) in limits() {
            let place = &document["components"]["schemas"][schema]["properties"][property];
            for (word, value) in limits.as_object().unwrap() {
                assert_eq!(&place[word], value, "{schema}.{property}");
            }
        }
        for operation in ["get", "delete"] {
            let parameter = &document["paths"]["/v1/template-configs/{template_id}"][operation]["parameters"][0];
            assert_eq!(parameter["schema"]["pattern"], limits::template_id()["pattern"]);
        }
    }
}
