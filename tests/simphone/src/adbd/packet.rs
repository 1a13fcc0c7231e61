//! The adb wire: a header of six little-endian words, then the payload. Knows no meaning beyond the shape.

use bytes::Bytes;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};

pub(super) const HEADER: usize = 24;
/// What a packet may carry before anything is agreed; also the most that old adb servers send.
pub(super) const MAX_PAYLOAD: usize = 1024 * 1024;
/// From this protocol version on, payloads carry no checksum.
pub(super) const VERSION_WITHOUT_CHECKSUM: u32 = 0x0100_0001;
pub(super) const VERSION_MIN: u32 = 0x0100_0000;

/// `AUTH`'s first argument.
pub(super) const AUTH_TOKEN: u32 = 1;
pub(super) const AUTH_SIGNATURE: u32 = 2;
pub(super) const AUTH_PUBLIC_KEY: u32 = 3;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Command {
    Connect,
    Auth,
    Open,
    Okay,
    Write,
    Close,
}

impl Command {
    const ALL: [(Self, &'static [u8; 4]); 6] = [
        (Self::Connect, b"CNXN"),
        (Self::Auth, b"AUTH"),
        (Self::Open, b"OPEN"),
        (Self::Okay, b"OKAY"),
        (Self::Write, b"WRTE"),
        (Self::Close, b"CLSE"),
    ];

    fn word(self) -> u32 {
        Self::ALL
            .iter()
            .find(|(command, _)| *command == self)
            .map_or(0, |(_, name)| u32::from_le_bytes(**name))
    }

    fn of(word: u32) -> Option<Self> {
        Self::ALL
            .iter()
            .find(|(_, name)| u32::from_le_bytes(**name) == word)
            .map(|(command, _)| *command)
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Packet {
    pub(super) command: Command,
    pub(super) arg0: u32,
    pub(super) arg1: u32,
    pub(super) payload: Bytes,
}

#[derive(Debug, thiserror::Error)]
pub(super) enum PacketError {
    #[error("reading from or writing to the adb server")]
    Io(#[from] std::io::Error),
    #[error("a header whose magic does not fit its command")]
    Magic,
    #[error("a payload of {0} bytes, more than a packet may carry")]
    TooLong(usize),
    #[error("a payload whose checksum is wrong")]
    Checksum,
}

impl Packet {
    pub(super) fn new(command: Command, arg0: u32, arg1: u32, payload: impl Into<Bytes>) -> Self {
        Self {
            command,
            arg0,
            arg1,
            payload: payload.into(),
        }
    }

    fn header(&self) -> [u8; HEADER] {
        let word = self.command.word();
        let words = [
            word,
            self.arg0,
            self.arg1,
            self.payload.len() as u32,
            // Who needs no checksum ignores it; who is old needs it.
            checksum(&self.payload),
            !word,
        ];
        let mut header = [0; HEADER];
        for (slot, word) in header.chunks_exact_mut(4).zip(words) {
            slot.copy_from_slice(&word.to_le_bytes());
        }
        header
    }

    /// Reads one packet; `None` where it is a command that nobody knows.
    pub(super) async fn read(
        from: &mut (impl AsyncRead + Unpin),
        checked: bool,
    ) -> Result<Option<Self>, PacketError> {
        let mut header = [0; HEADER];
        from.read_exact(&mut header).await?;
        let mut words = [0_u32; 6];
        for (word, slot) in words.iter_mut().zip(header.chunks_exact(4)) {
            *word = slot
                .try_into()
                .map_or(0, |bytes: [u8; 4]| u32::from_le_bytes(bytes));
        }
        let [command, arg0, arg1, length, sum, magic] = words;
        if magic != !command {
            return Err(PacketError::Magic);
        }
        let length = length as usize;
        if length > MAX_PAYLOAD {
            return Err(PacketError::TooLong(length));
        }
        let mut payload = vec![0; length];
        from.read_exact(&mut payload).await?;
        if checked && checksum(&payload) != sum {
            return Err(PacketError::Checksum);
        }
        Ok(Command::of(command).map(|command| Self::new(command, arg0, arg1, payload)))
    }

    pub(super) async fn write(&self, to: &mut (impl AsyncWrite + Unpin)) -> Result<(), PacketError> {
        to.write_all(&self.header()).await?;
        to.write_all(&self.payload).await?;
        Ok(())
    }
}

fn checksum(payload: &[u8]) -> u32 {
    payload
        .iter()
        .fold(0, |sum: u32, byte| sum.wrapping_add(u32::from(*byte)))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[tokio::test]
    async fn a_packet_is_read_back_as_it_was_written() {
        let packet = Packet::new(Command::Write, 7, 8, &b"\xff\xffhello"[..]);
        let mut wire = Vec::new();
        packet.write(&mut wire).await.unwrap();
        assert_eq!(&wire[..4], b"WRTE");
        assert_eq!(
            Packet::read(&mut wire.as_slice(), true).await.unwrap(),
            Some(packet)
        );
        wire[HEADER] ^= 1;
        assert!(matches!(
            Packet::read(&mut wire.as_slice(), true).await,
            Err(PacketError::Checksum)
        ));
    }

    proptest! {
        #[test]
        fn no_bytes_make_the_reader_panic(bytes in proptest::collection::vec(any::<u8>(), 0..80)) {
            let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
            let _ = runtime.block_on(Packet::read(&mut bytes.as_slice(), true));
        }
    }
}
