//! The controller's figures in Prometheus' text format: names with base units, no labels that name an account.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use shared::device::DeviceState;

use crate::http::devices::live::LiveFigures;
use crate::state::AppState;

/// Upper bounds of the buckets of request durations, in seconds.
const BUCKETS: [f64; 10] = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0];
/// Methods outside these are counted together: a client must not make up labels.
const METHODS: [&str; 7] = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"];

/// What is counted as it happens.
#[derive(Debug, Default)]
pub struct Metrics {
    requests: Mutex<BTreeMap<(String, String, u32), u64>>,
    durations: Mutex<BTreeMap<String, Histogram>>,
    dispatches: Mutex<Histogram>,
    in_flight: AtomicI64,
}

#[derive(Debug, Default, Clone)]
struct Histogram {
    buckets: [u64; BUCKETS.len()],
    count: u64,
    sum: f64,
}

impl Histogram {
    fn add(&mut self, seconds: f64) {
        for (bucket, bound) in self.buckets.iter_mut().zip(BUCKETS) {
            *bucket += u64::from(seconds <= bound);
        }
        self.count += 1;
        self.sum += seconds;
    }
}

/// What is looked up when somebody asks.
#[derive(Debug, Clone)]
pub struct Now {
    pub ready: bool,
    pub started_at: f64,
    /// Phones that hosts tell of, by state.
    pub devices: BTreeMap<&'static str, usize>,
    /// The connected hosts and the round trips to them.
    pub hosts: Vec<(String, Duration)>,
    /// Events told so far.
    pub events: u64,
    /// Who watches screens, and what that took so far.
    pub live: LiveFigures,
    /// Tasks by what clients are told of their state.
    pub tasks: BTreeMap<&'static str, u64>,
    /// Leave that was given and of which it is not known yet what came of it, by state.
    pub grants: BTreeMap<&'static str, u64>,
}

/// A request that is being served; counted until it is dropped.
#[derive(Debug)]
pub struct InFlight<'m>(&'m Metrics);

impl Drop for InFlight<'_> {
    fn drop(&mut self) {
        self.0.in_flight.fetch_sub(1, Ordering::Relaxed);
    }
}

impl Now {
    pub async fn of(state: &AppState) -> Self {
        let states = [
            DeviceState::Online,
            DeviceState::Offline,
            DeviceState::Unauthorized,
            DeviceState::NoPermissions,
            DeviceState::Unplugged,
        ];
        let mut devices: BTreeMap<_, _> = states.iter().map(|state| (state.as_str(), 0)).collect();
        for live in state.phones.devices().values() {
            *devices.entry(live.device.state.as_str()).or_default() += 1;
        }
        let hosts = state.phones.hosts().into_iter().map(|host| (host.name, host.rtt));
        Self {
            devices,
            hosts: hosts.collect(),
            events: state.events.count(),
            live: state.live.figures(),
            tasks: tasks(state).await,
            grants: grants(state).await,
            ready: state.ready().refusal().is_none(),
            started_at: state.started_at.as_millisecond() as f64 / 1000.0,
        }
    }
}

/// Nothing is shown of what the database does not say now.
async fn tasks(state: &AppState) -> BTreeMap<&'static str, u64> {
    match state.store.task_counts().await {
        Ok(counts) => BTreeMap::from([
            ("pending", counts.pending),
            ("running", counts.running),
            ("completed", counts.completed),
            ("failed", counts.failed),
        ]),
        Err(_) => BTreeMap::new(),
    }
}

async fn grants(state: &AppState) -> BTreeMap<&'static str, u64> {
    match state.store.count_unsettled_grants().await {
        Ok(counts) => counts
            .into_iter()
            .map(|(state, count)| (state.as_str(), count))
            .collect(),
        Err(_) => BTreeMap::new(),
    }
}

impl Metrics {
    /// So long a task took from when it could begin until its host had it.
    pub fn dispatched(&self, took: Duration) {
        lock(&self.dispatches).add(took.as_secs_f64());
    }

    pub fn in_flight(&self) -> InFlight<'_> {
        self.in_flight.fetch_add(1, Ordering::Relaxed);
        InFlight(self)
    }

    /// `route` is the pattern, so that serials do not become labels; `code` the envelope's, or the HTTP status.
    pub fn request(&self, method: &str, route: &str, code: u32, took: Duration) {
        let method = METHODS
            .into_iter()
            .find(|known| *known == method)
            .unwrap_or("other");
        let key = (method.to_owned(), route.to_owned(), code);
        *lock(&self.requests).entry(key).or_default() += 1;
        let seconds = took.as_secs_f64();
        let mut durations = lock(&self.durations);
        durations.entry(route.to_owned()).or_default().add(seconds);
    }

    pub fn render(&self, now: &Now) -> String {
        let mut page = Page::default();
        page.gauge(
            "drover_ready",
            "1 while requests can be served.",
            [("", f64::from(u8::from(now.ready)))],
        );
        page.gauge(
            "process_start_time_seconds",
            "Start of the process since the epoch.",
            [("", now.started_at)],
        );
        let in_flight = self.in_flight.load(Ordering::Relaxed) as f64;
        page.gauge(
            "drover_http_requests_in_flight",
            "Requests being served.",
            [("", in_flight)],
        );
        render_fleet(&mut page, now);
        render_live(&mut page, &now.live);
        render_tasks(&mut page, now);
        let name = "drover_task_dispatch_seconds";
        let help = "Time from when a task could begin until its host had it.";
        page.head(name, "histogram", help);
        page.histogram(name, "", &lock(&self.dispatches));
        self.render_requests(&mut page);
        process(&mut page);
        page.0
    }

    fn render_requests(&self, page: &mut Page) {
        page.head(
            "drover_http_requests_total",
            "counter",
            "Requests by method, route and code.",
        );
        for ((method, route, code), count) in &*lock(&self.requests) {
            let labels = format!(
                "{{method=\"{method}\",route=\"{}\",code=\"{code}\"}}",
                escaped(route)
            );
            page.line("drover_http_requests_total", &labels, *count as f64);
        }
        let name = "drover_http_request_duration_seconds";
        page.head(name, "histogram", "Time until the head of the answer, by route.");
        for (route, histogram) in &*lock(&self.durations) {
            page.histogram(name, &format!("route=\"{}\"", escaped(route)), histogram);
        }
    }
}

fn render_fleet(page: &mut Page, now: &Now) {
    page.head("drover_devices", "gauge", "Phones that hosts tell of, by state.");
    for (state, count) in &now.devices {
        page.line("drover_devices", &format!("{{state=\"{state}\"}}"), *count as f64);
    }
    page.gauge(
        "drover_hosts_connected",
        "Hosts with a live link.",
        [("", now.hosts.len() as f64)],
    );
    page.head(
        "drover_host_round_trip_seconds",
        "gauge",
        "Round trip of each live link.",
    );
    for (name, rtt) in &now.hosts {
        let labels = format!("{{host=\"{}\"}}", escaped(name));
        page.line("drover_host_round_trip_seconds", &labels, rtt.as_secs_f64());
    }
    page.head("drover_events_total", "counter", "Events told since the start.");
    page.line("drover_events_total", "", now.events as f64);
}

fn render_live(page: &mut Page, live: &LiveFigures) {
    let gauges = [
        (
            "drover_live_connections",
            "Connections that watch screens.",
            live.sockets,
        ),
        (
            "drover_live_tiles",
            "Screens that are watched, each by one.",
            live.tiles,
        ),
        (
            "drover_live_pumps",
            "Screens that phones are asked for, each in one size.",
            live.pumps,
        ),
    ];
    for (name, help, value) in gauges {
        page.gauge(name, help, [("", value as f64)]);
    }
    let counters = [
        (
            "drover_live_asks_total",
            "Times that phones were asked for their screen.",
            live.asks,
        ),
        (
            "drover_live_unchanged_total",
            "Times that it showed what it had shown.",
            live.unchanged,
        ),
        (
            "drover_live_frames_total",
            "Pictures sent to watchers.",
            live.frames,
        ),
        ("drover_live_bytes_total", "Bytes of them.", live.bytes),
        (
            "drover_live_dropped_total",
            "Pictures that a newer one replaced before they were sent.",
            live.dropped,
        ),
    ];
    for (name, help, value) in counters {
        page.head(name, "counter", help);
        page.line(name, "", value as f64);
    }
}

fn render_tasks(page: &mut Page, now: &Now) {
    page.head("drover_tasks", "gauge", "Tasks by status.");
    for (status, count) in &now.tasks {
        page.line("drover_tasks", &format!("{{status=\"{status}\"}}"), *count as f64);
    }
    let help = "Leave for lasting acts of which it is not known yet what came of it, by state.";
    page.head("drover_grants_unsettled", "gauge", help);
    for (state, count) in &now.grants {
        page.line(
            "drover_grants_unsettled",
            &format!("{{state=\"{state}\"}}"),
            *count as f64,
        );
    }
}

/// Text in the making.
#[derive(Debug, Default)]
struct Page(String);

impl Page {
    fn head(&mut self, name: &str, kind: &str, help: &str) {
        let _ = write!(self.0, "# HELP {name} {help}\n# TYPE {name} {kind}\n");
    }

    fn line(&mut self, name: &str, labels: &str, value: f64) {
        let _ = writeln!(self.0, "{name}{labels} {value}");
    }

    /// `labels` stand before the bucket's own.
    fn histogram(&mut self, name: &str, labels: &str, histogram: &Histogram) {
        let before = if labels.is_empty() {
            String::new()
        } else {
            format!("{labels},")
        };
        for (bucket, bound) in histogram.buckets.iter().zip(BUCKETS) {
            let labels = format!("{{{before}le=\"{bound}\"}}");
            self.line(&format!("{name}_bucket"), &labels, *bucket as f64);
        }
        let all = format!("{{{before}le=\"+Inf\"}}");
        self.line(&format!("{name}_bucket"), &all, histogram.count as f64);
        let labels = if labels.is_empty() {
            String::new()
        } else {
            format!("{{{labels}}}")
        };
        self.line(&format!("{name}_sum"), &labels, histogram.sum);
        self.line(&format!("{name}_count"), &labels, histogram.count as f64);
    }

    fn gauge<'a>(&mut self, name: &str, help: &str, values: impl IntoIterator<Item = (&'a str, f64)>) {
        self.head(name, "gauge", help);
        for (labels, value) in values {
            self.line(name, labels, value);
        }
    }
}

/// The process's own use, where the system tells it.
fn process(page: &mut Page) {
    // Pages of 4 KiB and a clock of 100 ticks are what Linux shows on every machine that this runs on.
    let resident = std::fs::read_to_string("/proc/self/statm").ok();
    let resident = resident.and_then(|told| told.split(' ').nth(1)?.parse::<f64>().ok());
    if let Some(pages) = resident {
        let help = "Memory that the process holds.";
        page.gauge("process_resident_memory_bytes", help, [("", pages * 4096.0)]);
    }
    let stat = std::fs::read_to_string("/proc/self/stat").ok();
    let ticks = stat.and_then(|told| {
        let mut fields = told.rsplit_once(')')?.1.split_ascii_whitespace().skip(11);
        Some(fields.next()?.parse::<f64>().ok()? + fields.next()?.parse::<f64>().ok()?)
    });
    if let Some(ticks) = ticks {
        page.head(
            "process_cpu_seconds_total",
            "counter",
            "Processor time that the process used.",
        );
        page.line("process_cpu_seconds_total", "", ticks / 100.0);
    }
}

fn escaped(label: &str) -> String {
    label
        .replace('\\', "\\\\")
        .replace('"', "\\\"")
        .replace('\n', "\\n")
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn requests_are_counted_by_route_and_code() {
        let metrics = Metrics::default();
        metrics.request(
            "GET",
            "/api/v1/devices/{serial}",
            40401,
            Duration::from_millis(30),
        );
        metrics.request("BREW", "unknown", 40501, Duration::from_secs(60));
        metrics.dispatched(Duration::from_millis(30));
        let in_flight = metrics.in_flight();
        let text = metrics.render(&Now {
            ready: true,
            started_at: 1.5,
            devices: BTreeMap::from([("online", 3)]),
            hosts: vec![("hub \"1\"".to_owned(), Duration::from_millis(2))],
            events: 7,
            live: LiveFigures {
                tiles: 12,
                bytes: 340,
                ..LiveFigures::default()
            },
            tasks: BTreeMap::from([("pending", 4)]),
            grants: BTreeMap::from([("unknown", 2)]),
        });
        drop(in_flight);
        for line in [
            "drover_ready 1",
            "drover_http_requests_in_flight 1",
            "drover_devices{state=\"online\"} 3",
            "drover_hosts_connected 1",
            "drover_host_round_trip_seconds{host=\"hub \\\"1\\\"\"} 0.002",
            "drover_events_total 7",
            "drover_live_tiles 12",
            "drover_live_bytes_total 340",
            "drover_tasks{status=\"pending\"} 4",
            "drover_grants_unsettled{state=\"unknown\"} 2",
            "drover_task_dispatch_seconds_bucket{le=\"0.05\"} 1",
            "drover_task_dispatch_seconds_count 1",
            "drover_http_requests_total{method=\"GET\",route=\"/api/v1/devices/{serial}\",code=\"40401\"} 1",
            "drover_http_requests_total{method=\"other\",route=\"unknown\",code=\"40501\"} 1",
            "drover_http_request_duration_seconds_bucket{route=\"/api/v1/devices/{serial}\",le=\"0.05\"} 1",
            "drover_http_request_duration_seconds_bucket{route=\"/api/v1/devices/{serial}\",le=\"0.025\"} 0",
            "drover_http_request_duration_seconds_bucket{route=\"unknown\",le=\"+Inf\"} 1",
        ] {
            assert!(text.lines().any(|found| found == line), "{line} in\n{text}");
        }
    }
}
