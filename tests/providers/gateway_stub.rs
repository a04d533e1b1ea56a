//! A gateway that writes down every request and answers as told.

use std::{
    collections::VecDeque,
    net::SocketAddr,
    sync::{Arc, Mutex},
};

use poem::{
    EndpointExt, Request, Response, Server,
    endpoint::make,
    http::{HeaderMap, StatusCode},
    listener::TcpAcceptor,
};
use tokio::{net::TcpListener, sync::Notify, task::JoinSet};

/// What came in.
pub(crate) struct Received {
    pub(crate) method: String,
    pub(crate) path_and_query: String,
    pub(crate) content_type: Option<String>,
    pub(crate) authorization: Option<String>,
    pub(crate) headers: HeaderMap,
    pub(crate) body: String,
    pub(crate) from: String,
}

/// What goes out; without one, an empty 200.
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: &'static [(&'static str, &'static str)],
    pub(crate) body: String,
}

pub(crate) fn answer(status: u16, body: &str) -> Answer {
    Answer { status, headers: &[], body: body.to_owned() }
}

#[derive(Default)]
struct State {
    received: Mutex<Vec<Received>>,
    answers: Mutex<VecDeque<Answer>>,
    came: Notify,
}

/// Ends when dropped.
pub(crate) struct Stub {
    pub(crate) address: SocketAddr,
    state: Arc<State>,
    _server: JoinSet<()>,
}

impl Stub {
    pub(crate) async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let state = Arc::new(State::default());
        let endpoint = make({
            let state = state.clone();
            move |request| handle(state.clone(), request)
        });
        let acceptor = TcpAcceptor::from_tokio(listener).unwrap();
        let mut server = JoinSet::new();
        server.spawn(async move { Server::new_with_acceptor(acceptor).run(endpoint.boxed()).await.unwrap() });
        Self { address, state, _server: server }
    }

    pub(crate) fn url(&self) -> String {
        format!("http://{}/send", self.address)
    }

    /// Queues an answer.
    pub(crate) fn will(&self, answer: Answer) {
        self.state.answers.lock().unwrap().push_back(answer);
    }

    /// Takes what has come in so far.
    pub(crate) fn received(&self) -> Vec<Received> {
        std::mem::take(&mut *self.state.received.lock().unwrap())
    }

    /// Waits until something comes in.
    pub(crate) async fn next(&self) -> Received {
        self.state.came.notified().await;
        self.one()
    }

    /// The one request that has come in.
    pub(crate) fn one(&self) -> Received {
        let mut received = self.received();
        assert_eq!(received.len(), 1);
        received.remove(0)
    }
}

async fn handle(state: Arc<State>, mut request: Request) -> poem::Result<Response> {
    let body = request.take_body().into_string().await?;
    let received = Received {
        method: request.method().to_string(),
        path_and_query: request.uri().path_and_query().unwrap().to_string(),
        content_type: request.header("content-type").map(str::to_owned),
        authorization: request.header("authorization").map(str::to_owned),
        headers: request.headers().clone(),
        body,
        from: request.remote_addr().to_string(),
    };
    state.received.lock().unwrap().push(received);
    state.came.notify_one();
    let answer = state.answers.lock().unwrap().pop_front().unwrap_or_else(|| answer(200, ""));
    let mut response = Response::builder().status(StatusCode::from_u16(answer.status).unwrap());
    for (name, value) in answer.headers {
        response = response.header(*name, *value);
    }
    Ok(response.body(answer.body))
}
