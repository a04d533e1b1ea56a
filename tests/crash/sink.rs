//! A gateway on loopback: takes messages, learns their codes, and counts.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex},
    time::Instant,
};

use serde_json::{Value, json};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    sync::{mpsc, watch},
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
    /// One moment by both clocks, the second in milliseconds since 1970.
    now: (Instant, i64),
    count: watch::Receiver<usize>,
    /// Its ids of what it answered.
    references: Mutex<Option<mpsc::UnboundedReceiver<String>>>,
    _tasks: JoinSet<()>,
}

impl Sink {
    /// One that answers 200, or one that takes requests and never answers.
    pub(crate) async fn start(answers: bool) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap().to_string();
        let messages = Messages::default();
        let ((counter, count), (answered, references)) = (watch::channel(0), mpsc::unbounded_channel());
        let mut tasks = JoinSet::new();
        tasks.spawn(accept(listener, Arc::new(Desk { messages: messages.clone(), counter, answered, answers })));
        let now = (Instant::now(), SystemClock::default().now().millis());
        Self { messages, address, now, count, references: Mutex::new(Some(references)), _tasks: tasks }
    }

    /// The gateway's address for the process number `life`.
    pub(crate) fn url(&self, life: usize) -> String {
        format!("http://{}/{life}", self.address)
    }

    /// The code of a message, once it has come.
    pub(crate) fn code(&self, message: i64) -> Option<String> {
        self.messages.lock().unwrap().get(&message).map(|arrivals| arrivals.code.clone())
    }

    /// A moment since the start in milliseconds since 1970.
    pub(crate) fn millis(&self, at: Instant) -> i64 {
        self.now.1 + i64::try_from((at - self.now.0).as_millis()).unwrap()
    }

    /// The ids that it gives to what it takes, from the first on; once.
    pub(crate) fn references(&self) -> mpsc::UnboundedReceiver<String> {
        self.references.lock().unwrap().take().unwrap()
    }

    /// Everything that came so far.
    pub(crate) fn messages(&self) -> HashMap<i64, Arrivals> {
        self.messages.lock().unwrap().clone()
    }

    /// Requests so far.
    pub(crate) fn requests(&self) -> usize {
        self.messages.lock().unwrap().values().map(|arrivals| arrivals.requests.len()).sum()
    }

    /// Waits until the messages that came satisfy `enough`.
    pub(crate) async fn until(&self, enough: impl Fn(&HashMap<i64, Arrivals>) -> bool) {
        let mut count = self.count.clone();
        let wait = async { while !enough(&self.messages.lock().unwrap()) && count.changed().await.is_ok() {} };
        timeout(PATIENCE, wait).await.expect("messages are missing at the gateway");
    }
}

/// What all connections share.
struct Desk {
    messages: Messages,
    counter: watch::Sender<usize>,
    answered: mpsc::UnboundedSender<String>,
    answers: bool,
}

async fn accept(listener: TcpListener, desk: Arc<Desk>) {
    let mut connections = JoinSet::new();
    loop {
        let (stream, _) = listener.accept().await.unwrap();
        connections.spawn(serve(stream, desk.clone()));
        while connections.try_join_next().is_some() {}
    }
}

async fn serve(mut stream: TcpStream, desk: Arc<Desk>) {
    let (mut bytes, mut buffer) = (vec![], [0; 4096]);
    loop {
        if let Some((life, message, length)) = request(&bytes) {
            bytes.drain(..length);
            let (id, nth) = note(&desk.messages, life, &message);
            desk.counter.send_modify(|count| *count += 1);
            if !desk.answers {
                continue;
            }
            let reference = format!("{id}-{nth}");
            let body = json!({ "id": reference }).to_string();
            let answer = format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\n\r\n{body}", body.len());
            if stream.write_all(answer.as_bytes()).await.is_ok() {
                desk.messages.lock().unwrap().get_mut(&id).unwrap().requests[nth].answered = Some(Instant::now());
            }
            let _ = desk.answered.send(reference);
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
