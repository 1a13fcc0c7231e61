//! The task's files on the phone: in an album of their own, seen by the gallery, handed to the app, taken away again.

use std::path::Path;
use std::time::Duration;

use shared::pack::failure::FailureKind;

use super::failure::Failure;
use super::host::Host;
use super::{Material, MaterialKind};
use crate::device::Share;

/// Albums are folders under it; galleries show each by its name.
const ALBUMS: &str = "/storage/emulated/0/DCIM";
/// More files than one post takes.
const MOST_FILES: usize = 40;
/// Galleries sort by second: each file gets one of its own.
const APART: Duration = Duration::from_millis(1_100);

/// What was put onto the phone.
#[derive(Debug, Clone, Default)]
pub(super) struct Album {
    pub(super) name: String,
    /// The material's hash, its path on the phone, the URI by which apps know it.
    pub(super) files: Vec<(String, String, Option<String>)>,
}

impl Host {
    /// Puts the files into a new album, the first of the list last, so that it is the gallery's first cell.
    pub(super) async fn put_media(&self, materials: &[Material]) -> Result<(String, usize), Failure> {
        if materials.is_empty() || materials.len() > MOST_FILES {
            return Err(Failure::new(
                FailureKind::NoMaterial,
                format!(
                    "{} files to put onto the phone: 1 to {MOST_FILES}",
                    materials.len()
                ),
            ));
        }
        self.remove_media().await?;
        let short: String = self
            .attempt
            .chars()
            .filter(char::is_ascii_alphanumeric)
            .take(6)
            .collect();
        let mut album = Album {
            name: format!("Album{short}"),
            files: Vec::new(),
        };
        let mut noted = Vec::new();
        for (number, material) in materials.iter().enumerate().rev() {
            if !album.files.is_empty() {
                // The index counts in whole seconds of the phone's own clock.
                self.pace.clock().sleep(APART).await;
            }
            let remote = format!(
                "{ALBUMS}/{}/{:02}_{}",
                album.name,
                number,
                safe_name(&material.name)
            );
            // Told to the phone first: whoever comes after a killed run finds what that one put there.
            noted.push(remote.clone());
            self.device.note_files(&noted).await?;
            // Known before it is there: a push that fails halfway must leave nothing behind.
            album.files.push((material.hash.clone(), remote.clone(), None));
            self.state().album = Some(album.clone());
            self.device.push(&material.path, &remote).await?;
            let uri = self.device.index_media(&remote).await?;
            if let Some((_, _, known)) = album.files.last_mut() {
                *known = uri;
            }
            self.state().album = Some(album.clone());
        }
        let count = album.files.len();
        self.detail(&format!("{count} files into {}", album.name));
        if let Some((_, remote, _)) = album.files.iter().find(|(_, _, uri)| uri.is_none()) {
            return Err(Failure::new(
                FailureKind::Device,
                format!("the gallery does not take {remote}: the file may be damaged, or the phone is busy"),
            ));
        }
        Ok((album.name, count))
    }

    pub(super) async fn remove_media(&self) -> Result<(), Failure> {
        let Some(album) = self.state().album.take() else {
            return Ok(());
        };
        for (_, remote, _) in &album.files {
            self.take_away(remote).await?;
        }
        Ok(self.device.note_files(&[]).await?)
    }

    async fn take_away(&self, remote: &str) -> Result<(), Failure> {
        self.device.remove(remote).await?;
        self.device.index_media(remote).await?;
        Ok(())
    }

    /// Files that a run put onto the phone which died before it could take them away. They are in the way of nobody
    /// who acts, so trouble with them is told and no more.
    pub(super) async fn remove_left_behind(&self) {
        let removed: Result<(), Failure> = async {
            let left = self.device.noted_files().await?;
            if left.is_empty() {
                return Ok(());
            }
            for remote in left.iter().filter(|path| is_ours(path)) {
                self.take_away(remote).await?;
                self.watch
                    .log(&format!("{remote} was left by a run that died: removed"));
            }
            Ok(self.device.note_files(&[]).await?)
        }
        .await;
        if let Err(failure) = removed {
            self.watch
                .log(&format!("files of an earlier run stay on the phone: {failure}"));
        }
    }

    /// Hands one file to the app; it is put onto the phone first where it is not there.
    pub(super) async fn share_files(
        &self,
        materials: &[Material],
        component: Option<String>,
        mime: Option<String>,
    ) -> Result<(), Failure> {
        let [material] = materials else {
            return Err(Failure::script(format!(
                "share_files with {} files: Android's `am` hands over one; put several by put_media and choose them in the app",
                materials.len()
            )));
        };
        let there = |host: &Self| {
            let state = host.state();
            let files = state
                .album
                .as_ref()
                .map(|album| album.files.clone())
                .unwrap_or_default();
            files
                .into_iter()
                .find(|(hash, _, _)| *hash == material.hash)
                .and_then(|(_, _, uri)| uri)
        };
        if there(self).is_none() {
            self.put_media(materials).await?;
        }
        let uri = there(self)
            .ok_or_else(|| Failure::new(FailureKind::Device, "the gallery gave no URI for the file"))?;
        self.detail(&uri);
        self.acts_now();
        self.state().in_app = true;
        self.device
            .share(&Share {
                uri,
                mime: mime.unwrap_or_else(|| mime_of(material)),
                package: self.package.clone(),
                component,
            })
            .await?;
        self.until_in_front().await
    }
}

/// Only what `put_media` names so is ever removed, whatever stands in the phone's note.
fn is_ours(path: &str) -> bool {
    let rest = path
        .strip_prefix(ALBUMS)
        .and_then(|rest| rest.strip_prefix("/Album"));
    rest.is_some_and(|rest| !rest.contains("..") && rest.matches('/').count() == 1)
}

fn mime_of(material: &Material) -> String {
    let ending = Path::new(&material.name)
        .extension()
        .map(|ending| ending.to_string_lossy().to_ascii_lowercase())
        .unwrap_or_default();
    match (material.kind, ending.as_str()) {
        (MaterialKind::Video, "mov") => "video/quicktime",
        (MaterialKind::Video, _) => "video/mp4",
        (MaterialKind::Image, "png") => "image/png",
        (MaterialKind::Image, "webp") => "image/webp",
        (MaterialKind::Image, _) => "image/jpeg",
    }
    .to_owned()
}

/// A name that every file system and shell takes; its ending decides what the gallery makes of it.
fn safe_name(name: &str) -> String {
    const LONGEST: usize = 60;
    let safe: String = name
        .chars()
        .map(|c| {
            if c.is_ascii_alphanumeric() || c == '.' || c == '-' {
                c
            } else {
                '_'
            }
        })
        .collect();
    safe[safe.len().saturating_sub(LONGEST)..].to_owned()
}
