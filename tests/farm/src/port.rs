//! Ports for programs that must be told theirs before they run.

use std::collections::BTreeSet;
use std::io;
use std::net::{Ipv4Addr, TcpListener, UdpSocket};
use std::sync::{Mutex, PoisonError};

/// The first port that needs no rights of root and that no well-known service of a test machine uses.
const LOWEST: u16 = 10_000;
/// Where Linux begins to give ports to whoever connects to somebody; taken where the machine does not tell.
const CONNECTIONS: u16 = 32_768;
/// So many in a row that are taken is no chance.
const TRIES: usize = 200;
/// Programs of tests that run beside one another look in different parts of all ports: what one has been given and does not
/// use yet, another one would find free.
const PARTS: u32 = 64;

/// What was given in this program: never again.
static GIVEN: Mutex<BTreeSet<u16>> = Mutex::new(BTreeSet::new());

/// A port of loopback that nobody uses just now, for TCP and for UDP. It lies below those that the system gives to
/// outgoing connections: of them, any could be taken by any program before the one that it is meant for has begun.
pub fn free_port() -> io::Result<u16> {
    free_ports(1)
}

/// The first of so many such ports in a row. None of them is given to anybody else in this program.
pub fn free_ports(count: u16) -> io::Result<u16> {
    let end = first_of_connections().unwrap_or(CONNECTIONS).max(LOWEST + 1);
    let part = ((end - LOWEST) / PARTS as u16).max(1);
    let own = LOWEST + (std::process::id() % PARTS) as u16 * part;
    let mut last = None;
    for (start, room) in [(own, part), (LOWEST, end - LOWEST)] {
        for _ in 0..TRIES {
            let (random, _) = uuid::Uuid::new_v4().as_u64_pair();
            let first = start + (random % u64::from(room)) as u16;
            let Some(beyond) = first.checked_add(count) else {
                continue;
            };
            let mut given = GIVEN.lock().unwrap_or_else(PoisonError::into_inner);
            if given.range(first..beyond).next().is_some() {
                continue;
            }
            match (first..beyond).try_for_each(bindable) {
                Ok(()) => {
                    given.extend(first..beyond);
                    return Ok(first);
                }
                Err(error) => last = Some(error),
            }
        }
    }
    Err(last.unwrap_or_else(|| io::Error::other("no port was tried")))
}

fn bindable(port: u16) -> io::Result<()> {
    let place = (Ipv4Addr::LOCALHOST, port);
    TcpListener::bind(place)?;
    UdpSocket::bind(place)?;
    Ok(())
}

/// The first of the ports for outgoing connections, where the system tells it.
fn first_of_connections() -> Option<u16> {
    let range = std::fs::read_to_string("/proc/sys/net/ipv4/ip_local_port_range").ok()?;
    range.split_whitespace().next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_given_in_a_row_is_given_to_nobody_else() {
        let mut all = BTreeSet::new();
        for count in [1, 4, 2, 1, 3, 1, 1, 2].into_iter().cycle().take(80) {
            let first = free_ports(count).unwrap();
            for port in first..first + count {
                assert!(all.insert(port), "{port} was given twice");
            }
        }
    }
}
