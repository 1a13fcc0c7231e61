//! One client's connection: host requests until one of them takes the connection over.

use std::io;
use std::sync::Arc;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use super::listed::Listed;
use super::{Shared, VERSION, shell};
use crate::phone::lock;

const FEATURES: &str = "shell_v2,cmd,stat_v2,ls_v2,fixed_push_mkdir";
/// A request is a service name, never long.
const REQUEST_LIMIT: usize = 64 * 1024;

pub(super) async fn run(mut socket: TcpStream, shared: Arc<Shared>) -> io::Result<()> {
    let request = read(&mut socket).await?;
    lock(&shared.requests).push(request.clone());
    match request.as_str() {
        "host:version" => return okay(&mut socket, Some(&format!("{VERSION:04x}"))).await,
        "host:features" | "host:host-features" => return okay(&mut socket, Some(FEATURES)).await,
        "host:devices" | "host:devices-l" => {
            let list = list(&shared.list.borrow().clone(), request.ends_with("-l"));
            return okay(&mut socket, Some(&list)).await;
        }
        "host:track-devices" | "host:track-devices-l" => {
            return track(&mut socket, &shared, request.ends_with("-l")).await;
        }
        _ => {}
    }
    let devices = shared.list.borrow().clone();
    match Wish::of(&request) {
        Some(Wish { target, rest, tport }) => match choose(&devices, &target) {
            Ok(device) => serve(&mut socket, &shared, &device, &rest, tport).await,
            Err(text) => fail(&mut socket, &text).await,
        },
        None if request.starts_with("host:connect:") || request.starts_with("host:disconnect:") => {
            let address = request.splitn(3, ':').nth(2).unwrap_or_default();
            okay(&mut socket, Some(&format!("failed to connect to {address}"))).await
        }
        None => fail(&mut socket, "unknown host service").await,
    }
}

/// Which device a request is for.
#[derive(Debug, PartialEq, Eq)]
enum Target {
    Serial(String),
    Transport(u64),
    Any,
}

#[derive(Debug, PartialEq, Eq)]
struct Wish {
    target: Target,
    /// What is asked about it; empty where the connection becomes the device's.
    rest: String,
    /// The answer names the transport.
    tport: bool,
}

impl Wish {
    fn of(request: &str) -> Option<Self> {
        let transport = |target, tport| {
            Some(Self {
                target,
                rest: String::new(),
                tport,
            })
        };
        if let Some(serial) = request.strip_prefix("host:transport:") {
            return transport(Target::Serial(serial.to_owned()), false);
        }
        if let Some(id) = request.strip_prefix("host:transport-id:") {
            return transport(Target::Transport(id.parse().ok()?), false);
        }
        if let Some(serial) = request.strip_prefix("host:tport:serial:") {
            return transport(Target::Serial(serial.to_owned()), true);
        }
        if let Some("any" | "usb" | "local") = request.strip_prefix("host:tport:") {
            return transport(Target::Any, true);
        }
        if matches!(request, "host:transport-any" | "host:transport-usb") {
            return transport(Target::Any, false);
        }
        if let Some(rest) = request.strip_prefix("host-transport-id:") {
            let (id, rest) = rest.split_once(':')?;
            return Some(Self {
                target: Target::Transport(id.parse().ok()?),
                rest: rest.to_owned(),
                tport: false,
            });
        }
        // A serial may hold colons (HOST:PORT): what is asked stands after the last one.
        let (serial, rest) = request.strip_prefix("host-serial:")?.rsplit_once(':')?;
        Some(Self {
            target: Target::Serial(serial.to_owned()),
            rest: rest.to_owned(),
            tport: false,
        })
    }
}

fn choose(devices: &[Listed], target: &Target) -> Result<Listed, String> {
    let fitting: Vec<&Listed> = devices
        .iter()
        .filter(|device| match target {
            Target::Serial(serial) => {
                device.serial == *serial
                    || device
                        .usb
                        .as_ref()
                        .is_some_and(|usb| format!("usb:{usb}") == *serial)
            }
            Target::Transport(id) => device.transport_id == *id,
            Target::Any => true,
        })
        .collect();
    match (fitting.as_slice(), target) {
        ([], Target::Serial(serial)) => Err(format!("device '{serial}' not found")),
        ([], Target::Transport(id)) => Err(format!("no device with transport id '{id}'")),
        ([], Target::Any) => Err("no devices/emulators found".to_owned()),
        ([one], _) => Ok((*one).clone()),
        (_, Target::Any) => Err("more than one device/emulator".to_owned()),
        _ => Err("more than one device".to_owned()),
    }
}

async fn serve(
    socket: &mut TcpStream,
    shared: &Shared,
    device: &Listed,
    rest: &str,
    tport: bool,
) -> io::Result<()> {
    match rest {
        "get-state" => return okay(socket, Some(&device.state)).await,
        "get-serialno" => return okay(socket, Some(&device.serial)).await,
        "get-devpath" => {
            let path = device
                .usb
                .as_ref()
                .map_or("unknown".to_owned(), |usb| format!("usb:{usb}"));
            return okay(socket, Some(&path)).await;
        }
        _ => {}
    }
    if let Some(text) = device.refusal() {
        return fail(socket, &text).await;
    }
    if rest == "features" {
        return okay(socket, Some(FEATURES)).await;
    }
    if !rest.is_empty() {
        return fail(socket, "unknown host service").await;
    }
    socket.write_all(b"OKAY").await?;
    if tport {
        socket.write_all(&device.transport_id.to_le_bytes()).await?;
    }
    let service = read(socket).await?;
    lock(&shared.requests).push(format!("{}: {service}", device.serial));
    let parsed = shell::Service::of(&service).zip(device.phone.clone());
    match parsed {
        Some((service, phone)) => {
            socket.write_all(b"OKAY").await?;
            shell::run(socket, phone, service).await
        }
        None => fail(socket, "closed").await,
    }
}

async fn track(socket: &mut TcpStream, shared: &Shared, long: bool) -> io::Result<()> {
    let mut changes = shared.list.subscribe();
    socket.write_all(b"OKAY").await?;
    loop {
        let text = list(&changes.borrow_and_update().clone(), long);
        socket.write_all(framed(&text).as_bytes()).await?;
        let mut nothing = [0; 1];
        tokio::select! {
            changed = changes.changed() => if changed.is_err() { return Ok(()) },
            // The client went away.
            _ = socket.read(&mut nothing) => return Ok(()),
        }
    }
}

fn list(devices: &[Listed], long: bool) -> String {
    devices.iter().map(|device| device.line(long)).collect()
}

fn framed(text: &str) -> String {
    format!("{:04x}{text}", text.len())
}

async fn okay(socket: &mut TcpStream, text: Option<&str>) -> io::Result<()> {
    let text = text.map(framed).unwrap_or_default();
    socket.write_all(format!("OKAY{text}").as_bytes()).await
}

async fn fail(socket: &mut TcpStream, text: &str) -> io::Result<()> {
    socket.write_all(format!("FAIL{}", framed(text)).as_bytes()).await
}

async fn read(socket: &mut TcpStream) -> io::Result<String> {
    let mut length = [0; 4];
    socket.read_exact(&mut length).await?;
    let length = std::str::from_utf8(&length)
        .ok()
        .and_then(|hex| usize::from_str_radix(hex, 16).ok())
        .filter(|length| *length <= REQUEST_LIMIT)
        .ok_or(io::ErrorKind::InvalidData)?;
    let mut text = vec![0; length];
    socket.read_exact(&mut text).await?;
    String::from_utf8(text).map_err(|_| io::ErrorKind::InvalidData.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_serial_may_hold_colons() {
        let wish = Wish::of("host-serial:127.0.0.1:16000:get-state").unwrap();
        assert_eq!(wish.target, Target::Serial("127.0.0.1:16000".to_owned()));
        assert_eq!(wish.rest, "get-state");
    }
}
