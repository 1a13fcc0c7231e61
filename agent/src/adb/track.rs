//! The server's running list of phones, kept open and opened anew whenever the server went away.

use std::sync::Arc;
use std::time::Duration;

use tokio::net::TcpStream;
use tokio::sync::watch;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use super::server::read_text;
use super::{AdbError, AdbErrorKind, AdbServer, within};

pub use super::parse::devices::{AdbState, TrackedDevice, parse_devices};

/// How soon a server that went away is asked again.
const RETRY: Duration = Duration::from_millis(200);

/// How often the server is asked for its list beside what it tells by itself.
const LOOK: Duration = Duration::from_millis(700);

/// How long the server may take to accept the request.
const OPEN: Duration = Duration::from_secs(3);

/// What the server last listed.
#[derive(Debug, Clone, Default)]
pub struct Listing {
    /// Since when the server has been answering; `None` while it does not.
    pub up_since: Option<Instant>,
    pub devices: Arc<Vec<TrackedDevice>>,
}

/// An open list: each call to [`Tracker::next`] waits for the server to say it anew.
#[derive(Debug)]
pub struct Tracker {
    stream: TcpStream,
    server: AdbServer,
}

impl Tracker {
    /// Opens the long list, or the short one where the server is too old for it.
    pub async fn open(server: AdbServer, deadline: Duration) -> Result<Self, AdbError> {
        within(deadline, "track its phones", &server.name(), async {
            let stream = match server.begin("host:track-devices-l").await {
                Err(AdbErrorKind::Refused(_)) => server.begin("host:track-devices").await?,
                other => other?,
            };
            Ok(Self { stream, server })
        })
        .await
    }

    /// The next list. Not to be dropped in the middle: half a list would be left in the socket.
    pub async fn next(&mut self) -> Result<Vec<TrackedDevice>, AdbError> {
        let text = read_text(&mut self.stream)
            .await
            .map_err(|kind| AdbError::new("track its phones", self.server.name(), kind))?;
        Ok(parse_devices(&text))
    }
}

/// Publishes every list until `stop`, over as many deaths of the server as there are.
pub async fn run(server: AdbServer, listing: watch::Sender<Listing>, stop: CancellationToken) {
    stop.run_until_cancelled(async {
        loop {
            if let Ok(tracker) = Tracker::open(server, OPEN).await {
                let up_since = Instant::now();
                tokio::select! {
                    () = follow(tracker, &listing, up_since) => {}
                    () = look_again(server, &listing, up_since) => {}
                }
                listing.send_modify(|listing| listing.up_since = None);
            }
            tokio::time::sleep(RETRY).await;
        }
    })
    .await;
}

/// Passes on what the server says by itself, until it is gone.
async fn follow(mut tracker: Tracker, listing: &watch::Sender<Listing>, up_since: Instant) {
    while let Ok(devices) = tracker.next().await {
        publish(listing, devices, up_since);
    }
}

/// The server forgets to say that a network phone went offline: for ten seconds and more it tries by itself to get it
/// back, and only then the list is sent. Asked, it knows at once.
async fn look_again(server: AdbServer, listing: &watch::Sender<Listing>, up_since: Instant) {
    loop {
        tokio::time::sleep(LOOK).await;
        if let Ok(devices) = server.devices(OPEN).await {
            publish(listing, devices, up_since);
        }
    }
}

fn publish(listing: &watch::Sender<Listing>, devices: Vec<TrackedDevice>, up_since: Instant) {
    listing.send_if_modified(|known| {
        if known.up_since == Some(up_since) && *known.devices == devices {
            return false;
        }
        *known = Listing {
            up_since: Some(up_since),
            devices: Arc::new(devices),
        };
        true
    });
}
