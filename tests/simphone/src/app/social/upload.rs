//! Uploads: begun by the app, done by the platform a while later. What happens to one whose app is killed depends on
//! the mood: lost (the app tells so when it starts again), or done all the same.

use serde::{Deserialize, Serialize};

use super::{Act, Outcome, Platform, Post, WorldTime, commit, moods_of};
use crate::phone::Phone;

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum UploadState {
    #[default]
    Running,
    Failed,
}

#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Upload {
    pub id: u64,
    pub post: Post,
    pub state: UploadState,
    pub begun: WorldTime,
    pub due: WorldTime,
    /// It will fail when it is due.
    pub fails: bool,
    pub survives: bool,
}

impl Upload {
    /// From 0 to 1.
    pub fn progress(&self, now: WorldTime) -> f64 {
        let whole = self.due.0.saturating_sub(self.begun.0).max(1);
        let done = now.0.saturating_sub(self.begun.0).min(whole);
        done as f64 / whole as f64
    }
}

/// Begins an upload for the post's author and tells how many seconds it takes.
pub fn begin(phone: &Phone, platform: Platform, post: Post) -> f64 {
    let moods = moods_of(phone, platform, &post.author);
    let mut install = phone.social.install(platform);
    let begun = phone.social.world(platform).now();
    let takes = moods.upload_takes() + moods.slow_seconds;
    let upload = Upload {
        id: install.next_id(),
        post,
        state: UploadState::Running,
        begun,
        due: begun.plus_seconds(takes),
        fails: moods.upload_fails,
        survives: moods.survives_stop,
    };
    install.uploads.push(upload);
    install.keep();
    takes
}

/// What the platform said to the uploads that are due now.
pub fn finish_due(phone: &Phone, platform: Platform) -> Vec<(Upload, Outcome)> {
    let now = phone.social.world(platform).now();
    take(phone, platform, |upload| upload.due <= now)
        .into_iter()
        .map(|upload| finish(phone, platform, upload))
        .collect()
}

/// How many seconds the next running upload still takes; none where none runs.
pub fn next_due(phone: &Phone, platform: Platform) -> Option<f64> {
    let install = phone.social.install(platform);
    let now = phone.social.world(platform).now();
    let running = install
        .uploads
        .iter()
        .filter(|upload| upload.state == UploadState::Running);
    let due = running.map(|upload| upload.due).min()?;
    Some(due.0.saturating_sub(now.0) as f64 / 1000.0)
}

/// Takes running uploads out of the list.
fn take(phone: &Phone, platform: Platform, wanted: impl Fn(&Upload) -> bool) -> Vec<Upload> {
    let mut install = phone.social.install(platform);
    let all = std::mem::take(&mut install.uploads);
    let (taken, kept) = all
        .into_iter()
        .partition(|upload| upload.state == UploadState::Running && wanted(upload));
    install.uploads = kept;
    taken
}

fn finish(phone: &Phone, platform: Platform, upload: Upload) -> (Upload, Outcome) {
    let outcome = if upload.fails {
        Outcome::Swallowed
    } else {
        commit(phone, platform, Act::post(upload.post.clone()))
    };
    if !outcome.done() {
        fail(phone, platform, upload.clone());
    }
    phone.social.install(platform).keep();
    (upload, outcome)
}

fn fail(phone: &Phone, platform: Platform, mut upload: Upload) {
    upload.state = UploadState::Failed;
    phone.social.install(platform).uploads.push(upload);
}

/// A failed one is thrown away.
pub fn discard(phone: &Phone, platform: Platform, id: u64) {
    let mut install = phone.social.install(platform);
    install.uploads.retain(|upload| upload.id != id);
    install.keep();
}

/// The app's process ended, or the whole phone.
pub(super) fn died(phone: &Phone, platform: Platform) {
    let running = take(phone, platform, |_| true);
    if running.is_empty() {
        return;
    }
    for upload in running {
        if upload.survives {
            finish(phone, platform, upload);
        } else {
            fail(phone, platform, upload);
        }
    }
    phone.social.install(platform).keep();
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::phone::testing::phone;

    fn begin_one(phone: &Phone, moods: &serde_json::Value) {
        let seed = json!({"username": "a", "moods": moods});
        let mut world = phone.social.world(Platform::Instagram);
        world.seed_account(seed.as_object().unwrap()).unwrap();
        drop(world);
        let post = Post {
            author: "a".to_owned(),
            ..Post::default()
        };
        begin(phone, Platform::Instagram, post);
    }

    #[test]
    fn an_upload_in_a_killed_app_is_lost_and_told_as_failed() {
        let (_dir, phone) = phone();
        begin_one(&phone, &json!({}));
        died(&phone, Platform::Instagram);
        assert!(phone.ledger.entries().is_empty());
        let install = phone.social.install(Platform::Instagram);
        assert_eq!(install.uploads[0].state, UploadState::Failed);
    }

    #[test]
    fn one_that_survives_is_in_the_ledger_once() {
        let (_dir, phone) = phone();
        begin_one(&phone, &json!({"survives_stop": true}));
        died(&phone, Platform::Instagram);
        died(&phone, Platform::Instagram);
        assert_eq!(phone.ledger.entries().len(), 1);
        assert!(phone.social.install(Platform::Instagram).uploads.is_empty());
    }
}
