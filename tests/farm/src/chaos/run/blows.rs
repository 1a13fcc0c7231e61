//! The blows of the plan as they fall, what follows each a while later, and agents that died at their crash points.

use std::io;
use std::os::unix::process::ExitStatusExt as _;
use std::time::Duration;

use rand::Rng as _;
use rustix::process::{Pid, Signal, kill_process};
use tokio::time::Instant;

use super::super::crew::Hand;
use super::super::plan::Blow;
use super::super::rack::Rack;
use super::super::read;
use super::Run;
use crate::line::Weather;

const AGAIN: Duration = Duration::from_secs(1);

/// What is still to be done.
#[derive(Debug, Clone)]
pub(super) enum Then {
    StartController,
    StartAgent(usize),
    StartRack(usize),
    /// By its name among those that stand still.
    Continue(String),
    /// The cable of a phone to an agent is pulled.
    Pull(usize, usize),
    Fair(usize),
    Mend(usize),
}

/// A signal for a process that this run has started.
pub(super) fn signal(pid: u32, signal: Signal) -> io::Result<()> {
    let pid = i32::try_from(pid).ok().and_then(Pid::from_raw);
    let pid = pid.ok_or_else(|| io::Error::other("no process has this number"))?;
    match kill_process(pid, signal) {
        // It may have ended a moment ago.
        Err(rustix::io::Errno::SRCH) | Ok(()) => Ok(()),
        Err(error) => Err(error.into()),
    }
}

impl Run<'_> {
    pub(super) fn hand(&mut self, number: usize) -> io::Result<&mut Hand> {
        self.crew
            .hands
            .get_mut(number)
            .ok_or_else(|| io::Error::other(format!("there is no agent {number}")))
    }

    fn later(&mut self, after: Duration, then: Then) {
        self.then.push((Instant::now() + after, then));
    }

    fn plans(&self, wanted: impl Fn(&Then) -> bool) -> bool {
        self.then.iter().any(|(_, then)| wanted(then))
    }

    fn count(&mut self, name: &'static str) {
        *self.happened.blows.entry(name).or_default() += 1;
    }

    /// What stands still or is down already is left alone.
    pub(super) async fn strike(&mut self, blow: Blow) -> io::Result<()> {
        let name = blow.name();
        match blow {
            Blow::KillController(down) => {
                if self.stopped.contains_key("controller") || self.crew.controller.pid().is_none() {
                    return Ok(());
                }
                self.crew.controller.kill().await?;
                self.later(down, Then::StartController);
            }
            Blow::StopController(still) => {
                let pid = self.crew.controller.pid();
                if !self.stop("controller".to_owned(), pid, still)? {
                    return Ok(());
                }
            }
            Blow::KillAgent(number, down) => {
                if !self.kill_agent(number).await? {
                    return Ok(());
                }
                self.later(down, Then::StartAgent(number));
            }
            Blow::StopAgent(number, still) => {
                let pid = self.hand(number)?.agent.pid();
                if !self.stop(format!("agent{number}"), pid, still)? {
                    return Ok(());
                }
            }
            Blow::KillRack(number, down) => {
                if self.stopped.contains_key(&format!("rack{number}")) {
                    return Ok(());
                }
                let Some(rack) = self.crew.racks.get_mut(number) else {
                    return Ok(());
                };
                if rack.pid().is_none() {
                    return Ok(());
                }
                rack.kill().await?;
                self.later(down, Then::StartRack(number));
            }
            Blow::StopRack(number, still) => {
                let pid = self.crew.racks.get(number).and_then(Rack::pid);
                if !self.stop(format!("rack{number}"), pid, still)? {
                    return Ok(());
                }
            }
            Blow::KillAdbServer(number) => {
                if self.hand(number)?.agent.kill_adb_server().await.is_err() {
                    return Ok(());
                }
            }
            Blow::Move(phone, both) => self.move_phone(phone, both),
            Blow::LoseJournal(number) => self.lose(number, false).await?,
            Blow::LoseHost(number) => self.lose(number, true).await?,
            Blow::BadWeather(number, weather, time) => {
                self.hand(number)?.line.set_weather(weather);
                self.later(time, Then::Fair(number));
            }
            Blow::Cut(number, time) => {
                self.hand(number)?.line.cut();
                self.later(time, Then::Mend(number));
            }
        }
        self.count(name);
        Ok(())
    }

    fn stop(&mut self, name: String, pid: Option<u32>, still: Duration) -> io::Result<bool> {
        let Some(pid) = pid.filter(|_| !self.stopped.contains_key(&name)) else {
            return Ok(false);
        };
        signal(pid, Signal::STOP)?;
        self.stopped.insert(name.clone(), pid);
        self.later(still, Then::Continue(name));
        Ok(true)
    }

    /// The phone comes up at its other agent; where it stays at both for a while, that one has its cable too.
    fn move_phone(&mut self, phone: usize, both: Option<Duration>) {
        let Some(cables) = self.crew.cables_of(phone) else {
            return;
        };
        let mut pulled = Vec::new();
        for (agent, cable) in cables {
            if cable.is_plugged() {
                pulled.push(*agent);
            }
        }
        let free: Vec<usize> = cables
            .keys()
            .copied()
            .filter(|agent| !pulled.contains(agent))
            .collect();
        if free.is_empty() {
            return;
        }
        if both.is_none() {
            for agent in &pulled {
                if let Some(cable) = cables.get(agent) {
                    cable.plug(false);
                }
            }
        }
        for agent in free {
            if let Some(cable) = cables.get(&agent) {
                cable.plug(true);
            }
        }
        if let Some(time) = both {
            for agent in pulled {
                self.later(time, Then::Pull(phone, agent));
            }
        }
    }

    /// An agent that has lost its journal, or its whole machine; what was lost is kept for the checker.
    async fn lose(&mut self, number: usize, all: bool) -> io::Result<()> {
        if self.stopped.contains_key(&format!("agent{number}")) {
            return Ok(());
        }
        self.kill_agent(number).await?;
        let state = self.hand(number)?.agent.state();
        self.losses += 1;
        let kept = self.crew.spec.folder.join(format!("lost{}", self.losses));
        if all {
            if_there(std::fs::rename(&state, &kept))?;
        } else {
            std::fs::create_dir_all(&kept)?;
            if_there(std::fs::rename(
                state.join(agent::journal::FILE),
                kept.join(agent::journal::FILE),
            ))?;
            if_there(std::fs::remove_dir_all(state.join("outbox")))?;
        }
        if let Some(journal) = read::journal(&kept.join(agent::journal::FILE), true)? {
            // Whoever wrote it is dead.
            self.since.remove(&journal.identity);
            self.lost.push(journal);
        }
        if !self.plans(|then| matches!(then, Then::StartAgent(other) if *other == number)) {
            self.later(AGAIN, Then::StartAgent(number));
        }
        Ok(())
    }

    /// Whether it ran.
    pub(super) async fn kill_agent(&mut self, number: usize) -> io::Result<bool> {
        self.stopped.remove(&format!("agent{number}"));
        let hand = self.hand(number)?;
        let ran = hand.agent.pid().is_some();
        hand.agent.kill().await?;
        Ok(ran)
    }

    /// With its crash points set.
    pub(super) async fn start_agent(&mut self, number: usize) -> io::Result<()> {
        let points = self.crash_points();
        self.crew.start_agent(number, points).await?;
        self.note_journal(number);
        Ok(())
    }

    /// Does what is due.
    pub(super) async fn follow_up(&mut self) -> io::Result<()> {
        let now = Instant::now();
        let all = std::mem::take(&mut self.then);
        let (due, rest) = all.into_iter().partition(|(at, _)| *at <= now);
        self.then = rest;
        let due: Vec<(Instant, Then)> = due;
        for (_, then) in due {
            match then {
                Then::StartController => self.crew.controller.start()?,
                Then::StartAgent(number) => {
                    if self.hand(number)?.agent.pid().is_none()
                        && let Err(error) = self.start_agent(number).await
                    {
                        // A new machine needs a token, and the controller may be down.
                        (self.say)(&format!("agent {number} could not be started yet: {error}"));
                        self.later(AGAIN, Then::StartAgent(number));
                    }
                }
                Then::StartRack(number) => {
                    if let Some(rack) = self.crew.racks.get_mut(number) {
                        rack.start().await?;
                    }
                }
                Then::Continue(name) => {
                    if let Some(pid) = self.stopped.remove(&name) {
                        signal(pid, Signal::CONT)?;
                    }
                }
                Then::Pull(phone, agent) => {
                    let cable = self.crew.cables_of(phone).and_then(|cables| cables.get(&agent));
                    let other = self.crew.cables_of(phone).is_some_and(|cables| {
                        cables
                            .iter()
                            .any(|(other, cable)| *other != agent && cable.is_plugged())
                    });
                    if let Some(cable) = cable.filter(|_| other) {
                        cable.plug(false);
                    }
                }
                Then::Fair(number) => self.hand(number)?.line.set_weather(Weather::default()),
                Then::Mend(number) => self.hand(number)?.line.mend(),
            }
        }
        Ok(())
    }

    /// Notes agents that have died, and has them started again.
    pub(super) fn look_at_agents(&mut self) -> io::Result<()> {
        for number in 0..self.crew.hands.len() {
            let hand = self.hand(number)?;
            let Some(status) = hand.agent.ended()? else {
                continue;
            };
            let log = hand.agent.log();
            let from = self.read.get(number).copied().unwrap_or_default();
            let new = log
                .get(usize::try_from(from).unwrap_or_default()..)
                .unwrap_or_default();
            let mut died = None;
            for line in new.lines() {
                died = said(line).or(died);
            }
            if let Some(read) = self.read.get_mut(number) {
                *read = log.len() as u64;
            }
            match died {
                Some((point, task)) if status.signal() == Some(9) => {
                    if point == "asked" {
                        self.happened.before_asking.insert(task);
                    }
                    *self.happened.points.entry(point).or_default() += 1;
                }
                _ => {
                    let last: Vec<&str> = log.lines().rev().take(5).collect();
                    (self.say)(&format!("agent {number} ended by itself ({status}): {last:?}"));
                    self.happened.restarts += 1;
                }
            }
            let pause = Duration::from_millis(self.dice.random_range(100..3000));
            self.later(pause, Then::StartAgent(number));
        }
        if let Some(status) = self.crew.controller.ended()? {
            let log = self.crew.controller.log();
            let last: Vec<&str> = log.lines().rev().take(5).collect();
            (self.say)(&format!("the controller ended by itself ({status}): {last:?}"));
            self.happened.restarts += 1;
            self.later(AGAIN, Then::StartController);
        }
        Ok(())
    }
}

/// An agent that has only just begun has none of it yet.
fn if_there(done: io::Result<()>) -> io::Result<()> {
    match done {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        other => other,
    }
}

/// "dies at granted of task 12".
fn said(line: &str) -> Option<(String, i64)> {
    let rest = line.strip_prefix("dies at ")?;
    let (point, task) = rest.split_once(" of task ")?;
    Some((point.to_owned(), task.trim().parse().ok()?))
}
