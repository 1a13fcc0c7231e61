//! The contents of the material library as files: one a content, named by its hash. A file that is being taken in lies
//! apart and is gone with whoever takes it in, unless it was kept.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use sha2::{Digest as _, Sha256};
use shared::pack::files::hex;
use tempfile::TempPath;
use tokio::io::AsyncWriteExt as _;
use tokio::sync::{Mutex, MutexGuard};

use super::content::{self, Kind};

/// In characters.
const LONGEST_NAME: usize = 200;
/// A file without a row is kept for so long: a database that was taken back may know it again.
const KEPT: Duration = Duration::from_secs(30 * 24 * 3600);

/// Why a content is not taken in.
#[derive(Debug, thiserror::Error)]
pub enum NotTaken {
    /// For people: what the name promises, and what the file is.
    #[error("{0}")]
    Wrong(String),
    #[error("it is larger than {0} bytes")]
    TooLarge(u64),
    /// Nothing of it is left behind.
    #[error("there is no room left for it in {}: free some space and send it again; nothing was changed", .0.display())]
    Full(PathBuf),
    #[error("it cannot be kept")]
    Io(#[source] io::Error),
}

/// Where the contents lie. Clones share it.
#[derive(Debug, Clone, Default)]
pub struct Blobs {
    folder: Arc<PathBuf>,
    /// Held while a file and its row come or go together.
    changing: Arc<Mutex<()>>,
}

/// A content that was taken in and has its place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Content {
    pub hash: String,
    pub kind: Kind,
    pub size: u64,
    /// As it is called from now on: with an ending that says its kind.
    pub name: String,
}

/// What a look at all files has found.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Swept {
    /// Rows whose file is not there.
    pub missing: Vec<String>,
    /// Rows that were missing and whose file is there.
    pub found: Vec<String>,
    pub removed: usize,
}

impl Blobs {
    pub fn below(data_dir: &Path) -> Self {
        Self {
            folder: Arc::new(data_dir.join("materials")),
            changing: Arc::default(),
        }
    }

    /// Where a content lies, if it does.
    pub fn path(&self, hash: &str) -> PathBuf {
        let shelf = hash.get(..2).unwrap_or("00");
        self.folder.join(shelf).join(hash)
    }

    fn parts(&self) -> PathBuf {
        self.folder.join("parts")
    }

    /// Nobody else lets a file come or go meanwhile.
    pub async fn hold(&self) -> MutexGuard<'_, ()> {
        self.changing.lock().await
    }

    /// Begins to take a file in; `name` is what its sender calls it, `most` how many bytes it may have.
    pub fn begin(&self, name: &str, most: u64) -> Result<Incoming, NotTaken> {
        let name = plain_name(name)?;
        let parts = self.parts();
        let open = || -> io::Result<_> {
            std::fs::create_dir_all(&parts)?;
            Ok(tempfile::Builder::new()
                .suffix(".part")
                .tempfile_in(&parts)?
                .into_parts())
        };
        let (file, path) = open().map_err(|error| self.failed(error))?;
        Ok(Incoming {
            blobs: self.clone(),
            name,
            most,
            file: tokio::fs::File::from_std(file),
            path,
            head: Vec::new(),
            kind: None,
            hasher: Sha256::new(),
            size: 0,
        })
    }

    /// Opens a content that is to have this size.
    pub async fn open(&self, hash: &str, size: u64) -> Option<tokio::fs::File> {
        let file = tokio::fs::File::open(self.path(hash)).await.ok()?;
        (file.metadata().await.ok()?.len() == size).then_some(file)
    }

    /// Deletes a content's file, with the guard of [`Self::hold`] held. That it is gone already is no failure.
    pub async fn remove(&self, hash: &str, _held: &MutexGuard<'_, ()>) -> io::Result<()> {
        match tokio::fs::remove_file(self.path(hash)).await {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
            _ => Ok(()),
        }
    }

    /// Holds the files against the rows that there are: parts of a process that died are removed, and so is what has
    /// had no row for long.
    pub fn sweep(&self, rows: &[(String, bool)], now: SystemTime) -> io::Result<Swept> {
        let mut swept = Swept::default();
        if self.folder.as_os_str().is_empty() {
            return Ok(swept);
        }
        for entry in entries(&self.parts())? {
            std::fs::remove_file(&entry)?;
            swept.removed += 1;
        }
        for (hash, missing) in rows {
            let there = self.path(hash).is_file();
            match (there, missing) {
                (false, false) => swept.missing.push(hash.clone()),
                (true, true) => swept.found.push(hash.clone()),
                _ => {}
            }
        }
        let known: std::collections::HashSet<&str> = rows.iter().map(|(hash, _)| hash.as_str()).collect();
        for shelf in entries(&self.folder)? {
            if shelf == self.parts() {
                continue;
            }
            for file in entries(&shelf)? {
                let name = file.file_name().map(|name| name.to_string_lossy().into_owned());
                let is_known = name.is_some_and(|name| known.contains(name.as_str()));
                let changed = std::fs::metadata(&file)?.modified()?;
                if !is_known && now.duration_since(changed).is_ok_and(|age| age > KEPT) {
                    std::fs::remove_file(&file)?;
                    swept.removed += 1;
                }
            }
        }
        Ok(swept)
    }

    fn failed(&self, error: io::Error) -> NotTaken {
        if matches!(
            error.kind(),
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded
        ) {
            return NotTaken::Full(self.folder.as_ref().clone());
        }
        NotTaken::Io(error)
    }
}

/// What is in a folder; nothing where there is none.
fn entries(folder: &Path) -> io::Result<Vec<PathBuf>> {
    match std::fs::read_dir(folder) {
        Ok(entries) => entries.map(|entry| Ok(entry?.path())).collect(),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Vec::new()),
        // A file where only folders belong is nobody's business.
        Err(error) if error.kind() == io::ErrorKind::NotADirectory => Ok(Vec::new()),
        Err(error) => Err(error),
    }
}

/// A file that is being taken in. Dropped, it leaves nothing behind.
#[derive(Debug)]
pub struct Incoming {
    blobs: Blobs,
    name: Name,
    most: u64,
    file: tokio::fs::File,
    path: TempPath,
    head: Vec<u8>,
    kind: Option<Kind>,
    hasher: Sha256,
    size: u64,
}

impl Incoming {
    pub fn size(&self) -> u64 {
        self.size
    }

    /// Takes what comes next. What it is shows in its first bytes, so that a wrong one is not taken to its end.
    pub async fn add(&mut self, bytes: &[u8]) -> Result<(), NotTaken> {
        if self.kind.is_none() {
            let wanted = content::TELLING.saturating_sub(self.head.len()).min(bytes.len());
            self.head
                .extend_from_slice(bytes.get(..wanted).unwrap_or_default());
            if self.head.len() >= content::TELLING {
                self.kind = Some(self.told()?);
            }
        }
        self.size += bytes.len() as u64;
        if self.size > self.most {
            return Err(NotTaken::TooLarge(self.most));
        }
        self.hasher.update(bytes);
        self.file
            .write_all(bytes)
            .await
            .map_err(|error| self.blobs.failed(error))
    }

    fn told(&self) -> Result<Kind, NotTaken> {
        let wrong =
            |found: &str| NotTaken::Wrong(format!("{} is not what its name says: {found}", self.name.given));
        let kind = content::sniff(&self.head).ok_or_else(|| match self.name.promised {
            Some(_) => wrong(content::NEITHER),
            None => NotTaken::Wrong(format!("{}: {}", self.name.given, content::NEITHER)),
        })?;
        match self
            .name
            .promised
            .and_then(|promised| content::contradiction(kind, promised))
        {
            Some(found) => Err(wrong(found)),
            None => Ok(kind),
        }
    }

    /// All has come: it is made lasting.
    pub async fn finish(mut self) -> Result<Whole, NotTaken> {
        if self.size == 0 {
            return Err(NotTaken::Wrong(format!("{} is empty", self.name.given)));
        }
        let kind = match self.kind {
            Some(kind) => kind,
            None => self.told()?,
        };
        let failed = |error| self.blobs.failed(error);
        self.file.flush().await.map_err(failed)?;
        self.file.sync_all().await.map_err(failed)?;
        Ok(Whole {
            content: Content {
                hash: hex(&self.hasher.finalize()),
                kind,
                size: self.size,
                name: self.name.ending_as(kind, &self.head),
            },
            blobs: self.blobs,
            path: self.path,
        })
    }
}

/// A file that has come whole and has no place yet. Dropped, it leaves nothing behind.
#[derive(Debug)]
pub struct Whole {
    blobs: Blobs,
    path: TempPath,
    pub content: Content,
}

impl Whole {
    /// Gives it its place, with the guard of [`Blobs::hold`] held; one that is there already is the same.
    pub async fn keep(self, _held: &MutexGuard<'_, ()>) -> Result<Content, NotTaken> {
        let Self { blobs, path, content } = self;
        let to = blobs.path(&content.hash);
        let kept = tokio::task::spawn_blocking(move || -> io::Result<()> {
            let shelf = to.parent().map(Path::to_owned).unwrap_or_default();
            std::fs::create_dir_all(&shelf)?;
            path.persist(&to).map_err(|error| error.error)?;
            sync_folder(&shelf)
        });
        match kept.await {
            Ok(Ok(())) => Ok(content),
            Ok(Err(error)) => Err(blobs.failed(error)),
            Err(lost) => Err(NotTaken::Io(io::Error::other(lost))),
        }
    }
}

/// Makes a new name in a folder lasting.
#[cfg(unix)]
fn sync_folder(folder: &Path) -> io::Result<()> {
    std::fs::File::open(folder)?.sync_all()
}

#[cfg(not(unix))]
fn sync_folder(_folder: &Path) -> io::Result<()> {
    Ok(())
}

/// A name as its sender gave it, and what it promises.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Name {
    given: String,
    promised: Option<Kind>,
}

impl Name {
    /// Galleries go by the ending.
    fn ending_as(&self, kind: Kind, head: &[u8]) -> String {
        if self.promised.is_some() {
            return self.given.clone();
        }
        let ending = match kind {
            Kind::Video => "mp4",
            Kind::Image if head.starts_with(b"\x89PNG") => "png",
            Kind::Image => "jpg",
        };
        format!("{}.{ending}", self.given)
    }
}

/// The last part of what may be a path, on one line. One without an ending may be either kind.
fn plain_name(given: &str) -> Result<Name, NotTaken> {
    let last = given.rsplit(['/', '\\']).next().unwrap_or_default().trim();
    let text: String = last
        .chars()
        .filter(|c| !c.is_control())
        .take(LONGEST_NAME)
        .collect();
    let text = text.trim_start_matches('.').to_owned();
    if text.is_empty() {
        return Err(NotTaken::Wrong(
            "the file has no name: say name=clip.mp4, or send it as a field of a form".to_owned(),
        ));
    }
    let promised = Kind::of_name(&text);
    let ending = text.rsplit_once('.').map(|(_, ending)| ending);
    if promised.is_none()
        && ending.is_some_and(|ending| !ending.contains(' ') && (1..=5).contains(&ending.len()))
    {
        return Err(NotTaken::Wrong(format!(
            "{text} is no name of what can be published: allowed are {} and {}",
            Kind::Video.files(),
            Kind::Image.files()
        )));
    }
    Ok(Name {
        given: text,
        promised,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const VIDEO: &[u8] = b"\0\0\0\x18ftypmp42\0\0\0\0mp42isom and more";
    const JPEG: &[u8] = b"\xff\xd8\xff\xe0 and more of it";

    async fn taken(blobs: &Blobs, name: &str, pieces: &[&[u8]], most: u64) -> Result<Content, NotTaken> {
        let mut incoming = blobs.begin(name, most)?;
        for piece in pieces {
            incoming.add(piece).await?;
        }
        let whole = incoming.finish().await?;
        whole.keep(&blobs.hold().await).await
    }

    #[tokio::test]
    async fn a_content_lies_once_under_its_hash_and_what_is_not_kept_leaves_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let blobs = Blobs::below(folder.path());
        let first = taken(&blobs, "C:\\Videos\\one.mp4", &[&VIDEO[..5], &VIDEO[5..]], 1000)
            .await
            .unwrap();
        assert_eq!((first.name.as_str(), first.kind), ("one.mp4", Kind::Video));
        assert_eq!(std::fs::read(blobs.path(&first.hash)).unwrap(), VIDEO);
        let again = taken(&blobs, "two.mp4", &[VIDEO], 1000).await.unwrap();
        assert_eq!(again.hash, first.hash);
        assert!(blobs.open(&first.hash, first.size).await.is_some());
        assert!(blobs.open(&first.hash, first.size + 1).await.is_none());
        for (name, pieces, why) in [
            (
                "a.mp4",
                &[JPEG][..],
                "a.mp4 is not what its name says: it is an image",
            ),
            (
                "a.jpg",
                &[VIDEO][..],
                "a.jpg is not what its name says: it is a video",
            ),
            (
                "a.png",
                &[&b"MZ executable"[..]][..],
                "a.png is not what its name says: it is neither",
            ),
            ("a.mp4", &[&b"\0\0\0\x18ftypheic...."[..]][..], "neither an MP4"),
            ("a.mp4", &[][..], "a.mp4 is empty"),
            ("a.mp4", &[&b"\xff"[..]][..], "neither"),
            ("a.exe", &[VIDEO][..], "a.exe is no name of what can be published"),
            ("", &[VIDEO][..], "the file has no name"),
        ] {
            let told = taken(&blobs, name, pieces, 1000).await.unwrap_err().to_string();
            assert!(told.contains(why), "{told}");
        }
        assert!(matches!(
            taken(&blobs, "a.mp4", &[VIDEO, VIDEO], VIDEO.len() as u64 + 1).await,
            Err(NotTaken::TooLarge(_))
        ));
        assert_eq!(
            taken(&blobs, "clip", &[JPEG], 1000).await.unwrap().name,
            "clip.jpg"
        );
        assert!(
            entries(&blobs.parts()).unwrap().is_empty(),
            "a part stayed behind"
        );
    }

    #[tokio::test]
    async fn a_sweep_tells_what_is_missing_and_removes_parts_and_what_nobody_knows_for_long() {
        let folder = tempfile::tempdir().unwrap();
        let blobs = Blobs::below(folder.path());
        let kept = taken(&blobs, "a.mp4", &[VIDEO], 1000).await.unwrap();
        let orphan = taken(&blobs, "b.jpg", &[JPEG], 1000).await.unwrap();
        std::fs::write(blobs.parts().join("x.part"), b"half").unwrap();
        let rows = [(kept.hash.clone(), true), ("ab".repeat(32), false)];
        let now = SystemTime::from(shared::clock::Clock::now(&shared::clock::SystemClock));
        let swept = blobs.sweep(&rows, now).unwrap();
        assert_eq!(swept.missing, ["ab".repeat(32)]);
        assert_eq!(swept.found, std::slice::from_ref(&kept.hash));
        assert_eq!(swept.removed, 1, "the part alone");
        let later = now + KEPT + Duration::from_secs(60);
        assert_eq!(blobs.sweep(&rows, later).unwrap().removed, 1);
        assert!(blobs.path(&kept.hash).exists() && !blobs.path(&orphan.hash).exists());
    }
}
