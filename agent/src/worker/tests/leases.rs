//! A phone without its controller: touched for as long as the lease, and not a moment longer.

use tokio_util::sync::CancellationToken;

use super::*;
use crate::device::{Device as _, DeviceError};
use crate::worker::lease::Lease;
use crate::worker::leased::LeasedDevice;

const LEASE: Duration = Duration::from_secs(60);
const STEP: Duration = Duration::from_secs(1);

struct Held {
    clock: Arc<ManualClock>,
    controller: Controller,
    paper: Arc<Paper>,
    fake: Arc<Fake>,
    turn: Arc<tokio::sync::Mutex<()>>,
    device: LeasedDevice,
    lease: Arc<Lease>,
    stop: CancellationToken,
}

fn held() -> Held {
    let clock = standing_clock();
    let controller = Controller::new(Arc::<ManualClock>::clone(&clock));
    let paper = Arc::new(Paper::default());
    controller.up(Arc::new(Line(Arc::clone(&paper))), 2);
    let stop = CancellationToken::new();
    let lease = Arc::new(Lease::new(controller.clone(), [1; 16], LEASE, stop.clone()));
    let fake = Arc::new(shop());
    let turn: Arc<tokio::sync::Mutex<()>> = Arc::default();
    let phone = Phone {
        device: Arc::clone(&fake) as Arc<dyn crate::device::Device>,
        turn: Arc::clone(&turn),
    };
    let source = Arc::new(OnePhone(phone.clone()));
    let device = LeasedDevice::new(phone, source, Arc::clone(&lease));
    Held {
        clock,
        controller,
        paper,
        fake,
        turn,
        device,
        lease,
        stop,
    }
}

impl Held {
    fn link(&self) {
        self.controller.up(Arc::new(Line(Arc::clone(&self.paper))), 2);
    }

    fn questions(&self) -> usize {
        self.paper.heard().len()
    }
}

fn let_go(result: Result<(), DeviceError>) -> String {
    match result {
        Err(DeviceError::LetGo(why)) => why,
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn nothing_leaves_after_the_lease_and_it_goes_on_when_the_controller_knows_it_still() {
    let held = held();
    held.device.tap(50, 20).await.unwrap();
    held.controller.lost(Duration::ZERO);
    held.clock.advance(LEASE.saturating_sub(STEP));
    held.device.tap(50, 20).await.unwrap();
    assert_eq!(held.fake.events().len(), 2);
    held.clock.advance(STEP);
    let mut tap = Box::pin(held.device.tap(50, 20));
    let mut look = Box::pin(held.device.hierarchy());
    for _ in 0..20 {
        assert!(is_ready(&mut tap).await.is_none());
        assert!(is_ready(&mut look).await.is_none());
        held.clock.advance(STEP);
    }
    assert_eq!(held.fake.events().len(), 2, "not another touch");
    assert_eq!(held.questions(), 0);
    held.link();
    tokio::time::timeout(PATIENCE, tap).await.unwrap().unwrap();
    tokio::time::timeout(PATIENCE, look).await.unwrap().unwrap();
    assert_eq!(held.fake.events().len(), 3);
    let mine = ToController::Mine { attempt: [1; 16] };
    assert!(held.paper.heard().iter().all(|one| *one == mine));
    let asked = held.questions();
    held.device.tap(50, 20).await.unwrap();
    assert_eq!(held.questions(), asked, "once is enough");
}

#[tokio::test]
async fn a_short_time_alone_is_no_question_and_a_long_one_is_also_when_nobody_looked() {
    let held = held();
    held.controller.lost(Duration::ZERO);
    held.clock.advance(LEASE.saturating_sub(STEP));
    held.link();
    held.device.tap(50, 20).await.unwrap();
    assert_eq!(held.questions(), 0);
    held.controller.lost(Duration::ZERO);
    held.clock.advance(LEASE);
    held.link();
    held.controller.lost(Duration::ZERO);
    held.link();
    held.device.tap(50, 20).await.unwrap();
    assert_eq!(held.questions(), 1);
}

#[tokio::test]
async fn the_silence_before_a_loss_counts() {
    let held = held();
    // It was noticed when nothing had been heard for half a minute.
    held.clock.advance(STEP);
    held.controller.lost(Duration::from_secs(30));
    held.clock
        .advance(LEASE.saturating_sub(Duration::from_secs(30) + STEP));
    held.device.tap(50, 20).await.unwrap();
    held.clock.advance(STEP);
    let mut tap = Box::pin(held.device.tap(50, 20));
    assert!(is_ready(&mut tap).await.is_none());
}

#[tokio::test]
async fn an_attempt_that_is_not_this_hosts_any_more_is_over() {
    let held = held();
    held.controller.lost(Duration::ZERO);
    held.clock.advance(LEASE);
    held.paper.say(
        |_| true,
        Say::Reply(ControllerReply::NotYours {
            why: "another host has it".to_owned(),
        }),
    );
    held.link();
    assert_eq!(let_go(held.device.tap(50, 20).await), "another host has it");
    assert!(held.stop.is_cancelled(), "its flow ends");
    assert_eq!(let_go(held.device.tap(50, 20).await), "another host has it");
    assert!(held.fake.events().is_empty());
}

#[tokio::test]
async fn a_stop_ends_the_wait_and_lets_a_phone_be_tidied_up_only_while_it_is_ours() {
    let held = held();
    held.controller.lost(Duration::ZERO);
    held.clock.advance(LEASE);
    let mut tap = Box::pin(held.device.tap(50, 20));
    assert!(is_ready(&mut tap).await.is_none());
    held.stop.cancel();
    assert_eq!(let_go(tap.await), "it was stopped");
    let ours = super::leases::held();
    ours.stop.cancel();
    ours.device.remove("/sdcard/x").await.unwrap();
}

#[tokio::test]
async fn an_act_that_waited_for_its_turn_when_the_lease_ended_is_not_done_then() {
    let held = held();
    let turn = held.turn.lock().await;
    let mut tap = Box::pin(held.device.tap(50, 20));
    assert!(is_ready(&mut tap).await.is_none());
    held.controller.lost(Duration::ZERO);
    held.clock.advance(LEASE);
    drop(turn);
    for _ in 0..5 {
        assert!(is_ready(&mut tap).await.is_none());
    }
    assert!(held.fake.events().is_empty());
    assert!(!held.lease.is_open());
    held.link();
    tokio::time::timeout(PATIENCE, tap).await.unwrap().unwrap();
}

#[tokio::test]
async fn a_machine_that_slept_was_alone() {
    let held = held();
    // Nobody noted that the link is open: the machine slept with it.
    held.clock.advance(LEASE);
    let mut tap = Box::pin(held.device.tap(50, 20));
    assert!(is_ready(&mut tap).await.is_none());
    assert!(held.fake.events().is_empty());
    let controller = held.controller.clone();
    let beat = tokio::spawn(async move { controller.beat().await });
    // The first beat after it finds the gap.
    let awake = async {
        loop {
            held.clock.advance(STEP);
            if let Some(tapped) = is_ready(&mut tap).await {
                return tapped;
            }
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(PATIENCE, awake).await.unwrap().unwrap();
    beat.abort();
    let mine = ToController::Mine { attempt: [1; 16] };
    assert_eq!(held.paper.heard()[0], mine, "it was asked first");
}
