//! Rows as parameters of a PostgreSQL statement whose text does not depend on how many there are.

use std::fmt::Write;

use sea_orm::{DbBackend, Statement, Value, sea_query::ArrayType};

use crate::core::clock::Timestamp;

/// A column: its name, its kind, and how a row gives its value.
pub(super) type Column<'a, T> = (&'static str, ArrayType, fn(&'a T) -> Value);

/// A statement that begins with common tables of rows. `:now` in its text is the time.
pub(super) struct Query {
    text: String,
    values: Vec<Value>,
}

impl Query {
    /// Begins a statement.
    pub(super) fn new(now: Timestamp) -> Self {
        Self { text: "WITH".into(), values: vec![number(now.millis())] }
    }

    /// Adds the table `name`. One row comes as plain parameters: PostgreSQL starts faster on them than on arrays.
    pub(super) fn rows<'a, T>(mut self, name: &str, rows: &[&'a T], columns: &[Column<'a, T>]) -> Self {
        let first = self.values.len() + 1;
        let numbered =
            || columns.iter().enumerate().map(|(place, (column, kind, _))| (first + place, column, sql_type(kind)));
        let _ = if let [row] = rows {
            self.values.extend(columns.iter().map(|(_, _, value)| value(row)));
            let list: Vec<_> = numbered().map(|(n, column, kind)| format!("${n}::{kind} AS {column}")).collect();
            write!(self.text, " {name} AS (SELECT {}),", list.join(", "))
        } else {
            self.values.extend(columns.iter().map(|(_, kind, value)| array(kind, rows.iter().map(|row| value(row)))));
            let arrays: Vec<_> = numbered().map(|(n, _, kind)| format!("${n}::{kind}[]")).collect();
            let names: Vec<_> = numbered().map(|(_, column, _)| *column).collect();
            write!(self.text, " {name} AS (SELECT * FROM UNNEST({}) AS t({})),", arrays.join(", "), names.join(", "))
        };
        self
    }

    /// Ends it with the constant part.
    pub(super) fn end(mut self, text: &str) -> Statement {
        self.text.push_str(&text.replace(":now", "$1::bigint"));
        Statement::from_sql_and_values(DbBackend::Postgres, self.text, self.values)
    }
}

fn sql_type(kind: &ArrayType) -> &'static str {
    match kind {
        ArrayType::BigInt => "bigint",
        ArrayType::Bytes => "bytea",
        _ => "text",
    }
}

fn array(kind: &ArrayType, values: impl Iterator<Item = Value>) -> Value {
    Value::Array(kind.clone(), Some(Box::new(values.collect())))
}

pub(super) fn number(number: i64) -> Value {
    number.into()
}

pub(super) fn text(text: &str) -> Value {
    text.into()
}

pub(super) fn bytes(bytes: &[u8]) -> Value {
    bytes.into()
}
