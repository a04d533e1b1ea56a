//! A gateway on loopback: takes messages, learns their codes, and counts.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex},
    time::Instant,
};

use serde_json::Value;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    sync::watch,
    task::JoinSet,
    time::timeout,
};
use verifyd::core::clock::{Clock, SystemClock};

use crate::process::PATIENCE;

/// One request.
#[derive(Clone, Copy)]
pub(crate) struct Request {
    /// The process that brought it.
    pub(crate) life: usize,
    /// When it had come.
    pub(crate) at: Instant,
    /// When the answer was on its way, if the gateway answers and the process still listened.
    pub(crate) answered: Option<Instant>,
}

/// What came for one message.
#[derive(Clone, Default)]
pub(crate) struct Arrivals {
    pub(crate) code: String,
    /// In their order.
    pub(crate) requests: Vec<Request>,
}

type Messages = Arc<Mutex<HashMap<i64, Arrivals>>>;

/// The gateway.
pub(crate) struct Sink {
    messages: Messages,
    address: String,
    /// When each process began, in milliseconds since 1970.
    begun: Mutex<HashMap<usize, i64>>,
    count: watch::Receiver<usize>,
    _tasks: JoinSet<()>,
}

impl Sink {
    /// One that answers 200, or one that takes requests and never answers.
    pub(crate) async fn start(answers: bool) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap().to_string();
        let messages = Messages::default();
        let (counter, count) = watch::channel(0);
        let mut tasks = JoinSet::new();
        tasks.spawn(accept(listener, messages.clone(), counter, answers));
        Self { messages, address, begun: Mutex::default(), count, _tasks: tasks }
    }

    /// The gateway's address for the process number `life`, which begins now.
    pub(crate) fn url(&self, life: usize) -> String {
        self.begun.lock().unwrap().insert(life, SystemClock::default().now().millis());
        format!("http://{}/{life}", self.address)
    }

    /// The code of a message, once it has come.
    pub(crate) fn code(&self, message: i64) -> Option<String> {
        self.messages.lock().unwrap().get(&message).map(|arrivals| arrivals.code.clone())
    }

    /// When the process number `life` began, in milliseconds since 1970.
    pub(crate) fn begun(&self, life: usize) -> i64 {
        self.begun.lock().unwrap()[&life]
    }

    /// Everything that came so far.
    pub(crate) fn messages(&self) -> HashMap<i64, Arrivals> {
        self.messages.lock().unwrap().clone()
    }

    /// Waits until the messages that came satisfy `enough`.
    pub(crate) async fn until(&self, enough: impl Fn(&HashMap<i64, Arrivals>) -> bool) {
        let mut count = self.count.clone();
        let wait = async { while !enough(&self.messages.lock().unwrap()) && count.changed().await.is_ok() {} };
        timeout(PATIENCE, wait).await.expect("messages are missing at the gateway");
    }
}

async fn accept(listener: TcpListener, messages: Messages, counter: watch::Sender<usize>, answers: bool) {
    let (mut connections, counter) = (JoinSet::new(), Arc::new(counter));
    loop {
        let (stream, _) = listener.accept().await.unwrap();
        connections.spawn(serve(stream, messages.clone(), counter.clone(), answers));
        while connections.try_join_next().is_some() {}
    }
}

async fn serve(mut stream: TcpStream, messages: Messages, counter: Arc<watch::Sender<usize>>, answers: bool) {
    let (mut bytes, mut buffer) = (vec![], [0; 4096]);
    loop {
        if let Some((life, message, length)) = request(&bytes) {
            bytes.drain(..length);
            let (id, nth) = note(&messages, life, &message);
            counter.send_modify(|count| *count += 1);
            if !answers {
                continue;
            }
            if stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}").await.is_ok() {
                messages.lock().unwrap().get_mut(&id).unwrap().requests[nth].answered = Some(Instant::now());
            }
        }
        match stream.read(&mut buffer).await {
            Ok(count @ 1..) => bytes.extend_from_slice(&buffer[..count]),
            _ => return,
        }
    }
}

/// The first whole request: which process it is from, its body, and its length.
fn request(bytes: &[u8]) -> Option<(usize, Value, usize)> {
    let (head, body) = std::str::from_utf8(bytes).ok()?.split_once("\r\n\r\n")?;
    let life = head.strip_prefix("POST /")?.split(' ').next()?.parse().ok()?;
    let head_lower = head.to_ascii_lowercase();
    let length: usize = head_lower.lines().find_map(|line| line.strip_prefix("content-length: "))?.parse().ok()?;
    let body = body.get(..length)?;
    Some((life, serde_json::from_str(body).unwrap(), head.len() + 4 + length))
}

/// The message, and which of its requests this is.
fn note(messages: &Messages, life: usize, message: &Value) -> (i64, usize) {
    let id = message["message_id"].as_str().unwrap().parse().unwrap();
    let digits = |word: &&str| word.len() == 6 && word.bytes().all(|byte| byte.is_ascii_digit());
    let text = message["text"].as_str().unwrap();
    let code = text.split(|letter: char| !letter.is_ascii_alphanumeric()).find(digits).expect("no code in the text");
    let mut messages = messages.lock().unwrap();
    let arrivals = messages.entry(id).or_default();
    code.clone_into(&mut arrivals.code);
    arrivals.requests.push(Request { life, at: Instant::now(), answered: None });
    (id, arrivals.requests.len() - 1)
}
