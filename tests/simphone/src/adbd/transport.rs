//! One connection of an adb server: greeting, authorisation, then streams until either side goes away.

use std::collections::HashMap;
use std::sync::Arc;

use bytes::Bytes;
use tokio::net::TcpStream;
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::sync::{mpsc, watch};
use tokio::task::JoinSet;

use super::auth::{self, TOKEN};
use super::packet::{
    AUTH_PUBLIC_KEY, AUTH_SIGNATURE, AUTH_TOKEN, Command, MAX_PAYLOAD, Packet, PacketError, VERSION_MIN,
    VERSION_WITHOUT_CHECKSUM,
};
use super::service;
use super::stream::{self, Handle, Ids};
use crate::phone::Phone;
use crate::phone::fault::Fault;
use crate::phone::keys::Door;

/// Packets that may wait to be written, of all streams together.
const OUTBOX: usize = 64;
/// Streams at once; a host that opens more is refused.
const MAX_STREAMS: usize = 256;
/// Before Android 9 adbd took no more in one packet.
const MAX_PAYLOAD_OLD: usize = 256 * 1024;
/// What the phone says that it can do.
const FEATURES: &str = "shell_v2,cmd,stat_v2,ls_v2,fixed_push_mkdir";
/// What an adbd of before the shell protocol offers.
const FEATURES_OLD: &str = "cmd";

/// Serves one connection to its end.
pub(super) async fn run(phone: Arc<Phone>, socket: TcpStream) {
    let _ = socket.set_nodelay(true);
    let (reader, writer) = socket.into_split();
    let (packets, outbox) = mpsc::channel(OUTBOX);
    let mut revocations = phone.keys.revocations();
    revocations.borrow_and_update();
    let connection = Connection {
        phone: Arc::clone(&phone),
        reader,
        packets,
        checked: true,
        max_payload: MAX_PAYLOAD_OLD,
    };
    let served = async {
        tokio::select! {
            served = connection.serve() => served,
            written = write_all(&phone, outbox, writer) => written,
            // Standing connections end when their permission does.
            _ = revocations.changed() => Ok(()),
        }
    };
    if let Err(error) = served.await {
        tracing::debug!(serial = phone.spec.serial, %error, "an adb server went away");
    }
}

async fn write_all(
    phone: &Phone,
    mut outbox: mpsc::Receiver<Packet>,
    mut writer: OwnedWriteHalf,
) -> Result<(), PacketError> {
    let mut faults = phone.faults.watch();
    while let Some(packet) = outbox.recv().await {
        until_answering(phone, &mut faults).await;
        packet.write(&mut writer).await?;
    }
    Ok(())
}

/// Waits while the phone is silent.
async fn until_answering(phone: &Phone, faults: &mut watch::Receiver<u64>) {
    faults.borrow_and_update();
    while phone.faults.has("silent") {
        // The sender lives in the phone.
        let _ = faults.changed().await;
    }
}

struct Connection {
    phone: Arc<Phone>,
    reader: OwnedReadHalf,
    packets: mpsc::Sender<Packet>,
    /// Old hosts check sums, and theirs are checked.
    checked: bool,
    max_payload: usize,
}

impl Connection {
    async fn serve(mut self) -> Result<(), PacketError> {
        let phone = Arc::clone(&self.phone);
        let mut faults = phone.faults.watch();
        until_answering(&phone, &mut faults).await;
        self.greeting().await?;
        if !self.authorise().await? {
            return Ok(());
        }
        self.greet().await;
        self.streams().await
    }

    /// The host's CNXN.
    async fn greeting(&mut self) -> Result<(), PacketError> {
        loop {
            let Some(packet) = Packet::read(&mut self.reader, true).await? else {
                continue;
            };
            if packet.command == Command::Connect {
                self.checked = packet.arg0 < VERSION_WITHOUT_CHECKSUM;
                let ours = if self.phone.spec.personality.sdk < 28 {
                    MAX_PAYLOAD_OLD
                } else {
                    MAX_PAYLOAD
                };
                self.max_payload = (packet.arg1 as usize).clamp(1, ours);
                return Ok(());
            }
        }
    }

    /// The phone's CNXN: from here on the host takes it for a `device`.
    async fn greet(&self) {
        let personality = self.phone.spec.personality;
        let features = if self.phone.faults.has("no_shell_v2") {
            FEATURES_OLD
        } else {
            FEATURES
        };
        let banner = format!(
            "device::ro.product.name={};ro.product.model={};ro.product.device={};features={features}",
            personality.device, personality.model, personality.device
        );
        let version = if self.checked {
            VERSION_MIN
        } else {
            VERSION_WITHOUT_CHECKSUM
        };
        self.send(Command::Connect, version, self.max_payload as u32, banner)
            .await;
    }

    /// False where the host is not let in.
    async fn authorise(&mut self) -> Result<bool, PacketError> {
        let mut door = self.phone.keys.door(&self.phone.faults);
        let mut round = 0;
        if door == Door::Open {
            return Ok(true);
        }
        loop {
            let token = self.token(round);
            round += 1;
            self.send(Command::Auth, AUTH_TOKEN, 0, token.to_vec()).await;
            let Some(packet) = self.next_answer().await? else {
                return Ok(false);
            };
            door = self.phone.keys.door(&self.phone.faults);
            match packet.arg0 {
                AUTH_SIGNATURE => {
                    let known = self.phone.keys.known();
                    let good = |key: &String| auth::signed_by(key, &token, &packet.payload);
                    if door != Door::Shut && known.iter().any(good) {
                        return Ok(true);
                    }
                }
                AUTH_PUBLIC_KEY => {
                    let text = String::from_utf8_lossy(&packet.payload);
                    return self.wait_for_a_person(text.trim_end_matches('\0'), door).await;
                }
                _ => {}
            }
        }
    }

    async fn next_answer(&mut self) -> Result<Option<Packet>, PacketError> {
        loop {
            match Packet::read(&mut self.reader, self.checked).await? {
                Some(packet) if packet.command == Command::Auth => return Ok(Some(packet)),
                // A host that starts over is greeted anew by a fresh connection.
                Some(packet) if packet.command == Command::Connect => return Ok(None),
                _ => {}
            }
        }
    }

    /// The dialog is on the screen, or (`Shut`) nothing is. The connection stays until the host goes away.
    async fn wait_for_a_person(&mut self, key: &str, door: Door) -> Result<bool, PacketError> {
        let phone = Arc::clone(&self.phone);
        let allowed = async {
            if door == Door::Asks {
                phone.keys.ask(key).await.is_ok()
            } else {
                until_door_moves(&phone, door).await;
                false
            }
        };
        let gone = async {
            loop {
                if let Err(error) = Packet::read(&mut self.reader, self.checked).await {
                    return error;
                }
            }
        };
        tokio::select! {
            allowed = allowed => Ok(allowed),
            error = gone => Err(error),
        }
    }

    /// Twenty bytes that a host cannot foresee without knowing the phone's seed.
    fn token(&self, round: u64) -> [u8; TOKEN] {
        use std::hash::{BuildHasher, RandomState};
        let random = RandomState::new();
        let mut token = [0; TOKEN];
        for (number, chunk) in token.chunks_mut(8).enumerate() {
            let word = random
                .hash_one((self.phone.spec.seed, round, number))
                .to_le_bytes();
            chunk.copy_from_slice(&word[..chunk.len()]);
        }
        token
    }

    async fn send(&self, command: Command, arg0: u32, arg1: u32, payload: impl Into<Bytes>) {
        // Nobody to send to: the writer has ended, and with it this connection.
        let _ = self.packets.send(Packet::new(command, arg0, arg1, payload)).await;
    }

    async fn streams(self) -> Result<(), PacketError> {
        let mut streams = Streams {
            open: HashMap::new(),
            running: JoinSet::new(),
            last: 0,
        };
        let phone = Arc::clone(&self.phone);
        let mut faults = phone.faults.watch();
        let (arrived, mut arrivals) = mpsc::channel(1);
        let checked = self.checked;
        let mut reader = self.reader;
        // A packet that is half read must not be lost when a stream ends meanwhile, so reading is a task of its own.
        let mut reading = JoinSet::new();
        reading.spawn(async move {
            loop {
                let packet = Packet::read(&mut reader, checked).await;
                let last = packet.is_err();
                if arrived.send(packet).await.is_err() || last {
                    return;
                }
            }
        });
        let out = Out {
            phone: self.phone,
            packets: self.packets,
            max_payload: self.max_payload,
        };
        loop {
            tokio::select! {
                arrival = arrivals.recv() => {
                    until_answering(&phone, &mut faults).await;
                    match arrival {
                        Some(Ok(Some(packet))) => streams.take(&out, packet).await,
                        Some(Ok(None)) => {}
                        Some(Err(error)) => return Err(error),
                        None => return Ok(()),
                    }
                }
                Some(ended) = streams.running.join_next() => {
                    if let Ok(ours) = ended {
                        streams.open.remove(&ours);
                    }
                }
            }
        }
    }
}

/// Where a connection's packets go.
struct Out {
    phone: Arc<Phone>,
    packets: mpsc::Sender<Packet>,
    max_payload: usize,
}

/// The streams of a connection; dropped with it, and with them every program that they run.
struct Streams {
    open: HashMap<u32, Handle>,
    running: JoinSet<u32>,
    last: u32,
}

impl Streams {
    async fn take(&mut self, out: &Out, packet: Packet) {
        match packet.command {
            Command::Open => self.open(out, &packet).await,
            Command::Okay => {
                if let Some(handle) = self.of(&packet)
                    && handle.turn.available_permits() == 0
                {
                    handle.turn.add_permits(1);
                }
            }
            Command::Write => {
                if let Some(handle) = self.of(&packet)
                    && let Err(mpsc::error::TrySendError::Full(_)) = handle.incoming.try_send(packet.payload)
                {
                    // The host wrote without being allowed to.
                    handle.closed.cancel();
                }
            }
            Command::Close => {
                if let Some(handle) = self.of(&packet) {
                    handle.closed.cancel();
                    handle.turn.close();
                    let ours = handle.ids.ours;
                    self.open.remove(&ours);
                }
            }
            Command::Connect | Command::Auth => {}
        }
    }

    /// The stream that a packet of the host is about.
    fn of(&self, packet: &Packet) -> Option<&Handle> {
        self.open.get(&packet.arg1)
    }

    async fn open(&mut self, out: &Out, packet: &Packet) {
        let theirs = packet.arg0;
        let name = String::from_utf8_lossy(&packet.payload);
        let name = name.trim_end_matches('\0');
        let service = service::find(&out.phone, name);
        let refused = Packet::new(Command::Close, 0, theirs, Bytes::new());
        let Some(service) = service.filter(|_| self.open.len() < MAX_STREAMS) else {
            tracing::debug!(serial = out.phone.spec.serial, service = name, "no such service");
            let _ = out.packets.send(refused).await;
            return;
        };
        self.last = self.last.wrapping_add(1).max(1);
        let ids = Ids {
            ours: self.last,
            theirs,
        };
        let cut_after = match out.phone.faults.take("cut_stream") {
            Some(Fault::CutStream { after }) => Some(after),
            _ => None,
        };
        let (handle, stream) = stream::open(ids, out.packets.clone(), out.max_payload, cut_after);
        self.open.insert(ids.ours, handle);
        let okay = Packet::new(Command::Okay, ids.ours, theirs, Bytes::new());
        let _ = out.packets.send(okay).await;
        let phone = Arc::clone(&out.phone);
        let packets = out.packets.clone();
        self.running.spawn(async move {
            let closed = stream.closed.clone();
            service::run(&phone, service, stream).await;
            if !closed.is_cancelled() {
                let close = Packet::new(Command::Close, ids.ours, theirs, Bytes::new());
                let _ = packets.send(close).await;
            }
            ids.ours
        });
    }
}

async fn until_door_moves(phone: &Phone, from: Door) {
    let mut faults = phone.faults.watch();
    loop {
        faults.borrow_and_update();
        if phone.keys.door(&phone.faults) != from {
            return;
        }
        let _ = faults.changed().await;
    }
}
