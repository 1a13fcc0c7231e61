//! One connection to one phone: finds out who it is, then reads how it is, again and again, and tells the roster.
//! Each runs as a task of its own, so that a phone that hangs holds up nobody else.

use std::sync::Arc;
use std::time::Duration;

use shared::clock::SharedClock;
use tokio::sync::{Semaphore, mpsc, watch};
use tokio::time::Instant;

use crate::adb::facts::{self, HowItIs, Ways, WhoItIs};
use crate::adb::network::between;
use crate::adb::{AdbError, AdbPhone, Transport};

/// The pause between two readings, in milliseconds from–to. With the time that silence takes to be noticed it stays
/// under ten seconds, and a reading every so often costs a phone little.
const PAUSE: (u64, u64) = (4_400, 5_200);

/// The pause before a phone that is still booting is asked again.
const BOOTING: Duration = Duration::from_millis(700);

/// The pause before a silent phone is asked again.
const SILENT: Duration = Duration::from_millis(300);

/// After so long a silence the server is told to look at a USB phone anew, and each time again.
const KICK: Duration = Duration::from_secs(30);

/// How long the server may take for that.
const KICK_DEADLINE: Duration = Duration::from_secs(3);

/// What a worker has to say.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum News {
    Identified(WhoItIs),
    /// A second connection answered; nothing but the boot is asked there.
    Boot(String),
    Facts(HowItIs),
    /// It is alive, but its facts could not be read.
    NoFacts(String),
    Silent(String),
}

/// Which of a phone's connections this is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Role {
    /// Its facts are read here.
    Main,
    /// It is kept for the case that the main one dies.
    Spare,
}

/// A connection's task.
pub(super) struct Worker {
    pub(super) phone: AdbPhone,
    pub(super) usb: bool,
    pub(super) role: watch::Receiver<Role>,
    pub(super) news: mpsc::Sender<(Transport, News)>,
    pub(super) clock: SharedClock,
    /// So many phones may be identified at once: a farm that comes up whole would drown its own server.
    pub(super) entrance: Arc<Semaphore>,
}

impl Worker {
    /// Runs until it is aborted or nobody listens.
    pub(super) async fn run(mut self) {
        loop {
            let Some(boot) = self.identify().await else {
                return;
            };
            if self.follow(&boot).await.is_none() {
                return;
            }
        }
    }

    /// Asks until the phone has said who it is; answers its boot.
    async fn identify(&self) -> Option<String> {
        loop {
            let answer = {
                let _entered = self.entrance.acquire().await.ok()?;
                facts::who_it_is(&self.phone).await
            };
            match answer {
                Ok(who) => {
                    let (booted, boot) = (who.booted, who.identity.boot_id.clone());
                    self.tell(News::Identified(who)).await?;
                    if booted {
                        return Some(boot);
                    }
                    self.clock.sleep(BOOTING).await;
                }
                Err(error) => self.sit_out(&error).await?,
            }
        }
    }

    /// Reads its facts until it is silent or another boot answers.
    async fn follow(&mut self, boot: &str) -> Option<()> {
        let mut ways = Ways::default();
        loop {
            let role = *self.role.borrow_and_update();
            let now_boot = match self.read(role, &mut ways).await {
                Ok(news) => {
                    let now_boot = match &news {
                        News::Facts(how) => how.boot_id.clone(),
                        News::Boot(boot) => boot.clone(),
                        _ => String::new(),
                    };
                    self.tell(news).await?;
                    now_boot
                }
                Err(error) if answers_otherwise(&error) => {
                    self.tell(News::NoFacts(error.kind.to_string())).await?;
                    boot.to_owned()
                }
                Err(error) => return self.sit_out(&error).await,
            };
            if !now_boot.is_empty() && now_boot != boot {
                return Some(());
            }
            let clock = Arc::clone(&self.clock);
            tokio::select! {
                () = clock.sleep(between(PAUSE)) => {}
                changed = self.role.changed() => changed.ok()?,
            }
        }
    }

    async fn read(&self, role: Role, ways: &mut Ways) -> Result<News, AdbError> {
        match role {
            Role::Main => facts::how_it_is(&self.phone, ways).await.map(News::Facts),
            Role::Spare => facts::which_boot(&self.phone).await.map(News::Boot),
        }
    }

    /// Tells that the phone is silent and waits until it answers again.
    async fn sit_out(&self, error: &AdbError) -> Option<()> {
        self.tell(News::Silent(error.kind.to_string())).await?;
        let mut kicked = Instant::now();
        loop {
            self.clock.sleep(SILENT).await;
            if facts::sign_of_life(&self.phone).await.is_ok() {
                return Some(());
            }
            if self.usb && kicked.elapsed() > KICK {
                kicked = Instant::now();
                let server = self.phone.server;
                let _ = server.reconnect(&self.phone.transport, KICK_DEADLINE).await;
            }
        }
    }

    async fn tell(&self, news: News) -> Option<()> {
        self.news.send((self.phone.transport.clone(), news)).await.ok()
    }
}

/// A phone whose facts take too long or make no sense still gave signs of life: silence ends a reading much earlier.
fn answers_otherwise(error: &AdbError) -> bool {
    !error.is_connection() || facts::took_too_long(error)
}
