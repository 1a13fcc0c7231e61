//! The rules of the roster, on lists as adb prints them.

use std::collections::BTreeSet;

use super::*;
use crate::adb::facts::WhoItIs;
use crate::adb::track::parse_devices;

/// A table and its time.
struct Story {
    table: Table,
    now: Timestamp,
}

impl Story {
    fn new(addresses: &[&str]) -> Self {
        let mut table = Table::new(
            Names::default(),
            addresses.iter().map(|&address| address.to_owned()),
        );
        let now = Timestamp::from_second(1_000_000).unwrap();
        table.server(ServerIs::Up { since: now });
        let mut story = Self { table, now };
        story.pass(5);
        story
    }

    fn pass(&mut self, seconds: u64) {
        self.now += Duration::from_secs(seconds);
    }

    fn list(&mut self, text: &str) -> Vec<Change> {
        self.pass(1);
        self.table.listing(&parse_devices(text), self.now);
        self.table.settle(self.now)
    }

    /// The phone on a transport says who it is.
    fn answer(&mut self, transport: u64, serialno: &str, boot: &str, android_id: &str) -> Vec<Change> {
        self.pass(1);
        let identity = Identity {
            serialno: serialno.to_owned(),
            model: "M".to_owned(),
            boot_id: boot.to_owned(),
            android_id: android_id.to_owned(),
            ..Identity::default()
        };
        let news = News::Identified(WhoItIs {
            identity,
            booted: true,
        });
        self.table.news(&Transport::Id(transport), news, self.now);
        self.table.settle(self.now)
    }

    fn names(&self) -> Vec<&str> {
        self.table
            .devices
            .keys()
            .map(|serial| serial.0.as_str())
            .collect()
    }

    fn device(&self, name: &str) -> &Device {
        &self.table.devices[&Serial(name.to_owned())]
    }

    fn state(&self, name: &str) -> DeviceState {
        self.device(name).state
    }
}

#[test]
fn every_state_of_adb_is_told_apart_with_its_reason() {
    let mut story = Story::new(&[]);
    story.list(
        "AAA            unauthorized usb:1-1 transport_id:1\n\
         BBB            no permissions (user in plugdev group; are your udev rules wrong?); see [http://d.a.com] usb:1-2 transport_id:2\n\
         CCC            offline usb:1-3 transport_id:3\n\
         DDD            recovery usb:1-4 transport_id:4\n\
         EEE            device usb:1-5 transport_id:5\n",
    );
    assert_eq!(story.state("AAA"), DeviceState::Unauthorized);
    assert_eq!(story.state("BBB"), DeviceState::NoPermissions);
    let reason = story.device("BBB").state_reason.clone().unwrap();
    assert!(reason.contains("udev rules"), "{reason}");
    assert_eq!(story.state("CCC"), DeviceState::Offline);
    assert_eq!(
        story.device("DDD").state_reason.as_deref(),
        Some("it is in recovery")
    );
    assert_eq!(
        story.state("EEE"),
        DeviceState::Offline,
        "it has not answered yet"
    );
    assert_eq!(story.device("CCC").usb_path.as_deref(), Some("1-3"));
    story.answer(5, "EEE", "boot", "e1");
    assert_eq!(story.state("EEE"), DeviceState::Online);
    story.list("");
    for name in ["AAA", "BBB", "CCC", "DDD", "EEE"] {
        assert_eq!(story.state(name), DeviceState::Unplugged, "{name}");
    }
}

#[test]
fn an_address_becomes_the_name_behind_it() {
    let mut story = Story::new(&["10.0.0.1:5555"]);
    story
        .table
        .reach("10.0.0.1:5555", Reach::Unreachable("refused".to_owned()));
    story.list("");
    assert_eq!(story.names(), ["10.0.0.1:5555"]);
    assert_eq!(story.state("10.0.0.1:5555"), DeviceState::Unplugged);
    story.table.reach("10.0.0.1:5555", Reach::Listed);
    story.list("10.0.0.1:5555    device product:x model:y transport_id:1\n");
    let changes = story.answer(1, "SER", "b1", "a1");
    assert_eq!(story.names(), ["SER"]);
    assert!(
        changes
            .iter()
            .any(|change| matches!(&change.what, Changed::Renamed { to } if to.0 == "SER"))
    );
    assert!(story.device("SER").answers_to("10.0.0.1:5555"));
    // Unauthorized later, it is still known by its address.
    story.list("10.0.0.1:5555    unauthorized transport_id:2\n");
    assert_eq!(story.names(), ["SER"]);
    assert_eq!(story.state("SER"), DeviceState::Unauthorized);
}

#[test]
fn the_same_boot_behind_two_transports_is_one_phone_and_the_cable_comes_first() {
    let mut story = Story::new(&[]);
    story.list("10.0.0.1:5555    device transport_id:1\n");
    story.answer(1, "SER", "b1", "a1");
    story.list("10.0.0.1:5555    device transport_id:1\nSER    device usb:1-1 transport_id:2\n");
    story.answer(2, "SER", "b1", "a1");
    assert_eq!(story.names(), ["SER"]);
    let serial = Serial("SER".to_owned());
    assert_eq!(story.table.main(&serial), Some(&Transport::Id(2)));
    assert_eq!(story.table.wanted()[&Transport::Id(1)].0, Role::Spare);
    // The cable goes: the spare takes over and the phone stays online.
    let changes = story.list("10.0.0.1:5555    device transport_id:1\n");
    assert_eq!(story.table.main(&serial), Some(&Transport::Id(1)));
    assert_eq!(story.state("SER"), DeviceState::Online);
    assert!(
        changes.iter().all(|change| change.what == Changed::Facts),
        "{changes:?}"
    );
}

#[test]
fn a_silent_cable_gives_way_to_the_network() {
    let mut story = Story::new(&[]);
    story.list("10.0.0.1:5555    device transport_id:1\nSER    device usb:1-1 transport_id:2\n");
    story.answer(1, "SER", "b1", "a1");
    story.answer(2, "SER", "b1", "a1");
    let silent = News::Silent("no answer".to_owned());
    story.table.news(&Transport::Id(2), silent, story.now);
    story.table.settle(story.now);
    let serial = Serial("SER".to_owned());
    assert_eq!(story.table.main(&serial), Some(&Transport::Id(1)));
    assert_eq!(story.state("SER"), DeviceState::Online);
}

#[test]
fn two_phones_with_one_usb_serial_are_told_apart_and_the_operator_is_told() {
    let mut story = Story::new(&[]);
    let both = "0123456789ABCDEF    device usb:1-1 transport_id:1\n0123456789ABCDEF    device usb:1-2 transport_id:2\n";
    story.list(both);
    story.answer(1, "0123456789ABCDEF", "b1", "a1");
    story.answer(2, "0123456789ABCDEF", "b2", "a2");
    let names = ["0123456789ABCDEF", "0123456789ABCDEF~2"];
    assert_eq!(story.names(), names);
    for name in names {
        assert!(story.device(name).notes[0].contains("same serial"), "{name}");
        assert_eq!(story.state(name), DeviceState::Online);
    }
    // They swap their ports and their order.
    story.list("");
    story.list(
        "0123456789ABCDEF    device usb:1-1 transport_id:3\n0123456789ABCDEF    device usb:1-2 transport_id:4\n",
    );
    story.answer(3, "0123456789ABCDEF", "b2", "a2");
    story.answer(4, "0123456789ABCDEF", "b1", "a1");
    assert_eq!(story.names(), names);
    assert_eq!(story.device(names[1]).usb_path.as_deref(), Some("1-1"));
    assert_eq!(story.device(names[0]).usb_path.as_deref(), Some("1-2"));
}

#[test]
fn copies_that_share_even_the_android_id_are_two_phones_while_both_answer() {
    let mut story = Story::new(&[]);
    story.list("S    device usb:1-1 transport_id:1\nS    device usb:1-2 transport_id:2\n");
    story.answer(1, "S", "b1", "a1");
    story.answer(2, "S", "b2", "a1");
    assert_eq!(story.names(), ["S", "S~2"]);
}

#[test]
fn a_rebooted_phone_whose_old_connection_still_stands_is_no_second_phone() {
    let mut story = Story::new(&[]);
    story.list("10.0.0.1:5555    device transport_id:1\n");
    story.answer(1, "SER", "b1", "a1");
    // It reboots; the network connection is dead, but adb has not noticed yet.
    story.list("10.0.0.1:5555    device transport_id:1\nSER    device usb:1-1 transport_id:2\n");
    story.answer(2, "SER", "b2", "a1");
    assert_eq!(story.names(), ["SER"]);
    let silent = News::Silent("no answer".to_owned());
    story.table.news(&Transport::Id(1), silent, story.now);
    story.table.settle(story.now);
    assert_eq!(story.names(), ["SER"]);
    assert_eq!(story.state("SER"), DeviceState::Online);
    assert_eq!(
        story.table.main(&Serial("SER".to_owned())),
        Some(&Transport::Id(2))
    );
}

#[test]
fn a_phone_without_a_voice_keeps_the_name_of_its_port() {
    let mut story = Story::new(&[]);
    story.list("S    device usb:1-1 transport_id:1\nS    device usb:1-2 transport_id:2\n");
    story.answer(1, "S", "b1", "a1");
    story.answer(2, "S", "b2", "a2");
    story.list("");
    story.list("S    unauthorized usb:1-2 transport_id:3\n");
    assert_eq!(story.state("S"), DeviceState::Unplugged);
    assert_eq!(story.state("S~2"), DeviceState::Unauthorized);
}

#[test]
fn a_phone_that_starts_is_not_online_yet() {
    let mut story = Story::new(&[]);
    story.list("S    device usb:1-1 transport_id:1\n");
    let news = News::Identified(WhoItIs {
        identity: Identity::default(),
        booted: false,
    });
    story.table.news(&Transport::Id(1), news, story.now);
    story.table.settle(story.now);
    assert_eq!(story.state("S"), DeviceState::Offline);
    story.answer(1, "S", "b1", "a1");
    assert_eq!(story.state("S"), DeviceState::Online);
}

#[test]
fn a_dead_server_puts_all_offline_and_its_return_gives_them_time() {
    let mut story = Story::new(&[]);
    story.list("S    device usb:1-1 transport_id:1\n");
    story.answer(1, "S", "b1", "a1");
    story.table.server(ServerIs::Down("gone".to_owned()));
    story.table.settle(story.now);
    assert_eq!(story.device("S").state_reason.as_deref(), Some("gone"));
    assert_eq!(story.state("S"), DeviceState::Offline);
    story.table.server(ServerIs::Up { since: story.now });
    story.list("");
    assert_eq!(
        story.state("S"),
        DeviceState::Offline,
        "the server has only just come up"
    );
    story.list("S    device usb:1-1 transport_id:1\n");
    story.answer(1, "S", "b1", "a1");
    assert_eq!(story.state("S"), DeviceState::Online);
    story.pass(5);
    story.list("");
    assert_eq!(story.state("S"), DeviceState::Unplugged);
}

#[test]
fn an_address_belongs_to_the_phone_that_was_seen_there_last() {
    let mut story = Story::new(&[]);
    story.list("10.0.0.1:5555    device transport_id:1\n");
    story.answer(1, "ONE", "b1", "a1");
    story.list("");
    story.list("10.0.0.1:5555    device transport_id:2\n");
    story.answer(2, "TWO", "b2", "a2");
    assert_eq!(story.names(), ["ONE", "TWO"]);
    assert!(!story.device("ONE").answers_to("10.0.0.1:5555"));
    assert!(story.device("TWO").answers_to("10.0.0.1:5555"));
    assert_eq!(story.state("ONE"), DeviceState::Unplugged);
}

#[test]
fn a_silent_phone_is_connected_anew_where_its_address_is_ours() {
    let mut story = Story::new(&["10.0.0.1:5555"]);
    story.list("10.0.0.1:5555    device transport_id:1\n10.0.0.2:5555    device transport_id:2\n");
    story.answer(1, "ONE", "b1", "a1");
    story.answer(2, "TWO", "b2", "a2");
    let silent = || News::Silent("no answer".to_owned());
    let ours = story.table.news(&Transport::Id(1), silent(), story.now);
    assert_eq!(ours.as_deref(), Some("10.0.0.1:5555"));
    assert_eq!(story.table.news(&Transport::Id(2), silent(), story.now), None);
    // Let go by us: it stays offline while its port is open, and is unplugged when that is gone.
    story
        .table
        .reach("10.0.0.1:5555", Reach::NoHandshake("no answer".to_owned()));
    story.list("");
    assert_eq!(story.state("ONE"), DeviceState::Offline);
    story
        .table
        .reach("10.0.0.1:5555", Reach::Unreachable("refused".to_owned()));
    story.table.settle(story.now);
    assert_eq!(story.state("ONE"), DeviceState::Unplugged);
}

#[test]
fn it_is_settled_when_nothing_is_left_to_find_out() {
    let mut story = Story::new(&["10.0.0.1:5555"]);
    story.list("");
    assert!(
        !story.table.is_settled(story.now),
        "the address was not tried yet"
    );
    story.table.reach("10.0.0.1:5555", Reach::Listed);
    story.list("10.0.0.1:5555    device transport_id:1\n");
    assert!(!story.table.is_settled(story.now));
    story.answer(1, "ONE", "b1", "a1");
    assert!(!story.table.is_settled(story.now), "its facts are missing");
    let facts = News::Facts(HowItIs::default());
    story.table.news(&Transport::Id(1), facts, story.now);
    assert!(story.table.is_settled(story.now));
    let names: BTreeSet<&str> = story.names().into_iter().collect();
    assert_eq!(names, BTreeSet::from(["ONE"]));
}
