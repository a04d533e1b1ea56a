//! Whom a callback tells: a receiver on loopback that often fails at first, and remembers what it was told under which id.

use std::{
    collections::{HashMap, HashSet},
    hash::{DefaultHasher, Hash, Hasher},
    sync::{Arc, Mutex},
};

use serde_json::Value;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    sync::watch,
    task::JoinSet,
    time::timeout,
};

use crate::process::PATIENCE;

/// A step of a message, and which.
pub(crate) type Step = (i64, &'static str);

/// The steps that there may be.
pub(crate) const STEPS: [&str; 6] = ["plan", "target_valid", "sent", "delivered", "verified", "verified_timeout"];

/// A request to the receiver.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Request {
    /// Which of all requests it was.
    nth: usize,
    /// Of its body.
    hash: u64,
    /// How often it came.
    tries: usize,
}

/// What a receiver was told.
#[derive(Clone, Default)]
pub(crate) struct Told {
    /// By `webhook-id`.
    requests: HashMap<i64, Request>,
    /// Under which id each step came.
    steps: HashMap<Step, i64>,
    faults: Vec<String>,
}

/// The receiver.
pub(crate) struct Receiver {
    told: Arc<Mutex<Told>>,
    /// Requests so far.
    count: watch::Receiver<usize>,
    /// Whether it takes everything at once.
    well: watch::Sender<bool>,
    pub(crate) url: String,
    _tasks: JoinSet<()>,
}

/// What it says to a request.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Says {
    Taken,
    Failed,
    Nothing,
}

impl Told {
    /// Keeps a request.
    fn note(&mut self, id: i64, body: &str) -> Request {
        let mut hasher = DefaultHasher::new();
        body.hash(&mut hasher);
        let hash = hasher.finish();
        let nth = self.requests.len();
        let request = self.requests.entry(id).or_insert(Request { nth, hash, tries: 0 });
        request.tries += 1;
        let request = *request;
        if request.hash != hash {
            self.faults.push(format!("{id} came with another body"));
        }
        let body: Value = serde_json::from_str(body).unwrap();
        for row in body["rows"].as_array().unwrap() {
            let message = row["message_id"].as_str().unwrap().parse().unwrap();
            let word = row["status"]["message_status"].as_str().unwrap();
            let Some(word) = STEPS.into_iter().find(|step| *step == word) else {
                self.faults.push(format!("{message} is said to be {word}"));
                continue;
            };
            let under = *self.steps.entry((message, word)).or_insert(id);
            if under != id {
                self.faults.push(format!("{message} {word} came under {under} and {id}"));
            }
        }
        request
    }

    /// Every broken promise, in words; `happened` is all that did. `to_the_end` if all of it must have been told.
    pub(crate) fn faults(&self, happened: &HashSet<Step>, to_the_end: bool) -> Vec<String> {
        let mut faults = self.faults.clone();
        let invented = self.steps.keys().filter(|step| !happened.contains(step)).count();
        if invented > 0 {
            faults.push(format!("{invented} steps were told that did not happen"));
        }
        let untold = happened.iter().filter(|step| !self.steps.contains_key(step)).count();
        if to_the_end && untold > 0 {
            faults.push(format!("{untold} steps were never told"));
        }
        faults
    }

    /// Steps that were told.
    pub(crate) fn steps(&self) -> usize {
        self.steps.len()
    }

    /// Requests, and those that came more than once.
    pub(crate) fn requests(&self) -> (usize, usize) {
        (self.requests.len(), self.requests.values().filter(|request| request.tries > 1).count())
    }
}

impl Receiver {
    pub(crate) async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/", listener.local_addr().unwrap());
        let told = Arc::<Mutex<Told>>::default();
        let (counter, count) = watch::channel(0);
        let (well, health) = watch::channel(false);
        let mut tasks = JoinSet::new();
        tasks.spawn(accept(listener, told.clone(), counter, health));
        Self { told, count, well, url, _tasks: tasks }
    }

    /// Everything that it was told so far.
    pub(crate) fn told(&self) -> Told {
        self.told.lock().unwrap().clone()
    }

    /// From now on it takes everything.
    pub(crate) fn recover(&self) {
        self.well.send_replace(true);
    }

    /// Waits until it was told enough, as long as it is told anything: after a campaign a great deal is left to tell.
    pub(crate) async fn until(&self, enough: impl Fn(&Told) -> bool) {
        let mut count = self.count.clone();
        while !enough(&self.told.lock().unwrap()) {
            timeout(PATIENCE, count.changed()).await.expect("nobody was told").unwrap();
        }
    }
}

async fn accept(
    listener: TcpListener,
    told: Arc<Mutex<Told>>,
    counter: watch::Sender<usize>,
    well: watch::Receiver<bool>,
) {
    let (mut connections, counter) = (JoinSet::new(), Arc::new(counter));
    loop {
        let (stream, _) = listener.accept().await.unwrap();
        connections.spawn(serve(stream, told.clone(), counter.clone(), well.clone()));
        while connections.try_join_next().is_some() {}
    }
}

async fn serve(
    mut stream: TcpStream,
    told: Arc<Mutex<Told>>,
    counter: Arc<watch::Sender<usize>>,
    well: watch::Receiver<bool>,
) {
    let (mut bytes, mut buffer) = (vec![], [0; 16384]);
    loop {
        if let Some((id, body, length)) = request(&bytes) {
            bytes.drain(..length);
            let probe = body == "{}";
            let says = if probe { Says::Taken } else { says(told.lock().unwrap().note(id, &body), *well.borrow()) };
            counter.send_modify(|count| *count += 1);
            let answer: &[u8] = match says {
                Says::Taken => b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n",
                Says::Failed => b"HTTP/1.1 500 Internal Server Error\r\ncontent-length: 0\r\n\r\n",
                Says::Nothing => return,
            };
            let _ = stream.write_all(answer).await;
        }
        match stream.read(&mut buffer).await {
            Ok(count @ 1..) => bytes.extend_from_slice(&buffer[..count]),
            _ => return,
        }
    }
}

/// One request in sixteen fails when it first comes, and of one the answer is lost.
const fn says(request: Request, well: bool) -> Says {
    match request.nth % 16 {
        _ if well || request.tries > 1 => Says::Taken,
        0 => Says::Failed,
        1 => Says::Nothing,
        _ => Says::Taken,
    }
}

/// The first whole one: its `webhook-id`, its body and its length.
fn request(bytes: &[u8]) -> Option<(i64, String, usize)> {
    let (head, body) = std::str::from_utf8(bytes).ok()?.split_once("\r\n\r\n")?;
    let head = head.to_ascii_lowercase();
    let header = |name: &str| head.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(": "));
    let length: usize = header("content-length")?.parse().ok()?;
    let body = body.get(..length)?.to_owned();
    Some((header("webhook-id").unwrap().parse().unwrap(), body, head.len() + 4 + length))
}

#[test]
fn ids_that_change_and_steps_that_did_not_happen_or_were_not_told_are_noticed() {
    let body = |step: &str| {
        let row = serde_json::json!({"message_id": "7", "status": {"message_status": step}});
        serde_json::json!({"total": 1, "rows": [row]}).to_string()
    };
    let mut told = Told::default();
    assert_eq!((told.note(1, &body("plan")).tries, told.note(1, &body("plan")).tries), (1, 2));
    let happened = HashSet::from([(7, "plan"), (7, "sent")]);
    assert_eq!(told.faults(&happened, false), Vec::<String>::new());
    assert_eq!(told.faults(&happened, true), ["1 steps were never told"]);
    assert_eq!(told.faults(&HashSet::new(), false), ["1 steps were told that did not happen"]);
    told.note(2, &body("plan"));
    told.note(1, &body("sent"));
    assert_eq!(told.faults(&happened, true), ["7 plan came under 1 and 2", "1 came with another body"]);
}
