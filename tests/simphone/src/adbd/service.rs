//! The services that a host can open, by name, and the faults that strike a stream as a whole.

use std::sync::Arc;
use std::time::Duration;

use tokio::io::AsyncReadExt;

use super::shell_service::{self, ShellRequest};
use super::stream::{Stream, StreamReader, StreamWriter};
use super::sync;
use crate::phone::fault::Fault;
use crate::phone::services::{Address, Conversation};
use crate::phone::{Phone, boot};

/// What is read from a server on the phone at once.
const PIECE: usize = 16 * 1024;

pub(super) enum Service {
    Shell(ShellRequest),
    /// Raw bytes both ways; the program may end after the host has closed its side.
    Exec(String),
    Sync,
    Connection(tokio::io::DuplexStream, Conversation),
    Reboot,
}

/// The service of that name; `None` where there is none, or nobody listens.
pub(super) fn find(phone: &Phone, name: &str) -> Option<Service> {
    let (kind, argument) = name.split_once(':')?;
    match kind {
        "exec" => Some(Service::Exec(argument.to_owned())),
        "sync" => Some(Service::Sync),
        "tcp" => connect(phone, &Address::Tcp(argument.parse().ok()?)),
        "localabstract" => connect(phone, &Address::Abstract(argument.to_owned())),
        "reboot" => Some(Service::Reboot),
        // An adbd without the protocol knows the bare name only.
        other if other != "shell" && phone.faults.has("no_shell_v2") => None,
        _ => ShellRequest::parse(kind, argument).map(Service::Shell),
    }
}

fn connect(phone: &Phone, address: &Address) -> Option<Service> {
    let (stream, conversation) = phone.services.connect(address)?;
    Some(Service::Connection(stream, conversation))
}

/// Serves one stream to its end. What the host closes, and what `cut_stream` cuts, ends at once.
pub(super) async fn run(phone: &Arc<Phone>, service: Service, stream: Stream) {
    let Stream {
        reader,
        writer,
        closed,
        cut,
    } = stream;
    let outlives_host = matches!(service, Service::Exec(_));
    let gone = async {
        if outlives_host {
            std::future::pending::<()>().await;
        }
        closed.cancelled().await;
    };
    tokio::select! {
        () = gone => {}
        () = cut.cancelled() => {}
        () = serve(phone, service, reader, writer) => {}
    }
}

async fn serve(phone: &Arc<Phone>, service: Service, reader: StreamReader, writer: StreamWriter) {
    if let Service::Shell(ShellRequest { line, .. }) | Service::Exec(line) = &service {
        if phone.faults.take("hang_next").is_some() {
            std::future::pending::<()>().await;
        }
        if let Some(Fault::Slow { millis }) = phone.faults.get("slow") {
            // The host's time: it is the host that is kept waiting.
            tokio::time::sleep(Duration::from_millis(millis)).await;
        }
        let strikes = |fault: &Fault| matches!(fault, Fault::HangAfter { words } if line.contains(words));
        if phone.faults.take_if("hang_after", strikes).is_some() {
            shell_service::run_unheard(phone, line).await;
            std::future::pending::<()>().await;
        }
    }
    match service {
        Service::Shell(request) => shell_service::run(phone, &request, reader, writer).await,
        Service::Exec(line) => shell_service::run_raw(phone, &line, reader, writer).await,
        Service::Sync => sync::run(phone, reader, writer).await,
        Service::Connection(stream, conversation) => converse(stream, conversation, reader, writer).await,
        Service::Reboot => boot::reboot(phone, boot::USUAL),
    }
}

/// Bytes between the host and a server on the phone, until either side ends.
async fn converse(
    stream: tokio::io::DuplexStream,
    conversation: Conversation,
    mut reader: StreamReader,
    writer: StreamWriter,
) {
    let (mut from, mut to) = tokio::io::split(stream);
    let upload = async {
        let _ = tokio::io::copy(&mut reader, &mut to).await;
    };
    let download = async {
        let mut piece = vec![0; PIECE];
        while let Ok(length @ 1..) = from.read(&mut piece).await {
            if writer.write(piece[..length].to_vec()).await.is_err() {
                return;
            }
        }
    };
    let served = async {
        // What the server said last must still arrive, so its end alone does not end the stream.
        tokio::join!(conversation, download);
    };
    tokio::select! {
        () = served => {}
        () = async { upload.await; std::future::pending::<()>().await } => {}
    }
}
