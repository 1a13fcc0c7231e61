//! The material library through the API: uploads, refusals, lists, changes, the content back again.

use axum::body::Body;
use axum::http::{Method, StatusCode};
use controller::media::{Media, Roots};
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::api::{Answer, Api, ask};

const MATERIALS: &str = "/api/v1/materials";

/// A library with a folder of its own.
struct Shelf {
    api: Api,
    folder: TempDir,
}

impl Shelf {
    async fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let mut api = Api::start().await;
        api.state.media = Media::new(Roots::default()).with_library(folder.path());
        api.router = controller::http::router(api.state.clone());
        Self { api, folder }
    }

    /// Sends a file as the body.
    async fn raw(&self, query: &str, bytes: &[u8]) -> Answer {
        self.post(query, "application/octet-stream", bytes.to_vec()).await
    }

    async fn post(&self, query: &str, content_type: &str, body: impl Into<Body>) -> Answer {
        let path = format!("{MATERIALS}?{query}");
        let mut request = ask(Method::POST, &path, &[("content-type", content_type)], "");
        *request.body_mut() = body.into();
        self.api.call(request).await
    }

    /// Sends a form; a part with a file name is the file.
    async fn form(&self, parts: &[(&str, Option<&str>, &[u8])]) -> Answer {
        let mut body = Vec::new();
        for (name, file, bytes) in parts {
            let file = file.map_or_else(String::new, |file| format!("; filename=\"{file}\""));
            let head = format!("--XX\r\nContent-Disposition: form-data; name=\"{name}\"{file}\r\n\r\n");
            body.extend_from_slice(head.as_bytes());
            body.extend_from_slice(bytes);
            body.extend_from_slice(b"\r\n");
        }
        body.extend_from_slice(b"--XX--\r\n");
        self.post("", "multipart/form-data; boundary=XX", body).await
    }

    async fn video(&self, name: &str, more: &str) -> Value {
        self.raw(&format!("name={name}{more}"), &video(name)).await.data()
    }

    async fn names(&self, query: &str) -> Vec<String> {
        let listed = self.api.get(&format!("{MATERIALS}?{query}")).await.data();
        let rows = listed["materials"].as_array().unwrap().iter();
        rows.map(|row| row["name"].as_str().unwrap().to_owned()).collect()
    }

    /// Every file that lies there.
    fn files(&self) -> Vec<String> {
        fn below(folder: &std::path::Path, found: &mut Vec<String>) {
            for entry in std::fs::read_dir(folder).into_iter().flatten() {
                let path = entry.unwrap().path();
                if path.is_dir() {
                    below(&path, found);
                } else {
                    found.push(path.file_name().unwrap().to_string_lossy().into_owned());
                }
            }
        }
        let mut found = Vec::new();
        below(self.folder.path(), &mut found);
        found.sort();
        found
    }

    async fn send(&self, method: Method, path: &str, body: Value) -> Answer {
        told(&self.api, method, &format!("{MATERIALS}{path}"), &body).await
    }
}

async fn told(api: &Api, method: Method, path: &str, body: &Value) -> Answer {
    let headers = [("content-type", "application/json")];
    api.call(ask(method, path, &headers, &body.to_string())).await
}

fn video(name: &str) -> Vec<u8> {
    format!("\0\0\0\x18ftypmp42\0\0\0\0mp42isom {name}").into_bytes()
}

fn image(name: &str) -> Vec<u8> {
    [b"\xff\xd8\xff\xe0 a picture ", name.as_bytes()].concat()
}

#[tokio::test]
async fn a_file_is_taken_in_as_body_and_as_form_once_a_content() {
    let shelf = Shelf::new().await;
    let first = shelf
        .video(
            "one.mp4",
            "&tags=spring,%20Food&caption=Hi%20there&username=@Anna&sort=3",
        )
        .await;
    assert_eq!(first["created"], true);
    for (name, is) in [
        ("id", json!(1)),
        ("name", json!("one.mp4")),
        ("kind", json!("video")),
        ("tags", json!(["Food", "spring"])),
        ("caption", json!("Hi there")),
        ("username", json!("Anna")),
        ("sort", json!(3)),
        ("state", json!("free")),
        ("used", json!(false)),
        ("url", json!("/api/v1/materials/1/content")),
        ("warnings", json!([])),
    ] {
        assert_eq!(first[name], is, "{name}");
    }
    let again = shelf.raw("name=two.mp4&tags=x", &video("one.mp4")).await.data();
    assert_eq!(
        (&again["created"], &again["id"], &again["tags"]),
        (&json!(false), &json!(1), &first["tags"])
    );
    assert!(
        again["warnings"][0].as_str().unwrap().contains("material 1"),
        "{again}"
    );
    let picture = image("p");
    let form = shelf
        .form(&[
            ("tags", None, b"form"),
            ("file", Some("C:\\Pictures\\p.JPG"), &picture),
            ("caption", None, "Grüße\nzwei".as_bytes()),
            ("sort", None, b"-1"),
        ])
        .await
        .data();
    assert_eq!(
        (
            &form["name"],
            &form["kind"],
            &form["tags"],
            &form["caption"],
            &form["sort"],
            &form["username"]
        ),
        (
            &json!("p.JPG"),
            &json!("image"),
            &json!(["form"]),
            &json!("Grüße\nzwei"),
            &json!(-1),
            &json!("")
        )
    );
    assert_eq!(form["size"], picture.len());
    let mut hashes = [&first["hash"], &form["hash"]].map(|hash| hash.as_str().unwrap().to_owned());
    hashes.sort();
    assert_eq!(shelf.files(), hashes);
    let events: Vec<Value> = shelf.api.state.events.told("material");
    let told: Vec<&str> = events
        .iter()
        .map(|event| event["what"].as_str().unwrap())
        .collect();
    assert_eq!(told, ["material_created", "material_created"]);
}

#[tokio::test]
async fn what_is_not_what_it_says_is_refused_and_leaves_nothing() {
    let shelf = Shelf::new().await;
    let refused = async |query: &str, bytes: &[u8]| {
        let answer = shelf.raw(query, bytes).await;
        assert_eq!(answer.code(), 40001, "{}", answer.message());
        answer.message()
    };
    for (query, bytes, why) in [
        ("", video("a"), "name: is required"),
        (
            "name=a.mp4",
            image("a"),
            "a.mp4 is not what its name says: it is an image",
        ),
        (
            "name=a.jpg",
            video("a"),
            "a.jpg is not what its name says: it is a video",
        ),
        (
            "name=a.png",
            b"#!/bin/sh and so on".to_vec(),
            "neither an MP4 video nor a JPEG or PNG image",
        ),
        ("name=a.mp4", Vec::new(), "a.mp4 is empty"),
        ("name=a.exe", video("a"), "a.exe is no name"),
        ("name=a.mp4&sort=first", video("a"), "sort: must be"),
        ("name=a.mp4&username=a%09b", video("a"), "username: "),
    ] {
        let told = refused(query, &bytes).await;
        assert!(told.contains(why), "{query}: {told}");
    }
    let form = shelf.form(&[("tags", None, b"x")]).await;
    assert!(form.message().contains("file: is required"), "{}", form.message());
    let (one, two) = (video("1"), video("2"));
    let form = shelf
        .form(&[("file", Some("1.mp4"), &one), ("file", Some("2.mp4"), &two)])
        .await;
    assert!(form.message().contains("twice"), "{}", form.message());
    let form = shelf
        .form(&[("file", Some("1.mp4"), &one), ("sort", None, b"first")])
        .await;
    assert!(form.message().starts_with("sort: "), "{}", form.message());
    // A body that breaks off in its middle.
    let pieces = vec![Ok(one.clone()), Err(std::io::Error::other("the cable"))];
    let broken = Body::from_stream(futures_util::stream::iter(pieces));
    let broken = shelf.post("name=1.mp4", "video/mp4", broken).await;
    assert_eq!(broken.message(), "the body broke off");
    // Larger than the setting allows: by its length at once, and while it comes.
    let set = json!({"materials.largest_megabytes": 1});
    told(&shelf.api, Method::PATCH, "/api/v1/settings", &set)
        .await
        .data();
    let large = [video("large"), vec![7; (1 << 20) + (256 << 10)]].concat();
    let too_large = shelf.raw("name=a.mp4", &large).await;
    assert_eq!(too_large.code(), 41301);
    assert!(
        too_large.message().contains("materials.largest_megabytes"),
        "{}",
        too_large.message()
    );
    let pieces: Vec<Result<Vec<u8>, std::io::Error>> =
        large.chunks(100_000).map(|piece| Ok(piece.to_vec())).collect();
    let too_large = shelf
        .post(
            "name=a.mp4",
            "video/mp4",
            Body::from_stream(futures_util::stream::iter(pieces)),
        )
        .await;
    assert_eq!(too_large.code(), 41301);
    assert_eq!(shelf.files(), [] as [String; 0], "something stayed behind");
    assert_eq!(shelf.names("").await, [] as [String; 0]);
    // From a browser only as a file.
    let path = format!("{MATERIALS}?name=a.mp4");
    let headers = [
        ("origin", "http://localhost:50809"),
        ("content-type", "multipart/form-data; boundary=XX"),
    ];
    let asked = shelf.api.call(ask(Method::POST, &path, &headers, "--XX--")).await;
    assert_eq!(asked.code(), 41501);
}

#[tokio::test]
async fn materials_are_listed_changed_marked_and_deleted() {
    let shelf = Shelf::new().await;
    for (name, more) in [
        ("a.mp4", "&tags=spring"),
        ("b.mp4", "&tags=spring,food&username=anna&sort=2"),
        ("c.mp4", "&caption=Quiet%20harbour"),
    ] {
        shelf.video(name, more).await;
    }
    assert_eq!(shelf.names("").await, ["c.mp4", "b.mp4", "a.mp4"]);
    assert_eq!(shelf.names("tags=SPRING&sort=name").await, ["a.mp4", "b.mp4"]);
    assert_eq!(shelf.names("username=@Anna").await, ["b.mp4"]);
    assert_eq!(shelf.names("search=harbour").await, ["c.mp4"]);
    assert_eq!(shelf.names("kind=image").await, [] as [String; 0]);
    assert_eq!(shelf.names("sort=sort&page_size=1").await, ["b.mp4"]);
    let tags = shelf.api.get(&format!("{MATERIALS}/tags")).await.data();
    assert_eq!(
        tags["tags"][1],
        json!({"name": "spring", "materials": 2, "unused": 2})
    );
    let changed = shelf
        .send(
            Method::PATCH,
            "/1",
            json!({"caption": "Morning {one|two}", "tags": null, "sort": 1, "used": true}),
        )
        .await
        .data();
    assert_eq!(
        (&changed["state"], &changed["tags"], &changed["sort"]),
        (&json!("used"), &json!([]), &json!(1))
    );
    assert!(changed["used_at"].is_string());
    assert_eq!(shelf.names("used=true").await, ["a.mp4"]);
    assert_eq!(shelf.names("used=0").await, ["c.mp4", "b.mp4"]);
    let one = shelf.api.get(&format!("{MATERIALS}/1")).await.data();
    assert_eq!(one, changed);
    let batch = async |body: Value| shelf.send(Method::POST, "/batch", body).await;
    let done = batch(json!({"ids": [1, 2, 77], "action": "tag", "tags": "late"}))
        .await
        .data();
    assert_eq!(
        (&done["changed_count"], &done["refused"][0]["id"]),
        (&json!(2), &json!(77))
    );
    let done = batch(json!({"ids": "1,2", "action": "unused"})).await.data();
    assert_eq!(
        (&done["changed_count"], &done["unchanged_count"]),
        (&json!(1), &json!(1))
    );
    let done = batch(json!({"ids": [2, 1], "action": "sort", "sorts": [-5, 5]}))
        .await
        .data();
    assert_eq!(done["changed_count"], 2, "{done}");
    assert_eq!(shelf.names("sort=sort").await[..2], ["b.mp4", "a.mp4"]);
    for (body, why) in [
        (json!({"action": "delete"}), "ids: "),
        (
            json!({"ids": [1], "action": "burn"}),
            "action: must be tag, untag, used, unused, sort or delete",
        ),
        (json!({"ids": [1], "action": "tag"}), "tags: is required"),
        (
            json!({"ids": [1, 2], "action": "sort", "sorts": [1]}),
            "sorts: must be as many",
        ),
        (
            json!({"ids": [1], "action": "sort", "sorts": ["first"]}),
            "sorts: must be",
        ),
    ] {
        let told = batch(body).await;
        assert_eq!(told.code(), 40001);
        assert!(told.message().contains(why), "{}", told.message());
    }
    assert_eq!(shelf.files().len(), 3);
    let gone = shelf.send(Method::DELETE, "/3", Value::Null).await.data();
    assert_eq!(gone, json!({"deleted": true, "id": 3, "name": "c.mp4"}));
    let done = batch(json!({"ids": [1, 2], "action": "delete"})).await.data();
    assert_eq!(done["deleted_count"], 2);
    assert_eq!(shelf.files(), [] as [String; 0]);
    for path in ["/3", "/x", "/3/content"] {
        assert_eq!(
            shelf.api.get(&format!("{MATERIALS}{path}")).await.code(),
            40401,
            "{path}"
        );
    }
    assert_eq!(
        shelf.send(Method::PATCH, "/3", json!({"sort": 1})).await.code(),
        40401
    );
    let record = shelf.api.get("/api/v1/audit?page_size=100").await.data();
    let what = |wanted: &str| {
        let entries = record["entries"].as_array().unwrap().iter();
        entries.filter(|entry| entry["what"] == wanted).count()
    };
    assert_eq!(
        (what("material.create"), what("material.delete")),
        (3, 3),
        "{record}"
    );
    assert_eq!(what("material.change"), 6);
}

#[tokio::test]
async fn a_content_comes_back_whole_and_in_parts() {
    let shelf = Shelf::new().await;
    let made = shelf.video("a%20%C3%A4.mp4", "").await;
    let bytes = video("a%20%C3%A4.mp4");
    let path = made["url"].as_str().unwrap().to_owned();
    let get = async |range: &str| {
        let headers: &[(&str, &str)] = if range.is_empty() {
            &[]
        } else {
            &[("range", range)]
        };
        shelf.api.call(ask(Method::GET, &path, headers, "")).await
    };
    let whole = get("").await;
    assert_eq!((whole.status, &whole.bytes), (StatusCode::OK, &bytes));
    for (header, is) in [
        ("content-type", "video/mp4"),
        ("accept-ranges", "bytes"),
        ("x-content-type-options", "nosniff"),
    ] {
        assert_eq!(whole.headers[header], is);
    }
    assert!(
        whole.headers["content-disposition"]
            .to_str()
            .unwrap()
            .contains("a%20%C3%A4.mp4")
    );
    let part = get("bytes=4-7").await;
    assert_eq!(
        (part.status, part.bytes.as_slice()),
        (StatusCode::PARTIAL_CONTENT, &b"ftyp"[..])
    );
    assert_eq!(
        part.headers["content-range"],
        format!("bytes 4-7/{}", bytes.len())
    );
    let end = get("bytes=-3").await;
    assert_eq!(end.bytes, &bytes[bytes.len() - 3..]);
    let far = get("bytes=5000-").await;
    assert_eq!(far.status, StatusCode::RANGE_NOT_SATISFIABLE);
    assert_eq!(far.headers["content-range"], format!("bytes */{}", bytes.len()));
    // A file that somebody deleted.
    let hash = made["hash"].as_str().unwrap();
    std::fs::remove_file(shelf.api.state.media.library().path(hash)).unwrap();
    let gone = get("").await;
    assert_eq!(gone.code(), 40401);
    assert!(gone.message().contains("send it again"), "{}", gone.message());
}
