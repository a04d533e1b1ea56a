//! Rows as parameters of a PostgreSQL statement whose text does not depend on how many there are. They are written as they
//! travel, and not boxed one by one on the way.

use std::sync::Arc;

use sea_orm::{
    DatabaseConnection, DbErr, QueryResult, RuntimeErr,
    sqlx::{self, Arguments, AssertSqlSafe, postgres::PgArguments},
};

use crate::core::clock::Timestamp;

/// A column: its name, and how a row gives its value.
pub(super) struct Column<'a, T> {
    name: &'static str,
    value: Value<'a, T>,
}

/// A value by its kind.
enum Value<'a, T> {
    Number(fn(&'a T) -> i64),
    Text(fn(&'a T) -> &'a str),
    Written(fn(&'a T) -> String),
    Bytes(fn(&'a T) -> &'a [u8]),
}

pub(super) const fn number<'a, T>(name: &'static str, value: fn(&'a T) -> i64) -> Column<'a, T> {
    Column { name, value: Value::Number(value) }
}

pub(super) const fn text<'a, T>(name: &'static str, value: fn(&'a T) -> &'a str) -> Column<'a, T> {
    Column { name, value: Value::Text(value) }
}

/// A text that a row does not hold as such.
pub(super) const fn written<'a, T>(name: &'static str, value: fn(&'a T) -> String) -> Column<'a, T> {
    Column { name, value: Value::Written(value) }
}

pub(super) const fn bytes<'a, T>(name: &'static str, value: fn(&'a T) -> &'a [u8]) -> Column<'a, T> {
    Column { name, value: Value::Bytes(value) }
}

impl<'a, T> Column<'a, T> {
    const fn sql_type(&self) -> &'static str {
        match self.value {
            Value::Number(_) => "bigint",
            Value::Text(_) | Value::Written(_) => "text",
            Value::Bytes(_) => "bytea",
        }
    }

    /// The value of one row as a parameter.
    fn one(&self, row: &'a T, arguments: &mut PgArguments) -> Result<(), sqlx::error::BoxDynError> {
        match self.value {
            Value::Number(value) => arguments.add(value(row)),
            Value::Text(value) => arguments.add(value(row)),
            Value::Written(value) => arguments.add(value(row)),
            Value::Bytes(value) => arguments.add(value(row)),
        }
    }

    /// The values of many rows as one.
    fn many(&self, rows: &[&'a T], arguments: &mut PgArguments) -> Result<(), sqlx::error::BoxDynError> {
        let rows = rows.iter();
        match self.value {
            Value::Number(value) => arguments.add(rows.map(|row| value(row)).collect::<Vec<_>>()),
            Value::Text(value) => arguments.add(rows.map(|row| value(row)).collect::<Vec<_>>()),
            Value::Written(value) => arguments.add(rows.map(|row| value(row)).collect::<Vec<_>>()),
            Value::Bytes(value) => arguments.add(rows.map(|row| value(row)).collect::<Vec<_>>()),
        }
    }
}

/// A statement that begins with common tables of rows. `:now` in its text is the time.
pub(super) struct Query {
    text: String,
    arguments: PgArguments,
}

/// A statement with its parameters.
pub(super) struct Statement {
    text: String,
    arguments: PgArguments,
}

impl Query {
    /// Begins a statement.
    pub(super) fn new(now: Timestamp) -> Result<Self, DbErr> {
        let mut arguments = PgArguments::default();
        arguments.add(now.millis()).map_err(unwritten)?;
        Ok(Self { text: "WITH".into(), arguments })
    }

    /// Adds the table `name`. One row comes as plain parameters: PostgreSQL starts faster on them than on arrays.
    pub(super) fn rows<'a, T>(mut self, name: &str, rows: &[&'a T], columns: &[Column<'a, T>]) -> Result<Self, DbErr> {
        let first = self.arguments.len() + 1;
        let [open, each, close] = if let [row] = rows {
            columns.iter().try_for_each(|column| column.one(row, &mut self.arguments)).map_err(unwritten)?;
            ["SELECT ", "", ""]
        } else {
            columns.iter().try_for_each(|column| column.many(rows, &mut self.arguments)).map_err(unwritten)?;
            ["SELECT * FROM UNNEST(", "[]", ")"]
        };
        self.add(&[" ", name, " ("]);
        for (place, column) in columns.iter().enumerate() {
            self.add(&[comma_before(place), column.name]);
        }
        self.add(&[") AS (", open]);
        for (place, column) in columns.iter().enumerate() {
            self.add(&[comma_before(place), "$", &(first + place).to_string(), "::", column.sql_type(), each]);
        }
        self.add(&[close, "),"]);
        Ok(self)
    }

    fn add(&mut self, parts: &[&str]) {
        self.text.extend(parts.iter().copied());
    }

    /// Ends it with the constant part.
    pub(super) fn end(mut self, text: &str) -> Statement {
        self.text.push_str(&text.replace(":now", "$1::bigint"));
        Statement { text: self.text, arguments: self.arguments }
    }
}

impl Statement {
    /// The rows that it answers.
    pub(super) async fn fetch(self, db: &DatabaseConnection) -> Result<Vec<QueryResult>, DbErr> {
        let query = sqlx::query_with(AssertSqlSafe(self.text), self.arguments);
        let rows = query.fetch_all(db.get_postgres_connection_pool()).await;
        Ok(rows.map_err(|err| DbErr::Query(cause(err)))?.into_iter().map(QueryResult::from).collect())
    }
}

const fn comma_before(place: usize) -> &'static str {
    if place == 0 { "" } else { ", " }
}

/// An error as sea-orm reports those of its own queries.
fn cause(err: sqlx::Error) -> RuntimeErr {
    RuntimeErr::SqlxError(Arc::new(err))
}

fn unwritten(err: sqlx::error::BoxDynError) -> DbErr {
    DbErr::Query(cause(sqlx::Error::Encode(err)))
}
