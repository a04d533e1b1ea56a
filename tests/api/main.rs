//! Everything that is tested through the HTTP interface.

mod framework;
mod sample;
mod sockets;
