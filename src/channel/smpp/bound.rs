//! The line to the message centre: bound, kept alive, and bound again when it breaks.

use std::{sync::Arc, time::Duration};

use rusmpp::{CommandId, CommandStatus, Pdu};
use tokio::{
    io::{AsyncRead, AsyncWrite, AsyncWriteExt, BufReader},
    sync::{mpsc, watch},
    time::{sleep, timeout},
};
use tokio_util::{bytes::BytesMut, sync::CancellationToken};

use super::{
    brake::Backoff,
    connect::{Connector, Stream},
    join::Joiner,
    news::{self, Desk, is_news},
    parts::Parts,
    session::Session,
    settings::SmppSettings,
    wire::{Packet, Unit, ends_session, unit},
};
use crate::{
    channel::{DeliveryError, SettingsError, Sink, still_ours},
    core::entropy::Entropy,
};

/// Units that wait to be written beside the window's: answers to the centre.
const ANSWERS: usize = 64;

/// The one connection to a message centre.
pub(super) struct Line {
    name: String,
    settings: SmppSettings,
    connector: Connector,
    entropy: Arc<dyn Entropy>,
    parts: Arc<Parts>,
    /// The session, while there is one.
    current: watch::Sender<Option<Arc<Session>>>,
}

/// Why a session is over; goes into the log, so it says nothing that the centre said.
type End = &'static str;

impl Line {
    pub(super) fn new(
        name: &str,
        settings: SmppSettings,
        entropy: Arc<dyn Entropy>,
        parts: Arc<Parts>,
    ) -> Result<Self, SettingsError> {
        if settings.window == 0 {
            return Err(SettingsError::new("window", "must be at least 1"));
        }
        settings.checked_privacy()?;
        let connector = Connector::new(&settings)?;
        let (current, _) = watch::channel(None);
        Ok(Self { name: name.to_owned(), settings, connector, entropy, parts, current })
    }

    /// The session, waiting for one as long as for an answer.
    pub(super) async fn session(&self) -> Result<Arc<Session>, DeliveryError> {
        let mut current = self.current.subscribe();
        let found = timeout(self.settings.response_timeout, current.wait_for(Option::is_some)).await;
        let session = found.ok().and_then(|found| found.ok()?.clone());
        session.ok_or_else(|| DeliveryError::unavailable("there is no connection to the message centre"))
    }

    /// Binds, and binds again after pauses, until `stop`.
    pub(super) async fn keep_up(&self, sink: Arc<dyn Sink>, stop: CancellationToken) {
        let mut desk = self.desk(sink);
        let mut backoff = Backoff::new(self.entropy.clone(), self.settings.reconnect_max);
        loop {
            let opened = stop.run_until_cancelled(self.connector.open()).await;
            let end = match opened {
                None => return,
                Some(Ok(stream)) => {
                    backoff.reset();
                    tracing::info!(provider = self.name, "bound to the message centre");
                    self.hold(stream, &mut desk, &stop).await.to_owned()
                }
                Some(Err(why)) => why,
            };
            if stop.is_cancelled() {
                return;
            }
            tracing::warn!(provider = self.name, "{end}; connecting again");
            stop.run_until_cancelled(sleep(backoff.pause())).await;
        }
    }

    fn desk(&self, sink: Arc<dyn Sink>) -> Desk {
        Desk {
            provider: self.name.clone(),
            account: self.settings.system_id.clone(),
            submit_id: self.settings.submit_id,
            receipt_id: self.settings.receipt_id,
            parts: self.parts.clone(),
            entropy: self.entropy.clone(),
            sink,
            joiner: Joiner::default(),
        }
    }

    /// Serves one session until it is over. Whatever ends it, nobody waits for it afterwards.
    async fn hold(&self, stream: Box<dyn Stream>, desk: &mut Desk, stop: &CancellationToken) -> End {
        let (reader, writer) = tokio::io::split(stream);
        let (outgoing, to_write) = mpsc::channel(self.settings.window + ANSWERS);
        let (news, coming) = mpsc::channel(news::WAITING);
        let session = Arc::new(Session::new(self.settings.window, self.settings.response_timeout, outgoing.clone()));
        let _over = scopeguard::guard(session.clone(), |session| {
            self.current.send_replace(None);
            session.end();
        });
        self.current.send_replace(Some(session.clone()));
        tokio::select! {
            end = read(reader, &session, &outgoing, news) => end,
            end = write(writer, to_write) => end,
            end = keep_alive(&session, self.settings.enquire_interval) => end,
            end = say_goodbye(&session, stop) => end,
            () = desk.work(coming, outgoing.clone()) => "the connection to the message centre broke",
        }
    }
}

/// Takes what comes to its place. It never waits for news to be kept, only for room to answer.
async fn read(
    reader: impl AsyncRead + Unpin,
    session: &Session,
    outgoing: &mpsc::Sender<Packet>,
    news: mpsc::Sender<Unit>,
) -> End {
    let mut reader = BufReader::new(reader);
    loop {
        let Ok(came) = Unit::read(&mut reader).await else {
            return "the message centre hung up, or said something that is not SMPP";
        };
        let (id, sequence) = (came.id(), came.sequence());
        let answer = match id {
            _ if id.is_response() => {
                session.answered(came);
                continue;
            }
            _ if is_news(id) => match news.try_send(came) {
                Ok(()) => continue,
                Err(_) => news::no_room(sequence),
            },
            CommandId::EnquireLink => unit(CommandStatus::EsmeRok, sequence, Pdu::EnquireLinkResp).into(),
            CommandId::Unbind => unit(CommandStatus::EsmeRok, sequence, Pdu::UnbindResp).into(),
            CommandId::AlertNotification => continue, // has no answer
            _ => unit(CommandStatus::EsmeRinvcmdid, sequence, Pdu::GenericNack).into(),
        };
        if outgoing.send(answer).await.is_err() {
            return "the connection to the message centre broke";
        }
    }
}

/// Writes what is to be written, and in time. An answer to an unbind is the last.
async fn write(mut writer: impl AsyncWrite + Unpin, mut packets: mpsc::Receiver<Packet>) -> End {
    while let Some(first) = packets.recv().await {
        let (mut bytes, mut last, mut next) = (BytesMut::new(), false, Some(first));
        while let Some(packet) = next {
            if packet.until.is_none_or(still_ours) {
                bytes.extend_from_slice(&packet.bytes);
            }
            last = ends_session(&packet.bytes);
            next = if last { None } else { packets.try_recv().ok() };
        }
        if writer.write_all(&bytes).await.is_err() || writer.flush().await.is_err() {
            break;
        }
        if last {
            return "the message centre ended the session";
        }
    }
    "the connection to the message centre broke"
}

/// Any answer shows that the centre is there.
async fn keep_alive(session: &Session, interval: Duration) -> End {
    loop {
        sleep(interval).await;
        if session.ask(Pdu::EnquireLink).await.is_err() {
            return "the message centre does not answer";
        }
    }
}

async fn say_goodbye(session: &Session, stop: &CancellationToken) -> End {
    stop.cancelled().await;
    let _ = session.ask(Pdu::Unbind).await;
    "unbound"
}
