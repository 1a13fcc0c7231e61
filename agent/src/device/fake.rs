//! A phone of paper: plays screens that a test wrote down and records what was done to it.
//!
//! Screens are named; a touch on a node, a key or a number of looks leads from one to the next. `{typed}` in a screen
//! is what was typed since the last clearing.

use std::collections::{BTreeMap, VecDeque};
use std::path::Path;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use async_trait::async_trait;
use shared::device::{Foreground, Serial};
use shared::screen::{Node, Screen};

use super::{Device, DeviceError, DriverKind, Hierarchy, Key, Share, SystemFacts};

/// What was done to it, in order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Event {
    /// On which screen, and the text, description or id of what was hit.
    Tap {
        screen: String,
        hit: String,
    },
    LongPress {
        screen: String,
        hit: String,
    },
    Swipe {
        from: (i32, i32),
        to: (i32, i32),
    },
    Key(Key),
    Text(String),
    Clear,
    OpenUrl(String),
    StartApp(String),
    StopApp(String),
    Share(Share),
    Push(String),
    Remove(String),
    Grant(String),
}

/// What leads to another screen.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Cause {
    Tap(String),
    Key(u16),
    /// So many looks at it.
    Looks(u32),
    Swipe,
    Start,
    Stop,
    Url(String),
}

#[derive(Debug, Default)]
struct State {
    screens: BTreeMap<String, String>,
    at: String,
    moves: Vec<(String, Cause, String)>,
    looks: u32,
    typed: String,
    keyboard: bool,
    events: Vec<Event>,
    first_at: Option<Instant>,
    /// Errors of the next calls, before anything else happens.
    troubles: VecDeque<(u32, DeviceError)>,
    tap_trouble: Option<DeviceError>,
    lose_answer: bool,
    holder: String,
    held: bool,
    front: String,
    files: Vec<String>,
}

/// See the module.
#[derive(Debug)]
pub struct Fake {
    serial: Serial,
    state: Mutex<State>,
}

impl Fake {
    /// Begins at the first screen that is added.
    pub fn new(package: &str) -> Self {
        Self {
            serial: Serial("FAKE".to_owned()),
            state: Mutex::new(State {
                front: package.to_owned(),
                ..State::default()
            }),
        }
    }

    fn state(&self) -> std::sync::MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Adds a screen, given as nodes inside of `<hierarchy>`.
    #[must_use]
    pub fn screen(self, name: &str, nodes: &str) -> Self {
        {
            let mut state = self.state();
            if state.screens.is_empty() {
                name.clone_into(&mut state.at);
            }
            let xml = format!("<hierarchy rotation=\"0\">{nodes}</hierarchy>");
            state.screens.insert(name.to_owned(), xml);
        }
        self
    }

    fn lead(self, from: &str, cause: Cause, to: &str) -> Self {
        self.state().moves.push((from.to_owned(), cause, to.to_owned()));
        self
    }

    /// A touch on the node with this text, description or short id leads on.
    #[must_use]
    pub fn on_tap(self, from: &str, hit: &str, to: &str) -> Self {
        self.lead(from, Cause::Tap(hit.to_owned()), to)
    }

    #[must_use]
    pub fn on_key(self, from: &str, key: Key, to: &str) -> Self {
        self.lead(from, Cause::Key(key.code()), to)
    }

    #[must_use]
    pub fn on_looks(self, from: &str, looks: u32, to: &str) -> Self {
        self.lead(from, Cause::Looks(looks), to)
    }

    #[must_use]
    pub fn on_swipe(self, from: &str, to: &str) -> Self {
        self.lead(from, Cause::Swipe, to)
    }

    #[must_use]
    pub fn on_start(self, from: &str, to: &str) -> Self {
        self.lead(from, Cause::Start, to)
    }

    #[must_use]
    pub fn on_stop(self, from: &str, to: &str) -> Self {
        self.lead(from, Cause::Stop, to)
    }

    #[must_use]
    pub fn on_url(self, from: &str, url: &str, to: &str) -> Self {
        self.lead(from, Cause::Url(url.to_owned()), to)
    }

    /// The call after so many others fails with it.
    pub fn trouble_after(&self, calls: u32, error: DeviceError) {
        self.state().troubles.push_back((calls, error));
    }

    /// The next touch fails with it and does not arrive.
    pub fn trouble_on_tap(&self, error: DeviceError) {
        self.state().tap_trouble = Some(error);
    }

    /// The next touch arrives, and its answer does not come back.
    pub fn lose_answer_of_next_tap(&self) {
        self.state().lose_answer = true;
    }

    /// Somebody else holds the phone, whatever is written down later.
    pub fn hold_for_ever(&self, token: &str) {
        let mut state = self.state();
        token.clone_into(&mut state.holder);
        state.held = true;
    }

    pub fn show_keyboard(&self, shown: bool) {
        self.state().keyboard = shown;
    }

    pub fn go_to(&self, screen: &str) {
        screen.clone_into(&mut self.state().at);
    }

    /// Under another name, where there are several.
    #[must_use]
    pub fn named(mut self, serial: &str) -> Self {
        self.serial = Serial(serial.to_owned());
        self
    }

    /// When anything was done to it first, if it was.
    pub fn first_touched_at(&self) -> Option<Instant> {
        self.state().first_at
    }

    pub fn events(&self) -> Vec<Event> {
        self.state().events.clone()
    }

    /// The hits of all touches.
    pub fn taps(&self) -> Vec<String> {
        let events = self.events();
        let hits = events.into_iter().filter_map(|event| match event {
            Event::Tap { hit, .. } => Some(hit),
            _ => None,
        });
        hits.collect()
    }

    fn call(&self) -> Result<std::sync::MutexGuard<'_, State>, DeviceError> {
        let mut state = self.state();
        match state.troubles.front_mut() {
            Some((0, _)) => {}
            Some((calls, _)) => {
                *calls -= 1;
                return Ok(state);
            }
            None => return Ok(state),
        }
        match state.troubles.pop_front() {
            Some((_, error)) => Err(error),
            None => Ok(state),
        }
    }
}

impl State {
    fn note(&mut self, event: Event) {
        self.first_at.get_or_insert_with(Instant::now);
        self.events.push(event);
    }

    fn xml(&self) -> String {
        let typed = self
            .typed
            .replace('&', "&amp;")
            .replace('<', "&lt;")
            .replace('"', "&quot;");
        self.screens
            .get(&self.at)
            .map(|xml| xml.replace("{typed}", &typed))
            .unwrap_or_default()
    }

    fn follow(&mut self, fits: impl Fn(&Cause) -> bool) {
        let next = self
            .moves
            .iter()
            .find(|(from, cause, _)| (*from == self.at || from == "*") && fits(cause))
            .map(|(_, _, to)| to.clone());
        if let Some(next) = next {
            self.at = next;
            self.looks = 0;
        }
    }

    /// The deepest node at the point that says something of itself.
    fn hit(&self, x: i32, y: i32) -> String {
        let xml = self.xml();
        let Ok(screen) = Screen::parse(&xml) else {
            return String::new();
        };
        let named = screen
            .nodes()
            .rev()
            .find(|node| node.bounds().contains(x, y) && !name_of(node).is_empty());
        named.map(|node| name_of(&node)).unwrap_or_default()
    }
}

fn name_of(node: &Node<'_>) -> String {
    let id = node.resource_id();
    [
        node.text(),
        node.description(),
        id.rsplit('/').next().unwrap_or_default(),
    ]
    .into_iter()
    .find(|name| !name.is_empty())
    .unwrap_or_default()
    .to_owned()
}

#[async_trait]
impl Device for Fake {
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
        let mut state = self.call()?;
        let xml = state.xml();
        state.looks += 1;
        let looks = state.looks;
        state.follow(|cause| matches!(cause, Cause::Looks(after) if looks >= *after));
        let screen = Screen::parse(&xml).map_err(DeviceError::BadDump)?;
        Ok(Hierarchy {
            xml,
            screen,
            focus: None,
        })
    }

    async fn screenshot(&self) -> Result<Vec<u8>, DeviceError> {
        drop(self.call()?);
        crate::flow::bundle::blank_picture(120, 240).map_err(DeviceError::BadPicture)
    }

    async fn foreground(&self) -> Result<Foreground, DeviceError> {
        let state = self.call()?;
        Ok(Foreground {
            package: state.front.clone(),
            activity: Some(format!("{}.Main", state.front)),
            window: None,
        })
    }

    async fn focus(&self) -> Result<String, DeviceError> {
        Ok(self.call()?.front.clone())
    }

    async fn tap(&self, x: i32, y: i32) -> Result<(), DeviceError> {
        let mut state = self.call()?;
        if let Some(error) = state.tap_trouble.take() {
            return Err(error);
        }
        let hit = state.hit(x, y);
        let screen = state.at.clone();
        state.note(Event::Tap {
            screen,
            hit: hit.clone(),
        });
        state.follow(|cause| *cause == Cause::Tap(hit.clone()));
        if std::mem::take(&mut state.lose_answer) {
            return Err(DeviceError::TextLost { typed: 0, shown: 0 });
        }
        Ok(())
    }

    async fn long_press(&self, x: i32, y: i32, _hold: Duration) -> Result<(), DeviceError> {
        let mut state = self.call()?;
        let (screen, hit) = (state.at.clone(), state.hit(x, y));
        state.note(Event::LongPress { screen, hit });
        Ok(())
    }

    async fn swipe(&self, from: (i32, i32), to: (i32, i32), _time: Duration) -> Result<(), DeviceError> {
        let mut state = self.call()?;
        state.note(Event::Swipe { from, to });
        state.follow(|cause| *cause == Cause::Swipe);
        Ok(())
    }

    async fn key(&self, key: Key) -> Result<(), DeviceError> {
        let mut state = self.call()?;
        state.note(Event::Key(key));
        if key == Key::Back && state.keyboard {
            state.keyboard = false;
            return Ok(());
        }
        state.follow(|cause| *cause == Cause::Key(key.code()));
        Ok(())
    }

    async fn type_text(&self, text: &str) -> Result<(), DeviceError> {
        self.insert_text(text).await
    }

    async fn insert_text(&self, text: &str) -> Result<(), DeviceError> {
        let mut state = self.call()?;
        state.typed.push_str(text);
        state.note(Event::Text(text.to_owned()));
        Ok(())
    }

    async fn clear_text(&self) -> Result<(), DeviceError> {
        let mut state = self.call()?;
        state.typed.clear();
        state.note(Event::Clear);
        Ok(())
    }

    async fn open_url(&self, url: &str, _package: Option<&str>) -> Result<(), DeviceError> {
        let mut state = self.call()?;
        state.note(Event::OpenUrl(url.to_owned()));
        state.follow(|cause| *cause == Cause::Url(url.to_owned()));
        Ok(())
    }

    async fn start_app(&self, package: &str) -> Result<(), DeviceError> {
        let mut state = self.call()?;
        state.note(Event::StartApp(package.to_owned()));
        state.follow(|cause| *cause == Cause::Start);
        Ok(())
    }

    async fn stop_app(&self, package: &str) -> Result<(), DeviceError> {
        let mut state = self.call()?;
        state.note(Event::StopApp(package.to_owned()));
        state.follow(|cause| *cause == Cause::Stop);
        Ok(())
    }

    async fn share(&self, share: &Share) -> Result<(), DeviceError> {
        self.call()?.note(Event::Share(share.clone()));
        Ok(())
    }

    async fn grant(&self, _package: &str, permission: &str) -> Result<(), DeviceError> {
        self.call()?.note(Event::Grant(permission.to_owned()));
        Ok(())
    }

    async fn app_version(&self, package: &str) -> Result<Option<String>, DeviceError> {
        let state = self.call()?;
        Ok((state.front == package).then(|| "1.2.3".to_owned()))
    }

    async fn system(&self) -> Result<SystemFacts, DeviceError> {
        drop(self.call()?);
        Ok(SystemFacts {
            android: "13".to_owned(),
            sdk: 33,
            language: "en".to_owned(),
        })
    }

    async fn keyboard_shown(&self) -> Result<bool, DeviceError> {
        Ok(self.call()?.keyboard)
    }

    async fn wake(&self) -> Result<bool, DeviceError> {
        drop(self.call()?);
        Ok(true)
    }

    async fn clock(&self) -> Result<i64, DeviceError> {
        drop(self.call()?);
        Ok(1_700_000_000)
    }

    async fn push(&self, _local: &Path, remote: &str) -> Result<(), DeviceError> {
        self.call()?.note(Event::Push(remote.to_owned()));
        Ok(())
    }

    async fn remove(&self, remote: &str) -> Result<(), DeviceError> {
        self.call()?.note(Event::Remove(remote.to_owned()));
        Ok(())
    }

    async fn index_media(&self, remote: &str) -> Result<Option<String>, DeviceError> {
        drop(self.call()?);
        let number = remote.len();
        Ok(Some(format!("content://media/external/video/media/{number}")))
    }

    async fn hold(&self, token: &str) -> Result<(), DeviceError> {
        let mut state = self.call()?;
        if !state.held {
            token.clone_into(&mut state.holder);
        }
        Ok(())
    }

    async fn holder(&self) -> Result<String, DeviceError> {
        Ok(self.call()?.holder.clone())
    }

    async fn note_files(&self, paths: &[String]) -> Result<(), DeviceError> {
        paths.clone_into(&mut self.call()?.files);
        Ok(())
    }

    async fn noted_files(&self) -> Result<Vec<String>, DeviceError> {
        Ok(self.call()?.files.clone())
    }
}
