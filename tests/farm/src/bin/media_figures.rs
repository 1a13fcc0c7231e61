//! What it takes to put a large video into the library over HTTP, into a controller of its own: how quickly, beside the plain
//! hashing and writing of the same bytes to the same disk, and how much memory.
//!
//! Prints a line for each figure with its limit, and ends with 1 where one is over it.

use std::io::{self, Write as _};
use std::path::Path;
use std::process::ExitCode;
use std::time::{Duration, Instant};

use farm::figures::{Process, at_least, at_most, ended, median, say};
use farm::http::{MadeVideo, send_video};
use farm::site::Controller;
use sha2::{Digest as _, Sha256};

/// Of the video, unless the first argument says otherwise.
const MEGABYTES: u64 = 2_048;
const ROUNDS: u8 = 3;
/// An upload's throughput, in units of the plain one's.
const SHARE: f64 = 0.5;
/// Beside what an idle controller has, whatever the size.
const MEMORY_MB: f64 = 24.0;
const UP: Duration = Duration::from_secs(60);

#[tokio::main]
async fn main() -> ExitCode {
    let megabytes = std::env::args().nth(1).and_then(|count| count.parse().ok());
    ended(measure(megabytes.unwrap_or(MEGABYTES)).await)
}

async fn measure(megabytes: u64) -> io::Result<bool> {
    let size = megabytes << 20;
    let folder = tempfile::Builder::new().prefix("media-figures").tempdir()?;
    let mut controller = Controller::new(&folder.path().join("controller"), &[])?;
    controller.start()?;
    controller.until_ready(UP).await?;
    let pid = controller
        .pid()
        .ok_or_else(|| io::Error::other("the controller is gone"))?;
    let process = Process::with_id(pid);
    say(&format!("a video of {megabytes} MB, {ROUNDS} rounds"))?;
    let (mut plain, mut uploaded, mut peaks) = (vec![], vec![], vec![]);
    for round in 0..ROUNDS {
        let begun = Instant::now();
        written(&folder.path().join("plain"), MadeVideo::new(size, round))?;
        plain.push(megabytes as f64 / begun.elapsed().as_secs_f64());
        process.forget_peak()?;
        let idle = process.resident_mb()?;
        let begun = Instant::now();
        let path = format!("/api/v1/materials?name=round-{round}.mp4");
        let answer = send_video(controller.api, &path, "video/mp4", MadeVideo::new(size, round)).await?;
        uploaded.push(megabytes as f64 / begun.elapsed().as_secs_f64());
        peaks.push(process.peak_mb()? - idle);
        let saved = answer.json()["data"].clone();
        if saved["size"] != size || saved["created"] != true {
            return Err(io::Error::other(format!("it was not taken in: {answer:?}")));
        }
        let path = format!("/api/v1/materials/{}", saved["id"]);
        controller.send("DELETE", &path, &serde_json::Value::Null).await?;
    }
    controller.kill().await?;
    let (plain, uploaded) = (median(plain), median(uploaded));
    say(&format!(
        "hashed, written and synced without HTTP, MB/s: {plain:.0}"
    ))?;
    say(&format!("uploaded, MB/s: {uploaded:.0}"))?;
    let mut good = at_least("upload / plain", uploaded / plain, SHARE)?;
    let peak = peaks.into_iter().fold(0.0, f64::max);
    good &= at_most(
        "memory of the controller beside what it has idle, MB",
        peak,
        MEMORY_MB,
    )?;
    Ok(good)
}

/// What cannot be saved on a file that is kept by its hash.
fn written(path: &Path, mut video: MadeVideo) -> io::Result<()> {
    let mut file = std::fs::File::create(path)?;
    let mut hasher = Sha256::new();
    while let Some(piece) = video.next_piece() {
        hasher.update(&piece);
        file.write_all(&piece)?;
    }
    file.sync_all()?;
    std::hint::black_box(hasher.finalize());
    std::fs::remove_file(path)
}
