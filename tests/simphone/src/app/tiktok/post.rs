//! The post page: who sees it, its options and its link, publishing, and what becomes of the upload.

use std::time::Duration;

use serde_json::json;

use super::{PLATFORM, TikTok, active, moods};
use crate::app::social::upload::{UploadState, begin, discard, finish_due};
use crate::app::social::{Outcome, Post};
use crate::app::{Call, Context};

impl TikTok {
    pub(super) fn post_act(&mut self, context: &mut Context<'_>, action: &str, argument: &str) -> bool {
        match action {
            "view" => {
                argument.clone_into(&mut self.making().visibility);
                context.call(Call::Back);
            }
            "option" => self.option(argument),
            "add_link" => context.call(Call::Go("add_link".to_owned(), json!({}))),
            "product" => {
                argument.clone_into(&mut self.making().product);
                context.call(Call::Back);
            }
            "post" => {
                self.read_fields(context.page);
                if moods(context.phone).extra("confirm_publish") && self.making().visibility == "everyone" {
                    context.call(Call::HideKeyboard);
                    context.call(Call::Go("publish_confirm".to_owned(), json!({})));
                } else {
                    self.publish(context, false);
                }
            }
            "publish_now" => self.publish(context, false),
            "post_story" => self.publish(context, true),
            "upload_due" => {
                self.upload_due(context);
                Self::look_again(context);
            }
            "upload_retry" => self.retry(context),
            "upload_close" => self.close(context),
            "notice_gone" => self.notice = None,
            _ => return false,
        }
        true
    }

    fn option(&mut self, name: &str) {
        let shoot = self.making();
        let flag = match name {
            "allow_comments" => &mut shoot.comments,
            "allow_reuse" => &mut shoot.reuse,
            "ai" => &mut shoot.ai,
            _ => &mut shoot.high_quality,
        };
        *flag = !*flag;
    }

    fn publish(&mut self, context: &mut Context<'_>, story: bool) {
        let Some(me) = active(context.phone) else { return };
        let Some(shoot) = self.shoot.take().filter(|shoot| !shoot.media.is_empty()) else {
            return;
        };
        let placement = match (story, shoot.photos()) {
            (true, _) => "story",
            (_, true) => "photos",
            _ => "video",
        };
        let french = context.language == "fr";
        let own = if french { "son original" } else { "original sound" };
        let post = Post {
            author: me.clone(),
            sound: shoot
                .sound
                .map_or_else(|| format!("{own} - {me}"), |sound| sound.name),
            volumes: Some(shoot.volumes),
            media: shoot.media,
            title: shoot.title,
            caption: shoot.caption,
            placement: placement.to_owned(),
            visibility: shoot.visibility,
            product: shoot.product,
            ai: shoot.ai,
            comments_off: !shoot.comments,
            ..Post::default()
        };
        if let Some(draft) = shoot.draft {
            let mut install = context.phone.social.install(PLATFORM);
            install.drafts.retain(|one| one.id != draft);
            install.keep();
        }
        self.notice = None;
        self.show_main(context);
        Self::upload(context, post);
    }

    fn upload(context: &mut Context<'_>, post: Post) {
        let takes = begin(context.phone, PLATFORM, post);
        let takes = Duration::try_from_secs_f64(takes).unwrap_or_default();
        context.call(Call::Later(takes, "upload_due".to_owned()));
    }

    fn upload_due(&mut self, context: &mut Context<'_>) {
        for (upload, outcome) in finish_due(context.phone, PLATFORM) {
            if outcome.done() {
                let held = moods(context.phone).held;
                self.notice = Some(if held { "in_review" } else { "posted" });
                context.call(Call::Later(Self::NOTICE, "notice_gone".to_owned()));
            } else if outcome != Outcome::Swallowed {
                tracing::debug!(id = upload.id, "an upload was refused");
                super::refuse(context, &outcome);
            }
        }
    }

    /// The alarm may ring a moment before the upload is due.
    fn look_again(context: &mut Context<'_>) {
        let install = context.phone.social.install(PLATFORM);
        let running = install
            .uploads
            .iter()
            .any(|one| one.state == UploadState::Running);
        drop(install);
        if running {
            context.call(Call::Later(Duration::from_millis(300), "upload_due".to_owned()));
        }
    }

    fn failed(context: &Context<'_>) -> Option<(u64, Post)> {
        let me = active(context.phone)?;
        let install = context.phone.social.install(PLATFORM);
        let mut uploads = install.uploads.iter();
        let found = uploads.find(|one| one.post.author == me && one.state == UploadState::Failed)?;
        Some((found.id, found.post.clone()))
    }

    fn retry(&mut self, context: &mut Context<'_>) {
        if let Some((id, post)) = Self::failed(context) {
            discard(context.phone, PLATFORM, id);
            Self::upload(context, post);
        }
    }

    fn close(&mut self, context: &mut Context<'_>) {
        self.notice = None;
        if let Some((id, _)) = Self::failed(context) {
            discard(context.phone, PLATFORM, id);
        }
    }
}
