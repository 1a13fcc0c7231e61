//! `screencap`: the picture of the screen, as PNG or as rows of pixels behind a header.

use std::io::Write as _;
use std::time::Duration;

use tokio::io::AsyncWriteExt;

use super::{ExitCode, Process};
use crate::phone::files;
use crate::phone::files::storage;
use crate::ui::picture::{self, Picture};

const USAGE: &str = "usage: screencap [-hp] [-d display-id] [FILENAME]\n   -h: this message\n   -p: save the file as a png.\n   -d: specify the display id to capture (If the id is not given, it defaults to 4619827259835644672).\nIf FILENAME ends with .png it will be saved as a png.\nIf FILENAME is not given, the results will be printed to stdout.\n";

/// Said on phones with more than one display, before the picture and into the same stream.
const SEVERAL_DISPLAYS: &str = "[Warning] Multiple displays were found, but no display id was specified! Defaulting to the first display found, however this default is not guaranteed to be consistent across captures. A display id should be specified.\nA display ID can be specified with the [-d display-id] option.\nSee \"dumpsys SurfaceFlinger --display-id\" for valid display IDs.\n";

pub(super) async fn run(process: &mut Process) -> ExitCode {
    let (mut png, mut chosen, mut file) = (false, false, None);
    let args: Vec<String> = process.argv.iter().skip(1).cloned().collect();
    let mut words = args.iter().map(String::as_str);
    while let Some(word) = words.next() {
        match word {
            "-p" => png = true,
            "-d" => chosen = words.next().is_some(),
            "-h" => {
                process.print(USAGE).await;
                return 0;
            }
            word if word.starts_with('-') => {
                let _ = process.stderr.write_all(USAGE.as_bytes()).await;
                return 1;
            }
            word => file = Some(files::absolute(&process.cwd, word)),
        }
    }
    png |= file
        .as_ref()
        .is_some_and(|file| file.strip_suffix(".png").is_some());
    if process.phone.spec.personality.multi_display && !chosen {
        process.print(SEVERAL_DISPLAYS).await;
    }
    process.phone.spec.clock.sleep(Duration::from_millis(250)).await;
    let scene = process.phone.ui().scene(&process.phone);
    let sdk = process.phone.spec.personality.sdk;
    let encode = move |picture: &Picture| if png { picture.png() } else { raw(picture, sdk) };
    let Some(bytes) = picture::drawn(scene, encode).await else {
        process.eprintln("Capturing failed.").await;
        return 1;
    };
    let Some(path) = file else {
        let _ = process.stdout.write_all(&bytes).await;
        return 0;
    };
    let written = process
        .phone
        .create_file(&path, false)
        .and_then(|mut file| file.write_all(&bytes));
    if let Err(error) = written {
        process
            .eprintln(&format!(
                "Error opening file: {path} ({})",
                storage::reason(&error)
            ))
            .await;
        return 1;
    }
    0
}

/// Width, height, pixel format (1: RGBA), since Android 9 the colour space, then the pixels.
fn raw(picture: &Picture, sdk: u32) -> Vec<u8> {
    let mut header = vec![picture.width(), picture.height(), 1];
    if sdk >= 28 {
        header.push(1);
    }
    let mut out: Vec<u8> = header.into_iter().flat_map(u32::to_le_bytes).collect();
    out.extend_from_slice(picture.rgba());
    out
}
