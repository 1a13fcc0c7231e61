//! Many phones in one process: makes them and gives each a port; adbd listens there while the phone can be spoken to.

mod line;

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::sync::{Arc, Mutex};

use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::adbd;
use crate::app::social::Worlds;
use crate::clock::SimClock;
use crate::phone::personality::{self, Personality};
use crate::phone::{Phone, PhoneSpec, identity, lock};

/// What a farm is made from.
#[derive(Debug, Clone)]
pub struct FarmSpec {
    /// How many phones: SIM0001, SIM0002, …
    pub phones: usize,
    /// The first phone's number, where several programs share a farm between them.
    pub first: usize,
    /// The first phone's port, the next one's is one higher; 0 takes any free ports.
    pub base_port: u16,
    /// Where the control API listens; port 0 takes a free one.
    pub control: Option<SocketAddr>,
    pub seed: u64,
    pub speed: f64,
    /// A folder in it for each phone.
    pub data: PathBuf,
    /// One more phone that calls itself SIM0001 as well.
    pub twin_serial: bool,
    /// All phones of this make instead of one after the other.
    pub personality: Option<&'static Personality>,
}

impl FarmSpec {
    /// One phone of each generation on free ports, at twenty times the speed.
    pub fn new(data: PathBuf) -> Self {
        Self {
            phones: 4,
            first: 1,
            base_port: 0,
            control: None,
            seed: 1,
            speed: 20.0,
            data,
            twin_serial: false,
            personality: None,
        }
    }
}

#[derive(Debug, thiserror::Error)]
pub enum FarmError {
    #[error(
        "ports 5555 to 5585 are scanned by every adb server, which would find each phone twice: choose others"
    )]
    ScannedPort,
    #[error("{phones} phones from port {base_port} on reach beyond port 65535")]
    BeyondPorts { base_port: u16, phones: usize },
    #[error("port {port} for phone {serial} is taken")]
    PortTaken {
        port: u16,
        serial: String,
        source: std::io::Error,
    },
    #[error("cannot listen on {address} for the control API")]
    Control {
        address: SocketAddr,
        source: std::io::Error,
    },
    #[error("cannot use {folder} for the phones")]
    Data { folder: PathBuf, source: std::io::Error },
    #[error("another simulator keeps its phones in {0}: end it, or choose another folder")]
    DataTaken(PathBuf),
    #[error("cannot open phone {serial} in {folder}")]
    Phone {
        serial: String,
        folder: PathBuf,
        source: std::io::Error,
    },
}

/// A phone and where it listens.
#[derive(Debug)]
pub struct Stand {
    /// What the control API calls it: its serial, and `SIM0001-2` for the second that has this serial.
    pub name: String,
    pub phone: Arc<Phone>,
    addresses: Mutex<Vec<SocketAddr>>,
}

impl Stand {
    /// Where an adb server reaches it: its own port first, then its second transports.
    pub fn addresses(&self) -> Vec<SocketAddr> {
        lock(&self.addresses).clone()
    }
}

/// The phones, while they run.
#[derive(Debug)]
pub struct Farm {
    stands: Vec<Arc<Stand>>,
    worlds: Arc<Worlds>,
    control: Option<SocketAddr>,
    stop: CancellationToken,
    tasks: TaskTracker,
    /// Locked while the farm runs: two writers would spoil each other's ledgers.
    lock: Mutex<Option<std::fs::File>>,
}

const HOST: IpAddr = IpAddr::V4(Ipv4Addr::LOCALHOST);
/// Where an adb server looks for emulators by itself.
const SCANNED: std::ops::RangeInclusive<u16> = 5555..=5585;

impl Farm {
    /// Opens the phones and returns once all of them listen.
    pub async fn start(spec: FarmSpec) -> Result<Arc<Self>, FarmError> {
        check_ports(&spec)?;
        // All ports first: a taken one is told before anything is written.
        let mut listeners = Vec::new();
        for (index, name) in names(&spec).into_iter().enumerate() {
            let port = if spec.base_port == 0 {
                0
            } else {
                spec.base_port + index as u16
            };
            let listener =
                line::bind(SocketAddr::new(HOST, port)).map_err(|source| FarmError::PortTaken {
                    port,
                    serial: name.clone(),
                    source,
                })?;
            listeners.push((name, listener));
        }
        let control = match spec.control {
            Some(address) => Some(
                tokio::net::TcpListener::bind(address)
                    .await
                    .map_err(|source| FarmError::Control { address, source })?,
            ),
            None => None,
        };
        let occupied = occupy(&spec.data)?;
        let clock = SimClock::new(spec.speed);
        let worlds = Worlds::open(&spec.data.join("world"), &clock).map_err(|source| FarmError::Data {
            folder: spec.data.clone(),
            source,
        })?;
        let mut farm = Self {
            stands: Vec::new(),
            worlds,
            control: None,
            stop: CancellationToken::new(),
            tasks: TaskTracker::new(),
            lock: Mutex::new(Some(occupied)),
        };
        for (index, (name, listener)) in listeners.into_iter().enumerate() {
            let number = spec.first.saturating_sub(1) + index;
            let phone = open(&spec, (&clock, &farm.worlds), number, &name)?;
            let address = listener.local_addr().unwrap_or(SocketAddr::new(HOST, 0));
            farm.tasks
                .spawn(adbd::serve(Arc::clone(&phone), listener, farm.stop.clone()));
            farm.stands.push(Arc::new(Stand {
                name,
                phone,
                addresses: Mutex::new(vec![address]),
            }));
        }
        farm.control = control.as_ref().and_then(|listener| listener.local_addr().ok());
        let farm = Arc::new(farm);
        if let Some(listener) = control {
            let api = crate::control::serve(Arc::clone(&farm), listener, farm.stop.clone());
            farm.tasks.spawn(api);
        }
        Ok(farm)
    }

    pub fn stands(&self) -> &[Arc<Stand>] {
        &self.stands
    }

    /// The worlds of the social apps, shared by all phones.
    pub fn worlds(&self) -> Arc<Worlds> {
        Arc::clone(&self.worlds)
    }

    /// Where the control API listens.
    pub fn control(&self) -> Option<SocketAddr> {
        self.control
    }

    /// By the control API's name, which for all but twins is the serial.
    pub fn find(&self, name: &str) -> Option<Arc<Stand>> {
        self.stands.iter().find(|stand| stand.name == name).cloned()
    }

    /// The phone of that name. For tests: panics where there is none.
    pub fn phone(&self, name: &str) -> Arc<Phone> {
        let Some(stand) = self.find(name) else {
            panic!("no phone {name} in this farm");
        };
        Arc::clone(&stand.phone)
    }

    /// Where the phone of that name listens. For tests: panics where there is none.
    pub fn address(&self, name: &str) -> SocketAddr {
        let Some(stand) = self.find(name) else {
            panic!("no phone {name} in this farm");
        };
        lock(&stand.addresses)[0]
    }

    /// Makes the phone reachable on one more free port, as one on USB is also over Wi-Fi.
    pub fn second_transport(&self, stand: &Stand) -> std::io::Result<SocketAddr> {
        let listener = line::bind(SocketAddr::new(HOST, 0))?;
        let address = listener.local_addr()?;
        self.tasks
            .spawn(adbd::serve(Arc::clone(&stand.phone), listener, self.stop.clone()));
        lock(&stand.addresses).push(address);
        Ok(address)
    }

    /// Stops listening and waits until nothing of the farm runs.
    pub async fn stop(&self) {
        self.stop.cancel();
        self.tasks.close();
        self.tasks.wait().await;
        lock(&self.lock).take();
    }
}

impl Drop for Farm {
    fn drop(&mut self) {
        self.stop.cancel();
    }
}

/// Takes the folder for this farm alone; the system gives it back when the process ends, however it ends.
fn occupy(folder: &std::path::Path) -> Result<std::fs::File, FarmError> {
    let failed = |source| FarmError::Data {
        folder: folder.to_owned(),
        source,
    };
    std::fs::create_dir_all(folder).map_err(failed)?;
    let file = std::fs::File::create(folder.join("simphone.lock")).map_err(failed)?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(std::fs::TryLockError::WouldBlock) => Err(FarmError::DataTaken(folder.to_owned())),
        Err(std::fs::TryLockError::Error(source)) => Err(failed(source)),
    }
}

fn check_ports(spec: &FarmSpec) -> Result<(), FarmError> {
    if spec.base_port == 0 {
        return Ok(());
    }
    let count = names(spec).len();
    let last = usize::from(spec.base_port) + count.saturating_sub(1);
    if last > usize::from(u16::MAX) {
        return Err(FarmError::BeyondPorts {
            base_port: spec.base_port,
            phones: count,
        });
    }
    if spec.base_port <= *SCANNED.end() && last >= usize::from(*SCANNED.start()) {
        return Err(FarmError::ScannedPort);
    }
    Ok(())
}

fn names(spec: &FarmSpec) -> Vec<String> {
    let mut names: Vec<String> = (spec.first..spec.first + spec.phones)
        .map(|number| format!("SIM{number:04}"))
        .collect();
    if spec.twin_serial {
        names.push("SIM0001-2".to_owned());
    }
    names
}

fn open(
    spec: &FarmSpec,
    (clock, worlds): (&SimClock, &Arc<Worlds>),
    index: usize,
    name: &str,
) -> Result<Arc<Phone>, FarmError> {
    let serial = name.split('-').next().unwrap_or(name).to_owned();
    let folder = spec.data.join(name);
    let phone = PhoneSpec {
        serial: serial.clone(),
        personality: spec
            .personality
            .unwrap_or(&personality::ALL[index % personality::ALL.len()]),
        seed: identity::mix(spec.seed, index as u64),
        data: folder.clone(),
        clock: clock.clone(),
    };
    Phone::open_in(phone, Arc::clone(worlds)).map_err(|source| FarmError::Phone {
        serial,
        folder,
        source,
    })
}
