//! Codes are those of another program: Debian's oathtool (`tests/prepare.sh` installs it), over many seeds and moments
//! and at the edges of their windows.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::process::Command;

use drover_shared::totp::{self, STEP_SECS, TotpSeed};
use jiff::Timestamp;

const SEEDS: u64 = 200;
/// Codes in a row, for each seed.
const STEPS: i64 = 50;

/// What oathtool says from this second on, one code a step.
fn oathtool(seed: &str, second: i64) -> Vec<String> {
    let output = Command::new("oathtool")
        .args(["--totp", "--base32", &format!("--now=@{second}")])
        .arg(format!("--window={}", STEPS - 1))
        .arg(seed)
        .output()
        .expect("oathtool is not here: tests/prepare.sh installs it");
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    let text = String::from_utf8(output.stdout).unwrap();
    text.lines().map(str::to_owned).collect()
}

/// Numbers that look random and are the same in each run.
fn next(state: &mut u64) -> u64 {
    *state ^= *state << 13;
    *state ^= *state >> 7;
    *state ^= *state << 17;
    *state
}

fn seed(state: &mut u64) -> String {
    // Lengths that end at a byte.
    let lengths = [16, 18, 20, 21, 23, 24, 26, 32, 48, 52, 64];
    let length = lengths[next(state) as usize % lengths.len()];
    (0..length)
        .map(|_| char::from(b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"[next(state) as usize % 32]))
        .collect()
}

#[test]
fn ten_thousand_codes_agree_with_oathtool() {
    let mut state = 0x5EED;
    for number in 0..SEEDS {
        let text = seed(&mut state);
        let step = (next(&mut state) % 140_000_000) as i64;
        // In turn the first second of a window, its last, and one between.
        let within = [0, STEP_SECS - 1, (next(&mut state) % 30) as i64][number as usize % 3];
        let second = step * STEP_SECS + within;
        let ours = TotpSeed::parse(&text).unwrap();
        let theirs = oathtool(&text, second);
        assert_eq!(theirs.len(), STEPS as usize);
        for (place, theirs) in (0..).zip(&theirs) {
            let at = Timestamp::from_second(second + place * STEP_SECS).unwrap();
            let code = ours.at(at);
            assert_eq!(code.code.expose(), theirs, "{text} at {at}");
            assert_eq!(code.step, step + place);
            assert_eq!(i64::from(code.seconds_left), STEP_SECS - within);
        }
        // The last moment of the window, and the first of the next.
        let end = Timestamp::from_millisecond((step + 1) * STEP_SECS * 1000 - 1).unwrap();
        assert_eq!(ours.at(end).code.expose(), theirs[0]);
        assert_eq!(ours.at(totp::step_begins(step + 1)).code.expose(), theirs[1]);
    }
}

#[test]
fn seeds_as_people_write_them_are_read_as_oathtool_reads_them() {
    for written in [
        "jbsw y3dp ehpk 3pxp",
        "JBSWY3DPEHPK3PXP",
        "gezd gnbv gy3t qojq ge",
    ] {
        let ours = TotpSeed::parse(written).unwrap();
        let at = Timestamp::from_second(1_800_000_000).unwrap();
        assert_eq!(
            oathtool(written, 1_800_000_000)[0],
            ours.at(at).code.expose(),
            "{written}"
        );
    }
}
