//! Lines of `adb devices -l` and of the server's tracker.
//!
//! A serial may contain blanks (`adb-… (2)._adb-tls-connect._tcp`) and so may a state (`no permissions (…); see
//! […]`), so a line is read by looking for the state word, not by counting columns.

/// What adb says of a connection.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AdbState {
    Device,
    Offline,
    Unauthorized,
    Authorizing,
    Connecting,
    Recovery,
    Sideload,
    Bootloader,
    Rescue,
    Host,
    /// With what the server says about it.
    NoPermissions(String),
    /// A word that a later adb may have learned.
    Other(String),
}

/// A line of the list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TrackedDevice {
    /// As adb names it: a USB serial, `HOST:PORT`, `emulator-5554`, a wireless name with blanks.
    pub serial: String,
    pub state: AdbState,
    /// The port of the hub (`1-1.4`); only USB phones have one.
    pub usb: Option<String>,
    pub model: Option<String>,
    /// The server's number for this connection; old servers give none.
    pub transport_id: Option<u64>,
}

/// All lines that are phones; the header and the server's own `*` lines are passed over.
pub fn parse_devices(text: &str) -> Vec<TrackedDevice> {
    text.lines().filter_map(parse_line).collect()
}

fn parse_line(line: &str) -> Option<TrackedDevice> {
    let line = line.trim_end_matches('\r');
    if line.trim().is_empty() || line.starts_with('*') || line.starts_with("List of devices") {
        return None;
    }
    let (serial, state, rest) = find_state(line)?;
    let mut device = TrackedDevice {
        serial: serial.to_owned(),
        state,
        usb: None,
        model: None,
        transport_id: None,
    };
    for word in rest.split_whitespace() {
        match word.split_once(':') {
            Some(("usb", path)) => device.usb = Some(path.to_owned()),
            Some(("model", model)) => device.model = Some(model.to_owned()),
            Some(("transport_id", id)) => device.transport_id = id.parse().ok(),
            // The kernel's name for a port without the `usb:` before it, as servers on libusb print it.
            None if device.usb.is_none() && looks_like_usb_path(word) => {
                device.usb = Some(word.to_owned());
            }
            _ => {}
        }
    }
    Some(device)
}

/// Splits a line at its state word: the last one that is followed by nothing but `key:value`s, or, where no such
/// word is known, the second word.
fn find_state(line: &str) -> Option<(&str, AdbState, &str)> {
    if let Some((serial, text)) = line.split_once('\t') {
        // The short list: one tab, and the state is the rest.
        let serial = serial.trim();
        if let Some((state, rest)) = take_state(text.trim()) {
            return (!serial.is_empty()).then_some((serial, state, rest));
        }
    }
    let mut starts: Vec<usize> = word_starts(line).collect();
    if starts.is_empty() {
        return None;
    }
    starts.remove(0);
    let known = starts.iter().find_map(|&start| {
        let (state, rest) = take_state(&line[start..])?;
        let plain = !matches!(state, AdbState::Other(_));
        (plain && rest.split_whitespace().all(is_detail)).then_some((start, state, rest))
    });
    let (start, state, rest) = known.or_else(|| {
        let start = *starts.first()?;
        let (word, rest) = split_word(&line[start..]);
        Some((start, AdbState::Other(word.to_owned()), rest))
    })?;
    let serial = line[..start].trim();
    (!serial.is_empty()).then_some((serial, state, rest))
}

/// The state at the beginning of `text`, and what stands behind it.
fn take_state(text: &str) -> Option<(AdbState, &str)> {
    if let Some(behind) = text.strip_prefix("no permissions") {
        // "no permissions (user in plugdev group; are your udev rules wrong?); see [http://…] usb:1-1 …"
        let end = detail_start(behind);
        return Some((
            AdbState::NoPermissions(text[..text.len() - behind.len() + end].trim().to_owned()),
            &behind[end..],
        ));
    }
    let (word, rest) = split_word(text);
    if word.is_empty() {
        return None;
    }
    let state = match word {
        "device" => AdbState::Device,
        "offline" => AdbState::Offline,
        "unauthorized" => AdbState::Unauthorized,
        "authorizing" => AdbState::Authorizing,
        "connecting" => AdbState::Connecting,
        "recovery" => AdbState::Recovery,
        "sideload" => AdbState::Sideload,
        "bootloader" => AdbState::Bootloader,
        "rescue" => AdbState::Rescue,
        "host" => AdbState::Host,
        other => AdbState::Other(other.to_owned()),
    };
    Some((state, rest))
}

/// Where the `key:value`s begin behind a state that has blanks in it.
fn detail_start(text: &str) -> usize {
    let mut end = text.len();
    for start in word_starts(text).collect::<Vec<_>>().into_iter().rev() {
        if !is_detail(split_word(&text[start..]).0) {
            break;
        }
        end = start;
    }
    end
}

fn is_detail(word: &str) -> bool {
    const KEYS: [&str; 6] = ["usb", "product", "model", "device", "features", "transport_id"];
    match word.split_once(':') {
        Some((key, _)) => KEYS.contains(&key),
        None => looks_like_usb_path(word),
    }
}

/// `1-1`, `3-2.4.1`, `20-4`; also `1234567X` of other systems.
fn looks_like_usb_path(word: &str) -> bool {
    let bus = word.split_once('-').filter(|(bus, ports)| {
        !bus.is_empty()
            && !ports.is_empty()
            && bus.bytes().all(|b| b.is_ascii_digit())
            && ports.bytes().all(|b| b.is_ascii_digit() || b == b'.')
    });
    let mac = word
        .strip_suffix('X')
        .is_some_and(|digits| digits.len() > 4 && digits.bytes().all(|b| b.is_ascii_digit()));
    bus.is_some() || mac
}

fn split_word(text: &str) -> (&str, &str) {
    match text.find(char::is_whitespace) {
        Some(end) => text.split_at(end),
        None => (text, ""),
    }
}

fn word_starts(line: &str) -> impl Iterator<Item = usize> + '_ {
    let mut before = true;
    line.char_indices().filter_map(move |(at, c)| {
        let start = before && !c.is_whitespace();
        before = c.is_whitespace();
        start.then_some(at)
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn one(line: &str) -> TrackedDevice {
        let mut devices = parse_devices(line);
        assert_eq!(devices.len(), 1, "{line}");
        devices.remove(0)
    }

    #[test]
    fn a_long_line_gives_serial_state_port_and_transport() {
        let phone = one(
            "R58M12ABCDE            device usb:1-1.4 product:beyond1 model:SM_G973F device:beyond1 transport_id:7",
        );
        assert_eq!(phone.serial, "R58M12ABCDE");
        assert_eq!(phone.state, AdbState::Device);
        assert_eq!(phone.usb.as_deref(), Some("1-1.4"));
        assert_eq!(phone.model.as_deref(), Some("SM_G973F"));
        assert_eq!(phone.transport_id, Some(7));
    }

    #[test]
    fn a_port_without_its_key_is_still_a_port() {
        let phone = one("0123456789ABCDEF       unauthorized 3-2.4.1 transport_id:12");
        assert_eq!(phone.state, AdbState::Unauthorized);
        assert_eq!(phone.usb.as_deref(), Some("3-2.4.1"));
    }

    #[test]
    fn a_wireless_serial_keeps_its_blank() {
        let phone = one(
            "adb-0123456789AB-CDdefg (2)._adb-tls-connect._tcp device product:x model:y device:z transport_id:3",
        );
        assert_eq!(phone.serial, "adb-0123456789AB-CDdefg (2)._adb-tls-connect._tcp");
        assert_eq!(phone.state, AdbState::Device);
    }

    #[test]
    fn no_permissions_keeps_the_servers_advice_and_the_details_behind_it() {
        let phone = one(
            "0123456789ABCDEF       no permissions (user in plugdev group; are your udev rules wrong?); see [http://developer.android.com/tools/device.html] usb:1-2 transport_id:4",
        );
        assert_eq!(phone.serial, "0123456789ABCDEF");
        assert_eq!(phone.usb.as_deref(), Some("1-2"));
        assert_eq!(phone.transport_id, Some(4));
        match phone.state {
            AdbState::NoPermissions(why) => assert!(why.ends_with("device.html]"), "{why}"),
            other => panic!("{other:?}"),
        }
        let short = one("0123\tno permissions; see [http://developer.android.com/tools/device.html]");
        assert!(matches!(short.state, AdbState::NoPermissions(_)));
    }

    #[test]
    fn a_phone_named_like_a_state_is_not_misread() {
        let phone = one("device offline transport_id:1");
        assert_eq!(
            (phone.serial.as_str(), phone.state),
            ("device", AdbState::Offline)
        );
    }

    #[test]
    fn the_header_and_the_servers_remarks_are_no_phones() {
        let list = "* daemon not running; starting now at tcp:5037\n* daemon started successfully\nList of devices attached\n\n127.0.0.1:6000\tdevice\nemulator-5554\toffline\n";
        let devices = parse_devices(list);
        assert_eq!(devices.len(), 2);
        assert_eq!(devices[0].serial, "127.0.0.1:6000");
        assert_eq!(devices[1].state, AdbState::Offline);
    }

    #[test]
    fn every_state_of_the_server_is_told_apart() {
        for (word, state) in [
            ("authorizing", AdbState::Authorizing),
            ("connecting", AdbState::Connecting),
            ("recovery", AdbState::Recovery),
            ("sideload", AdbState::Sideload),
            ("bootloader", AdbState::Bootloader),
            ("rescue", AdbState::Rescue),
            ("host", AdbState::Host),
            ("levitating", AdbState::Other("levitating".to_owned())),
        ] {
            assert_eq!(one(&format!("SER{word}    {word} transport_id:9")).state, state);
            assert_eq!(one(&format!("SER{word}\t{word}")).state, state);
        }
    }

    proptest! {
        #[test]
        fn no_list_makes_it_panic(text in "\\PC*") {
            parse_devices(&text);
        }

        #[test]
        fn no_mix_of_known_words_makes_it_panic(
            words in proptest::collection::vec(
                prop_oneof![
                    Just("device"), Just("no permissions"), Just("usb:1-1"), Just("\t"), Just("\n"),
                    Just("(2)"), Just("transport_id:x"), Just("é"), Just("; see ["), Just("offline"),
                ], 0..12)
        ) {
            parse_devices(&words.join(" "));
        }
    }
}
