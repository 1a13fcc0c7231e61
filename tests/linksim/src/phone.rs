//! A phone of paper with one app: what was done in it for good stands in a ledger, whoever did it and whatever became of
//! the host that asked for it. Knows nothing of grants.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use agent::device::{Device, DeviceError, DriverKind, Hierarchy, Key, Share, SystemFacts};
use async_trait::async_trait;
use shared::device::{Foreground, Serial};
use shared::screen::Screen;

use crate::world::{SimClock, World, lock};

const PACKAGE: &str = "com.paper";

/// What was done for good.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Act {
    pub at: Duration,
    pub serial: String,
    pub commit: &'static str,
    pub key: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Default)]
enum Page {
    #[default]
    Home,
    Follow(String),
    Compose(String),
    Posted,
    Post(String),
}

/// What a phone keeps.
#[derive(Debug, Default)]
pub(crate) struct App {
    page: Page,
    holder: String,
    files: Vec<String>,
    follows: BTreeSet<String>,
    /// From when on each post can be seen: a platform looks at some of them first.
    posts: BTreeMap<String, Duration>,
    /// Touches on their way: they arrive whatever becomes of who sent them.
    touches: Vec<Duration>,
}

impl World {
    /// Everything that was on its way and has arrived.
    pub(crate) fn arrive(&self, now: Duration) {
        let serials: Vec<String> = lock(&self.apps).keys().cloned().collect();
        for serial in serials {
            self.arrive_at(&serial, now);
        }
    }

    fn arrive_at(&self, serial: &str, now: Duration) {
        let mut apps = lock(&self.apps);
        let app = apps.entry(serial.to_owned()).or_default();
        while let Some(place) = app.touches.iter().position(|due| *due <= now) {
            let at = app.touches.remove(place);
            let done = match app.page.clone() {
                Page::Follow(key) if !app.follows.contains(&key) => {
                    app.follows.insert(key.clone());
                    Some(("follow", key))
                }
                Page::Compose(key) => {
                    let moderated = self.chance(self.weather().moody * 2.0);
                    let seen = if moderated {
                        self.millis(5_000..200_000)
                    } else {
                        Duration::ZERO
                    };
                    app.posts.insert(key.clone(), at + seen);
                    app.page = Page::Posted;
                    Some(("post", key))
                }
                _ => None,
            };
            if let Some((commit, key)) = done {
                self.note(at, format_args!("{serial}: {commit} {key}"));
                lock(&self.ledger).push(Act {
                    at,
                    serial: serial.to_owned(),
                    commit,
                    key,
                });
            }
        }
    }
}

/// A phone as one hub reaches it.
pub(crate) struct SimPhone {
    pub(crate) serial: Serial,
    pub(crate) hub: String,
    pub(crate) world: Arc<World>,
    pub(crate) clock: Arc<SimClock>,
}

impl SimPhone {
    /// The way there, and what may go wrong on it.
    async fn call(&self) -> Result<(), DeviceError> {
        tokio::time::sleep(self.world.millis(5..60)).await;
        if self.world.chance(self.world.weather().moody / 10.0) {
            return Err(DeviceError::NoWindow);
        }
        if !self.world.is_at(&self.serial.0, &self.hub) {
            return Err(DeviceError::Refused {
                doing: "asking a phone".to_owned(),
                said: "it does not hang here any more".to_owned(),
                advice: None,
            });
        }
        let now = self.clock.elapsed();
        lock(&self.world.calls).push((now, self.serial.0.clone()));
        self.world.arrive_at(&self.serial.0, now);
        Ok(())
    }

    async fn with<T>(&self, work: impl FnOnce(&mut App) -> T) -> Result<T, DeviceError> {
        self.call().await?;
        Ok(work(
            lock(&self.world.apps).entry(self.serial.0.clone()).or_default(),
        ))
    }

    fn xml(app: &App, now: Duration) -> String {
        let text = match &app.page {
            Page::Home => "Home",
            Page::Follow(key) if app.follows.contains(key) => "Following",
            Page::Follow(_) => "Follow",
            Page::Compose(_) => "Post",
            Page::Posted => "Posted",
            Page::Post(key) if app.posts.get(key).is_some_and(|from| *from <= now) => "There",
            Page::Post(_) => "Nothing here",
        };
        format!(
            r#"<hierarchy rotation="0"><node package="{PACKAGE}" class="android.widget.FrameLayout" bounds="[0,0][100,200]"><node package="{PACKAGE}" text="{text}" class="android.widget.Button" enabled="true" clickable="true" bounds="[10,10][90,30]"/></node></hierarchy>"#
        )
    }
}

#[async_trait]
impl Device for SimPhone {
    fn serial(&self) -> &Serial {
        &self.serial
    }

    fn driver(&self) -> DriverKind {
        DriverKind::Plain
    }

    fn note(&self) -> Option<String> {
        None
    }

    async fn hierarchy(&self) -> Result<Hierarchy, DeviceError> {
        let now = self.clock.elapsed();
        let xml = self.with(|app| Self::xml(app, now)).await?;
        let screen = Screen::parse(&xml).map_err(DeviceError::BadDump)?;
        Ok(Hierarchy {
            xml,
            screen,
            focus: None,
        })
    }

    async fn screenshot(&self) -> Result<Vec<u8>, DeviceError> {
        Err(DeviceError::NoWindow)
    }

    async fn foreground(&self) -> Result<Foreground, DeviceError> {
        self.call().await?;
        Ok(Foreground {
            package: PACKAGE.to_owned(),
            activity: None,
            window: None,
        })
    }

    async fn focus(&self) -> Result<String, DeviceError> {
        self.call().await.map(|()| PACKAGE.to_owned())
    }

    async fn tap(&self, _x: i32, _y: i32) -> Result<(), DeviceError> {
        self.call().await?;
        let takes = self.world.millis(1..400);
        let due = self.clock.elapsed() + takes;
        lock(&self.world.apps)
            .entry(self.serial.0.clone())
            .or_default()
            .touches
            .push(due);
        let answer = self.world.millis(1..400);
        tokio::time::sleep(answer).await;
        self.world.arrive_at(&self.serial.0, self.clock.elapsed());
        if self.world.chance(self.world.weather().moody) {
            // The answer is lost.
            return Err(DeviceError::TextLost { typed: 0, shown: 0 });
        }
        Ok(())
    }

    async fn long_press(&self, _x: i32, _y: i32, _hold: Duration) -> Result<(), DeviceError> {
        self.call().await
    }

    async fn swipe(&self, _from: (i32, i32), _to: (i32, i32), _time: Duration) -> Result<(), DeviceError> {
        self.call().await
    }

    async fn key(&self, _key: Key) -> Result<(), DeviceError> {
        self.call().await
    }

    async fn type_text(&self, _text: &str) -> Result<(), DeviceError> {
        self.call().await
    }

    async fn insert_text(&self, _text: &str) -> Result<(), DeviceError> {
        self.call().await
    }

    async fn clear_text(&self) -> Result<(), DeviceError> {
        self.call().await
    }

    async fn open_url(&self, url: &str, _package: Option<&str>) -> Result<(), DeviceError> {
        let path = url.strip_prefix("paper://").unwrap_or_default();
        let page = match path.split_once('/') {
            Some(("follow", key)) => Page::Follow(key.to_owned()),
            Some(("compose", key)) => Page::Compose(key.to_owned()),
            Some(("post", key)) => Page::Post(key.to_owned()),
            _ => Page::Home,
        };
        self.with(|app| app.page = page).await
    }

    async fn start_app(&self, _package: &str) -> Result<(), DeviceError> {
        self.call().await
    }

    async fn stop_app(&self, _package: &str) -> Result<(), DeviceError> {
        self.with(|app| app.page = Page::Home).await
    }

    async fn share(&self, _share: &Share) -> Result<(), DeviceError> {
        self.call().await
    }

    async fn grant(&self, _package: &str, _permission: &str) -> Result<(), DeviceError> {
        self.call().await
    }

    async fn app_version(&self, package: &str) -> Result<Option<String>, DeviceError> {
        self.call().await?;
        Ok((package == PACKAGE).then(|| "1".to_owned()))
    }

    async fn system(&self) -> Result<SystemFacts, DeviceError> {
        self.call().await?;
        Ok(SystemFacts {
            android: "13".to_owned(),
            sdk: 33,
            language: "en".to_owned(),
        })
    }

    async fn keyboard_shown(&self) -> Result<bool, DeviceError> {
        self.call().await.map(|()| false)
    }

    async fn wake(&self) -> Result<bool, DeviceError> {
        self.call().await.map(|()| true)
    }

    async fn clock(&self) -> Result<i64, DeviceError> {
        self.call().await.map(|()| 0)
    }

    async fn push(&self, _local: &Path, _remote: &str) -> Result<(), DeviceError> {
        self.call().await
    }

    async fn remove(&self, _remote: &str) -> Result<(), DeviceError> {
        self.call().await
    }

    async fn index_media(&self, _remote: &str) -> Result<Option<String>, DeviceError> {
        self.call().await.map(|()| None)
    }

    async fn hold(&self, token: &str) -> Result<(), DeviceError> {
        self.with(|app| token.clone_into(&mut app.holder)).await
    }

    async fn holder(&self) -> Result<String, DeviceError> {
        self.with(|app| app.holder.clone()).await
    }

    async fn note_files(&self, paths: &[String]) -> Result<(), DeviceError> {
        self.with(|app| paths.clone_into(&mut app.files)).await
    }

    async fn noted_files(&self) -> Result<Vec<String>, DeviceError> {
        self.with(|app| app.files.clone()).await
    }
}
