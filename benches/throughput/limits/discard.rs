//! verifyd whose store keeps nothing: what a request costs before it reaches a database.

use crate::Fallible;

/// Whether `serve-discard` can serve.
pub(crate) const AVAILABLE: bool = false;

/// Serves `POST /v1/messages` through verifyd's own routes and services, over a store that answers at once.
pub(crate) fn serve() -> Fallible<()> {
    Err("the store that keeps nothing is not wired in yet".into())
}
