//! Follows and their taking back, in every way in which targets are named.

use serde_json::json;

use crate::stand::Stand;

#[tokio::test(flavor = "multi_thread")]
async fn people_are_followed_and_unfollowed_each_once_however_they_are_named() {
    let stand = Stand::start(3).await;
    stand.logged_in("tiktok", "SIM0001", &["anna.makes"]).await;
    stand.logged_in("instagram", "SIM0002", &["ben.makes"]).await;
    stand.logged_in("tiktok", "SIM0003", &["cleo.makes"]).await;
    tokio::join!(
        by_names_in_a_list(&stand),
        by_lines_and_commas(&stand),
        by_search(&stand)
    );
}

async fn by_names_in_a_list(stand: &Stand) {
    let ids = stand
        .create(json!({
            "serials": ["SIM0001"], "script_name": "follow",
            "script_config": {"target_users": ["ana.sketches", "@Nordic.Loom"], "target_user": "nobody.of.these",
                "access_method": "direct"},
        }))
        .await;
    assert_eq!(ids.len(), 2, "one task for each");
    stand.completed(&ids).await;
    assert_eq!(
        stand.targets("SIM0001", "follow"),
        ["ana.sketches", "nordic.loom"]
    );
    // Again: nothing is done twice, and that is no failure.
    let again = json!({"serials": ["SIM0001"], "script_name": "follow",
        "script_config": {"target_username": "ana.sketches"}});
    stand.done(again).await;
    assert_eq!(stand.acts("SIM0001", "follow").len(), 2);
    stand
        .done(json!({
            "usernames": ["anna.makes"], "script_name": "unfollow",
            "script_config": {"target_users": ["nordic.loom"]},
        }))
        .await;
    assert_eq!(stand.targets("SIM0001", "unfollow"), ["nordic.loom"]);
}

async fn by_lines_and_commas(stand: &Stand) {
    let ids = stand
        .create(json!({
            "serials": ["SIM0002"], "platform": "instagram", "script_name": "follow",
            "script_config": {"target_user": "maya.trails\njonas_builds, lumen.ceramics"},
        }))
        .await;
    assert_eq!(ids.len(), 3);
    stand.completed(&ids).await;
    assert_eq!(
        stand.targets("SIM0002", "follow"),
        ["jonas_builds", "lumen.ceramics", "maya.trails"]
    );
    stand
        .done(json!({
            "serials": ["SIM0002"], "platform": "instagram", "script_name": "unfollow",
            "script_config": {"target_user": "maya.trails"},
        }))
        .await;
    assert_eq!(stand.targets("SIM0002", "unfollow"), ["maya.trails"]);
}

async fn by_search(stand: &Stand) {
    for (script, kind) in [("follow", "follow"), ("unfollow", "unfollow")] {
        stand
            .done(json!({
                "serials": ["SIM0003"], "script_name": script,
                "script_config": {"target_username": "oldharbor_coffee", "access_method": "search"},
            }))
            .await;
        assert_eq!(stand.targets("SIM0003", kind), ["oldharbor_coffee"]);
    }
}
