//! A phone is free: its next task is chosen, written down as handed out, and sent.

use std::time::Duration;

use jiff::SignedDuration;
use shared::device::{DeviceState, Serial};
use shared::task::TaskState;
use shared::wire::message::AgentAsk;
use shared::wire::work::{Order, OrderAccount};
use uuid::Uuid;

use super::board::Working;
use super::due::{PhoneNow, obstacle};
use super::files::none_left;
use super::{Chosen, Engine, FlowRef, Supply, SupplyError, TaskNews, complain, lock, retry};
use crate::fleet::WorkError;
use crate::store::{AttemptRow, HandOut, How, NewAttempt, NotNow, Queue, StoreError, TaskChange, TaskRow};

/// A host takes an order within this time, or it is asked again.
const TAKEN_WITHIN: Duration = Duration::from_secs(10);
/// Between two tries to hand over the same order.
const AGAIN: Duration = Duration::from_secs(1);
/// A phone that found nothing it may begin is looked at again after this time: an account may have been freed.
const LOOK_AGAIN: Duration = Duration::from_secs(5);

/// Why a task that was chosen is not handed out.
enum Gone {
    /// It was put off, or it failed: another one may be chosen.
    ItsOwnWay,
    /// It stands otherwise than it was read.
    Moved,
}

impl Engine {
    /// Looks at every phone that was woken, each beside the others.
    pub(super) async fn dispatch_woken(&self) {
        let all = std::mem::take(&mut self.board().all_woken);
        if all {
            match self.store().phones_with_due_tasks(self.now()).await {
                Ok(serials) => {
                    let mut board = self.board();
                    for serial in serials {
                        board.wake(&serial);
                    }
                }
                Err(error) => {
                    complain("looking for phones with tasks", &error);
                    self.board().all_woken = true;
                }
            }
            self.stop_asked().await;
        }
        let woken = self.board().take_woken();
        for serial in woken {
            if self.board().working(&serial).is_some() {
                let engine = self.clone();
                self.spawn(async move { engine.stop_if_asked(&serial).await });
                continue;
            }
            if self.board().is_choosing(&serial) {
                // It may have been chosen before what woke it.
                let soon = self.now();
                self.board().look_again(&serial, soon);
                continue;
            }
            if let Some(host) = self.may_begin(&serial)
                && self.board().choose(&serial)
            {
                let engine = self.clone();
                self.spawn(async move { engine.begin(&serial, host).await });
            }
        }
    }

    /// The host of a phone on which a task may begin now.
    fn may_begin(&self, serial: &str) -> Option<Uuid> {
        let devices = self.inner.parts.hosts.devices();
        let live = devices.get(&Serial(serial.to_owned()));
        let (rules, now) = (self.rules(), self.now());
        let found = {
            let mut board = self.board();
            let battery = live.and_then(|live| live.device.battery.as_ref());
            let pause = board.paused.look(serial, battery.map(|fact| &fact.value), &rules);
            let phone = PhoneNow {
                state: live.map(|live| live.device.state),
                state_reason: live.and_then(|live| live.device.state_reason.as_deref()),
                busy: board.working(serial).map(|working| working.task),
                recovering: live.is_some_and(|live| board.untold.contains(&live.host)),
                full: board.is_full(),
            };
            let found = obstacle(phone, pause, &rules, now);
            if phone.full && phone.state == Some(DeviceState::Online) {
                // Remembered as one that waits for a place.
                board.choose(serial);
            }
            found
        };
        let mut obstacles = lock(&self.inner.scheduler.0.obstacles);
        if let Some(why) = found {
            obstacles.insert(serial.to_owned(), why);
            None
        } else {
            obstacles.remove(serial);
            live.map(|live| live.host)
        }
    }

    /// Chooses the next task of a phone and hands it out.
    async fn begin(&self, serial: &str, host: Uuid) {
        let queue = match self.store().queue(serial, self.now(), 1).await {
            Ok(queue) => queue,
            Err(error) => {
                complain("reading what a phone is to do", &error);
                return self.leave(serial, Some(AGAIN));
            }
        };
        // First of all, what became of an earlier act is found out.
        let next = queue.verifying.as_ref().or(queue.runnable.first()).cloned();
        let Some(task) = next else {
            return self.nothing_to_do(serial, queue).await;
        };
        match self.hand_out(task, host).await {
            Ok(Ok((task, attempt, order))) => {
                self.board().chosen(serial, Some(Working::of(&attempt)));
                self.tell(TaskNews::State(&task));
                self.send(task, attempt, order).await;
            }
            // The next one may be free.
            Ok(Err(Gone::ItsOwnWay)) => self.leave(serial, Some(Duration::ZERO)),
            // What was read is not what stands: at once it might be read again and again.
            Ok(Err(Gone::Moved)) => self.leave(serial, Some(AGAIN)),
            Err(error) => {
                complain("handing a task out", &error);
                self.leave(serial, Some(AGAIN));
            }
        }
    }

    /// No task after all; the phone is looked at again after a time.
    fn leave(&self, serial: &str, again: Option<Duration>) {
        let now = self.now();
        {
            let mut board = self.board();
            board.chosen(serial, None);
            match again {
                Some(Duration::ZERO) => board.wake(serial),
                Some(again) => {
                    let again = SignedDuration::try_from(again).unwrap_or(SignedDuration::ZERO);
                    board.look_again(serial, now.saturating_add(again).unwrap_or(now));
                }
                None => {}
            }
        }
        // Another phone may have waited for its place.
        self.inner.scheduler.0.wake.notify_one();
    }

    /// Notes why what is due may not begin, and when it is worth another look.
    async fn nothing_to_do(&self, serial: &str, queue: Queue) {
        let blocked = !queue.blocked.is_empty();
        let news: Vec<(i64, String)> = queue
            .blocked
            .into_iter()
            .filter(|(task, why)| task.waiting_for.as_deref() != Some(why.as_str()))
            .map(|(task, why)| (task.id, why))
            .collect();
        if !news.is_empty()
            && let Err(error) = self.store().note_waiting(news).await
        {
            complain("noting why tasks wait", &error);
        }
        if let Some(next) = queue.next {
            self.board().look_again(serial, next);
        }
        self.leave(serial, blocked.then_some(LOOK_AGAIN));
    }

    /// Everything that an order needs, then the row, then the order. Else how the task went another way.
    async fn hand_out(
        &self,
        task: TaskRow,
        host: Uuid,
    ) -> Result<Result<(TaskRow, AttemptRow, Order), Gone>, StoreError> {
        if task.state != TaskState::Verifying {
            let rules = self.rules().grants(&task.platform, &task.script, self.now());
            if self.store().put_off_beyond(task.clone(), rules).await? {
                return Ok(Err(Gone::ItsOwnWay));
            }
        }
        let Some(flow) = self.inner.parts.packs.for_task(&task.platform, &task.script) else {
            let why = format!(
                "no pack in force has the script {} for {}",
                task.script, task.platform
            );
            self.fail(&task, "script", &why).await?;
            return Ok(Err(Gone::ItsOwnWay));
        };
        let materials = &self.inner.parts.materials;
        let supply = match materials.resolve(&task).await {
            Ok(supply) => supply,
            Err(SupplyError::NoMaterial(why)) => {
                self.fail(&task, "no_material", &why).await?;
                return Ok(Err(Gone::ItsOwnWay));
            }
            Err(SupplyError::NotNow(why)) => {
                self.put_off(&task, why.to_owned()).await?;
                return Ok(Err(Gone::ItsOwnWay));
            }
            Err(SupplyError::Store(error)) => return Err(error),
        };
        let rules = self.rules();
        let new = NewAttempt {
            id: Uuid::new_v4(),
            task: task.id,
            host,
            serial: task.serial.clone(),
            pack_hash: flow.hash.clone(),
            lease: rules.lease,
        };
        let library = match &supply {
            Supply::Here(_) => None,
            Supply::Library(from) => Some(from.clone()),
        };
        match self.store().hand_out_with(new, library).await? {
            HandOut::Handed { task, attempt } => {
                let (task, attempt) = (*task, *attempt);
                let chosen = match supply {
                    Supply::Here(chosen) => chosen,
                    Supply::Library(_) => materials.kept(&task),
                };
                let order = self.order(&task, &attempt, &flow, chosen).await?;
                Ok(Ok((task, attempt, order)))
            }
            HandOut::NoneLeft(left) => {
                let why = match &supply {
                    Supply::Here(_) => String::new(),
                    Supply::Library(from) => none_left(&from.wish, &left),
                };
                self.fail(&task, "no_material", &why).await?;
                Ok(Err(Gone::ItsOwnWay))
            }
            HandOut::NotNow(NotNow::Moved) => Ok(Err(Gone::Moved)),
            HandOut::NotNow(NotNow::AccountGone) => {
                self.fail(&task, "not_found", "its account was deleted").await?;
                Ok(Err(Gone::ItsOwnWay))
            }
            HandOut::NotNow(why) => {
                self.put_off(&task, why.in_words()).await?;
                Ok(Err(Gone::ItsOwnWay))
            }
        }
    }

    /// A task that is looked at again in a while.
    async fn put_off(&self, task: &TaskRow, why: String) -> Result<(), StoreError> {
        let soon = SignedDuration::try_from(LOOK_AGAIN).unwrap_or(SignedDuration::ZERO);
        let due = self.now().saturating_add(soon).unwrap_or(task.due_at);
        self.store().put_off(task.id, due, why).await
    }

    /// A task that cannot be begun at all.
    async fn fail(&self, task: &TaskRow, kind: &str, why: &str) -> Result<(), StoreError> {
        let change = TaskChange::new().error(kind, why);
        let turned = self
            .store()
            .turn_task(task.id, task.state, TaskState::Failed, change)
            .await?;
        if let Some(task) = turned {
            self.tell(TaskNews::State(&task));
        }
        Ok(())
    }

    async fn order(
        &self,
        task: &TaskRow,
        attempt: &AttemptRow,
        flow: &FlowRef,
        chosen: Chosen,
    ) -> Result<Order, StoreError> {
        let account = match task.account_id {
            Some(id) => self.store().account(id).await?.map(|listed| OrderAccount {
                id,
                username: listed.row.username.as_str().to_owned(),
                email: listed.row.email.clone().unwrap_or_default(),
                has_2fa: listed.has_2fa,
            }),
            None => None,
        };
        let mut parameters = task.config.clone();
        parameters.extend(chosen.parameters);
        if flow.takes_sequence {
            let sequence = parameters.entry("sequence").or_insert(serde_json::Value::Null);
            *sequence = task.sequence.into();
        }
        let millis = |time: Duration| u64::try_from(time.as_millis()).unwrap_or(u64::MAX);
        Ok(Order {
            attempt: attempt.id.into_bytes(),
            task: task.id,
            number: attempt.number,
            epoch: attempt.epoch.unsigned_abs(),
            serial: task.serial.0.clone(),
            pack: hash_of(&attempt.pack_hash),
            flow: flow.flow.clone(),
            parameters: serde_json::Value::Object(parameters).to_string(),
            account,
            materials: chosen.materials,
            seed: task.seed.cast_unsigned(),
            package: task.package.clone(),
            lease: u32::try_from(attempt.lease.as_millis()).unwrap_or(u32::MAX),
            longest: millis(self.rules().longest),
        })
    }

    /// The order of an attempt that was handed out and whose host has not said that it has it.
    pub(super) async fn send_again(&self, attempt: AttemptRow) -> Result<(), StoreError> {
        let Some(listed) = self.store().task(attempt.task).await? else {
            return Ok(());
        };
        let task = listed.row;
        let packs = &self.inner.parts.packs;
        let Some(flow) = packs.of_hash(&attempt.pack_hash, &task.script).await? else {
            let why = "its pack is gone".to_owned();
            self.close(attempt.id, How::Refused { why }).await;
            return Ok(());
        };
        let materials = &self.inner.parts.materials;
        let chosen = match materials.resolve(&task).await {
            Ok(Supply::Here(chosen)) => chosen,
            Ok(Supply::Library(_)) => materials.kept(&task),
            Err(SupplyError::NoMaterial(_) | SupplyError::NotNow(_)) => Chosen::default(),
            Err(SupplyError::Store(error)) => return Err(error),
        };
        let order = self.order(&task, &attempt, &flow, chosen).await?;
        self.send(task, attempt, order).await;
        Ok(())
    }

    /// Hands the order over until the host has it, does not want it, or is away.
    async fn send(&self, task: TaskRow, attempt: AttemptRow, order: Order) {
        let hosts = &self.inner.parts.hosts;
        loop {
            let ask = AgentAsk::Work(order.clone());
            let refused = match hosts.work(attempt.host, ask, TAKEN_WITHIN).await {
                Ok(_) => match self.store().acknowledge(attempt.id, attempt.host).await {
                    Ok(now) => {
                        if let Some(now) = now {
                            self.tell(TaskNews::State(&now));
                            let took = self.now().duration_since(task.due_at.max(task.created_at));
                            self.inner
                                .parts
                                .listener
                                .dispatched(Duration::try_from(took).unwrap_or_default());
                        }
                        return;
                    }
                    Err(error) => {
                        complain("noting that a host has an order", &error);
                        None
                    }
                },
                Err(WorkError::Refused { message, .. }) => Some(message),
                Err(WorkError::Late | WorkError::Away) => None,
            };
            if let Some(why) = refused {
                tracing::info!(task = task.id, why, "a host does not take a task");
                self.close(attempt.id, How::Refused { why }).await;
                return;
            }
            if !hosts.is_connected(attempt.host) {
                // It says what it has when it is back.
                return;
            }
            self.inner.parts.clock.sleep(AGAIN).await;
            match self.store().attempt(attempt.id).await {
                Ok(Some(now)) if now.state == shared::task::AttemptState::Handed => {}
                Ok(_) => return,
                Err(error) => complain("reading an attempt", &error),
            }
        }
    }

    /// An attempt is over: writes it down and takes its task on. Answers whether it could be written.
    pub(super) async fn close(&self, attempt: Uuid, how: How) -> Option<crate::store::Closed> {
        self.write_told(Some(attempt)).await;
        let (rules, now, dice) = (self.rules(), self.now(), rand::random());
        let told = how.clone();
        let refused = matches!(how, How::Refused { .. });
        let closed = self
            .store()
            .close_attempt(attempt, how, move |ground| {
                retry::after(ground, &told, &rules, now, dice)
            })
            .await;
        match closed {
            Ok(closed) => {
                // One that a host does not take for a second time may well be running there.
                if !refused || closed != crate::store::Closed::Before {
                    self.board().free(attempt);
                }
                if let crate::store::Closed::Now(Some(task)) = &closed {
                    self.tell(TaskNews::State(task));
                    self.board().look_again(&task.serial.0, task.due_at);
                }
                self.inner.scheduler.0.wake.notify_one();
                Some(closed)
            }
            Err(error) => {
                complain("noting that an attempt is over", &error);
                None
            }
        }
    }
}

/// From hexadecimal digits; zeros where they are none, which no pack has.
pub(super) fn hash_of(digits: &str) -> [u8; 32] {
    let mut hash = [0; 32];
    for (byte, place) in hash.iter_mut().zip((0..digits.len()).step_by(2)) {
        let pair = digits.get(place..place + 2).unwrap_or_default();
        *byte = u8::from_str_radix(pair, 16).unwrap_or_default();
    }
    hash
}
