//! What a list is narrowed to, as SQL.

use sea_orm::Value;

use crate::core::{channel::Channel, clock::Timestamp, id::first_at};

/// Which sessions are looked for; a session is `s`, its message `m`.
#[derive(Clone, Copy, Debug)]
pub struct SessionFilter<'a> {
    /// Name of the dialect.
    pub dialect: &'a str,
    /// Owner.
    pub app: i64,
    /// The parts of the application; `None` for any.
    pub scopes: Option<&'a [String]>,
    /// One session: where it is, and the id that callers know.
    pub one: Option<(i64, &'a str)>,
    /// Keyed digest of the recipient.
    pub target: Option<i64>,
    /// The way of the message.
    pub channel: Option<Channel>,
    /// Not begun before.
    pub from: Option<Timestamp>,
    /// Begun before.
    pub to: Option<Timestamp>,
}

/// Conditions that all hold, and their values.
pub(super) struct Conditions {
    text: String,
    values: Vec<Value>,
}

impl Conditions {
    /// Those of the filter. Ids are in the order of time, so the beginning is looked for among them.
    pub(super) fn of(filter: &SessionFilter<'_>) -> Self {
        let mut all = Self { text: "1 = 1".to_owned(), values: vec![] };
        all.and("s.app_id = ?", [filter.app.into()]);
        all.and("s.dialect = ?", [filter.dialect.into()]);
        if let Some(scopes) = filter.scopes {
            let places = vec!["?"; scopes.len()].join(", ");
            let one = if scopes.is_empty() { "1 = 0".to_owned() } else { format!("s.scope IN ({places})") };
            all.and(&one, scopes.iter().map(|scope| scope.as_str().into()));
        }
        if let Some((id, public_id)) = filter.one {
            all.and("s.id = ? AND s.public_id = ?", [id.into(), public_id.into()]);
        }
        all.and_some("m.target = ?", filter.target);
        all.and_some("m.channel = ?", filter.channel.map(Channel::as_str));
        all.and_some("s.id >= ?", filter.from.map(first_at));
        all.and_some("s.id < ?", filter.to.map(first_at));
        all
    }

    /// One more; each `?` stands for one of the values.
    pub(super) fn and(&mut self, condition: &str, values: impl IntoIterator<Item = Value>) {
        self.text.push_str(" AND ");
        let mut values = values.into_iter();
        for (place, piece) in condition.split('?').enumerate() {
            if place > 0 {
                self.values.extend(values.next());
                self.text.extend(["$", &self.values.len().to_string()]);
            }
            self.text.push_str(piece);
        }
    }

    fn and_some(&mut self, condition: &str, value: Option<impl Into<Value>>) {
        if let Some(value) = value {
            self.and(condition, [value.into()]);
        }
    }

    /// The place of one more value, for conditions that stand outside.
    pub(super) fn place(&mut self, value: impl Into<Value>) -> String {
        self.values.push(value.into());
        format!("${}", self.values.len())
    }

    /// As it stands behind `WHERE`.
    pub(super) fn text(&self) -> &str {
        &self.text
    }

    pub(super) fn values(&self) -> Vec<Value> {
        self.values.clone()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_value_has_its_place() {
        let scopes = ["a".to_owned(), "b".to_owned()];
        let filter = SessionFilter {
            dialect: "d",
            app: 1,
            scopes: Some(&scopes),
            one: None,
            target: Some(2),
            channel: None,
            from: None,
            to: None,
        };
        let conditions = Conditions::of(&filter);
        let text = "1 = 1 AND s.app_id = $1 AND s.dialect = $2 AND s.scope IN ($3, $4) AND m.target = $5";
        assert_eq!((conditions.text(), conditions.values().len()), (text, 5));
        let none = Conditions::of(&SessionFilter { scopes: Some(&[]), target: None, ..filter });
        assert_eq!(none.text(), "1 = 1 AND s.app_id = $1 AND s.dialect = $2 AND 1 = 0");
        let one = Conditions::of(&SessionFilter { scopes: None, one: Some((3, "c")), target: None, ..filter });
        let text = "1 = 1 AND s.app_id = $1 AND s.dialect = $2 AND s.id = $3 AND s.public_id = $4";
        assert_eq!((one.text(), one.values().len()), (text, 4));
    }
}
