//! The farm of a run: one controller, several agents with a line each, racks of phones, and two cables to each phone, so
//! that it can move from one agent to another.

use std::collections::BTreeMap;
use std::io;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::time::Duration;

use serde_json::{Value, json};

use super::rack::{Cable, Rack, serial};
use crate::free_port;
use crate::line::Line;
use crate::site::{Agent, Controller, until};

const UP: Duration = Duration::from_secs(120);
/// Phones and flows alike live so many times as fast as real ones.
pub const SPEED: f64 = 12.0;
/// The platforms on which each phone has an account.
pub const PLATFORMS: [(&str, &str); 2] = [
    ("tiktok", "com.zhiliaoapp.musically"),
    ("instagram", "com.instagram.android"),
];

/// What a farm is made from.
#[derive(Debug, Clone)]
pub struct CrewSpec {
    pub agents: usize,
    pub phones: usize,
    pub racks: usize,
    pub seed: u64,
    /// Further arguments of the controller, such as `--database-url`.
    pub controller: Vec<String>,
    /// Settings of tasks.
    pub settings: Value,
    pub environment: Vec<(String, String)>,
    /// For phones and flows; lower is easier on the machine.
    pub speed: f64,
    pub folder: PathBuf,
}

/// An agent with its line.
#[derive(Debug)]
pub struct Hand {
    pub agent: Agent,
    pub line: Line,
    _door: Line,
}

/// See the module.
#[derive(Debug)]
pub struct Crew {
    // The agents first: they end before what they speak to.
    pub hands: Vec<Hand>,
    pub controller: Controller,
    pub racks: Vec<Rack>,
    /// By phone, from number 1: by agent.
    pub cables: Vec<BTreeMap<usize, Cable>>,
    pub spec: CrewSpec,
}

/// Who works on a platform with the phone of this number.
pub fn username(number: usize) -> String {
    format!("maker.{number:03}")
}

/// Whom tasks follow.
pub fn target(number: usize) -> String {
    format!("target.{number:03}")
}

impl Crew {
    /// Brings everything up but the agents.
    pub async fn start(spec: CrewSpec, targets: usize) -> io::Result<Self> {
        let mut racks = Vec::new();
        let each = spec.phones.div_ceil(spec.racks);
        for number in 0..spec.racks {
            let first = number * each + 1;
            let count = each.min((spec.phones + 1).saturating_sub(first));
            if count == 0 {
                break;
            }
            let folder = spec.folder.join(format!("rack{number}"));
            let mut rack = Rack::new(&folder, first, count, spec.speed, spec.seed)?;
            rack.start().await?;
            populate(&rack, targets).await?;
            racks.push(rack);
        }
        let data_port = free_port()?;
        let mut more: Vec<String> = [
            "--set",
            "plan=business",
            "--set",
            &format!("agents.advertised_port={data_port}"),
        ]
        .iter()
        .map(|word| (*word).to_owned())
        .collect();
        more.extend(spec.controller.iter().cloned());
        let more: Vec<&str> = more.iter().map(String::as_str).collect();
        let mut controller = Controller::new(&spec.folder.join("controller"), &more)?;
        controller.set_environment(spec.environment.clone());
        controller.start()?;
        controller.until_ready(UP).await?;
        let settings = controller
            .send("PATCH", "/api/v1/settings", &spec.settings)
            .await?;
        if settings.status != 200 {
            return Err(io::Error::other(format!("settings: {settings:?}")));
        }
        let mut crew = Self {
            hands: Vec::new(),
            controller,
            racks,
            cables: Vec::new(),
            spec,
        };
        crew.lay_cables()?;
        crew.hire(data_port).await?;
        Ok(crew)
    }

    /// Each phone has a cable to its own agent, plugged in, and one to the next agent, which is not.
    fn lay_cables(&mut self) -> io::Result<()> {
        for number in 1..=self.spec.phones {
            let address = self.rack_of(number)?.address(number);
            let home = (number - 1) % self.spec.agents;
            let mut cables = BTreeMap::from([(home, Cable::to(address, true)?)]);
            if self.spec.agents > 1 {
                let other = (home + 1) % self.spec.agents;
                cables.insert(other, Cable::to(address, false)?);
            }
            self.cables.push(cables);
        }
        Ok(())
    }

    /// Each agent knows the controller under an address of its own, where its own line begins.
    async fn hire(&mut self, data_port: u16) -> io::Result<()> {
        for number in 0..self.spec.agents {
            let own = IpAddr::V4(Ipv4Addr::new(127, 0, 1, u8::try_from(number + 1).unwrap_or(1)));
            let seed = self.spec.seed.wrapping_add(number as u64);
            let to = self.controller.data_address();
            let line = Line::between(SocketAddr::new(own, data_port), to, seed).await?;
            let door = Line::between(SocketAddr::new(own, 0), self.controller.door(), seed).await?;
            let phones = self
                .cables
                .iter()
                .filter_map(|cables| cables.get(&number))
                .map(Cable::address)
                .collect();
            let name = format!("agent{number}");
            let at = SocketAddr::new(own, door.port()).to_string();
            let mut agent = Agent::new(&self.spec.folder, &name, &at, phones)?;
            agent.add_arguments(&["--speed", &self.spec.speed.to_string()]);
            agent.set_environment(self.spec.environment.clone());
            self.hands.push(Hand {
                agent,
                line,
                _door: door,
            });
        }
        Ok(())
    }

    /// Starts an agent as it is.
    pub async fn start_agent(&mut self, number: usize, crash: Vec<(String, String)>) -> io::Result<()> {
        let mut environment = self.spec.environment.clone();
        environment.extend(crash);
        let hand = self
            .hands
            .get_mut(number)
            .ok_or_else(|| io::Error::other(format!("there is no agent {number}")))?;
        hand.agent.set_environment(environment);
        hand.agent.start(&self.controller).await
    }

    /// Waits until all phones are online, and makes the accounts known to the controller.
    pub async fn open_accounts(&self) -> io::Result<()> {
        self.controller.until_online(self.spec.phones, UP).await?;
        for number in 1..=self.spec.phones {
            for (platform, _) in PLATFORMS {
                let new = json!({
                    "platform": platform, "username": username(number), "device": serial(number), "logined": 1,
                });
                let answer = self.controller.send("POST", "/api/v1/accounts", &new).await?;
                if answer.status != 200 {
                    return Err(io::Error::other(format!("an account: {answer:?}")));
                }
            }
        }
        Ok(())
    }

    pub fn rack_of(&self, number: usize) -> io::Result<&Rack> {
        self.racks
            .iter()
            .find(|rack| rack.numbers().contains(&number))
            .ok_or_else(|| io::Error::other(format!("there is no phone {number}")))
    }

    pub fn cables_of(&self, number: usize) -> Option<&BTreeMap<usize, Cable>> {
        self.cables.get(number.checked_sub(1)?)
    }

    /// Where its database is, as the store opens it.
    pub fn database(&self) -> io::Result<controller::store::DatabaseUrl> {
        use controller::store::DatabaseUrl;
        let mut named = self
            .spec
            .controller
            .iter()
            .skip_while(|word| *word != "--database-url");
        match named.nth(1) {
            Some(url) => DatabaseUrl::parse(url).map_err(io::Error::other),
            None => Ok(DatabaseUrl::file(self.controller.data.join("drover.db"))),
        }
    }

    /// Every file of the phones' ledgers, by serial.
    pub fn ledgers(&self) -> Vec<(String, PathBuf)> {
        self.racks
            .iter()
            .flat_map(|rack| rack.numbers().map(|number| (serial(number), rack.ledger(number))))
            .collect()
    }

    /// Waits until a host of this name is linked, or not.
    pub async fn until_linked(&self, name: &str, linked: bool, within: Duration) -> io::Result<()> {
        until(&format!("{name} linked: {linked}"), within, async || {
            let Ok(answer) = self.controller.get("/api/v1/hosts").await else {
                return false;
            };
            let hosts = answer.json()["data"]["hosts"]
                .as_array()
                .cloned()
                .unwrap_or_default();
            let there = hosts
                .iter()
                .any(|host| host["name"] == name && host["connected"] == true);
            there == linked
        })
        .await
    }
}

/// Accounts that are logged in on their phones, and people and posts to do something with.
async fn populate(rack: &Rack, targets: usize) -> io::Result<()> {
    for (platform, package) in PLATFORMS {
        let mut accounts: Vec<Value> = rack
            .numbers()
            .map(|number| {
                json!({
                    "username": username(number), "password": "Quiet-Zebra&1",
                    "display_name": format!("Maker {number}"),
                })
            })
            .collect();
        accounts.extend((0..targets).map(|number| json!({"username": target(number), "password": "p"})));
        let placement = if platform == "tiktok" { "video" } else { "reel" };
        let posts: Vec<Value> = (0..targets)
            .map(|number| {
                json!({
                    "author": target(number), "caption": format!("Piece {number}"), "placement": placement,
                    "code": post_code(platform, number),
                })
            })
            .collect();
        let seed = json!({"accounts": accounts, "posts": posts});
        rack.tell(&format!("/world/{platform}"), &seed).await?;
        for number in rack.numbers() {
            let app = format!("/phones/{}/apps/{package}", serial(number));
            rack.tell(&app, &json!({"sessions": [username(number)]})).await?;
        }
    }
    Ok(())
}

/// The code of a target's post in its address.
pub fn post_code(platform: &str, number: usize) -> String {
    if platform == "tiktok" {
        (7_500_000_000_000_000_000_u64 + number as u64 * 1_013).to_string()
    } else {
        format!("Cpiece{number:05}")
    }
}

/// The address of a target's post.
pub fn post_url(platform: &str, number: usize) -> String {
    let code = post_code(platform, number);
    if platform == "tiktok" {
        format!("https://www.tiktok.com/@{}/video/{code}", target(number))
    } else {
        format!("https://www.instagram.com/reel/{code}/")
    }
}

/// Makes a folder of a run.
pub fn make_folder(at: &Path) -> io::Result<PathBuf> {
    std::fs::create_dir_all(at)?;
    at.canonicalize()
}
