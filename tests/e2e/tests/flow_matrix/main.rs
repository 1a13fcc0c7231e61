//! Every flow on the kinds of phone: four Androids, both drivers, two layouts, two languages, for both apps. Checked by
//! what was really done on the phones (the simulator's ledger) and by what each flow says it proved. Prints a table.
//!
//! Usually four phones an app, one of each Android, chosen so that every two of driver, layout and language meet;
//! `make matrix` runs all thirty-two, or those whose names contain a word: `make matrix ONLY='plain old'`.

#![allow(clippy::unwrap_used, reason = "a test ends where its ground gives way")]

mod journey;

use std::sync::{Arc, Mutex};

use farm::flows::FlowFarm;
use farm::flows::matrix::{Combination, Table};
use journey::{Journey, rows};
use tokio::sync::Semaphore;

/// For phones and flows alike. More would leave the flows too few looks at a screen on a busy machine.
const SPEED: f64 = 10.0;
/// Phones at the same time: most of a run is waiting.
const AT_ONCE: usize = 4;
/// "all", or a part of the combinations' names ("android 13 plain new en"); a few of them where it is not set.
const WHICH: &str = "DROVER_FLOW_MATRIX";

fn columns(other: bool) -> Vec<Combination> {
    let Ok(which) = std::env::var(WHICH) else {
        return Combination::few(other);
    };
    let mut all = Combination::all();
    all.retain(|one| which == "all" || one.name().contains(&which));
    assert!(!all.is_empty(), "no kind of phone is called {which:?}");
    all
}

#[expect(clippy::print_stdout, reason = "the table is what a person runs it for")]
async fn every_flow(platform: &'static str) {
    let columns = columns(platform == "tiktok");
    let phones = columns.iter().map(Combination::number).max().unwrap_or(1);
    let farm = Arc::new(FlowFarm::start(phones, SPEED).await.unwrap());
    let table = Arc::new(Mutex::new(Table::new(columns.clone(), &rows(platform))));
    let turns = Arc::new(Semaphore::new(AT_ONCE));
    let mut runs = tokio::task::JoinSet::new();
    for column in columns {
        let (farm, table, turns) = (Arc::clone(&farm), Arc::clone(&table), Arc::clone(&turns));
        runs.spawn(async move {
            let _turn = turns.acquire_owned().await.unwrap();
            Journey::new(&farm, platform, &column)
                .await
                .unwrap()
                .run(&table)
                .await;
        });
    }
    while let Some(ended) = runs.join_next().await {
        ended.unwrap();
    }
    let table = table.lock().unwrap();
    println!("{}", table.drawn(platform));
    let faults = table.faults();
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[tokio::test(flavor = "multi_thread")]
async fn every_instagram_flow_on_every_kind_of_phone() {
    every_flow("instagram").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn every_tiktok_flow_on_every_kind_of_phone() {
    every_flow("tiktok").await;
}
