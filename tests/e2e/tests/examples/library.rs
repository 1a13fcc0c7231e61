//! Posts out of the material library: by tags, with sounds of TikTok's, several images at once, on both apps.

use serde_json::{Value, json};

use crate::stand::Stand;

#[tokio::test(flavor = "multi_thread")]
async fn the_library_is_published_by_tags_accounts_and_numbers_and_nothing_of_it_twice() {
    let stand = Stand::start(3).await;
    stand.logged_in("tiktok", "SIM0001", &["anna.makes"]).await;
    stand.logged_in("tiktok", "SIM0002", &["ben.makes"]).await;
    stand.logged_in("instagram", "SIM0003", &["cleo.makes"]).await;
    tokio::join!(
        by_tags(&stand),
        with_sounds(&stand),
        several_images(&stand, "SIM0003", "instagram", "gram"),
    );
    several_images(&stand, "SIM0002", "tiktok", "tok").await;
    nothing_is_left(&stand).await;
}

/// The material that was taken in.
async fn add(stand: &Stand, name: &str, more: &str) -> Value {
    let start: &[u8] = if name.contains(".mp4") {
        b"\0\0\0\x18ftypmp42\0\0\0\0mp42isom"
    } else {
        b"\xff\xd8\xff\xe0"
    };
    stand.take_in(name, more, [start, name.as_bytes()].concat()).await
}

async fn material(stand: &Stand, of: &Value) -> Value {
    stand.get(&format!("materials/{}", of["id"])).await
}

/// Its own caption wins, her own comes first, what is Ben's is never hers.
async fn by_tags(stand: &Stand) {
    let bens = add(stand, "bens.mp4", "&tags=spring&username=ben.makes&sort=1").await;
    let second = add(stand, "second.mp4", "&tags=Spring,workshop&sort=2").await;
    let other = add(stand, "other.mp4", "&tags=autumn").await;
    let hers = add(
        stand,
        "hers.mp4",
        "&tags=spring&username=Anna.Makes&caption=Hers%20%7Balone%7Calone%7D",
    )
    .await;
    let ask = json!({
        "usernames": ["anna.makes"], "platform": "tiktok", "script_name": "post",
        "script_config": {"materials_tags": "spring, winter", "captions": "For everybody"},
    });
    let first = stand.done(ask.clone()).await.remove(0);
    let then = stand.done(ask.clone()).await.remove(0);
    let posts = stand.acts("SIM0001", "post");
    let contents: Vec<&Value> = posts.iter().map(|post| &post.detail["contents"]).collect();
    assert_eq!(
        contents,
        [&json!([hers["hash"]]), &json!([second["hash"]])],
        "{posts:?}"
    );
    assert!(format!("{:?}", posts[0]).contains("Hers alone"), "{posts:?}");
    assert!(format!("{:?}", posts[1]).contains("For everybody"), "{posts:?}");
    for (of, task) in [(&hers, &first), (&second, &then)] {
        let now = material(stand, of).await;
        assert_eq!(
            (&now["state"], &now["used_by"]),
            (&json!("used"), &task["id"]),
            "{now}"
        );
    }
    // The third finds that the rest is not for her.
    let ids = stand.create(ask).await;
    let third = stand.ended(&ids).await.remove(0);
    assert_eq!(third["error"]["kind"], "no_material", "{third}");
    let why = third["error"]["message"].as_str().unwrap();
    for part in [
        "spring, winter",
        "anna.makes",
        "1 wanted, 0 left, 2 used",
        "1 are for other accounts",
    ] {
        assert!(why.contains(part), "{why}");
    }
    for of in [&bens, &other] {
        assert_eq!(material(stand, of).await["state"], "free");
    }
}

/// From a sound's page, and with a sound that is searched for.
async fn with_sounds(stand: &Stand) {
    let river = simphone::app::tiktok::sound_id("Slow River");
    for (name, config) in [
        (
            "river",
            json!({"post_way": "useSound", "sound_name": format!("https://www.tiktok.com/music/Slow-River-{river}"),
                "sound_wait_time": "10"}),
        ),
        (
            "custom",
            json!({"post_way": "addButton", "add_sound": "custom", "custom_sound_keyword": "Slow River",
                "origin_sound_volume": 30, "add_sound_volume": "70"}),
        ),
    ] {
        let made = add(stand, &format!("{name}.mp4"), &format!("&tags={name}")).await;
        let mut config = config;
        config["materials_tags"] = json!(name);
        config["captions"] = json!(format!("With a {name}"));
        config["material_source"] = json!("materialLibrary");
        stand
            .done(json!({"serials": ["SIM0002"], "script_name": "post", "script_config": config}))
            .await;
        let posts = stand.acts("SIM0002", "post");
        let last = posts.last().unwrap();
        assert_eq!(last.detail["contents"], json!([made["hash"]]), "{last:?}");
        assert_eq!(last.detail["post"]["sound"], "Slow River", "{last:?}");
    }
}

/// Five at once, in the order of their numbers.
async fn several_images(stand: &Stand, serial: &str, platform: &str, tag: &str) {
    let mut wanted = Vec::new();
    for number in [3, 1, 5, 2, 4, 6] {
        let name = format!("{tag}-{number}.jpg");
        let made = add(stand, &name, &format!("&tags={tag}&sort={number}")).await;
        wanted.push((number, made));
    }
    wanted.sort_by_key(|(number, _)| *number);
    let before = stand.acts(serial, "post").len();
    let done = stand
        .done(json!({
            "serials": [serial], "platform": platform, "script_name": "post",
            "script_config": {"content_type": 1, "image_count": 5, "materials_tags": tag,
                "captions": format!("Five##of {tag}")},
        }))
        .await;
    let posts = stand.acts(serial, "post");
    assert_eq!(posts.len(), before + 1, "{posts:?}");
    let hashes: Vec<&Value> = wanted.iter().take(5).map(|(_, made)| &made["hash"]).collect();
    assert_eq!(posts[before].detail["contents"], json!(hashes), "{posts:?}");
    for (number, made) in &wanted {
        let now = material(stand, made).await;
        let is = if *number <= 5 { "used" } else { "free" };
        assert_eq!(now["state"], is, "{number}: {now}");
    }
    assert_eq!(done[0]["grants"].as_array().unwrap().len(), 1, "{}", done[0]);
}

/// What was published is not taken again, also where many ask at once; a person may say that it is.
async fn nothing_is_left(stand: &Stand) {
    let ask = json!({
        "serials": ["SIM0001", "SIM0002"], "script_name": "post",
        "script_config": {"materials_tags": "river,custom", "captions": "Once more"},
    });
    let ids = stand.create(ask.clone()).await;
    for task in stand.ended(&ids).await {
        assert_eq!(task["error"]["kind"], "no_material", "{task}");
    }
    let listed = stand.get("materials?tags=river&used=true").await;
    let river = &listed["materials"][0];
    let path = format!("materials/{}", river["id"]);
    stand.send("PATCH", &path, &json!({"used": false})).await.data();
    let ids = stand.create(ask).await;
    let ended = stand.ended(&ids).await;
    let kinds: Vec<&Value> = ended.iter().map(|task| &task["status_text"]).collect();
    assert!(
        kinds == [&json!("completed"), &json!("failed")] || kinds == [&json!("failed"), &json!("completed")],
        "one of two gets the only one: {ended:#?}"
    );
    let posts: Vec<_> = ["SIM0001", "SIM0002"]
        .iter()
        .flat_map(|serial| stand.acts(serial, "post"))
        .filter(|post| post.detail["contents"] == json!([river["hash"]]))
        .collect();
    assert_eq!(posts.len(), 2, "as often as a person has said: {posts:?}");
}
