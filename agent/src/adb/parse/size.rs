//! `wm size` and `wm density`: an override stands before what the glass has. Both are for the natural orientation;
//! coordinates follow the rotation.

use shared::device::ScreenSize;

/// From both outputs together, turned as the screen is.
pub fn parse_size(text: &str, rotation: u8) -> Option<ScreenSize> {
    let (width, height) = value(text, "Override size")
        .or_else(|| value(text, "Physical size"))
        .and_then(pixels)?;
    let density = value(text, "Override density")
        .or_else(|| value(text, "Physical density"))
        .and_then(|density| density.parse().ok())
        .unwrap_or(0);
    let turned = rotation % 2 == 1;
    Some(ScreenSize {
        width: if turned { height } else { width },
        height: if turned { width } else { height },
        rotation,
        density,
    })
}

fn value<'a>(text: &'a str, name: &str) -> Option<&'a str> {
    text.lines().find_map(|line| {
        let (key, value) = line.split_once(':')?;
        (key.trim() == name).then(|| value.trim())
    })
}

fn pixels(text: &str) -> Option<(u32, u32)> {
    let (width, height) = text.split_once('x')?;
    let (width, height) = (width.parse().ok()?, height.parse().ok()?);
    (width > 0 && height > 0).then_some((width, height))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn an_override_stands_before_the_glass() {
        let text = "Physical size: 1080x1920\nOverride size: 480x1024\nPhysical density: 420\nOverride density: 160\n";
        let size = parse_size(text, 0).unwrap();
        assert_eq!((size.width, size.height, size.density), (480, 1024, 160));
    }

    #[test]
    fn a_turned_screen_has_its_sides_swapped() {
        let text = "Physical size: 1080x2400\r\nPhysical density: 420\r\n";
        for (rotation, sides) in [
            (0, (1080, 2400)),
            (1, (2400, 1080)),
            (2, (1080, 2400)),
            (3, (2400, 1080)),
        ] {
            let size = parse_size(text, rotation).unwrap();
            assert_eq!((size.width, size.height), sides);
            assert_eq!(size.rotation, rotation);
        }
    }

    #[test]
    fn without_a_size_there_is_none() {
        assert_eq!(parse_size("Error: Could not access the Window Manager.", 0), None);
        assert_eq!(parse_size("Physical size: 0x0", 0), None);
    }

    proptest! {
        #[test]
        fn nothing_printed_makes_it_panic(text in "\\PC*", rotation in any::<u8>()) {
            parse_size(&text, rotation);
            parse_size(&format!("Physical size: {text}"), rotation);
        }
    }
}
