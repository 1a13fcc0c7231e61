//! Every flow on every kind of phone: four Androids, both drivers, two layouts, two languages, for both apps. Checked by
//! what was really done on the phones (the simulator's ledger) and by what each flow says it proved. Prints a table.

#![allow(clippy::unwrap_used, reason = "a test ends where its ground gives way")]

mod journey;

use std::sync::{Arc, Mutex};

use farm::flows::FlowFarm;
use farm::flows::matrix::{Combination, Table};
use journey::{FLOWS, Journey};
use tokio::sync::Semaphore;

/// For phones and flows alike. More would leave the flows too few looks at a screen on a busy machine.
const SPEED: f64 = 10.0;
/// Runs at the same time: most of a run is waiting.
const AT_ONCE: usize = 5;
/// Which combinations to run, as a part of their names ("android 13 plain new en"); all where it is not set.
const ONLY: &str = "DROVER_FLOW_MATRIX";

#[expect(clippy::print_stdout, reason = "the table is what a person runs it for")]
async fn every_flow(platform: &'static str) {
    let only = std::env::var(ONLY).unwrap_or_default();
    let all = Combination::all();
    let farm = Arc::new(FlowFarm::start(all.len(), SPEED).await.unwrap());
    let columns: Vec<Combination> = all.into_iter().filter(|one| one.name().contains(&only)).collect();
    let table = Arc::new(Mutex::new(Table::new(columns.clone(), &FLOWS)));
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
#[ignore = "takes minutes and both drivers' files: run it by name with --run-ignored all"]
async fn every_instagram_flow_on_every_kind_of_phone() {
    every_flow("instagram").await;
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "takes minutes and both drivers' files: run it by name with --run-ignored all"]
async fn every_tiktok_flow_on_every_kind_of_phone() {
    every_flow("tiktok").await;
}
