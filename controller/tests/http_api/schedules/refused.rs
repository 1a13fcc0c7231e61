//! Each refusal with its code; nothing is made or changed.

use serde_json::json;

use super::{daily, make, with};
use crate::devices::farm;
use crate::tasks::account;

#[tokio::test]
async fn each_refusal_has_its_code_and_names_what_is_wrong() {
    let api = farm().await;
    account(&api, "tiktok", "jane", "SIM0001", 1).await;
    make(&api, &with(daily(), &json!({"name": "taken"}))).await.data();
    let comment = json!({"script_name": "comment", "script_config": {"comment_content": "hi"}});
    for (more, code, told) in [
        (json!({"script_name": ""}), 40002, "script_name"),
        (json!({"script_name": "dance"}), 40003, "dance"),
        (json!({"script_name": "message"}), 40003, "not offered"),
        (json!({"name": null}), 40001, "name"),
        (json!({"name": "x".repeat(101)}), 40001, "name"),
        (json!({"name": "taken"}), 40901, "taken"),
        (json!({"times": null}), 40001, "times"),
        (json!({"times": ["25:00"]}), 40001, "times"),
        (json!({"weekdays": ["someday"]}), 40001, "weekdays"),
        (json!({"cron": "0 9 * * *"}), 40001, "cron"),
        (json!({"times": null, "cron": "0 9 * *"}), 40001, "cron"),
        (
            json!({"times": null, "cron": "0 9 31 2 *"}),
            40001,
            "cron: never comes",
        ),
        (json!({"times": null, "slots": []}), 40001, "slots"),
        (json!({"time_zone": "Mars/Olympus"}), 40001, "time_zone"),
        (json!({"jitter_minutes": -1}), 40001, "jitter_minutes"),
        (json!({"grace_minutes": "long"}), 40001, "grace_minutes"),
        (json!({"missed": "perhaps"}), 40001, "missed"),
        (json!({"enabled": "maybe"}), 40001, "enabled"),
        (json!({"valid_from": "soon"}), 40001, "valid_from"),
        (
            json!({"valid_until": "2020-01-01T00:00:00Z"}),
            40001,
            "valid_until",
        ),
        (
            json!({"valid_from": "2028-01-01T00:00:00Z", "valid_until": "2027-12-01T00:00:00Z"}),
            40001,
            "valid_until",
        ),
        (json!({"serials": []}), 40001, "serials"),
        (json!({"serials": ["NOBODY"]}), 40401, "NOBODY"),
        (json!({"groups": ["nobody"]}), 40401, "groups"),
        (json!({"groups": [1]}), 40001, "groups"),
        (json!({"usernames": ["jane"]}), 40001, "usernames"),
        (json!({"serials": [], "usernames": ["ghost"]}), 40401, "ghost"),
        (json!({"start_time": "09:00"}), 40001, "start_time"),
        (json!({"start_at": "2027-02-01T00:00:00Z"}), 40001, "start_at"),
        (
            json!({"min_interval": 5, "max_interval": 2}),
            40001,
            "min_interval",
        ),
        (json!({"max_retries": 11}), 40001, "max_retries"),
        (json!({"platform": "myspace"}), 40001, "platform"),
        (comment, 40001, "script_config.target_post_url"),
        (
            json!({"script_name": "post", "script_config": {"image_count": 0}}),
            40001,
            "script_config.image_count",
        ),
    ] {
        let refused = make(&api, &with(daily(), &more)).await;
        assert_eq!(refused.code(), code, "{more}: {}", refused.message());
        assert!(refused.message().contains(told), "{more}: {}", refused.message());
        if code == 40001 {
            assert!(
                refused
                    .message()
                    .split(':')
                    .next()
                    .unwrap()
                    .starts_with(told.split(':').next().unwrap()),
                "{}",
                refused.message()
            );
        }
        let refused = api
            .patch("/api/v1/schedules/1", &with(daily(), &more).to_string())
            .await;
        // Its own name is no other's, and what is `null` is as it was.
        if code != 40901 && more != json!({"times": null}) {
            assert_eq!(refused.code(), code, "{more}: {}", refused.message());
        }
    }
    let list = api.get("/api/v1/schedules").await.data();
    assert_eq!(list["total"], 1);
    for path in [
        "schedules/9",
        "schedules/x",
        "schedules/9/next",
        "schedules/9/runs",
    ] {
        assert_eq!(api.get(&format!("/api/v1/{path}")).await.code(), 40401, "{path}");
    }
    for action in ["enable", "disable", "run"] {
        assert_eq!(
            api.post(&format!("/api/v1/schedules/9/{action}"), "")
                .await
                .code(),
            40401
        );
    }
    assert_eq!(api.delete("/api/v1/schedules/9").await.code(), 40401);
    assert_eq!(
        api.patch("/api/v1/schedules/9", r#"{"enabled": true}"#)
            .await
            .code(),
        40401
    );
    assert_eq!(api.patch("/api/v1/schedules/1", "{}").await.code(), 40001);
    for query in [
        "preview?hours=0",
        "preview?hours=169",
        "1/next?count=0",
        "1/next?count=1001",
    ] {
        assert_eq!(
            api.get(&format!("/api/v1/schedules/{query}")).await.code(),
            40001,
            "{query}"
        );
    }
    assert_eq!(api.get("/api/v1/schedules?enabled=perhaps").await.code(), 40001);
    assert_eq!(api.get("/api/v1/task?schedule_id=x").await.code(), 40001);
}

#[tokio::test]
async fn nobody_to_run_for_now_is_a_warning_and_what_it_says_is_checked_all_the_same() {
    let api = farm().await;
    let id = account(&api, "tiktok", "jane", "SIM0001", 1).await;
    api.patch(&format!("/api/v1/accounts/{id}"), r#"{"status": 1}"#)
        .await
        .data();
    let made = make(&api, &daily()).await.data();
    assert!(
        made["warnings"][0].as_str().unwrap().contains("account_disabled"),
        "{made}"
    );
    let wrong = json!({"name": "b", "script_name": "post", "script_config": {"image_count": 0}});
    assert_eq!(make(&api, &with(daily(), &wrong)).await.code(), 40001);
    // What is gone keeps nobody from switching a schedule off.
    api.patch("/api/v1/schedules/1", r#"{"enabled": 0}"#).await.data();
}
