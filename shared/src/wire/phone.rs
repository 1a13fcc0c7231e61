//! News of phones: the whole of a phone at first, then only what changed. Ten thousand phones tell their battery every
//! five seconds and it is the same battery; then three bytes say so.
//!
//! Times travel as milliseconds before the batch's own time, which makes them short.

use std::collections::BTreeMap;

use jiff::Timestamp;

use super::codec::{Decode, Encode};
use crate::device::{
    Battery, Device, DeviceState, Fact, Foreground, Identity, ScreenSize, Serial, Wakefulness,
};

/// The most phones in one batch: with all their facts they fit a frame.
pub const BATCH_PHONES: usize = 100;
/// Texts of a phone are cut to so many bytes: no real one comes near.
pub const LONGEST_NAME: usize = 128;
pub const LONGEST_WORDS: usize = 512;
/// More aliases or notes than this a phone does not have.
pub const MOST_WORDS: usize = 8;
/// The most phones that one host may have, far above what USB carries.
pub const HOST_PHONES: usize = 2_000;

/// News of some phones.
#[derive(Debug, Clone, Default, PartialEq, Eq, Encode, Decode)]
pub struct Batch {
    /// The agent's clock, milliseconds since 1970.
    pub at: i64,
    /// Everything known before is void: this begins the list of all phones.
    pub fresh: bool,
    /// The list that `fresh` began goes on in the next batch; phones that it does not name are gone at its end.
    pub more: bool,
    pub phones: Vec<PhoneNews>,
    /// Names that are no phone's any longer.
    pub gone: Vec<String>,
}

/// What is new of one phone.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
pub struct PhoneNews {
    pub serial: String,
    pub aliases: Option<Vec<String>>,
    pub state: Option<StateNews>,
    pub last_seen: Patch<i64>,
    pub usb_path: Patch<String>,
    pub identity: FactNews<Identity>,
    pub screen_size: FactNews<ScreenSize>,
    pub battery: FactNews<Battery>,
    pub screen: FactNews<Wakefulness>,
    pub foreground: FactNews<Foreground>,
    pub notes: Option<Vec<String>>,
}

#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
pub struct StateNews {
    pub state: DeviceState,
    pub reason: Option<String>,
    /// Milliseconds before the batch.
    pub since: i64,
}

/// Append-only.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
pub enum Patch<T> {
    // 0
    Same,
    // 1
    None,
    // 2
    Now(T),
}

/// A value with its age: milliseconds before the batch. Append-only.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
pub enum FactNews<T> {
    // 0: not read since.
    Same,
    // 1: not known any longer.
    None,
    // 2: read again, and still so.
    Again { ago: i64 },
    // 3
    Now { value: T, ago: i64 },
}

impl PhoneNews {
    fn nothing(serial: &Serial) -> Self {
        Self {
            serial: serial.0.clone(),
            aliases: None,
            state: None,
            last_seen: Patch::Same,
            usb_path: Patch::Same,
            identity: FactNews::Same,
            screen_size: FactNews::Same,
            battery: FactNews::Same,
            screen: FactNews::Same,
            foreground: FactNews::Same,
            notes: None,
        }
    }

    /// Whether a real phone could be like this; what is longer than the limits is made up.
    pub fn check(&self) -> Result<(), &'static str> {
        let short = |text: &str, longest: usize| text.len() <= longest;
        let few = |words: &Option<Vec<String>>, longest: usize| {
            words.as_ref().is_none_or(|words| {
                words.len() <= MOST_WORDS && words.iter().all(|word| short(word, longest))
            })
        };
        if self.serial.is_empty() || !short(&self.serial, LONGEST_NAME) {
            return Err("a serial is empty or too long");
        }
        if !few(&self.aliases, LONGEST_NAME) || !few(&self.notes, LONGEST_WORDS) {
            return Err("too many or too long aliases or notes");
        }
        let reason = self
            .state
            .as_ref()
            .and_then(|state| state.reason.as_deref())
            .unwrap_or_default();
        let path = match &self.usb_path {
            Patch::Now(path) => path.as_str(),
            _ => "",
        };
        if !short(reason, LONGEST_WORDS) || !short(path, LONGEST_NAME) {
            return Err("a reason or a USB path is too long");
        }
        if let FactNews::Now { value: who, .. } = &self.identity {
            let texts = [
                &who.serialno,
                &who.manufacturer,
                &who.model,
                &who.android,
                &who.boot_id,
                &who.android_id,
            ];
            if !texts.into_iter().all(|text| short(text, LONGEST_WORDS)) {
                return Err("an identity is too long");
            }
        }
        if let FactNews::Now { value: front, .. } = &self.foreground {
            let texts = [
                Some(&front.package),
                front.activity.as_ref(),
                front.window.as_ref(),
            ];
            if !texts.into_iter().flatten().all(|text| short(text, LONGEST_WORDS)) {
                return Err("a window's name is too long");
            }
        }
        Ok(())
    }

    /// All that is known of a phone.
    pub fn whole(device: &Device, at: Timestamp) -> Self {
        let blank = Device::new(device.serial.clone(), DeviceState::Unplugged, Timestamp::MIN);
        Self::between(&blank, device, at).unwrap_or_else(|| Self::nothing(&device.serial))
    }

    /// What has changed from `old` to `new`; `None` where nothing has.
    pub fn between(old: &Device, new: &Device, at: Timestamp) -> Option<Self> {
        let state = |device: &Device| (device.state, device.state_reason.clone(), device.since);
        let news = Self {
            serial: new.serial.0.clone(),
            aliases: (old.aliases != new.aliases).then(|| words(&new.aliases, LONGEST_NAME)),
            state: (state(old) != state(new)).then(|| StateNews {
                state: new.state,
                reason: new
                    .state_reason
                    .as_deref()
                    .map(|reason| cut(reason, LONGEST_WORDS)),
                since: ago(new.since, at),
            }),
            last_seen: patch(old.last_seen.as_ref(), new.last_seen.as_ref(), |seen| {
                ago(*seen, at)
            }),
            usb_path: patch(old.usb_path.as_ref(), new.usb_path.as_ref(), |path| {
                cut(path, LONGEST_NAME)
            }),
            identity: fact(old.identity.as_ref(), new.identity.as_ref(), at),
            screen_size: fact(old.screen_size.as_ref(), new.screen_size.as_ref(), at),
            battery: fact(old.battery.as_ref(), new.battery.as_ref(), at),
            screen: fact(old.screen.as_ref(), new.screen.as_ref(), at),
            foreground: fact(old.foreground.as_ref(), new.foreground.as_ref(), at),
            notes: (old.notes != new.notes).then(|| words(&new.notes, LONGEST_WORDS)),
        };
        (news != Self::nothing(&new.serial)).then_some(news)
    }

    /// Puts the news into what is known. `at` is the batch's time on the receiver's clock.
    pub fn apply(self, device: &mut Device, at: Timestamp) {
        if let Some(aliases) = self.aliases {
            device.aliases = aliases;
        }
        if let Some(state) = self.state {
            device.state = state.state;
            device.state_reason = state.reason;
            device.since = before(at, state.since);
        }
        put(&mut device.last_seen, self.last_seen, |seen| before(at, seen));
        put(&mut device.usb_path, self.usb_path, |path| path);
        put_fact(&mut device.identity, self.identity, at);
        put_fact(&mut device.screen_size, self.screen_size, at);
        put_fact(&mut device.battery, self.battery, at);
        put_fact(&mut device.screen, self.screen, at);
        put_fact(&mut device.foreground, self.foreground, at);
        if let Some(notes) = self.notes {
            device.notes = notes;
        }
    }
}

/// Everything, as batches that fit their frames; one at least, so that an empty list is told too.
pub fn full(devices: &BTreeMap<Serial, Device>, at: Timestamp) -> Vec<Batch> {
    let whole = devices
        .values()
        .take(HOST_PHONES)
        .map(|device| PhoneNews::whole(device, at))
        .collect();
    let mut batches = split(whole, &[], at);
    if batches.is_empty() {
        batches.push(Batch {
            at: at.as_millisecond(),
            ..Batch::default()
        });
    }
    batches[0].fresh = true;
    let last = batches.len() - 1;
    batches[..last].iter_mut().for_each(|batch| batch.more = true);
    batches
}

/// What has changed from `old` to `new`; nothing where nothing has.
pub fn changes(old: &BTreeMap<Serial, Device>, new: &BTreeMap<Serial, Device>, at: Timestamp) -> Vec<Batch> {
    let news = new
        .iter()
        .take(HOST_PHONES)
        .filter_map(|(serial, device)| match old.get(serial) {
            Some(before) => PhoneNews::between(before, device, at),
            None => Some(PhoneNews::whole(device, at)),
        });
    let gone = old
        .keys()
        .filter(|serial| !new.contains_key(serial))
        .map(|serial| serial.0.clone());
    split(news.collect(), &gone.collect::<Vec<_>>(), at)
}

fn split(news: Vec<PhoneNews>, gone: &[String], at: Timestamp) -> Vec<Batch> {
    let at = at.as_millisecond();
    let mut batches = Vec::new();
    for gone in gone.chunks(BATCH_PHONES) {
        batches.push(Batch {
            at,
            gone: gone.to_vec(),
            ..Batch::default()
        });
    }
    let mut news = news.into_iter().peekable();
    while news.peek().is_some() {
        let phones = news.by_ref().take(BATCH_PHONES).collect();
        batches.push(Batch {
            at,
            phones,
            ..Batch::default()
        });
    }
    batches
}

fn ago(then: Timestamp, at: Timestamp) -> i64 {
    at.as_millisecond().saturating_sub(then.as_millisecond())
}

fn before(at: Timestamp, ago: i64) -> Timestamp {
    Timestamp::from_millisecond(at.as_millisecond().saturating_sub(ago)).unwrap_or(at)
}

fn patch<T: PartialEq, W>(old: Option<&T>, new: Option<&T>, wire: impl FnOnce(&T) -> W) -> Patch<W> {
    match new {
        _ if old == new => Patch::Same,
        Some(value) => Patch::Now(wire(value)),
        None => Patch::None,
    }
}

fn put<T, W>(known: &mut Option<T>, news: Patch<W>, value: impl FnOnce(W) -> T) {
    match news {
        Patch::Same => {}
        Patch::None => *known = None,
        Patch::Now(wire) => *known = Some(value(wire)),
    }
}

fn fact<T: Clone + PartialEq>(old: Option<&Fact<T>>, new: Option<&Fact<T>>, at: Timestamp) -> FactNews<T> {
    match (old, new) {
        (old, new) if old == new => FactNews::Same,
        (_, None) => FactNews::None,
        (Some(old), Some(new)) if old.value == new.value => FactNews::Again { ago: ago(new.at, at) },
        (_, Some(new)) => FactNews::Now {
            value: new.value.clone(),
            ago: ago(new.at, at),
        },
    }
}

fn put_fact<T>(known: &mut Option<Fact<T>>, news: FactNews<T>, at: Timestamp) {
    match (news, known) {
        (FactNews::Same, _) | (FactNews::Again { .. }, None) => {}
        (FactNews::None, known) => *known = None,
        (FactNews::Again { ago }, Some(known)) => known.at = before(at, ago),
        (FactNews::Now { value, ago }, known) => *known = Some(Fact::new(value, before(at, ago))),
    }
}

fn words(words: &[String], longest: usize) -> Vec<String> {
    words
        .iter()
        .take(MOST_WORDS)
        .map(|word| cut(word, longest))
        .collect()
}

fn cut(text: &str, longest: usize) -> String {
    let mut end = longest.min(text.len());
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    text[..end].to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::device::Charging;

    fn time(millis: i64) -> Timestamp {
        Timestamp::from_millisecond(millis).unwrap()
    }

    fn phone() -> Device {
        let mut device = Device::new(Serial("R58M".to_owned()), DeviceState::Online, time(1_000));
        device.aliases = vec!["10.0.0.7:5555".to_owned()];
        device.last_seen = Some(time(9_000));
        device.usb_path = Some("1-1.4".to_owned());
        device.identity = Some(Fact::new(
            Identity {
                model: "Pixel".to_owned(),
                ..Identity::default()
            },
            time(2_000),
        ));
        let battery = Battery {
            level: 80,
            temperature_decicelsius: 301,
            charging: Charging::Full,
            frozen: false,
        };
        device.battery = Some(Fact::new(battery, time(9_000)));
        device
    }

    fn known(devices: &[&Device]) -> BTreeMap<Serial, Device> {
        devices
            .iter()
            .map(|device| (device.serial.clone(), (*device).clone()))
            .collect()
    }

    /// What a receiver knows after these batches.
    fn heard(mut known: BTreeMap<Serial, Device>, batches: Vec<Batch>) -> BTreeMap<Serial, Device> {
        for batch in batches {
            let at = time(batch.at);
            if batch.fresh {
                known.clear();
            }
            for name in &batch.gone {
                known.remove(&Serial(name.clone()));
            }
            for news in batch.phones {
                let serial = Serial(news.serial.clone());
                let device = known
                    .entry(serial.clone())
                    .or_insert_with(|| Device::new(serial, DeviceState::Unplugged, Timestamp::MIN));
                news.apply(device, at);
            }
        }
        known
    }

    #[test]
    fn a_list_and_its_changes_arrive_as_they_were() {
        let first = known(&[&phone()]);
        let mut there = heard(BTreeMap::new(), full(&first, time(9_500)));
        assert_eq!(there, first);

        let mut next = phone();
        next.state = DeviceState::Offline;
        next.state_reason = Some("does not answer".to_owned());
        next.since = time(10_000);
        next.battery = None;
        next.usb_path = None;
        next.notes = vec!["hot".to_owned()];
        let mut other = phone();
        other.serial = Serial("OTHER".to_owned());
        let second = known(&[&next, &other]);
        there = heard(there, changes(&first, &second, time(10_100)));
        assert_eq!(there, second);

        let third = known(&[&other]);
        there = heard(there, changes(&second, &third, time(10_200)));
        assert_eq!(there, third);
        assert_eq!(changes(&third, &third, time(10_300)), []);
        assert!(
            heard(there, full(&BTreeMap::new(), time(11_000))).is_empty(),
            "an empty list is told too"
        );
    }

    #[test]
    fn the_same_value_read_again_takes_a_few_bytes() {
        use crate::wire::codec::Message;
        use crate::wire::message::Report;
        let old = phone();
        let mut new = phone();
        new.last_seen = Some(time(14_000));
        new.battery.as_mut().unwrap().at = time(14_000);
        let batches = changes(&known(&[&old]), &known(&[&new]), time(14_200));
        let bytes = Report::Phones(batches[0].clone()).to_bytes().unwrap();
        assert!(bytes.len() < 40, "{} bytes", bytes.len());
        assert_eq!(heard(known(&[&old]), batches), known(&[&new]));
    }

    #[test]
    fn the_largest_batch_fits_its_frame() {
        use crate::wire::codec::Message;
        use crate::wire::message::Report;
        let long = || "é".repeat(LONGEST_WORDS);
        let devices = (0..=BATCH_PHONES).map(|number| {
            let mut device = phone();
            device.serial = Serial(format!("{number:0>40}"));
            device.aliases = vec![long(); 2];
            device.notes = vec![long(); 2];
            (device.serial.clone(), device)
        });
        let batches = full(&devices.collect(), time(10_000));
        assert_eq!(batches.len(), 2);
        for batch in batches {
            Report::Phones(batch).to_bytes().unwrap();
        }
    }
}
