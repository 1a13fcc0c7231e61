//! Tells the controller what the phones are like: the whole list first, then what changes. A state goes out at once;
//! facts that phones repeat every few seconds wait for one another. Beside it goes how the work is.

use std::collections::BTreeMap;
use std::time::Duration;

use quinn::SendStream;
use shared::clock::SharedClock;
use shared::device::{Device, Serial};
use shared::wire::message::Report;
use shared::wire::phone::{self, Batch};
use shared::wire::stream::{self, FrameError};
use shared::wire::work::Standing;
use tokio::sync::{Mutex, watch};
use tokio::time::Instant;

use super::Controller;
use crate::roster::Devices;

/// How often facts go out that are no state.
const FACTS_EVERY: Duration = Duration::from_secs(1);
/// How often it is told how far the work is.
const WORK_EVERY: Duration = Duration::from_millis(500);

/// What is said before anything else.
pub(super) async fn first(send: &mut SendStream, standing: Option<Standing>) -> Result<(), FrameError> {
    match standing {
        Some(standing) => stream::send(send, &Report::Standing(standing)).await,
        None => Ok(()),
    }
}

/// Reports until the stream breaks.
pub(super) async fn run(
    send: SendStream,
    devices: watch::Receiver<Devices>,
    controller: &Controller,
    clock: &SharedClock,
) -> FrameError {
    let send = Mutex::new(send);
    tokio::select! {
        error = phones(&send, devices, clock) => error,
        error = work(&send, controller) => error,
    }
}

async fn work(send: &Mutex<SendStream>, controller: &Controller) -> FrameError {
    loop {
        for report in controller.news_to_tell().await {
            if let Err(error) = stream::send(&mut *send.lock().await, &report).await {
                return error;
            }
        }
        tokio::time::sleep(WORK_EVERY).await;
    }
}

async fn phones(
    send: &Mutex<SendStream>,
    mut devices: watch::Receiver<Devices>,
    clock: &SharedClock,
) -> FrameError {
    let mut told = devices.borrow_and_update().clone();
    if let Err(error) = say(send, phone::full(&told, clock.now())).await {
        return error;
    }
    let mut last = Instant::now();
    loop {
        if devices.changed().await.is_err() {
            // The roster has ended, and this process with it.
            std::future::pending::<()>().await;
        }
        let mut now = devices.borrow_and_update().clone();
        while !is_urgent(&told, &now) {
            tokio::select! {
                () = tokio::time::sleep_until(last + FACTS_EVERY) => break,
                changed = devices.changed() => {
                    if changed.is_err() {
                        break;
                    }
                    now = devices.borrow_and_update().clone();
                }
            }
        }
        if let Err(error) = say(send, phone::changes(&told, &now, clock.now())).await {
            return error;
        }
        told = now;
        last = Instant::now();
    }
}

async fn say(send: &Mutex<SendStream>, batches: Vec<Batch>) -> Result<(), FrameError> {
    let mut send = send.lock().await;
    for batch in batches {
        stream::send(&mut *send, &Report::Phones(batch)).await?;
    }
    Ok(())
}

/// Whether a phone came, went, or changed its state or name.
fn is_urgent(told: &BTreeMap<Serial, Device>, now: &BTreeMap<Serial, Device>) -> bool {
    told.len() != now.len()
        || told.iter().zip(now).any(|((old_serial, old), (serial, new))| {
            old_serial != serial
                || old.state != new.state
                || old.since != new.since
                || old.aliases != new.aliases
                || old.identity.is_some() != new.identity.is_some()
        })
}
