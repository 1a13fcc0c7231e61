//! Links to posts, as people copy them, and in one form: the same post has the same link.

use serde_json::Value as Json;
use shared::account::Platform;

/// For messages.
pub(super) const ALLOWED: &str = "https://www.tiktok.com/@USER/video/NUMBER, https://vm.tiktok.com/CODE, \
     https://www.instagram.com/p/CODE or https://www.instagram.com/reel/CODE";

/// Parameters that take links to posts.
pub(super) fn takes_links(parameter: &str) -> bool {
    parameter.starts_with("target_post_url")
}

/// A link in its one form and whose it is; `None` for what links to no post. What was added to it to see who shares it
/// goes.
pub(super) fn read(text: &str) -> Option<(Platform, String)> {
    let text = text.trim();
    let rest = ["https://", "http://"].iter().find_map(|scheme| {
        text.get(..scheme.len())
            .filter(|start| start.eq_ignore_ascii_case(scheme))
            .map(|_| &text[scheme.len()..])
    });
    let rest = rest.unwrap_or(text);
    let rest = rest.split(['?', '#']).next().unwrap_or_default();
    let (host, path) = rest.split_once('/')?;
    let host = host.to_ascii_lowercase();
    let host = host
        .strip_prefix("www.")
        .or_else(|| host.strip_prefix("m."))
        .unwrap_or(&host);
    let parts: Vec<&str> = path.trim_end_matches('/').split('/').collect();
    let code = |text: &str| {
        !text.is_empty()
            && text
                .chars()
                .all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_'))
    };
    match (host, parts.as_slice()) {
        ("tiktok.com", [user, "video", number])
            if user.len() > 1
                && user.starts_with('@')
                && !number.is_empty()
                && number.bytes().all(|digit| digit.is_ascii_digit()) =>
        {
            let link = format!("https://www.tiktok.com/{user}/video/{number}");
            Some((Platform::TikTok, link))
        }
        ("vm.tiktok.com", [short]) if code(short) => {
            Some((Platform::TikTok, format!("https://vm.tiktok.com/{short}/")))
        }
        ("instagram.com", [kind @ ("p" | "reel"), short]) if code(short) => Some((
            Platform::Instagram,
            format!("https://www.instagram.com/{kind}/{short}/"),
        )),
        _ => None,
    }
}

/// The platform that all links of a configuration are of.
pub(super) fn platform(config: &Json) -> Option<Platform> {
    let mut platforms = config
        .as_object()?
        .iter()
        .filter(|(name, _)| takes_links(name))
        .flat_map(|(_, value)| texts(value))
        .map(|text| read(text).map(|(platform, _)| platform));
    let first = platforms.next()??;
    platforms.all(|platform| platform == Some(first)).then_some(first)
}

fn texts(value: &Json) -> Vec<&str> {
    match value {
        Json::String(text) => text
            .split(['\n', ','])
            .map(str::trim)
            .filter(|part| !part.is_empty())
            .collect(),
        Json::Array(list) => list.iter().flat_map(texts).collect(),
        _ => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_post_has_one_link_however_it_was_copied() {
        let video = "https://www.tiktok.com/@natgeo/video/7345678901234567890";
        for text in [
            video,
            "tiktok.com/@natgeo/video/7345678901234567890",
            "http://m.tiktok.com/@natgeo/video/7345678901234567890/?is_from=share#top",
            " HTTPS://WWW.TIKTOK.COM/@natgeo/video/7345678901234567890 ",
        ] {
            assert_eq!(read(text), Some((Platform::TikTok, video.to_owned())), "{text}");
        }
        assert_eq!(
            read("vm.tiktok.com/ZMabcdef1"),
            Some((Platform::TikTok, "https://vm.tiktok.com/ZMabcdef1/".to_owned()))
        );
        assert_eq!(
            read("instagram.com/reel/C1a2-_3?igsh=x"),
            Some((
                Platform::Instagram,
                "https://www.instagram.com/reel/C1a2-_3/".to_owned()
            ))
        );
    }

    #[test]
    fn what_links_to_no_post_is_told_apart() {
        for text in [
            "",
            "natgeo",
            "https://www.tiktok.com/@natgeo",
            "https://www.tiktok.com/@/video/1",
            "https://www.tiktok.com/@natgeo/video/12x",
            "https://evil.example/p/C1",
            "https://instagram.com.evil.example/p/C1",
            "https://www.instagram.com/natgeo/",
            "javascript://instagram.com/p/C1",
        ] {
            assert_eq!(read(text), None, "{text}");
        }
    }

    #[test]
    fn links_of_one_platform_tell_which_it_is() {
        let of = |config: Json| platform(&config);
        assert_eq!(
            of(json!({"target_post_urls": ["vm.tiktok.com/a", "vm.tiktok.com/b"]})),
            Some(Platform::TikTok)
        );
        assert_eq!(
            of(json!({"target_post_url": "instagram.com/p/a\ninstagram.com/p/b"})),
            Some(Platform::Instagram)
        );
        assert_eq!(
            of(json!({"target_post_urls": ["vm.tiktok.com/a", "instagram.com/p/b"]})),
            None
        );
        assert_eq!(of(json!({"captions": "vm.tiktok.com/a"})), None);
        assert_eq!(of(json!([])), None);
    }
}
