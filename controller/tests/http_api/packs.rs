//! Packs over HTTP: shown, mended, tried out, taken back; and flows that are switched off.

use axum::http::{Method, StatusCode};
use controller::scheduler::Packs as _;
use serde_json::{Value, json};

use crate::api::{Answer, Api, CURL, ask};
use crate::devices::farm;
use crate::tasks::{account, create, stats, warmup};

const ELEMENT: &str = "/api/v1/packs/tiktok/elements/post_button";
/// What no app has.
const STALE: &str = r#"{ id = "zz9" }"#;

async fn put(api: &Api, path: &str, body: &Value) -> Answer {
    api.call(ask(Method::PUT, path, &[CURL], &body.to_string())).await
}

async fn pack(api: &Api) -> Value {
    api.get("/api/v1/packs/tiktok").await.data()
}

fn file<'p>(pack: &'p Value, name: &str) -> &'p str {
    let files = pack["files"].as_array().unwrap();
    let file = files.iter().find(|file| file["name"] == name).unwrap();
    file["text"].as_str().unwrap()
}

fn element<'p>(pack: &'p Value, name: &str) -> &'p Value {
    let all = pack["elements"].as_array().unwrap();
    all.iter().find(|element| element["name"] == name).unwrap()
}

#[tokio::test]
async fn packs_are_listed_and_shown_with_every_element() {
    let api = farm().await;
    let list = api.get("/api/v1/packs").await.data();
    let names: Vec<&str> = list["packs"]
        .as_array()
        .unwrap()
        .iter()
        .map(|pack| pack["name"].as_str().unwrap())
        .collect();
    assert_eq!(names, ["instagram", "tiktok"]);
    let shown = &list["packs"][1];
    for (name, value) in [
        ("origin", json!("built_in")),
        ("in_force", json!(true)),
        ("number", Value::Null),
        ("beneath", Value::Null),
    ] {
        assert_eq!(shown[name], value, "{name}");
    }
    assert!(shown["flows"].as_array().unwrap().contains(&json!("post")));
    let pack = pack(&api).await;
    assert_eq!(shown["elements"], pack["elements"].as_array().unwrap().len());
    let button = element(&pack, "post_button");
    let line = usize::try_from(button["line"].as_u64().unwrap()).unwrap();
    let text = file(&pack, "elements.toml");
    assert_eq!(text.lines().nth(line - 1), Some("[post_button]"));
    assert!(!button["alternatives"].as_array().unwrap().is_empty());
    let used = button["used"].as_array().unwrap();
    assert!(
        used.iter()
            .any(|one| one["file"].as_str().unwrap().rsplit_once('.').unwrap().1 == "rhai"),
        "{used:?}"
    );
    let none = api.get("/api/v1/packs/tiktok/versions").await.data();
    assert_eq!(none, json!({"versions": []}));
    for missing in [
        "/api/v1/packs/dance",
        "/api/v1/packs/dance/versions",
        "/api/v1/packs/tiktok?version=1",
    ] {
        assert_eq!(api.get(missing).await.code(), 40401, "{missing}");
    }
}

#[tokio::test]
async fn an_element_is_replaced_and_all_else_stays() {
    let api = farm().await;
    let before = pack(&api).await;
    let hash = before["pack"]["hash"].clone();
    let was = element(&before, "post_button")["any"]
        .as_str()
        .unwrap()
        .to_owned();
    let wanted = json!({"toml": format!("[{STALE}]"), "reason": "to see it break", "made_from": hash});

    // A look at what would become of it changes nothing.
    let mut dry = wanted.clone();
    dry["dry_run"] = json!(true);
    let told = put(&api, ELEMENT, &dry).await.data();
    assert_eq!(
        (&told["changed"], &told["files"][0]["name"]),
        (&json!(false), &json!("elements.toml"))
    );
    assert_eq!(pack(&api).await["pack"]["hash"], hash);

    let told = put(&api, ELEMENT, &wanted).await.data();
    assert_eq!(told["changed"], true);
    assert_eq!(
        (&told["pack"]["number"], &told["pack"]["origin"]),
        (&json!(2), &json!("edited"))
    );
    assert_eq!(told["pack"]["beneath"]["hash"], hash);
    let after = pack(&api).await;
    let mended = file(&before, "elements.toml").replacen(&was, &format!("[{STALE}]"), 1);
    assert_eq!(file(&after, "elements.toml"), mended);
    assert_ne!(after["pack"]["hash"], hash);
    let flows = api.get("/api/v1/flows").await.data();
    let post = flows["flows"]
        .as_array()
        .unwrap()
        .iter()
        .find(|flow| flow["name"] == "post" && flow["platform"] == "tiktok")
        .unwrap();
    assert_eq!(post["hash"], after["pack"]["hash"], "new tasks are made by it");

    // Who had looked at it before is told.
    let late = put(&api, ELEMENT, &wanted).await;
    assert_eq!((late.status, late.code()), (StatusCode::CONFLICT, 40901));
    // The same again is no version.
    let same = json!({"alternatives": [{"id": "zz9"}], "reason": "again"});
    assert_eq!(put(&api, ELEMENT, &same).await.data()["changed"], false);
    let versions = api.get("/api/v1/packs/tiktok/versions").await.data();
    let told: Vec<_> = versions["versions"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| {
            (
                one["number"].as_u64().unwrap(),
                one["origin"].as_str().unwrap(),
                one["in_force"] == true,
            )
        })
        .collect();
    assert_eq!(told, [(2, "edited", true), (1, "built_in", false)]);
    assert_eq!(versions["versions"][0]["reason"], "to see it break");
    let old = api.get("/api/v1/packs/tiktok?version=1").await.data();
    assert_eq!(file(&old, "elements.toml"), file(&before, "elements.toml"));

    // A new process has the same in force.
    let again = api.new_process().await;
    assert_eq!(
        again.packs.get().named("tiktok").unwrap().pack.hash,
        after["pack"]["hash"]
    );
    // And the content that was in force before is still to be had, for those who began with it.
    let hash = hash.as_str().unwrap();
    assert!(again.packs.files(hash).await.unwrap().is_some());
    let kept = again.packs.of_hash(hash, "post").await.unwrap().unwrap();
    assert_eq!(kept.hash, hash);
}

#[tokio::test]
async fn what_could_not_run_is_not_taken_and_told_with_its_line() {
    let api = farm().await;
    let patch = |files: Value| json!({"files": files, "reason": "a try"}).to_string();
    let broken = api
        .patch(
            "/api/v1/packs/tiktok",
            &patch(json!({"post.rhai": "fn run(p) {\n  tap(\"no_such\");\n"})),
        )
        .await;
    assert_eq!((broken.status, broken.code()), (StatusCode::BAD_REQUEST, 40001));
    assert!(broken.message().contains("post.rhai:"), "{}", broken.message());
    let faults = broken.json()["data"]["faults"].clone();
    assert_eq!(
        (&faults[0]["file"], &faults[0]["severity"]),
        (&json!("post.rhai"), &json!("error"))
    );
    let unknown = api
        .patch(
            "/api/v1/packs/tiktok",
            &patch(json!({"post.rhai": "fn run(p) {\n  tap(\"no_such\");\n}\n"})),
        )
        .await;
    assert!(
        unknown.code() == 40001 && unknown.message().contains("post.rhai:2"),
        "{}",
        unknown.message()
    );
    for (files, word) in [
        (json!({"pack.toml": null}), "pack.toml"),
        (json!({"readme.md": "x"}), "readme.md"),
        (json!({"../x.rhai": "x"}), "x.rhai"),
        (json!([]), "files"),
    ] {
        let refused = api.patch("/api/v1/packs/tiktok", &patch(files)).await;
        assert!(
            refused.code() == 40001 && refused.message().contains(word),
            "{}",
            refused.message()
        );
    }
    let renamed = file(&pack(&api).await, "pack.toml").replace("name = \"tiktok\"", "name = \"other\"");
    let refused = api
        .patch("/api/v1/packs/tiktok", &patch(json!({"pack.toml": renamed})))
        .await;
    assert!(refused.message().contains("must stay"), "{}", refused.message());
    for (draft, word) in [
        (json!({"toml": "[]"}), "elements.toml:"),
        (json!({"toml": "[{ txt = \"x\" }]"}), "text"),
        (
            json!({"alternatives": [{"text_matches": "("}]}),
            "regular expression",
        ),
        (json!({"alternatives": [{"inside": "nowhere"}]}), "nowhere"),
        (json!({"alternatives": {}}), "alternatives"),
        (json!({}), "alternatives"),
    ] {
        let mut body = draft.clone();
        body["reason"] = json!("a try");
        let refused = put(&api, ELEMENT, &body).await;
        assert!(
            refused.code() == 40001 && refused.message().contains(word),
            "{draft}: {}",
            refused.message()
        );
    }
    let nobody = put(&api, ELEMENT, &json!({"toml": format!("[{STALE}]")})).await;
    assert!(nobody.message().starts_with("reason: "), "{}", nobody.message());
    let missing = "/api/v1/packs/tiktok/elements/post_buton";
    let refused = put(&api, missing, &json!({"toml": "[]", "reason": "x"})).await;
    assert!(
        refused.code() == 40401 && refused.message().contains("did you mean post_button?"),
        "{}",
        refused.message()
    );
    assert_eq!(
        api.get("/api/v1/packs").await.data()["packs"][1]["number"],
        Value::Null
    );
}

const SCREEN: &str = r#"<hierarchy rotation="0"><node class="android.widget.FrameLayout" package="com.zhiliaoapp.musically" bounds="[0,0][1080,2400]"><node class="android.widget.Button" package="com.zhiliaoapp.musically" resource-id="com.zhiliaoapp.musically:id/x" text="Publish" clickable="true" enabled="true" bounds="[40,2200][1040,2320]"/></node></hierarchy>"#;

#[tokio::test]
async fn a_draft_is_tried_on_a_screen_before_it_is_saved() {
    let api = farm().await;
    let test = format!("{ELEMENT}/test");
    let try_it = async |body: Value| api.post(&test, &body.to_string()).await;
    let draft = json!([{"id": "zz9"}, {"text": ["Post", "Publish"], "class": "Button"}]);
    let told = try_it(json!({"alternatives": draft, "xml": SCREEN})).await.data();
    assert_eq!((&told["found"], &told["alternative"]), (&json!(true), &json!(2)));
    let bounds = json!({"left": 40, "top": 2200, "right": 1040, "bottom": 2320});
    assert_eq!(told["nodes"][0]["bounds"], bounds);
    assert_eq!(told["nodes"][0]["touch"], json!({"x": 540, "y": 2260}));
    assert_eq!(
        (
            &told["screen"]["width"],
            &told["screen"]["height"],
            &told["screen"]["shows_app"]
        ),
        (&json!(1080), &json!(2400), &json!(true))
    );
    let tried = &told["alternatives"];
    assert!(
        tried[0]["said"].to_string().contains("id zz9: no node"),
        "{tried}"
    );
    assert_eq!(
        tried[1]["source"],
        r#"{ text = ["Post", "Publish"], class = "Button" }"#
    );
    let told = try_it(json!({"toml": "[{ text = \"Post\" }]", "xml": SCREEN}))
        .await
        .data();
    assert_eq!((&told["found"], &told["nodes"]), (&json!(false), &json!([])));
    assert!(
        told["alternatives"][0]["said"].to_string().contains("Publish"),
        "{told}"
    );
    // Without a draft it is looked for as it is.
    let told = try_it(json!({ "xml": SCREEN })).await.data();
    assert_eq!(
        (&told["found"], &told["screen"]["nodes"]),
        (&json!(false), &json!(2))
    );
    let other = try_it(
        json!({"toml": "[{ text = \"Publish\", app = \">=43\" }]", "xml": SCREEN, "app_version": "42.1"}),
    );
    assert_eq!(other.await.data()["found"], false);
    for (body, code) in [
        (json!({}), 40001),
        (json!({"xml": "<no"}), 40001),
        (json!({"task": 99}), 40401),
        (json!({"serial": "NOPE"}), 40401),
        (json!({"serial": "SIM0001"}), 40901),
        (json!({"toml": "[{ txt = \"x\" }]", "xml": SCREEN}), 40001),
    ] {
        let refused = try_it(body.clone()).await;
        assert_eq!(refused.code(), code, "{body}: {}", refused.message());
    }
    assert_eq!(
        api.get("/api/v1/packs").await.data()["packs"][1]["number"],
        Value::Null
    );
}

#[tokio::test]
async fn a_pack_goes_back_to_what_it_was_and_to_what_it_came_as() {
    let api = farm().await;
    let original = pack(&api).await["pack"]["hash"].clone();
    let stale = json!({"toml": format!("[{STALE}]"), "reason": "one"});
    let one = put(&api, ELEMENT, &stale).await.data()["pack"]["hash"].clone();
    let other = json!({"alternatives": [{"text": "Publish"}], "reason": "two"});
    put(&api, ELEMENT, &other).await.data();
    let revert = async |body: Value| {
        api.post("/api/v1/packs/tiktok/revert", &body.to_string())
            .await
            .data()
    };
    let told = revert(json!({"version": 2, "reason": "two was wrong"})).await;
    assert_eq!(
        (&told["pack"]["number"], &told["pack"]["hash"]),
        (&json!(4), &one)
    );
    assert_eq!(told["pack"]["origin"], "reverted");
    let told = revert(json!({"reason": "the app is as it was"})).await;
    assert_eq!(
        (&told["changed"], &told["pack"]["hash"]),
        (&json!(true), &original)
    );
    assert_eq!(told["pack"]["origin"], "built_in");
    assert_eq!(told["files"][0]["name"], "elements.toml");
    let record = api.get("/api/v1/audit").await.data();
    assert_eq!(record["entries"][0]["what"], "pack.original", "{record}");
    let gone = api
        .post("/api/v1/packs/tiktok/revert", r#"{"version": 9, "reason": "x"}"#)
        .await;
    assert_eq!(gone.code(), 40401);
}

#[tokio::test]
async fn a_look_at_what_going_back_would_change_changes_nothing() {
    let api = farm().await;
    let before = pack(&api).await["pack"]["hash"].clone();
    let edit = json!({"toml": format!("[{STALE}]"), "reason": "to see it break"});
    put(&api, ELEMENT, &edit).await.data();
    let edited = pack(&api).await["pack"]["hash"].clone();
    for version in [json!(1), Value::Null] {
        let look = json!({"version": version, "dry_run": true});
        let told = api
            .post("/api/v1/packs/tiktok/revert", &look.to_string())
            .await
            .data();
        assert_eq!(
            (&told["changed"], &told["files"][0]["name"]),
            (&json!(false), &json!("elements.toml")),
            "{version}"
        );
        let stale = json!({"version": version, "reason": "back", "made_from": before});
        let refused = api.post("/api/v1/packs/tiktok/revert", &stale.to_string()).await;
        assert_eq!(refused.code(), 40901, "{version}");
    }
    assert_eq!(pack(&api).await["pack"]["hash"], edited);
}

#[tokio::test]
async fn edits_of_different_elements_at_once_never_take_each_other_back() {
    let api = farm().await;
    let names = ["post_button", "home_tab", "profile_tab", "search_icon"];
    let edits = names.map(|name| {
        let (api, path) = (&api, format!("/api/v1/packs/tiktok/elements/{name}"));
        async move {
            let edit = json!({"toml": format!("[{STALE}]"), "reason": "at once"});
            (name, put(api, &path, &edit).await.code())
        }
    });
    let mut taken = Vec::new();
    for (name, code) in futures_util::future::join_all(edits).await {
        assert!(matches!(code, 0 | 40901), "{name}: {code}");
        if code == 0 {
            taken.push(name);
        }
    }
    assert!(!taken.is_empty());
    let after = pack(&api).await;
    for name in names {
        let is_stale = element(&after, name)["any"] == json!(format!("[{STALE}]"));
        assert_eq!(is_stale, taken.contains(&name), "{name}, {taken:?}");
    }
}

#[tokio::test]
async fn a_pack_goes_from_farm_to_farm_as_a_zip() {
    let (api, other) = (farm().await, farm().await);
    let stale = json!({"toml": format!("[{STALE}]"), "reason": "one"});
    let hash = put(&api, ELEMENT, &stale).await.data()["pack"]["hash"].clone();
    let zip = api.get("/api/v1/packs/tiktok/export").await;
    assert_eq!(zip.headers["content-type"], "application/zip");
    let send = |body: Vec<u8>| {
        let request = ask(
            Method::POST,
            "/api/v1/packs?reason=from+the+other+farm",
            &[("content-type", "application/zip")],
            "",
        );
        request.map(|_| axum::body::Body::from(body))
    };
    let told = other.call(send(zip.bytes.clone())).await.data();
    assert_eq!(
        (&told["pack"]["hash"], &told["pack"]["origin"]),
        (&hash, &json!("imported"))
    );
    let refused = other.call(send(b"PK\x03\x04 no zip".to_vec())).await;
    assert_eq!(refused.code(), 40001);

    // One with a name of its own goes before those that come along, and is gone when it is taken out.
    let files: serde_json::Map<String, Value> = pack(&api).await["files"]
        .as_array()
        .unwrap()
        .iter()
        .map(|file| {
            let text = file["text"].as_str().unwrap();
            let text = text.replace("name = \"tiktok\"", "name = \"mine\"");
            (file["name"].as_str().unwrap().to_owned(), json!(text))
        })
        .collect();
    let body = json!({ "files": files }).to_string();
    api.post("/api/v1/packs?reason=mine", &body).await.data();
    let list = api.get("/api/v1/packs").await.data();
    assert_eq!(
        (&list["packs"][0]["name"], &list["packs"][0]["in_force"]),
        (&json!("mine"), &json!(true))
    );
    assert_eq!(list["packs"][2]["in_force"], false, "it has the same flows");
    let out = api
        .post("/api/v1/packs/mine/revert", r#"{"reason": "no"}"#)
        .await
        .data();
    assert_eq!((&out["changed"], &out["pack"]), (&json!(true), &Value::Null));
    let list = api.get("/api/v1/packs").await.data();
    assert_eq!(
        (&list["packs"][2]["name"], &list["packs"][2]["in_force"]),
        (&json!("mine"), &json!(false))
    );
    let back = json!({"version": 1, "reason": "yes"}).to_string();
    let back = api.post("/api/v1/packs/mine/revert", &back).await.data();
    assert_eq!(back["pack"]["in_force"], true);
}

#[tokio::test]
async fn a_flow_that_is_off_takes_no_task_and_lets_those_that_wait_wait() {
    let api = farm().await;
    account(&api, "tiktok", "jane", "SIM0001", 1).await;
    account(&api, "instagram", "jane", "SIM0002", 1).await;
    create(&api, warmup()).await.data();
    let path = "/api/v1/flows/tiktok/account_warmup";
    let off = api.patch(path, r#"{"enabled": false}"#).await.data();
    assert_eq!(
        off,
        json!({"platform": "tiktok", "name": "account_warmup", "enabled": false, "pending": 1})
    );
    let refused = create(&api, warmup()).await;
    assert_eq!((refused.code(), refused.status), (40003, StatusCode::BAD_REQUEST));
    assert!(
        refused.message().contains("switched off"),
        "{}",
        refused.message()
    );
    // The other platform's goes on.
    let both = json!({"serials": ["SIM0001", "SIM0002"], "script_name": "account_warmup"});
    let made = create(&api, both).await.data();
    assert_eq!(made["created_count"], 1);
    assert_eq!(
        made["skipped"],
        json!([{"serial": "SIM0001", "reason": "flow_disabled"}])
    );
    let listed = api.get("/api/v1/flows").await.data();
    let states: Vec<_> = listed["flows"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|flow| flow["name"] == "account_warmup")
        .map(|flow| {
            (
                flow["platform"].as_str().unwrap(),
                flow["enabled"] == true,
                flow["pending"].clone(),
            )
        })
        .collect();
    assert_eq!(
        states,
        [("instagram", true, json!(1)), ("tiktok", false, json!(1))]
    );
    // Another process knows it, too.
    assert!(
        api.new_process()
            .await
            .packs
            .get()
            .is_off("tiktok", "account_warmup")
    );
    api.patch(path, r#"{"enabled": "yes"}"#).await.data();
    create(&api, warmup()).await.data();
    assert_eq!(stats(&api).await["total"], 3);
    assert_eq!(
        api.patch("/api/v1/flows/tiktok/dance", r#"{"enabled": true}"#)
            .await
            .code(),
        40401
    );
    assert_eq!(api.patch(path, "{}").await.code(), 40001);
}
