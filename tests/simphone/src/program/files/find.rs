//! `find`, as far as scripts use it.

use super::super::{ExitCode, Process};
use crate::shell::pattern_fits;

#[derive(Default)]
struct Search {
    paths: Vec<String>,
    name: Option<(String, bool)>,
    kind: Option<char>,
    deepest: Option<usize>,
    shallowest: usize,
    delete: bool,
    zero: bool,
}

pub(super) async fn find(process: &mut Process) -> ExitCode {
    let search = match Search::parse(&process.args()) {
        Ok(search) => search,
        Err(what) => {
            process.eprintln(&format!("find: {what}")).await;
            return 1;
        }
    };
    let mut code = 0;
    let mut waiting: Vec<(String, usize)> = search.paths.iter().rev().map(|path| (path.clone(), 0)).collect();
    let mut deleted = Vec::new();
    while let Some((path, depth)) = waiting.pop() {
        let full = process.path(&path);
        let found = process.phone.files.stat(&full, depth == 0 && path.ends_with('/'));
        let stat = match found {
            Ok(stat) => stat,
            Err(error) => {
                code = process.failed(&path, &error).await;
                continue;
            }
        };
        let kind = if stat.is_folder() {
            'd'
        } else if stat.is_link() {
            'l'
        } else {
            'f'
        };
        if search.fits(&path, kind, depth) {
            if search.delete {
                deleted.push((full.clone(), kind));
            } else {
                let end = if search.zero { '\0' } else { '\n' };
                process.print(&format!("{path}{end}")).await;
            }
        }
        if kind == 'd' && search.deepest.is_none_or(|deepest| depth < deepest) {
            let listed = process.phone.files.list(&full);
            match listed {
                Ok(names) => {
                    let base = path.trim_end_matches('/');
                    waiting.extend(
                        names
                            .iter()
                            .rev()
                            .map(|name| (format!("{base}/{name}"), depth + 1)),
                    );
                }
                Err(error) => code = process.failed(&path, &error).await,
            }
        }
    }
    // What is in a folder goes before the folder.
    for (path, kind) in deleted.into_iter().rev() {
        let phone = &process.phone;
        let removed = if kind == 'd' {
            phone.remove_empty_folder(&path)
        } else {
            phone.remove_file(&path)
        };
        if let Err(error) = removed {
            code = process.failed(&path, &error).await;
        }
    }
    code
}

impl Search {
    fn parse(args: &[&str]) -> Result<Self, String> {
        let mut search = Self::default();
        let mut rest = args.iter();
        while let Some(arg) = rest.next() {
            let mut value = || {
                rest.next()
                    .map(|text| (*text).to_owned())
                    .ok_or(format!("'{arg}' needs 1 arg"))
            };
            match *arg {
                "-name" => search.name = Some((value()?, false)),
                "-iname" => search.name = Some((value()?.to_lowercase(), true)),
                "-type" => search.kind = value()?.chars().next(),
                "-maxdepth" => search.deepest = value()?.parse().ok(),
                "-mindepth" => search.shallowest = value()?.parse().unwrap_or(0),
                "-delete" => search.delete = true,
                "-print0" => search.zero = true,
                "-print" | "-depth" => {}
                option if option.starts_with('-') => return Err(format!("bad arg '{option}'")),
                path => search.paths.push(path.to_owned()),
            }
        }
        if search.paths.is_empty() {
            search.paths.push(".".to_owned());
        }
        Ok(search)
    }

    fn fits(&self, path: &str, kind: char, depth: usize) -> bool {
        let name = path.trim_end_matches('/').rsplit('/').next().unwrap_or(path);
        let named = self.name.as_ref().is_none_or(|(pattern, any_case)| {
            if *any_case {
                pattern_fits(pattern, &name.to_lowercase())
            } else {
                pattern_fits(pattern, name)
            }
        });
        named && depth >= self.shallowest && self.kind.is_none_or(|wanted| wanted == kind)
    }
}
