//! Requests over a socket, for what only a listener can refuse.

use poem::http::{HeaderMap, HeaderName, HeaderValue};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    task::JoinSet,
};
use verifyd::server::{Listener, ListenerSettings, shutdown};

use super::{Answer, TestApp};

/// A listener on a free port of loopback, without limits that matter.
pub(crate) fn listener() -> ListenerSettings {
    ListenerSettings::new(([127, 0, 0, 1], 0).into())
}

/// The answer to these bytes, whose body is a JSON object.
pub(crate) async fn over_a_socket(app: &TestApp, settings: ListenerSettings, bytes: &str) -> Answer {
    let listener = Listener::bind(settings).await.unwrap();
    let (trigger, serving) = shutdown::channel();
    let address = listener.local_addr();
    let mut task = JoinSet::new();
    task.spawn(listener.serve(app.app.routes(serving.clone()), serving));
    let mut stream = TcpStream::connect(address).await.unwrap();
    stream.write_all(bytes.as_bytes()).await.unwrap();
    let text = read(&mut stream).await;
    drop((stream, trigger));
    let (head, body) = text.split_once("\r\n\r\n").unwrap();
    let status = head.split(' ').nth(1).unwrap().parse().unwrap();
    let header = |(name, value): (&str, &str)| (name.parse().unwrap(), value.parse().unwrap());
    let headers = head.lines().filter_map(|line| line.split_once(": ")).map(header);
    let headers: HeaderMap = headers.collect::<Vec<(HeaderName, HeaderValue)>>().into_iter().collect();
    Answer { status, headers, text: body.to_owned() }
}

/// One answer; its body is the object that ends it.
async fn read(stream: &mut TcpStream) -> String {
    let mut text = String::new();
    let mut buffer = [0; 4096];
    while !text.ends_with('}') {
        let count = stream.read(&mut buffer).await.unwrap();
        assert!(count > 0, "closed after {text}");
        text.push_str(std::str::from_utf8(&buffer[..count]).unwrap());
    }
    text
}
