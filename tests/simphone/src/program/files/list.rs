//! `ls`

use super::super::{ExitCode, Process};
use super::options;
use crate::phone::files::{Stat, link_target};

pub(super) async fn ls(process: &mut Process) -> ExitCode {
    let (letters, paths) = {
        let args = process.args();
        let (letters, paths) = options(&args);
        let paths: Vec<String> = paths.into_iter().map(str::to_owned).collect();
        (letters, paths)
    };
    let paths = if paths.is_empty() {
        vec![".".to_owned()]
    } else {
        paths
    };
    let listing = Listing {
        long: letters.contains('l'),
        all: letters.contains('a'),
        almost_all: letters.contains('A'),
        itself: letters.contains('d'),
        recursive: letters.contains('R'),
        by_time: letters.contains('t'),
        by_size: letters.contains('S'),
        reversed: letters.contains('r'),
    };
    let mut code = 0;
    let mut files = Vec::new();
    let mut folders = Vec::new();
    for path in &paths {
        let full = process.path(path);
        let seen = process
            .phone
            .files
            .stat(&full, !listing.long || path.ends_with('/'));
        match seen {
            Ok(stat) if stat.is_folder() && !listing.itself => folders.push(path.clone()),
            Ok(stat) => files.push((path.clone(), stat)),
            Err(error) => code = process.failed(path, &error).await,
        }
    }
    let text = listing.lines(&files);
    process.print(&text).await;
    let titled = paths.len() > 1 || listing.recursive;
    let mut first = files.is_empty();
    // The next folder stands last.
    folders.reverse();
    while let Some(folder) = folders.pop() {
        let full = process.path(&folder);
        let names = match process.phone.files.list(&full) {
            Ok(names) => names,
            Err(error) => {
                code = process.failed(&folder, &error).await;
                continue;
            }
        };
        if titled {
            let gap = if first { "" } else { "\n" };
            process.print(&format!("{gap}{folder}:\n")).await;
        }
        first = false;
        let entries = listing.entries(process, &full, names);
        if listing.long {
            let blocks: u64 = entries.iter().map(|(_, stat)| stat.size.div_ceil(4096) * 4).sum();
            process.println(&format!("total {blocks}")).await;
        }
        process.print(&listing.lines(&entries)).await;
        if listing.recursive {
            let inner = entries
                .iter()
                .rev()
                .filter(|(name, stat)| stat.is_folder() && name != "." && name != "..");
            folders.extend(inner.map(|(name, _)| format!("{folder}/{name}")));
        }
    }
    code
}

struct Listing {
    long: bool,
    all: bool,
    almost_all: bool,
    itself: bool,
    recursive: bool,
    by_time: bool,
    by_size: bool,
    reversed: bool,
}

impl Listing {
    fn entries(&self, process: &Process, folder: &str, mut names: Vec<String>) -> Vec<(String, Stat)> {
        if self.all {
            names.splice(0..0, [".".to_owned(), "..".to_owned()]);
        } else if !self.almost_all {
            names.retain(|name| !name.starts_with('.'));
        }
        let mut entries: Vec<(String, Stat)> = names
            .into_iter()
            .filter_map(|name| {
                let stat = process
                    .phone
                    .files
                    .stat(&format!("{folder}/{name}"), false)
                    .ok()?;
                Some((name, stat))
            })
            .collect();
        if self.by_time {
            entries.sort_by_key(|(_, stat)| std::cmp::Reverse(stat.mtime));
        } else if self.by_size {
            entries.sort_by_key(|(_, stat)| std::cmp::Reverse(stat.size));
        }
        if self.reversed {
            entries.reverse();
        }
        entries
    }

    fn lines(&self, entries: &[(String, Stat)]) -> String {
        let width = entries
            .iter()
            .map(|(_, stat)| stat.size.to_string().len())
            .max()
            .unwrap_or(1);
        entries
            .iter()
            .map(|(name, stat)| {
                if self.long {
                    long_line(name, stat, width)
                } else {
                    format!("{name}\n")
                }
            })
            .collect()
    }
}

fn long_line(name: &str, stat: &Stat, width: usize) -> String {
    let link = link_target(name)
        .or_else(|| link_target(&format!("/{name}")))
        .filter(|_| stat.is_link())
        .map(|target| format!(" -> {target}"))
        .unwrap_or_default();
    format!(
        "{} {} {} {} {:>width$} {} {name}{link}\n",
        super::stat::mode_text(stat.mode),
        stat.links,
        super::stat::user(stat.uid),
        super::stat::group(stat.gid),
        stat.size,
        super::stat::time(stat.mtime, "%Y-%m-%d %H:%M"),
    )
}
