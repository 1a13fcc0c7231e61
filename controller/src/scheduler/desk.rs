//! What hosts ask for while they work, and what they tell.

use std::path::{Path, PathBuf};

use async_trait::async_trait;
use jiff::{SignedDuration, Timestamp};
use shared::pack::files::hex;
use shared::totp::step_begins;
use shared::wire::message::{ControllerReply, ToController};
use shared::wire::work::{
    AttemptEnd, AttemptOutcome, GrantAsk, GrantOutcome, Id, LogLine, Progress, SecretKind, Settlement,
    Spoken, Standing, Told,
};
use uuid::Uuid;

use super::{Engine, TaskNews, complain, results};
use crate::fleet::{Desk, DeskAnswer};
use crate::store::{Asked, AuditEntry, Closed, How, Settled, StoreError, TaskRow};

/// The longest line that is kept of a log, in characters.
const LONGEST_LINE: usize = 2_000;
/// The file in which an attempt tells of itself.
const META: &str = "meta.json";
/// Files of evidence of one attempt.
const MOST_EVIDENCE: usize = 16;
/// Steps of a code that are waited for, where somebody takes each first.
const STEPS: u32 = 3;

#[async_trait]
impl Desk for Engine {
    async fn stands(&self, host: Uuid, standing: Standing) {
        while let Err(error) = self.hear_standing(host, &standing).await {
            complain("hearing where a host stands", &error);
            if !self.inner.parts.hosts.is_connected(host) || matches!(error, StoreError::Closed) {
                return;
            }
            self.inner.parts.clock.sleep(super::TICK).await;
        }
    }

    fn progress(&self, host: Uuid, news: Vec<Progress>) {
        for one in news {
            let id = Uuid::from_bytes(one.attempt);
            let line = cut(&one.line);
            let Some(task) = self.working_for(id, host) else {
                continue;
            };
            self.board().progressed(id, task, one.percent, line.clone());
            self.tell(TaskNews::Progress {
                task,
                percent: one.percent,
                line: &line,
            });
        }
    }

    fn lines(&self, host: Uuid, lines: Vec<LogLine>) {
        for one in lines {
            let id = Uuid::from_bytes(one.attempt);
            let line = cut(&one.line);
            let at = Timestamp::from_millisecond(one.at).unwrap_or_else(|_| self.now());
            // The last ones come by another stream than the attempt's end, and may come after it.
            let Some(task) = self.task_of(id, host) else {
                continue;
            };
            self.board().told(id, task, at, line.clone());
            self.tell(TaskNews::Line {
                task,
                at,
                line: &line,
            });
        }
    }

    fn spoken(&self, host: Uuid, spoken: Vec<Spoken>) {
        for one in spoken {
            let id = Uuid::from_bytes(one.attempt);
            let task = self.task_of(id, host);
            let Some(task) = task.filter(|_| is_language(&one.language)) else {
                continue;
            };
            self.board().spoken(id, task, one.language);
        }
    }

    async fn answer(&self, host: Uuid, request: ToController) -> DeskAnswer {
        let answer = match request {
            ToController::Grant(ask) => self.grant(host, ask).await,
            ToController::Earlier(ask) => self.store().earlier(host, ask).await.map(of_asked),
            ToController::Settle(told) => self.settled(host, told).await,
            ToController::Ended(end) => self.ended(host, end).await,
            ToController::Secret { attempt, what } => self.secret(host, attempt, what).await,
            ToController::Mine { attempt } => self.mine(host, attempt).await,
            ToController::Pack { hash } => self.pack(&hex(&hash)).await,
            ToController::Material { hash, offset } => {
                return self.material(host, &hex(&hash), offset).await;
            }
            _ => Ok(ControllerReply::Failed {
                message: "this controller does not know the request".to_owned(),
            }),
        };
        DeskAnswer::Say(answer.unwrap_or_else(|error| {
            complain("answering a host", &error);
            later("the database does not answer")
        }))
    }

    async fn evidence(&self, host: Uuid, attempt: Id, name: &str, bytes: Vec<u8>) -> ControllerReply {
        match self
            .keep_evidence(host, Uuid::from_bytes(attempt), name, bytes)
            .await
        {
            Ok(reply) => reply,
            Err(error) => {
                complain("keeping evidence", &error);
                later("the database does not answer")
            }
        }
    }
}

fn later(why: &str) -> ControllerReply {
    ControllerReply::Later { why: why.to_owned() }
}

fn not_yours(why: &str) -> ControllerReply {
    ControllerReply::NotYours { why: why.to_owned() }
}

fn cut(line: &str) -> String {
    line.chars().take(LONGEST_LINE).collect()
}

fn of_asked(asked: Asked) -> ControllerReply {
    match asked {
        Asked::Answer(answer) => ControllerReply::Grant(answer),
        Asked::NotYours(why) => ControllerReply::NotYours { why },
        Asked::Later(why) => ControllerReply::Later { why },
    }
}

impl Engine {
    /// The task of an attempt that this host works on.
    fn working_for(&self, attempt: Uuid, host: Uuid) -> Option<i64> {
        let board = self.board();
        let working = board.attempt(attempt).filter(|working| working.host == host)?;
        Some(working.task)
    }

    /// The same of an attempt that is over since not long ago.
    fn worked_for(&self, attempt: Uuid, host: Uuid) -> Option<i64> {
        let board = self.board();
        let worked = board.over(attempt).filter(|worked| worked.host == host)?;
        Some(worked.task)
    }

    /// Of an attempt that this host makes, or has made: its last words come by another stream than its end.
    fn task_of(&self, attempt: Uuid, host: Uuid) -> Option<i64> {
        self.working_for(attempt, host)
            .or_else(|| self.worked_for(attempt, host))
    }

    /// Whether an attempt that was alone for long may go on.
    async fn mine(&self, host: Uuid, attempt: Id) -> Result<ControllerReply, StoreError> {
        let attempt = self.store().attempt(Uuid::from_bytes(attempt)).await?;
        let live = attempt.filter(|attempt| attempt.is_live() && attempt.host == host);
        let epoch = self.store().epoch().await?;
        Ok(match live {
            Some(attempt) if attempt.epoch == epoch => ControllerReply::Done,
            _ => not_yours("this attempt is not this host's, or is over"),
        })
    }

    async fn grant(&self, host: Uuid, ask: GrantAsk) -> Result<ControllerReply, StoreError> {
        // First it says where it stands: whether the database went back shows by that.
        if self.board().journal(host) != Some(ask.journal.as_str()) {
            return Ok(later("this host has not said yet where it stands"));
        }
        let (rules, now) = (self.rules(), self.now());
        let asked = self
            .store()
            .grant(host, ask, move |platform, script| {
                rules.grants(platform, script, now)
            })
            .await?;
        Ok(of_asked(asked))
    }

    async fn settled(&self, host: Uuid, told: Settlement) -> Result<ControllerReply, StoreError> {
        let Some(journal) = self.board().journal(host).map(str::to_owned) else {
            return Ok(later("this host has not said yet where it stands"));
        };
        let unknown = matches!(told.outcome, GrantOutcome::Unknown { .. });
        match self.store().settle(host, Some(journal), told).await? {
            Settled::Now(grant) => {
                if !unknown {
                    self.reconsider(grant.task).await;
                    // Others of the account may have waited for it.
                    self.inner.scheduler.wake_all();
                }
                Ok(ControllerReply::Done)
            }
            Settled::NotYours => Ok(not_yours("this host never worked for this grant")),
        }
    }

    /// What the flow has read is kept before its end is: where the one fails the host tells it again.
    async fn ended(&self, host: Uuid, mut end: AttemptEnd) -> Result<ControllerReply, StoreError> {
        let id = Uuid::from_bytes(end.attempt);
        if self.board().journal(host).is_none() {
            return Ok(later("this host has not said yet where it stands"));
        }
        let Some(attempt) = self.store().attempt(id).await? else {
            return Ok(not_yours("nobody here knows this attempt"));
        };
        if attempt.host != host {
            return Ok(not_yours("this attempt is another host's"));
        }
        let task = self.store().task(attempt.task).await?.map(|listed| listed.row);
        if let (Some(task), AttemptOutcome::Done { result }) = (&task, &mut end.outcome)
            && task.attempt == Some(id)
        {
            match self.take_over(task, result).await {
                Ok(more) => *result = more,
                Err(StoreError::Importing { .. }) => {
                    return Ok(later("an import is changing accounts"));
                }
                Err(error) => return Err(error),
            }
        }
        match self.close(id, How::Ended { host, end }).await {
            Some(Closed::NotYours) => Ok(not_yours("this attempt is another host's")),
            Some(_) => {
                self.look_up_task(attempt.task).await;
                Ok(ControllerReply::Done)
            }
            None => Ok(later("the database does not answer")),
        }
    }

    async fn take_over(&self, task: &TaskRow, result: &str) -> Result<String, StoreError> {
        let Ok(read) = serde_json::from_str(result) else {
            return Ok(result.to_owned());
        };
        let now = self.now();
        let taken = results::take_over(self.store(), task, read, now).await?;
        let listener = &self.inner.parts.listener;
        for (created, accounts) in [(true, &taken.created), (false, &taken.changed)] {
            if !accounts.is_empty() {
                listener.accounts(now, created, accounts);
            }
        }
        Ok(taken.result.to_string())
    }

    /// A secret of the account that this attempt is at work for, on record.
    async fn secret(&self, host: Uuid, attempt: Id, what: SecretKind) -> Result<ControllerReply, StoreError> {
        let attempt = self.store().attempt(Uuid::from_bytes(attempt)).await?;
        let Some(attempt) = attempt.filter(|attempt| attempt.is_live() && attempt.host == host) else {
            return Ok(not_yours("this attempt is not this host's, or is over"));
        };
        let missing = |what: &str| {
            Ok(ControllerReply::Failed {
                message: format!("the account has no {what}: note one first"),
            })
        };
        let Some(account) = attempt.account_id else {
            return missing("password, for the task has no account");
        };
        let Some(whole) = self.store().whole_account(account).await? else {
            return Ok(not_yours("its account was deleted"));
        };
        let name = match what {
            SecretKind::Password => "password",
            SecretKind::Totp => "code",
        };
        let entry = AuditEntry::new(
            format!("task {}", attempt.task),
            "account.secret",
            account.to_string(),
        )
        .after(serde_json::json!({
            "account": format!("{}/{}", whole.row.platform, whole.row.username), "secret": name,
        }));
        let vault = &self.inner.parts.vault;
        let damaged = |error: &crate::vault::SecretError| ControllerReply::Failed {
            message: error.to_string(),
        };
        match what {
            SecretKind::Password => match vault.open_password(account, &whole.secrets) {
                Ok(password) if password.text.is_empty() => missing("password"),
                Ok(password) => {
                    self.store().append_audit(entry).await?;
                    Ok(ControllerReply::Secret(Told::new(&password.text)))
                }
                Err(error) => Ok(damaged(&error)),
            },
            SecretKind::Totp => {
                let seed = match vault.open_seed(account, &whole.secrets) {
                    Ok(Some(seed)) => seed,
                    Ok(None) => return missing("2FA secret"),
                    Err(error) => return Ok(damaged(&error)),
                };
                for _ in 0..STEPS {
                    let now = self.now();
                    let code = seed.at(now);
                    if self.store().take_totp_step(account, code.step).await? {
                        self.store().append_audit(entry).await?;
                        return Ok(ControllerReply::Secret(Told::new(&code.code)));
                    }
                    // An app takes each code once: the next one is waited for.
                    let wait = step_begins(code.step + 1).duration_since(now);
                    let wait = wait.max(SignedDuration::from_millis(1));
                    let wait = std::time::Duration::try_from(wait).unwrap_or_default();
                    self.inner.parts.clock.sleep(wait).await;
                }
                Ok(later("each code was taken by somebody else"))
            }
        }
    }

    async fn pack(&self, hash: &str) -> Result<ControllerReply, StoreError> {
        Ok(match self.inner.parts.packs.files(hash).await? {
            Some(files) => ControllerReply::Pack(files),
            None => ControllerReply::Failed {
                message: format!("no pack has the content {hash}"),
            },
        })
    }

    /// A file for one of the tasks that this host works on.
    async fn material(&self, host: Uuid, hash: &str, offset: u64) -> DeskAnswer {
        use tokio::io::AsyncSeekExt as _;
        let tasks: Vec<i64> = {
            let board = self.board();
            let ours = board.all().filter(|working| working.host == host);
            ours.map(|working| working.task).collect()
        };
        let failed = |message: String| DeskAnswer::Say(ControllerReply::Failed { message });
        let Some((mut file, size)) = self.inner.parts.materials.open(&tasks, hash).await else {
            return failed(format!(
                "no task of this host takes a file with the content {hash}"
            ));
        };
        let offset = offset.min(size);
        match file.seek(std::io::SeekFrom::Start(offset)).await {
            Ok(_) => DeskAnswer::File {
                file,
                size: size - offset,
            },
            Err(error) => failed(format!("the file cannot be read: {error}")),
        }
    }

    async fn keep_evidence(
        &self,
        host: Uuid,
        id: Uuid,
        name: &str,
        bytes: Vec<u8>,
    ) -> Result<ControllerReply, StoreError> {
        let failed = |message: String| Ok(ControllerReply::Failed { message });
        let attempt = self.store().attempt(id).await?;
        let Some(attempt) = attempt.filter(|attempt| attempt.host == host) else {
            return Ok(not_yours("this attempt is another host's"));
        };
        if !is_plain(name) {
            return failed(format!("{name:?} is no name for a file of evidence"));
        }
        let kept = self.store().artifacts_of(attempt.task).await?;
        let of_attempt = kept.iter().filter(|kept| kept.attempt == id && kept.name != name);
        if of_attempt.count() >= MOST_EVIDENCE {
            return failed(format!(
                "an attempt has at most {MOST_EVIDENCE} files of evidence"
            ));
        }
        let size = bytes.len() as u64;
        let language = (name == META).then(|| language_in(&bytes)).flatten();
        let file = artifact_file(&self.inner.parts.data_dir, id, name);
        let written = tokio::task::spawn_blocking(move || write_whole(&file, &bytes)).await;
        match written {
            Ok(Ok(())) => {}
            Ok(Err(error)) => {
                tracing::error!(%error, "evidence could not be written");
                return Ok(later("the controller cannot write files"));
            }
            Err(error) => {
                return Err(StoreError::Failed {
                    doing: "writing evidence".to_owned(),
                    source: error.into(),
                });
            }
        }
        self.store().note_artifact(id, attempt.task, name, size).await?;
        if let Some(language) = language {
            self.store().note_language(id, language).await?;
        }
        self.tell(TaskNews::File {
            task: attempt.task,
            name,
        });
        Ok(ControllerReply::Done)
    }
}

/// The phone's language, as an attempt's file about itself tells it.
fn language_in(meta: &[u8]) -> Option<String> {
    let meta: serde_json::Value = serde_json::from_slice(meta).ok()?;
    let language = meta.pointer("/phone/language")?.as_str()?;
    is_language(language).then(|| language.to_owned())
}

/// As "en" or "fil".
fn is_language(text: &str) -> bool {
    !text.is_empty() && text.len() <= 16 && text.chars().all(|c| c.is_ascii_alphanumeric() || c == '-')
}

/// A name that stays in its folder on every system.
fn is_plain(name: &str) -> bool {
    !name.is_empty()
        && name.len() <= 64
        && !name.starts_with('.')
        && name
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_'))
}

/// Where a file of evidence lies.
pub fn artifact_file(data_dir: &Path, attempt: Uuid, name: &str) -> PathBuf {
    data_dir.join("artifacts").join(attempt.to_string()).join(name)
}

/// Whole or not at all.
fn write_whole(file: &Path, bytes: &[u8]) -> std::io::Result<()> {
    let folder = file.parent().unwrap_or_else(|| Path::new("."));
    std::fs::create_dir_all(folder)?;
    let part = tempfile::NamedTempFile::new_in(folder)?;
    std::fs::write(part.path(), bytes)?;
    part.persist(file).map(drop).map_err(|error| error.error)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn evidence_stays_in_its_folder() {
        for good in ["screen.png", "screen-1.xml", "log_2.txt"] {
            assert!(is_plain(good), "{good}");
        }
        for bad in [
            "",
            ".",
            "..",
            ".hidden",
            "a/b",
            "a\\b",
            "c:d",
            "ä.png",
            &"x".repeat(65),
        ] {
            assert!(!is_plain(bad), "{bad}");
        }
    }
}
