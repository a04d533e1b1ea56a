//! The listener: sockets, deadlines and limits of the server itself (security F4, F5). It serves any endpoint.

mod activity;
mod connection;
pub mod listener;
pub mod settings;
pub mod shutdown;
mod slots;
pub mod tls;
mod wire;

pub use listener::Listener;
pub use settings::ListenerSettings;
pub use shutdown::{Shutdown, ShutdownTrigger};
