//! One phone with one account logged in, and what a run of a flow there left: its answer, the ledger, the touches, the
//! bundle. For tests that have one thing go wrong; it knows packs and apps from outside only.

use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::sync::Arc;
use std::time::Duration;

use serde_json::{Value, json};
use shared::screen::Screen;
use simphone::app::social::Platform;
use simphone::ledger::Entry;
use simphone::phone::{Input, Phone};
use tokio::io::AsyncBufReadExt as _;

use super::{FlowFarm, Login, Order, driver, package};
use crate::hub::Ended;

/// What a finding is: a sentence for whoever reads the failed test.
pub type Finding = Result<(), String>;

/// For what a test waits for beside a run.
const EVENT: Duration = Duration::from_secs(120);
const LOOK: Duration = Duration::from_millis(15);
/// Every file of a complete bundle.
const BUNDLE: [&str; 4] = ["hierarchy.xml", "screen.png", "steps.jsonl", "meta.json"];

/// A phone and whose app it is.
#[derive(Debug)]
pub struct Stage<'a> {
    pub farm: &'a FlowFarm,
    pub platform: &'static str,
    pub serial: String,
    pub me: Login,
    /// The words that choose a driver.
    pub driver: Vec<String>,
}

/// How a run ended.
#[derive(Debug)]
pub struct Told {
    pub ended: Ended,
    pub answer: Value,
}

impl<'a> Stage<'a> {
    /// Seeds an account of its own and logs it in; driven by the resident driver.
    pub async fn new(farm: &'a FlowFarm, platform: &'static str, serial: &str) -> io::Result<Stage<'a>> {
        let stage = Self::logged_out(farm, platform, serial).await?;
        let sessions = json!({ "sessions": [stage.me.username] });
        farm.app(serial, package(platform), &sessions).await?;
        Ok(stage)
    }

    /// The same with the account known to the platform and not to the phone.
    pub async fn logged_out(
        farm: &'a FlowFarm,
        platform: &'static str,
        serial: &str,
    ) -> io::Result<Stage<'a>> {
        let number = serial.trim_start_matches("SIM");
        let me = Login {
            username: format!("maker.{number}"),
            email: format!("maker{number}@example.com"),
            password: format!("Quiet-Zebra&{number}'s"),
            totp: String::new(),
        };
        let account = json!({
            "username": me.username, "password": me.password, "email": me.email, "display_name": "A Maker",
        });
        farm.tell(&format!("/world/{platform}"), &json!({ "accounts": [account] }))
            .await?;
        Ok(Self {
            farm,
            platform,
            serial: serial.to_owned(),
            me,
            driver: driver("resident"),
        })
    }

    #[must_use]
    pub fn plain(mut self) -> Self {
        self.driver = driver("plain");
        self
    }

    pub fn phone(&self) -> Arc<Phone> {
        self.farm.farm.phone(&self.serial)
    }

    /// How the platform behaves towards this phone from now on; null takes a mood away.
    pub async fn moods(&self, moods: Value) -> io::Result<()> {
        let change = json!({ "moods": moods });
        self.farm
            .app(&self.serial, package(self.platform), &change)
            .await
            .map(drop)
    }

    /// Something is wrong with the phone from now on, or `{"clear": kind}`.
    pub async fn fault(&self, fault: Value) -> io::Result<()> {
        self.farm
            .tell(&format!("/phones/{}/fault", self.serial), &fault)
            .await
            .map(drop)
    }

    pub fn order(&self, flow: &str) -> Order {
        Order::new(&self.serial, self.platform, flow)
            .over(&self.driver)
            .by(&self.me)
    }

    /// Follows somebody of a fresh world.
    pub fn follow(&self, user: &str) -> Order {
        self.order("follow").set("target_username", user)
    }

    /// Posts a video of its own.
    pub fn post(&self, name: &str, caption: &str) -> io::Result<Order> {
        let file = self.farm.material(
            &format!("{}-{name}.mp4", self.serial),
            &format!("{name} {}", self.serial),
        )?;
        Ok(self.order("post").with(&file).set("captions", caption))
    }

    /// Comments on somebody's first post.
    pub async fn comment(&self, author: &str, text: &str) -> io::Result<Order> {
        let link = self.link(author, 0).await?;
        Ok(self
            .order("comment")
            .set("target_post_url", &link)
            .set("comment_content", text))
    }

    /// The link of somebody's post, counted from the first.
    pub async fn link(&self, author: &str, number: usize) -> io::Result<String> {
        let world = self.world().await?;
        let posts = world["posts"].as_array().into_iter().flatten();
        let post = posts.filter(|post| post["author"] == author).nth(number);
        let post = post.ok_or_else(|| io::Error::other(format!("{author} has no post {number}")))?;
        let code = post["code"].as_str().unwrap_or_default();
        Ok(match (self.platform, post["placement"].as_str()) {
            ("tiktok", _) => format!("https://www.tiktok.com/@{author}/video/{code}"),
            (_, Some("reel")) => format!("https://www.instagram.com/reel/{code}/"),
            _ => format!("https://www.instagram.com/p/{code}/"),
        })
    }

    pub async fn world(&self) -> io::Result<Value> {
        self.farm.ask(&format!("/world/{}", self.platform)).await
    }

    /// Runs it to its end, whatever that is.
    pub async fn run(&self, order: &Order) -> io::Result<Told> {
        Told::of(self.farm.run(order).await?)
    }

    /// Runs it until the crash point that it is given.
    pub async fn crash(&self, order: &Order, point: &str) -> io::Result<Ended> {
        let mut order = order.clone();
        order
            .environment
            .push(("DROVER_CRASH_AT".to_owned(), point.to_owned()));
        self.farm.run(&order).await
    }

    /// Runs it telling each step, and does something as soon as it tells of `word`; fails where it never does.
    pub async fn run_until_told(
        &self,
        order: &Order,
        word: &str,
        then: impl AsyncFnOnce(),
    ) -> io::Result<Told> {
        let mut order = order.clone();
        order.more.push("--verbose".to_owned());
        let mut command = self.farm.command(&order)?;
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn()?;
        let told = child.stderr.take().ok_or_else(|| io::Error::other("no stderr"))?;
        let mut lines = tokio::io::BufReader::new(told).lines();
        let mut stderr = String::new();
        let mut then = Some(then);
        while let Some(line) = lines.next_line().await? {
            if line.contains(word)
                && let Some(then) = then.take()
            {
                then().await;
            }
            stderr.push_str(&line);
            stderr.push('\n');
        }
        let output = child.wait_with_output().await?;
        if then.is_some() {
            return Err(io::Error::other(format!("it never told of {word:?}: {stderr}")));
        }
        Told::of(Ended {
            stderr,
            ..Ended::from(output)
        })
    }

    /// Runs it and kills it with SIGKILL as soon as `when` holds; false where it ended before.
    pub async fn kill_when(&self, order: &Order, when: impl Fn() -> bool) -> io::Result<bool> {
        let mut command = self.farm.command(order)?;
        let mut child = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn()?;
        let killed = tokio::select! {
            _ = child.wait() => false,
            () = self.until(when) => true,
        };
        if killed {
            child.kill().await?;
        }
        Ok(killed)
    }

    async fn until(&self, when: impl Fn() -> bool) {
        let looking = async {
            while !when() {
                tokio::time::sleep(LOOK).await;
            }
        };
        if tokio::time::timeout(EVENT, looking).await.is_err() {
            std::future::pending::<()>().await;
        }
    }

    pub fn ledger(&self) -> Vec<Entry> {
        self.farm.ledger(&self.serial, package(self.platform))
    }

    /// Every act of the ledger as "kind target", with how often it was done.
    pub fn acts(&self) -> BTreeMap<String, usize> {
        let mut acts = BTreeMap::new();
        for entry in self.ledger() {
            *acts.entry(told(&entry)).or_insert(0) += 1;
        }
        acts
    }

    pub fn count(&self, kind: &str) -> usize {
        self.ledger().iter().filter(|entry| entry.kind == kind).count()
    }

    /// The ledger holds exactly these acts.
    pub fn did(&self, wanted: &[(&str, usize)]) -> Finding {
        let wanted: BTreeMap<String, usize> = wanted
            .iter()
            .map(|(act, times)| ((*act).to_owned(), *times))
            .collect();
        let acts = self.acts();
        check(acts == wanted, || format!("asked for {wanted:?}, done {acts:?}"))
    }

    /// Whether the app on this phone has an upload under way.
    pub fn uploads(&self) -> bool {
        !self.phone().social.install(self.app()).uploads.is_empty()
    }

    /// A person throws away what failed to upload.
    pub fn throw_uploads_away(&self) {
        let phone = self.phone();
        let mut install = phone.social.install(self.app());
        install.uploads.clear();
        install.keep();
    }

    fn app(&self) -> Platform {
        if self.platform == "instagram" {
            Platform::Instagram
        } else {
            Platform::TikTok
        }
    }

    /// With the keyboard by which the plain driver types what `input` cannot.
    pub async fn with_keyboard(self) -> io::Result<Self> {
        self.farm.install_keyboard(&self.serial).await?;
        Ok(self)
    }

    /// Touches that programs sent to the phone.
    pub fn touches(&self) -> usize {
        let inputs = self.phone().inputs.all();
        let touch = |input: &&Input| matches!(input, Input::Tap(_) | Input::LongPress(_) | Input::Swipe(..));
        inputs.iter().filter(touch).count()
    }

    /// Where the runs on this phone leave their files.
    pub fn own_folder(&self) -> PathBuf {
        self.farm.folder().join(&self.serial)
    }

    /// What the phone says to a shell command.
    pub async fn shell(&self, line: &str) -> io::Result<String> {
        let said = self
            .farm
            .adb
            .run(&self.farm.address(&self.serial), &["shell", line])
            .await?;
        Ok(String::from_utf8_lossy(&said).trim().to_owned())
    }
}

impl Told {
    pub fn of(ended: Ended) -> io::Result<Self> {
        let answer = serde_json::from_str(&ended.stdout)
            .map_err(|error| io::Error::other(format!("{error} in the agent's answer: {ended:?}")))?;
        Ok(Self { ended, answer })
    }

    /// The kind of the failure; "done" where there was none.
    pub fn kind(&self) -> &str {
        match self.answer["error"]["kind"].as_str() {
            Some(kind) => kind,
            None if self.answer["ok"] == true => "done",
            None => "nothing",
        }
    }

    pub fn message(&self) -> &str {
        self.answer["error"]["message"].as_str().unwrap_or_default()
    }

    pub fn result(&self) -> &Value {
        &self.answer["result"]
    }

    pub fn done(&self) -> Finding {
        check(self.kind() == "done", || {
            format!("it did not end well: {}", self.story())
        })
    }

    /// It ended with this kind and left a whole bundle that tells the same.
    pub fn failed(&self, kind: &str) -> Finding {
        check(self.kind() == kind, || format!("wanted {kind}: {}", self.story()))?;
        let bundle = self
            .bundle()
            .ok_or_else(|| format!("{kind} without a bundle: {}", self.story()))?;
        for name in BUNDLE {
            let size = std::fs::metadata(bundle.join(name)).map_or(0, |about| about.len());
            check(size > 0, || format!("the bundle has no {name}: {}", self.story()))?;
        }
        let meta = self.bundled("meta.json")?;
        let meta: Value = serde_json::from_str(&meta).map_err(|error| format!("{error}: {meta}"))?;
        check(meta["failure"]["kind"] == kind, || {
            format!("the bundle tells of {}", meta["failure"])
        })?;
        check(meta["lacking"] == json!([]), || {
            format!("the bundle lacks {}", meta["lacking"])
        })
    }

    pub fn bundle(&self) -> Option<&Path> {
        self.answer["bundle"].as_str().map(Path::new)
    }

    pub fn bundled(&self, name: &str) -> Result<String, String> {
        let path = self.bundle().ok_or("there is no bundle")?.join(name);
        std::fs::read_to_string(&path).map_err(|error| format!("{}: {error}", path.display()))
    }

    /// What a reader of a failed test needs.
    pub fn story(&self) -> String {
        let told: Vec<&str> = self.ended.stderr.lines().rev().take(6).collect();
        let told: Vec<&str> = told.into_iter().rev().collect();
        let told = told.join(" | ");
        format!(
            "code {:?} {} {told}; {}",
            self.ended.code,
            self.answer,
            self.scene()
        )
    }

    /// The texts of the last screen and the last steps, from the bundle.
    fn scene(&self) -> String {
        const STEPS: usize = 30;
        let xml = self.bundled("hierarchy.xml").unwrap_or_default();
        let texts: Vec<String> = Screen::parse(&xml)
            .map(|screen| {
                screen
                    .nodes()
                    .map(|node| format!("{}{}", node.text(), node.description()))
                    .collect()
            })
            .unwrap_or_default();
        let texts: Vec<String> = texts.into_iter().filter(|text| !text.is_empty()).collect();
        let steps = self.bundled("steps.jsonl").unwrap_or_default();
        let steps = steps
            .lines()
            .filter_map(|line| serde_json::from_str::<Value>(line).ok());
        let mut steps: Vec<String> = steps
            .map(|step| {
                let word = |name: &str| step[name].as_str().unwrap_or_default().to_owned();
                format!(
                    "{} {}#{} {}{}",
                    word("what"),
                    word("element"),
                    step["alternative"],
                    word("detail"),
                    word("failed")
                )
            })
            .collect();
        let steps = steps.split_off(steps.len().saturating_sub(STEPS));
        format!("the screen said {texts:?} after {steps:#?}")
    }
}

/// Collects what went wrong, so that one run of a test tells all of it.
#[derive(Debug, Default)]
pub struct Findings(Vec<String>);

impl Findings {
    pub fn take(&mut self, case: &str, finding: Finding) {
        if let Err(fault) = finding {
            self.0.push(format!("{case}: {fault}"));
        }
    }

    pub fn add(&mut self, more: Self) {
        self.0.extend(more.0);
    }

    /// # Panics
    /// Where there is any.
    pub fn none(self) {
        assert!(self.0.is_empty(), "{}", self.0.join("\n"));
    }
}

/// "follow ana.sketches", "profile bio", "opted_in map".
fn told(entry: &Entry) -> String {
    let named = ["target", "field", "what"]
        .iter()
        .find_map(|name| entry.detail.get(*name)?.as_str());
    match named {
        Some(named) if !named.is_empty() => format!("{} {named}", entry.kind),
        _ => entry.kind.clone(),
    }
}

/// A finding out of a question.
pub fn check(right: bool, told: impl FnOnce() -> String) -> Finding {
    if right { Ok(()) } else { Err(told()) }
}

/// Trouble of the test's own ground, as a finding.
pub fn ground(error: impl std::fmt::Display) -> String {
    format!("the test's own ground: {error}")
}
