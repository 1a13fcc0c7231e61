//! Text files as spreadsheet programs and people write them.

use super::*;

fn take_text(text: &str) -> Result<Taken, ReadError> {
    take(text.as_bytes())
}

#[test]
fn delimiters_are_found_in_the_header_row() {
    for (text, delimiter) in [
        ("username,pwd\na;b,c\n", Some(Delimiter::Comma)),
        ("username;pwd\r\na,b;c\r\n", Some(Delimiter::Semicolon)),
        ("username\tpwd\na,b\tc;d\n", Some(Delimiter::Tab)),
        ("\n\nusername;notes, of mine\na;b\n", Some(Delimiter::Semicolon)),
        ("sep=;\r\nusername;pwd\r\na;b\r\n", Some(Delimiter::Semicolon)),
        ("\"sep=\t\"\nusername\tpwd\na\tb\n", Some(Delimiter::Tab)),
        ("username\na;b,c\n", None),
    ] {
        let taken = take_text(text).unwrap();
        assert_eq!(taken.done.header.delimiter, delimiter, "{text}");
        assert_eq!(taken.rows.len(), 1, "{text}");
    }
    let unclear = take_text("username;a,pwd\n1;2,3\n").unwrap_err();
    assert!(
        matches!(&unclear, ReadError::NoHeader | ReadError::WhichDelimiter { .. }),
        "{unclear}"
    );
    let told = ReadOptions {
        delimiter: Some(Delimiter::Comma),
        ..ReadOptions::default()
    };
    assert_eq!(
        take_with(b"username\na;b,\n", &told)
            .unwrap()
            .column(Column::Username),
        [Some("a;b")]
    );
}

#[test]
fn a_header_that_two_delimiters_split_alike_is_asked_about() {
    let error = take_text("username;email,pwd\n").unwrap_err();
    let ReadError::WhichDelimiter { candidates } = error else {
        panic!("{error}")
    };
    assert_eq!(candidates, [Delimiter::Semicolon, Delimiter::Comma]);
}

#[test]
fn lines_are_those_that_spreadsheet_programs_count() {
    for newline in ["\n", "\r\n"] {
        let text = "\nusername,pwd\n\n\"a\nb\",1\n,\nc,\"2\n\n3\"\nd,4".replace('\n', newline);
        let taken = take_text(&text).unwrap();
        assert_eq!(taken.done.header.line, 2);
        let lines: Vec<u32> = taken.rows.iter().map(|(line, _)| *line).collect();
        assert_eq!(lines, [4, 6, 7], "{newline:?}");
        assert_eq!(
            taken.column(Column::Pwd),
            [Some("1"), Some(&*format!("2{newline}{newline}3")), Some("4")]
        );
    }
    let taken = take_text("username\ra\r\"b\rc\"\r").unwrap();
    assert_eq!(taken.column(Column::Username), [Some("a"), Some("b\rc")]);
}

#[test]
fn text_is_to_the_letter() {
    let taken =
        take_text("username,pwd,email\n 001234 ,\"a,\"\"b\"\"\",\n1e21,'=cmd,'plain\nx,y,\"\"\n").unwrap();
    assert_eq!(
        taken.column(Column::Username),
        [Some(" 001234 "), Some("1e21"), Some("x")]
    );
    assert_eq!(
        taken.column(Column::Pwd),
        [Some("a,\"b\""), Some("=cmd"), Some("y")]
    );
    assert_eq!(taken.column(Column::Email), [None, Some("'plain"), None]);
}

#[test]
fn a_row_that_has_slipped_is_a_fault_that_shows_nothing() {
    let taken = take_text("username,pwd\na,sec,ret\nb,c,,\nd\n").unwrap();
    assert_eq!(taken.flaws.len(), 1);
    assert!(
        taken.flaws[0].starts_with("row 2, column C: stands beside the last named column"),
        "{:?}",
        taken.flaws
    );
    assert!(!taken.flaws[0].contains("ret"));
    assert_eq!(taken.column(Column::Username), [Some("a"), Some("b"), Some("d")]);
}

#[test]
fn a_quote_that_is_never_closed_loses_no_row_silently() {
    let error = take_text("username,pwd\na,\"b\nc,d\n").unwrap_err();
    assert!(error.to_string().contains("a quote is never closed"), "{error}");
    let long = format!("username,pwd\na,\"{}", "b\n".repeat(3 << 20));
    let error = take_text(&long).unwrap_err();
    assert!(error.to_string().contains("bytes in one row"), "{error}");
}

#[test]
fn marks_tell_the_encoding() {
    let utf16: Vec<u8> = "\u{feff}username;nickname\r\nå;😀\r\n"
        .encode_utf16()
        .flat_map(u16::to_le_bytes)
        .collect();
    let big: Vec<u8> = "\u{feff}username;nickname\r\nå;😀\r\n"
        .encode_utf16()
        .flat_map(u16::to_be_bytes)
        .collect();
    for (bytes, encoding) in [
        ("\u{feff}username;nickname\nå;😀".as_bytes(), Encoding::Utf8),
        ("username;nickname\nå;😀".as_bytes(), Encoding::Utf8),
        (&utf16, Encoding::Utf16Le),
        (&big, Encoding::Utf16Be),
    ] {
        let taken = take(bytes).unwrap();
        assert_eq!(taken.done.header.encoding, Some(encoding));
        assert_eq!(taken.column(Column::Username), [Some("å")]);
        assert_eq!(taken.column(Column::Nickname), [Some("😀")]);
    }
}

#[test]
fn an_encoding_is_asked_for_with_samples_and_then_taken_as_told() {
    // As French Excel writes it.
    let french = b"Nom d'utilisateur;Mot de passe;Surnom\r\nx;\xe9t\xe9secret;\xc9lodie \x80\r\n";
    let error = take(french).unwrap_err();
    assert_eq!(
        error.to_string(),
        "the text is not UTF-8; say which encoding it has: windows-1252 (\"Élodie €\"); gb18030 (\"蒷odie €\")"
    );
    let told = ReadOptions {
        encoding: "cp1252".parse().ok(),
        ..ReadOptions::default()
    };
    let taken = take_with(french, &told).unwrap();
    assert_eq!(taken.column(Column::Pwd), [Some("étésecret")]);
    assert_eq!(taken.column(Column::Nickname), [Some("Élodie €")]);

    // As Swedish Excel writes it; only the header and the password have letters beyond ASCII.
    let swedish = b"Anv\xe4ndarnamn;L\xf6senord\r\nx;hemligt\xe5\r\n";
    let asked = take(swedish).unwrap_err().to_string();
    assert!(
        asked.contains("windows-1252 (\"Användarnamn\")") && !asked.contains("hemligt"),
        "{asked}"
    );
    assert_eq!(
        take_with(swedish, &told).unwrap().column(Column::Pwd),
        [Some("hemligtå")]
    );

    // Only the password would show the difference: it is not shown.
    let asked = take(b"username;pwd\r\nx;hemligt\xe5\r\n")
        .unwrap_err()
        .to_string();
    assert!(asked.ends_with("windows-1252; gb18030"), "{asked}");

    let chinese = b"\xd3\xc3\xbb\xa7\xc3\xfb,\xc3\xdc\xc2\xeb\r\n\xd0\xa1\xc3\xf7,1\r\n";
    let told = ReadOptions {
        encoding: Some(Encoding::Gb18030),
        ..ReadOptions::default()
    };
    assert_eq!(
        take_with(chinese, &told).unwrap().column(Column::Username),
        [Some("小明")]
    );

    let told = ReadOptions {
        encoding: Some(Encoding::Utf8),
        ..ReadOptions::default()
    };
    let error = take_with(swedish, &told).unwrap_err();
    assert_eq!(
        error.to_string(),
        "the text is not utf-8 as told (row 1); name another encoding"
    );
}
