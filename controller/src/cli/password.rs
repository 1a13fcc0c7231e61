//! How a password comes to the command line: typed without an echo, or from a file, or from stdin.

use std::io::{IsTerminal as _, Read as _};
use std::path::{Path, PathBuf};

use clap::Args;
use shared::account::LONGEST_PASSWORD;
use shared::secret::SecretText;
use shared::terminal::Output;
use zeroize::Zeroizing;

use super::CliError;

/// In bytes; a password has at most four a character.
const LARGEST_FILE: u64 = 4 * LONGEST_PASSWORD as u64 + 2;

#[derive(Debug, Args)]
pub(super) struct PasswordArgs {
    /// Ask for a password, without showing it.
    #[arg(long, conflicts_with = "password_file")]
    password: bool,
    /// Take the password from the first line of a file, or with - from stdin.
    #[arg(long, value_name = "FILE")]
    password_file: Option<PathBuf>,
}

impl PasswordArgs {
    /// `None` where none is given.
    pub(super) fn read(&self, output: Output) -> Result<Option<SecretText>, CliError> {
        let given = match &self.password_file {
            Some(file) if file.as_os_str() == "-" => from_stdin()?,
            Some(file) => from_file(file)?,
            None if self.password => typed(output)?,
            None => return Ok(None),
        };
        if given.is_empty() {
            return Err(CliError::BadInput("the password is empty".to_owned()));
        }
        Ok(Some(given))
    }

    /// Asks for one where none is given.
    pub(super) fn read_or_ask(&self, output: Output) -> Result<SecretText, CliError> {
        match self.read(output)? {
            Some(given) => Ok(given),
            None => typed(output),
        }
    }
}

fn typed(output: Output) -> Result<SecretText, CliError> {
    if !std::io::stdin().is_terminal() {
        return Err(CliError::BadInput(
            "there is no terminal to type a password at: use --password-file FILE, or --password-file - for stdin"
                .to_owned(),
        ));
    }
    let failed = |error: std::io::Error| CliError::failed("reading the password")(error.into());
    let ask = |words: &str| {
        output.remark(words);
        console::Term::stderr().read_secure_line().map(SecretText::new)
    };
    let first = ask("Password (it is not shown):").map_err(failed)?;
    let again = ask("Once more:").map_err(failed)?;
    if first != again {
        return Err(CliError::BadInput("the two are not the same".to_owned()));
    }
    Ok(first)
}

fn from_stdin() -> Result<SecretText, CliError> {
    first_line(std::io::stdin().lock(), "stdin")
}

fn from_file(path: &Path) -> Result<SecretText, CliError> {
    let name = path.display().to_string();
    let file = std::fs::File::open(path)
        .map_err(|error| CliError::BadInput(format!("cannot read {name}: {error}")))?;
    first_line(file, &name)
}

fn first_line(from: impl std::io::Read, name: &str) -> Result<SecretText, CliError> {
    let mut bytes = Zeroizing::new(Vec::with_capacity(LARGEST_FILE as usize + 1));
    from.take(LARGEST_FILE + 1)
        .read_to_end(&mut bytes)
        .map_err(|error| CliError::BadInput(format!("cannot read {name}: {error}")))?;
    let line = bytes.split(|byte| *byte == b'\n').next().unwrap_or_default();
    let line = line.strip_suffix(b"\r").unwrap_or(line);
    let text = std::str::from_utf8(line)
        .map_err(|_| CliError::BadInput(format!("the password in {name} is no UTF-8 text")))?;
    if line.len() as u64 >= LARGEST_FILE {
        return Err(CliError::BadInput(format!(
            "the first line of {name} is too long for a password"
        )));
    }
    Ok(text.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_is_the_first_line_without_its_end() {
        for (file, password) in [
            ("hunter2", "hunter2"),
            ("hunter2\n", "hunter2"),
            ("hunter2\r\n# a note\n", "hunter2"),
            (" a:b \n", " a:b "),
            ("", ""),
        ] {
            assert_eq!(
                first_line(file.as_bytes(), "x").unwrap().expose(),
                password,
                "{file:?}"
            );
        }
        assert!(first_line(&b"\xff\xfe"[..], "x").is_err());
        let long = "x".repeat(LARGEST_FILE as usize + 10);
        let error = first_line(long.as_bytes(), "x").unwrap_err().to_string();
        assert!(!error.contains("xxx"), "{error}");
    }
}
