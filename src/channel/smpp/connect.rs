//! A new connection to the message centre: TCP, TLS where it is asked for, and the bind.

use rusmpp::{CommandId, CommandStatus, Pdu, pdus::BindTransceiver, types::COctetString, values::InterfaceVersion};
use rustls::pki_types::ServerName;
use tokio::{
    io::{AsyncRead, AsyncWrite, AsyncWriteExt},
    net::TcpStream,
    time::timeout,
};
use tokio_rustls::TlsConnector;

use super::{
    refusal,
    settings::SmppSettings,
    wire::{Unit, unit},
};
use crate::channel::{SettingsError, tls};

/// A connection, protected or not.
pub(super) trait Stream: AsyncRead + AsyncWrite + Send + Unpin {}

impl<T: AsyncRead + AsyncWrite + Send + Unpin> Stream for T {}

/// Opens connections. Holds a password: no `Debug`.
pub(super) struct Connector {
    address: (String, u16),
    tls: Option<(TlsConnector, ServerName<'static>)>,
    bind: BindTransceiver,
    connect_timeout: std::time::Duration,
    response_timeout: std::time::Duration,
}

impl Connector {
    pub(super) fn new(settings: &SmppSettings) -> Result<Self, SettingsError> {
        let host = &settings.host;
        let tls = if settings.tls {
            let name = ServerName::try_from(host.clone());
            let name = name.map_err(|_| SettingsError::new("host", "is no host name that a certificate can be for"))?;
            Some((tls::connector(settings.extra_ca.as_deref())?, name))
        } else {
            None
        };
        let bind = BindTransceiver::builder()
            .system_id(field("system_id", &settings.system_id)?)
            .password(field("password", &settings.password)?)
            .system_type(field("system_type", &settings.system_type)?)
            .interface_version(InterfaceVersion::Smpp3_4)
            .build();
        let (connect_timeout, response_timeout) = (settings.connect_timeout, settings.response_timeout);
        Ok(Self { address: (host.clone(), settings.port), tls, bind, connect_timeout, response_timeout })
    }

    /// A bound connection, or why there is none: in words that hold nothing the centre said.
    pub(super) async fn open(&self) -> Result<Box<dyn Stream>, String> {
        let opened = timeout(self.connect_timeout, self.connect()).await;
        let mut stream = opened.unwrap_or_else(|_| Err("the message centre cannot be reached in time".to_owned()))?;
        let bound = timeout(self.response_timeout, self.bind(&mut *stream)).await;
        bound.unwrap_or_else(|_| Err("the message centre does not answer the bind".to_owned()))?;
        Ok(stream)
    }

    async fn connect(&self) -> Result<Box<dyn Stream>, String> {
        let (host, port) = (self.address.0.as_str(), self.address.1);
        let unreachable = |error| format!("no connection to the message centre: {error}");
        let stream = TcpStream::connect((host, port)).await.map_err(unreachable)?;
        stream.set_nodelay(true).map_err(unreachable)?;
        let Some((connector, name)) = &self.tls else { return Ok(Box::new(stream)) };
        let protected = connector.connect(name.clone(), stream).await;
        protected
            .map(|stream| Box::new(stream) as Box<dyn Stream>)
            .map_err(|error| format!("no TLS with the message centre: {error}"))
    }

    async fn bind(&self, mut stream: &mut dyn Stream) -> Result<(), String> {
        let broken = |_| "the message centre hung up, or said something that is not SMPP".to_owned();
        let request = unit(CommandStatus::EsmeRok, 1, Pdu::BindTransceiver(self.bind.clone()));
        stream.write_all(&request).await.map_err(broken)?;
        stream.flush().await.map_err(broken)?;
        loop {
            let answer = Unit::read(&mut stream).await.map_err(broken)?;
            match (answer.id(), answer.status()) {
                (CommandId::BindTransceiverResp, CommandStatus::EsmeRok) => return Ok(()),
                (CommandId::BindTransceiverResp | CommandId::GenericNack, status) => {
                    return Err(format!("the message centre refuses the bind: {}", refusal::words(status)));
                }
                _ => {} // an impatient centre
            }
        }
    }
}

/// A field of the bind; its longest length is the protocol's.
fn field<const MAX: usize>(key: &'static str, value: &str) -> Result<COctetString<1, MAX>, SettingsError> {
    let fit = COctetString::from_string(value.to_owned());
    fit.map_err(|_| SettingsError::new(key, format!("must be ASCII, at most {} characters", MAX - 1)))
}
