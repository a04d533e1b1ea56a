//! Somebody who wants to be told: an HTTP server that keeps what it gets.

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    sync::mpsc,
    task::JoinSet,
};

/// See the module.
pub(super) struct Receiver {
    pub(super) url: String,
    told: mpsc::UnboundedReceiver<Told>,
    _listens: JoinSet<()>,
}

/// One request.
pub(super) struct Told {
    pub(super) head: String,
    pub(super) body: String,
}

impl Told {
    /// A header, whose name is written in lower case.
    pub(super) fn header(&self, name: &str) -> &str {
        let lines = self.head.lines().filter_map(|line| line.split_once(": "));
        lines.filter(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value).next().unwrap_or_default()
    }
}

impl Receiver {
    /// Answers everything with `status`.
    pub(super) async fn new(status: u16) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/hook?x=1", listener.local_addr().unwrap());
        let (tell, told) = mpsc::unbounded_channel();
        let mut listens = JoinSet::new();
        listens.spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                answer(stream, status, &tell).await;
            }
        });
        Self { url, told, _listens: listens }
    }

    /// The next request; waits for it.
    pub(super) async fn told(&mut self) -> Told {
        self.told.recv().await.unwrap()
    }

    /// Whether nothing more has come.
    pub(super) fn is_quiet(&mut self) -> bool {
        self.told.try_recv().is_err()
    }
}

/// Keeps the request before it is answered, so that who has been answered has been heard.
async fn answer(mut stream: TcpStream, status: u16, tell: &mpsc::UnboundedSender<Told>) {
    let mut text = String::new();
    let mut buffer = [0; 4096];
    loop {
        let count = stream.read(&mut buffer).await.unwrap();
        text.push_str(std::str::from_utf8(&buffer[..count]).unwrap());
        let Some((head, body)) = text.split_once("\r\n\r\n") else { continue };
        let told = Told { head: head.to_owned(), body: body.to_owned() };
        if told.body.len() >= told.header("content-length").parse().unwrap() {
            let answer =
                format!("HTTP/1.1 {status} X\r\nlocation: /again\r\ncontent-length: 0\r\nconnection: close\r\n\r\n");
            let _ = tell.send(told); // a test that does not listen any more
            stream.write_all(answer.as_bytes()).await.unwrap();
            return;
        }
    }
}
