//! What an import of many accounts costs, beside the bare reading of its file: CPU, memory, and how long others wait for
//! the database meanwhile.
//!
//! Prints a line for each figure with its limit, and ends with 1 where one is over it.

use std::collections::BTreeMap;
use std::io::{self, Cursor};
use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use calamine::{Reader as _, Xlsx};
use controller::imports::desk::{Desk, Order};
use controller::imports::export::{self, Export};
use controller::imports::ground::{Around, Ground};
use controller::imports::report::Progress;
use controller::imports::rules::Rules;
use controller::sheets::{
    Column, Format, Language, Limits, OutCell, OutRow, ReadOptions, SheetWriter, WriteOptions,
};
use controller::store::{DatabaseUrl, DeviceRow, ImportState, Store};
use controller::vault::Vault;
use farm::figures::{Process, at_most, ended, median, say};
use shared::account::Platform;
use shared::clock::SystemClock;

/// Rows, unless the first argument says otherwise.
const ROWS: u32 = 100_000;
const ROUNDS: usize = 3;
/// An import, in units of the bare reading.
const IMPORT_LIMIT: f64 = 3.0;
const MEMORY_MB: f64 = 100.0;
/// For anybody else who writes meanwhile.
const WAIT_MS: f64 = 250.0;

#[derive(Debug)]
struct Alone;

impl Around for Alone {
    fn aliases(&self) -> BTreeMap<String, Vec<String>> {
        BTreeMap::new()
    }

    fn index_changed(&self, _phone: DeviceRow) {}

    fn told(&self, _import: i64, _state: ImportState, _progress: Progress) {}
}

#[tokio::main]
async fn main() -> ExitCode {
    let rows = std::env::args().nth(1).and_then(|count| count.parse().ok());
    ended(measure(rows.unwrap_or(ROWS)).await)
}

async fn measure(rows: u32) -> io::Result<bool> {
    let file = workbook(rows)?;
    say(&format!(
        "{rows} rows of 15 columns, {:.1} MB as .xlsx",
        file.len() as f64 / 1e6
    ))?;
    let (mut bare, mut whole, mut again, mut walls, mut peaks, mut waits) =
        (vec![], vec![], vec![], vec![], vec![], vec![]);
    for _ in 0..ROUNDS {
        bare.push(cpu_of(async || read_bare(&file)).await?.0);
        let folder = tempfile::Builder::new().prefix("import-figures").tempdir()?;
        let ground = ground(folder.path()).await?;
        Process::own().forget_peak()?;
        let before = Process::own().resident_mb()?;
        let stop = Arc::new(AtomicBool::new(false));
        let others = tokio::spawn(others(ground.store.clone(), Arc::clone(&stop)));
        let begun = Instant::now();
        let (cpu, ()) = cpu_of(async || import(&ground, folder.path(), &file, "created", rows).await).await?;
        walls.push(begun.elapsed().as_secs_f64());
        stop.store(true, Ordering::SeqCst);
        waits.push(others.await.map_err(io::Error::other)?? * 1e3);
        peaks.push(Process::own().peak_mb()? - before + file.len() as f64 / 1e6);
        whole.push(cpu);
        again.push(
            cpu_of(async || import(&ground, folder.path(), &file, "unchanged", rows).await)
                .await?
                .0,
        );
        if whole.len() == ROUNDS {
            exported(&ground).await?;
        }
        ground.store.close().await;
    }
    let bare = median(bare);
    say(&format!("bare reading with calamine, CPU s: {bare:.2}"))?;
    say(&format!(
        "whole import, CPU s: {:.2}, wall s: {:.2}",
        median(whole.clone()),
        median(walls)
    ))?;
    say(&format!(
        "the same sheet again, all unchanged, CPU s: {:.2}",
        median(again)
    ))?;
    let mut good = at_most("whole import / bare reading", median(whole) / bare, IMPORT_LIMIT)?;
    good &= at_most(
        "memory of an import beside what there was, MB",
        median(peaks),
        MEMORY_MB,
    )?;
    good &= at_most(
        "longest wait of another write, ms",
        waits.into_iter().fold(0.0, f64::max),
        WAIT_MS,
    )?;
    Ok(good)
}

async fn ground(folder: &Path) -> io::Result<Ground> {
    let url = DatabaseUrl::file(folder.join("drover.db"));
    let store = Store::open(&url, Arc::new(SystemClock))
        .await
        .map_err(io::Error::other)?;
    Ok(Ground {
        store,
        vault: Vault::ephemeral(),
        clock: Arc::new(SystemClock),
        around: Arc::new(Alone),
    })
}

/// The file through the whole way, until every row is in force.
async fn import(ground: &Ground, folder: &Path, file: &[u8], counted: &str, rows: u32) -> io::Result<()> {
    let desk = Desk::new(folder.to_owned(), Limits::default());
    let mut upload = desk.upload()?;
    upload.add(file)?;
    let order = Order {
        rules: Rules {
            platform: Some(Platform::TikTok),
            ..Rules::default()
        },
        dry_run: false,
        who: "figures".to_owned(),
        read: ReadOptions::default(),
    };
    let begun = desk.begin(ground.clone(), order, upload.finish()?).await;
    let mut ticket = begun.map_err(io::Error::other)?;
    if !ticket.ended_within(Duration::from_secs(600)).await {
        return Err(io::Error::other("the import does not end"));
    }
    let row = ground.store.import(ticket.id).await.map_err(io::Error::other)?;
    let report = row.and_then(|row| row.report).unwrap_or_default();
    if report[counted] != rows {
        return Err(io::Error::other(format!(
            "not all rows were {counted}: {}",
            report["refusal"]
        )));
    }
    Ok(())
}

async fn exported(ground: &Ground) -> io::Result<()> {
    let (ground, runtime) = (ground.clone(), tokio::runtime::Handle::current());
    Process::own().forget_peak()?;
    let before = Process::own().resident_mb()?;
    let (cpu, size) = cpu_of(async || {
        let export = Export {
            platform: Some(Platform::TikTok),
            secrets: true,
            format: Format::Xlsx,
            language: Language::En,
        };
        let (ground, runtime) = (ground.clone(), runtime.clone());
        let written =
            tokio::task::spawn_blocking(move || export::write(&ground, &runtime, &export, Counted(0)));
        let written = written
            .await
            .map_err(io::Error::other)?
            .map_err(io::Error::other)?;
        Ok(written.0)
    })
    .await?;
    let peak = Process::own().peak_mb()? - before;
    say(&format!(
        "export with secrets as .xlsx, CPU s: {cpu:.2}, {:.1} MB, memory MB: {peak:.1}",
        size as f64 / 1e6
    ))
}

/// Where a file goes that nobody needs.
struct Counted(u64);

impl io::Write for Counted {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0 += bytes.len() as u64;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Small writes one after another until it is told to stop; the longest in seconds.
async fn others(store: Store, stop: Arc<AtomicBool>) -> io::Result<f64> {
    let mut longest = Duration::ZERO;
    while !stop.load(Ordering::SeqCst) {
        let begun = Instant::now();
        store
            .set_setting("figures", &1, "figures")
            .await
            .map_err(io::Error::other)?;
        longest = longest.max(begun.elapsed());
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    Ok(longest.as_secs_f64())
}

/// Every cell, looked at and dropped.
fn read_bare(file: &[u8]) -> io::Result<()> {
    let mut book: Xlsx<_> = Xlsx::new(Cursor::new(file)).map_err(io::Error::other)?;
    let name = book.sheet_names().first().cloned().unwrap_or_default();
    let mut cells = book.worksheet_cells_reader(&name).map_err(io::Error::other)?;
    let mut count = 0_u64;
    while let Some(cell) = cells.next_cell().map_err(io::Error::other)? {
        count += u64::from(!matches!(cell.get_value(), calamine::DataRef::Empty));
    }
    if count == 0 {
        Err(io::Error::other("no cells"))
    } else {
        Ok(())
    }
}

/// Accounts as a farm has them, each cell filled.
fn workbook(rows: u32) -> io::Result<Vec<u8>> {
    let options = WriteOptions {
        format: Format::Xlsx,
        columns: Column::OF_ONE_PLATFORM.to_vec(),
        language: Language::En,
        secrets: false,
    };
    let mut writer = SheetWriter::begin(Vec::new(), &options).map_err(io::Error::other)?;
    for row in 1..=rows {
        let texts = [
            (Column::Email, format!("user{row}@mail.example")),
            (Column::Pwd, format!("S3cret-{row:08}-päss")),
            (Column::Username, format!("user.{row:06}")),
            (Column::Device, format!("R58M{:06}", row % 500)),
            (Column::Nickname, format!("Nick Name {row}")),
            (Column::Country, "SE".to_owned()),
        ];
        let mut out = OutRow::default();
        for (column, text) in &texts {
            out.set(*column, OutCell::Text(text));
        }
        let counts = [
            (Column::Logined, i64::from(row % 2)),
            (Column::Status, 0),
            (Column::Followers, i64::from(row) * 7 % 100_000),
            (Column::Following, i64::from(row) % 500),
            (Column::Hearts, i64::from(row) * 13 % 1_000_000),
            (Column::Videos, i64::from(row) % 300),
            (Column::Friends, i64::from(row) % 90),
        ];
        for (column, count) in counts {
            out.set(column, OutCell::Whole(count));
        }
        writer.row(&out).map_err(io::Error::other)?;
    }
    writer.finish().map_err(io::Error::other)
}

/// The CPU that the whole process used meanwhile, in seconds.
async fn cpu_of<T>(work: impl AsyncFnOnce() -> io::Result<T>) -> io::Result<(f64, T)> {
    let process = Process::own();
    let before = process.cpu_seconds()?;
    let done = work().await?;
    Ok((process.cpu_seconds()? - before, done))
}
