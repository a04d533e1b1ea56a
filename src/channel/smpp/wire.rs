//! Protocol units as bytes: each is read as a whole, its length looked at before anything is set aside for it.

use std::{io, time::Instant};

use rusmpp::{
    Command, CommandId, CommandStatus, Pdu,
    decode::DecodeWithLength,
    encode::{Length, owned::Encode},
};
use tokio::io::{AsyncRead, AsyncReadExt};
use tokio_util::bytes::{BufMut, BytesMut};

/// Longest unit that is taken, in bytes (security C7).
const MAX_LENGTH: usize = 64 * 1024;
const HEADER: usize = 16;

/// One unit, its length left out. It may hold a text: no `Debug`.
pub(super) struct Unit(BytesMut);

impl Unit {
    /// Reads one. Not safe to give up half-way.
    pub(super) async fn read(stream: &mut (impl AsyncRead + Unpin)) -> io::Result<Self> {
        let length = usize::try_from(stream.read_u32().await?).unwrap_or(usize::MAX);
        if !(HEADER..=MAX_LENGTH).contains(&length) {
            return Err(io::Error::new(io::ErrorKind::InvalidData, "what came is no SMPP"));
        }
        let mut bytes = BytesMut::zeroed(length - 4);
        stream.read_exact(&mut bytes).await?;
        Ok(Self(bytes))
    }

    pub(super) fn id(&self) -> CommandId {
        self.field(0).into()
    }

    pub(super) fn status(&self) -> CommandStatus {
        self.field(4).into()
    }

    pub(super) fn sequence(&self) -> u32 {
        self.field(8)
    }

    /// What it says; `None` where that is not what its id promises.
    pub(super) fn pdu(&self) -> Option<Pdu> {
        let (command, _) = Command::decode(&mut self.0.clone(), self.0.len()).ok()?;
        command.pdu().cloned()
    }

    /// The id in the answer to a submitted message.
    pub(super) fn message_id(&self) -> Option<String> {
        let Some(Pdu::SubmitSmResp(answer)) = self.pdu() else { return None };
        Some(answer.message_id().as_str().to_owned()).filter(|id| !id.is_empty())
    }

    /// A unit has its header, whatever else it lacks.
    fn field(&self, at: usize) -> u32 {
        self.0.get(at..at + 4).and_then(|field| field.try_into().ok()).map_or(0, u32::from_be_bytes)
    }
}

/// A unit that waits to be written.
pub(super) struct Packet {
    pub(super) bytes: BytesMut,
    /// From then on it is not written any more; whoever asked has stopped waiting.
    pub(super) until: Option<Instant>,
}

impl From<BytesMut> for Packet {
    fn from(bytes: BytesMut) -> Self {
        Self { bytes, until: None }
    }
}

/// The bytes of a unit, length and all.
pub(super) fn unit(status: CommandStatus, sequence: u32, pdu: Pdu) -> BytesMut {
    let command = Command::new(status, sequence, pdu);
    let length = command.length() + 4;
    let mut bytes = BytesMut::with_capacity(length);
    bytes.put_u32(u32::try_from(length).unwrap_or(u32::MAX));
    command.encode(&mut bytes);
    bytes
}

/// Whether nothing follows a unit that was written by [`unit()`].
pub(super) fn ends_session(unit: &[u8]) -> bool {
    unit.get(4..8) == Some(&u32::from(CommandId::UnbindResp).to_be_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    async fn read(bytes: &[u8]) -> io::Result<Unit> {
        Unit::read(&mut &bytes[..]).await
    }

    #[tokio::test]
    async fn a_unit_of_impossible_length_is_not_waited_for() {
        for length in [0, 15, 64 * 1024 + 1, u32::MAX] {
            let error = read(&length.to_be_bytes()).await.err().unwrap();
            assert_eq!(error.kind(), io::ErrorKind::InvalidData, "{length}");
        }
        let mut longest = 65_536u32.to_be_bytes().to_vec();
        longest.resize(65_536, 0);
        assert_eq!(read(&longest).await.ok().unwrap().sequence(), 0);
        assert_eq!(read(&longest[..65_535]).await.err().unwrap().kind(), io::ErrorKind::UnexpectedEof);
    }

    proptest! {
        #[test]
        fn no_bytes_confuse_the_reader(id in 0..0x20u32, rest in proptest::collection::vec(any::<u8>(), 8..400)) {
            for id in [id, id | 0x8000_0000] {
                let unit = Unit([&id.to_be_bytes()[..], &rest].concat().as_slice().into());
                assert_eq!(u32::from(unit.id()), id);
                let _ = unit.pdu();
                let _ = unit.message_id();
            }
        }
    }
}
