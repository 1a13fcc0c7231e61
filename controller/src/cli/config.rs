//! `config show` and `config example`.

use shared::terminal::{Exit, Output, table};

use super::CliError;
use crate::config::keys::KEYS;
use crate::config::{Config, Layers, environment_name};
use crate::settings::definitions;

pub(super) fn show(layers: &Layers, output: Output) -> Result<Exit, CliError> {
    let shown = layers.show();
    output.result(&shown, || {
        let header = ["SETTING", "VALUE", "FROM"].map(str::to_owned).to_vec();
        let rows: Vec<_> = std::iter::once(header)
            .chain(shown.iter().map(|line| {
                let value = if line.value.is_empty() {
                    "(worked out)".to_owned()
                } else {
                    line.value.clone()
                };
                vec![line.name.clone(), value, line.origin.clone()]
            }))
            .collect();
        table(&rows)
    });
    // What is shown may still be wrong; better said here than at the next start.
    Config::from_layers(layers)?;
    Ok(Exit::Done)
}

/// A file with every setting, commented out at its default.
pub(super) fn example() -> String {
    let mut text =
        "# Drover's controller. Every setting stands here at its default; take away the # to change one.\n"
            .to_owned();
    let mut section = String::new();
    // Settings without a section come first, as TOML wants it.
    let (plain, grouped): (Vec<_>, Vec<_>) = KEYS.iter().partition(|key| !key.name.contains('.'));
    for key in plain.into_iter().chain(grouped) {
        let (group, name) = key.name.split_once('.').unwrap_or(("", key.name));
        if group != section {
            text.push_str(&format!("\n[{group}]\n"));
            group.clone_into(&mut section);
        }
        let default = if key.default.is_empty() {
            format!("\"\"  # {}", key.default_text)
        } else {
            toml_value(key.default)
        };
        text.push_str(&format!(
            "\n# {}  {}\n#{name} = {default}\n",
            key.help,
            environment_name(key.name)
        ));
    }
    text.push_str(
        "\n# What follows can also be changed while the farm runs (`drover-controller settings set`), which wins over this file.\n",
    );
    for one in definitions() {
        let (group, name) = one.name.split_once('.').unwrap_or(("", &one.name));
        if group != section {
            text.push_str(&format!("\n[{group}]\n"));
            group.clone_into(&mut section);
        }
        text.push_str(&format!(
            "\n# {}: {}.  {}\n#{name} = {}\n",
            one.help,
            one.kind.allowed(),
            environment_name(&one.name),
            one.default
        ));
    }
    text
}

fn toml_value(default: &str) -> String {
    let bare = default.parse::<i64>().is_ok() || default.parse::<bool>().is_ok();
    if bare {
        default.to_owned()
    } else {
        format!("{default:?}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_example_without_its_comment_signs_is_a_valid_file() {
        let text: String = example()
            .lines()
            .map(|line| match line.strip_prefix('#') {
                Some(rest) if !rest.starts_with(' ') => format!("{rest}\n"),
                _ => format!("{line}\n"),
            })
            .collect();
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("drover.toml");
        std::fs::write(&path, text).unwrap();
        let layers = Layers::collect(Some(&path), |_| None, &[]).unwrap();
        Config::from_layers(&layers).unwrap();
    }
}
