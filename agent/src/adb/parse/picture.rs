//! What `screencap -p` sends: a PNG, on phones with several displays behind a warning in words.

const SIGNATURE: &[u8] = b"\x89PNG\r\n\x1a\n";
/// The last chunk of every PNG, with its checksum.
const END: &[u8] = b"IEND\xaeB`\x82";

/// The PNG in what the phone sent, or what it sent instead.
pub fn png(mut sent: Vec<u8>) -> Result<Vec<u8>, String> {
    let Some(start) = find(&sent, SIGNATURE) else {
        let words = String::from_utf8_lossy(&sent[..sent.len().min(120)])
            .trim()
            .to_owned();
        return Err(match sent.len() {
            0 => "nothing came: the screen may be off or the window secure".to_owned(),
            length => format!("{length} bytes: {words}"),
        });
    };
    sent.drain(..start);
    match find(&sent, END) {
        Some(end) => {
            sent.truncate(end + END.len());
            Ok(sent)
        }
        None => Err(format!("cut off after {} bytes", sent.len())),
    }
}

fn find(bytes: &[u8], wanted: &[u8]) -> Option<usize> {
    bytes.windows(wanted.len()).position(|window| window == wanted)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_picture_is_found_behind_a_warning_and_a_cut_one_is_refused() {
        let whole = [SIGNATURE, b"data", END].concat();
        let warned = [
            b"[Warning] Multiple displays were found, but no display id was specified!\n".as_slice(),
            &whole,
        ]
        .concat();
        assert_eq!(png(warned).unwrap(), whole);
        assert!(
            png(whole[..whole.len() - 3].to_vec())
                .unwrap_err()
                .contains("cut off")
        );
        assert!(png(Vec::new()).is_err());
        assert!(png(vec![0; 12]).unwrap_err().contains("12 bytes"));
    }
}
