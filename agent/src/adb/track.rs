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
            if let Ok(mut tracker) = Tracker::open(server, OPEN).await {
                let up_since = Some(Instant::now());
                while let Ok(devices) = tracker.next().await {
                    listing.send_replace(Listing {
                        up_since,
                        devices: Arc::new(devices),
                    });
                }
                listing.send_modify(|listing| listing.up_since = None);
            }
            tokio::time::sleep(RETRY).await;
        }
    })
    .await;
}
