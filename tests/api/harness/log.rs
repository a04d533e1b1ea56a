//! What this thread logs.

use std::{
    io::{self, Write},
    sync::{Arc, Mutex},
};

use tracing::{Dispatch, Level, subscriber};
use tracing_subscriber::fmt::MakeWriter;

/// Everything that is logged as long as this lives.
pub(crate) struct Log {
    written: Written,
    _logging: subscriber::DefaultGuard,
    _second: Dispatch,
}

impl Log {
    pub(crate) fn start() -> Self {
        let written = Written::default();
        // With one alone, whichever thread comes first to a line of code decides for all whether it is logged.
        let second = Dispatch::new(subscriber::NoSubscriber::default());
        let all = tracing_subscriber::fmt()
            .with_ansi(false)
            .with_max_level(Level::TRACE)
            .with_writer(written.clone())
            .finish();
        Self { written, _logging: subscriber::set_default(all), _second: second }
    }

    pub(crate) fn text(&self) -> String {
        String::from_utf8(self.written.0.lock().unwrap().clone()).unwrap()
    }
}

#[derive(Clone, Default)]
struct Written(Arc<Mutex<Vec<u8>>>);

impl Write for Written {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl<'a> MakeWriter<'a> for Written {
    type Writer = Self;

    fn make_writer(&'a self) -> Self {
        self.clone()
    }
}
