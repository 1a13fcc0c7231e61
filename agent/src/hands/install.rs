//! An app from the link onto a phone: into a file of this host first, because adb must know how long it is and may have
//! to begin again.

use std::path::Path;
use std::time::Duration;

use shared::wire::message::{AgentReply, Failure, FailureKind};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWriteExt};
use tokio::sync::mpsc;

use super::fail;
use crate::adb::{AdbErrorKind, AdbPhone};
use crate::link::chain;

/// The largest app that is taken, in bytes.
const LARGEST: u64 = 4 << 30;
/// The phone verifies and compiles a large app for minutes.
const DEADLINE: Duration = Duration::from_secs(900);

pub(super) async fn install(
    phone: &AdbPhone,
    scratch: &Path,
    size: u64,
    body: &mut (dyn AsyncRead + Send + Unpin),
    told: &mpsc::Sender<AgentReply>,
) -> Result<(), Failure> {
    if size > LARGEST {
        return Err(fail(
            FailureKind::BadInput,
            format!("an app of {size} bytes: at most {LARGEST}"),
        ));
    }
    let file = Scratch::new(scratch);
    file.fill(size, body)
        .await
        .map_err(|error| fail(FailureKind::Refused, format!("receiving the app: {error}")))?;
    let progress = |done: crate::adb::sync::Progress| {
        // Whoever looks on may miss a step; the next one says it better.
        let _ = told.try_send(AgentReply::Progress {
            done: done.done,
            total: done.total,
        });
    };
    phone
        .install(&file.path, DEADLINE, &progress)
        .await
        .map_err(|error| {
            let kind = match error.kind {
                AdbErrorKind::Deadline(_) => FailureKind::Deadline,
                _ => FailureKind::Refused,
            };
            fail(kind, chain(&error))
        })
}

/// A file that is gone with its value.
struct Scratch {
    path: std::path::PathBuf,
}

impl Scratch {
    fn new(folder: &Path) -> Self {
        let name = format!("app-{:016x}.apk", rand::random::<u64>());
        Self {
            path: folder.join(name),
        }
    }

    async fn fill(&self, size: u64, body: &mut (dyn AsyncRead + Send + Unpin)) -> std::io::Result<()> {
        let mut file = tokio::fs::File::create(&self.path).await?;
        let arrived = tokio::io::copy(&mut body.take(size), &mut file).await?;
        file.flush().await?;
        if arrived < size {
            return Err(std::io::Error::other(format!(
                "{arrived} bytes arrived of {size}"
            )));
        }
        Ok(())
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        // What cannot be removed is in the way of nobody.
        let _ = std::fs::remove_file(&self.path);
    }
}
