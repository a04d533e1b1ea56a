//! What every dialect shares of poem: bodies, failures, mounts, documents. It knows none of the dialects.

pub mod admission;
pub mod allow;
pub(crate) mod answer;
pub mod body;
mod by_prefix;
pub mod client_ip;
pub mod docs;
pub mod field;
pub mod json;
mod loose;
pub mod mount;
pub mod rejection;
pub mod request_id;
pub mod spec;

pub use admission::Admission;
pub use answer::Answer;
pub use body::{JsonBody, JsonOrForm, LooseJsonBody};
pub use by_prefix::{Api, ByPrefix};
pub use field::{Int, Required, Text, TextMap};
pub use loose::{Loose, TextOrNumber, Whole, Word, Wrong};
pub use mount::{Face, mount};
pub use rejection::Rejection;
