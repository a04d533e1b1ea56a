//! Which methods a path answers, read from its document.

use serde_json::Value;

const METHODS: [&str; 8] = ["get", "head", "post", "put", "delete", "patch", "options", "trace"];

/// The methods of every path of one document.
#[derive(Clone, Debug, Default)]
pub struct Allow(Vec<Entry>);

#[derive(Clone, Debug)]
struct Entry {
    /// `/v1/things/{id}` in pieces; `None` stands for a parameter.
    pieces: Vec<Option<String>>,
    methods: String,
}

impl Allow {
    /// From an `OpenAPI` document.
    #[must_use]
    pub fn of(document: &Value) -> Self {
        let paths = document.get("paths").and_then(Value::as_object);
        let entries = paths.into_iter().flatten().map(|(path, item)| Entry {
            pieces: path.split('/').map(|piece| (!piece.starts_with('{')).then(|| piece.to_owned())).collect(),
            methods: methods(item),
        });
        Self(entries.collect())
    }

    /// The value of `Allow` for a path, such as `GET, POST`; `None` for a path that is not there. A literal path wins
    /// over one with parameters.
    #[must_use]
    pub fn methods(&self, path: &str) -> Option<&str> {
        let matching = self.0.iter().filter(|entry| entry.matches(path));
        let best = matching.min_by_key(|entry| entry.pieces.iter().filter(|piece| piece.is_none()).count());
        best.map(|entry| entry.methods.as_str())
    }

    /// Whether the path is there but does not answer `method`.
    #[must_use]
    pub fn refuses(&self, path: &str, method: &str) -> bool {
        self.methods(path).is_some_and(|methods| methods.split(", ").all(|known| known != method))
    }
}

impl Entry {
    fn matches(&self, path: &str) -> bool {
        let mut pieces = path.split('/');
        let all = self.pieces.iter().all(|wanted| {
            pieces.next().is_some_and(|piece| wanted.as_ref().map_or(!piece.is_empty(), |wanted| wanted == piece))
        });
        all && pieces.next().is_none()
    }
}

fn methods(item: &Value) -> String {
    let known = METHODS.iter().filter(|method| item.get(method).is_some());
    known.map(|method| method.to_ascii_uppercase()).collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn methods_are_those_of_the_best_matching_path() {
        let allow = Allow::of(&json!({"paths": {
            "/v1/things": {"post": {}, "get": {}},
            "/v1/things/{id}": {"delete": {}},
            "/v1/things/special": {"get": {}, "parameters": []},
        }}));
        assert_eq!(allow.methods("/v1/things"), Some("GET, POST"));
        assert_eq!(allow.methods("/v1/things/7"), Some("DELETE"));
        assert_eq!(allow.methods("/v1/things/special"), Some("GET"));
        for path in ["/v1/things/", "/v1", "/v1/things/7/x", "//v1/things", ""] {
            assert_eq!(allow.methods(path), None, "{path}");
        }
        assert!(allow.refuses("/v1/things", "HEAD") && !allow.refuses("/v1/things", "GET"));
        assert!(!allow.refuses("/v1/nothing", "HEAD"));
    }
}
