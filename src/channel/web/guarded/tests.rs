use std::{
    net::{IpAddr, Ipv4Addr},
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};

use async_trait::async_trait;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpListener,
    task::JoinSet,
};

use super::*;

/// Addresses of machines that an outsider could not reach, in many spellings; none of them may be asked.
const FORBIDDEN: [&str; 66] = [
    "https://127.0.0.1/",
    "https://127.0.0.1./",
    "https://127.1/",
    "https://127.0.1/",
    "https://127.255.255.254/",
    "https://2130706433/",
    "https://017700000001/",
    "https://0177.0.0.1/",
    "https://0x7f.1/",
    "https://0x7f000001/",
    "https://0x7f.0x0.0x0.0x1/",
    "https://①②⑦.⓪.⓪.①/",
    "https://127。0。0。1/",
    "https://１２７.0.0.1/",
    "https://%31%32%37.0.0.1/",
    "https://0/",
    "https://0.0.0.0/",
    "https://0.1.2.3/",
    "https://10.0.0.1/",
    "https://10.255.255.255/",
    "https://012.1.1.1/",
    "https://172.16.0.1/",
    "https://172.31.255.255/",
    "https://192.168.0.1/",
    "https://192.168.255.255/",
    "https://0xc0a80001/",
    "https://169.254.169.254/latest/meta-data/",
    "https://2852039166/",
    "https://0xa9fea9fe/",
    "https://100.64.0.1/",
    "https://100.127.255.255/",
    "https://192.0.0.1/",
    "https://192.0.2.1/",
    "https://198.51.100.1/",
    "https://203.0.113.1/",
    "https://192.88.99.1/",
    "https://198.18.0.1/",
    "https://198.19.255.255/",
    "https://224.0.0.1/",
    "https://239.255.255.255/",
    "https://240.0.0.1/",
    "https://255.255.255.255/",
    "https://[::]/",
    "https://[::1]/",
    "https://[0:0:0:0:0:0:0:1]/",
    "https://[::127.0.0.1]/",
    "https://[::ffff:127.0.0.1]/",
    "https://[::ffff:7f00:1]/",
    "https://[::ffff:169.254.169.254]/",
    "https://[::ffff:10.0.0.1]/",
    "https://[fe80::1]/",
    "https://[fec0::1]/",
    "https://[fc00::1]/",
    "https://[fd12:3456:789a::1]/",
    "https://[ff02::1]/",
    "https://[64:ff9b::7f00:1]/",
    "https://[64:ff9b:1::1]/",
    "https://[2002:7f00:1::]/",
    "https://[2001::1]/",
    "https://[2001:db8::1]/",
    "https://[3fff::1]/",
    "https://[5f00::1]/",
    "https://[100::1]/",
    "https://localhost/",
    "https://LOCALHOST。/",
    "https://a.localhost./",
];

#[test]
fn no_spelling_of_an_inner_address_passes() {
    let web = Web::new(WebSettings { dangerous_plain_http: true, ..WebSettings::default() });
    let passed: Vec<_> = FORBIDDEN.iter().filter(|url| web.check(url) != Err(Forbidden::Address)).collect();
    assert!(passed.is_empty(), "{passed:?}");
}

/// The negative control: the table is not refused for some other reason.
#[test]
fn the_same_addresses_pass_when_their_networks_are_allowed() {
    let everywhere = ["0.0.0.0/0", "::/0"].map(|network| network.parse().unwrap());
    let web = Web::new(WebSettings { dangerous_allow_networks: everywhere.to_vec(), ..WebSettings::default() });
    let refused: Vec<_> = FORBIDDEN.iter().filter(|url| web.check(url).is_err()).collect();
    assert!(refused.is_empty(), "{refused:?}");
}

#[test]
fn public_addresses_and_names_pass() {
    let web = Web::new(WebSettings::default());
    for url in
        ["https://example.com/hook?x=1", "https://9.9.9.9/", "https://[2620:fe::9]/", "https://example.com:8443/"]
    {
        assert_eq!(web.check(url), Ok(()), "{url}");
    }
}

#[test]
fn scheme_credentials_and_port_are_held_to_the_rules() {
    let web = Web::new(WebSettings::default());
    for (url, why) in [
        ("http://example.com/", Forbidden::Scheme),
        ("ftp://example.com/", Forbidden::Scheme),
        ("file:///etc/passwd", Forbidden::Scheme),
        ("gopher://example.com/", Forbidden::Scheme),
        ("https://user@example.com/", Forbidden::UserInfo),
        ("https://:password@example.com/", Forbidden::UserInfo),
        ("https://example.com:22/", Forbidden::Port),
        ("https://example.com:80/", Forbidden::Port),
        ("https://", Forbidden::Malformed),
        ("example.com", Forbidden::Malformed),
        ("", Forbidden::Malformed),
    ] {
        assert_eq!(web.check(url), Err(why), "{url}");
    }
    let plain = Web::new(WebSettings { dangerous_plain_http: true, ..WebSettings::default() });
    assert_eq!(plain.check("http://example.com/"), Ok(()));
}

/// A receiver on a loopback address, which counts connections.
struct Receiver {
    port: u16,
    connections: Arc<AtomicUsize>,
    _serving: JoinSet<()>,
}

impl Receiver {
    /// Answers every request with `answer`, after which it closes.
    async fn start(address: [u8; 4], port: u16, answer: &'static str) -> Self {
        let listener = TcpListener::bind((Ipv4Addr::from(address), port)).await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let (connections, mut serving) = (Arc::new(AtomicUsize::new(0)), JoinSet::new());
        let counted = connections.clone();
        serving.spawn(async move {
            while let Ok((mut stream, _)) = listener.accept().await {
                counted.fetch_add(1, Ordering::SeqCst);
                let mut buffer = [0; 4096];
                let _ = stream.read(&mut buffer).await;
                let _ = stream.write_all(answer.as_bytes()).await;
            }
        });
        Self { port, connections, _serving: serving }
    }

    fn connections(&self) -> usize {
        self.connections.load(Ordering::SeqCst)
    }
}

const TAKEN: &str = "HTTP/1.1 200 OK\r\ncontent-length: 0\r\nconnection: close\r\n\r\n";

/// A name that means another machine at every question.
struct Rebinding(AtomicUsize, Vec<Vec<IpAddr>>);

#[async_trait]
impl Names for Rebinding {
    async fn addresses(&self, _: &str) -> Vec<IpAddr> {
        let turn = self.0.fetch_add(1, Ordering::SeqCst);
        self.1[turn % self.1.len()].clone()
    }
}

const OPEN: IpAddr = IpAddr::V4(Ipv4Addr::new(127, 0, 0, 2));
const INNER: IpAddr = IpAddr::V4(Ipv4Addr::LOCALHOST);

async fn post(web: &Web, url: &str) -> Ending {
    web.post(Post { url, headers: &[], body: "{}".into(), deadline: Duration::from_secs(20) }).await
}

/// What 200 requests to a name that flips between two machines do: taken requests, connections to the inner machine.
async fn rebinding(allowed: &str) -> (usize, usize) {
    let open = Receiver::start([127, 0, 0, 2], 0, TAKEN).await;
    let inner = Receiver::start([127, 0, 0, 1], open.port, TAKEN).await;
    let settings = WebSettings { dangerous_plain_http: true, dangerous_allow_networks: vec![allowed.parse().unwrap()] };
    let turns = vec![vec![OPEN], vec![INNER], vec![INNER, OPEN], vec!["::1".parse().unwrap()]];
    let web = Web::with_names(settings, Arc::new(Rebinding(AtomicUsize::new(0), turns)));
    let url = format!("http://receiver.test:{}/", open.port);
    let mut taken = 0;
    for _ in 0..200 {
        taken += usize::from(post(&web, &url).await.is_success());
    }
    assert!(open.connections() > 0);
    (taken, inner.connections())
}

#[tokio::test]
async fn a_name_that_changes_its_meaning_leads_nowhere_inside() {
    assert_eq!(rebinding("127.0.0.2/32").await, (100, 0));
}

/// The negative control: without the guard the same name does lead there.
#[tokio::test]
async fn without_the_guard_the_inner_machine_is_reached() {
    let (_, inner) = rebinding("127.0.0.0/8").await;
    assert!(inner >= 50, "{inner}");
}

fn on_loopback() -> Web {
    let loopback = vec!["127.0.0.0/8".parse().unwrap()];
    Web::new(WebSettings { dangerous_plain_http: true, dangerous_allow_networks: loopback })
}

#[tokio::test]
async fn a_redirect_is_an_answer_and_is_not_followed() {
    let target = Receiver::start([127, 0, 0, 1], 0, TAKEN).await;
    let answer = format!(
        "HTTP/1.1 307 Temporary Redirect\r\nlocation: http://127.0.0.1:{}/\r\ncontent-length: 0\r\nconnection: close\r\n\r\n",
        target.port
    );
    let receiver = Receiver::start([127, 0, 0, 1], 0, answer.leak()).await;
    let ending = post(&on_loopback(), &format!("http://127.0.0.1:{}/", receiver.port)).await;
    assert_eq!((ending.status, target.connections()), (Some(307), 0));
}

#[tokio::test]
async fn status_and_retry_after_are_read() {
    let answer = "HTTP/1.1 429 Too Many Requests\r\nretry-after: 90\r\ncontent-length: 0\r\nconnection: close\r\n\r\n";
    let receiver = Receiver::start([127, 0, 0, 1], 0, answer).await;
    let ending = post(&on_loopback(), &format!("http://127.0.0.1:{}/", receiver.port)).await;
    assert_eq!(ending, Ending { status: Some(429), retry_after: Some(Duration::from_secs(90)) });
}

#[tokio::test]
async fn a_forbidden_address_is_not_connected_to() {
    let receiver = Receiver::start([127, 0, 0, 1], 0, TAKEN).await;
    let web = Web::new(WebSettings { dangerous_plain_http: true, ..WebSettings::default() });
    for host in ["127.0.0.1", "localhost", "[::ffff:127.0.0.1]", "2130706433"] {
        assert_eq!(post(&web, &format!("http://{host}:{}/", receiver.port)).await, Ending::default());
    }
    assert_eq!(receiver.connections(), 0);
}

#[tokio::test]
async fn an_answer_that_never_ends_is_cut_off() {
    // 65 chunks of a KiB and no end: read no further than the limit, and not waited for.
    let chunk = format!("400\r\n{}\r\n", "x".repeat(1024));
    let answer = format!("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n{}", chunk.repeat(70));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let mut serving = JoinSet::new();
    serving.spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        let _ = stream.read(&mut [0; 4096]).await;
        let _ = stream.write_all(answer.as_bytes()).await;
        std::future::pending::<()>().await;
    });
    let ending = post(&on_loopback(), &format!("http://127.0.0.1:{port}/")).await;
    assert_eq!(ending.status, Some(200));
}
