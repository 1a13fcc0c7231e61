//! A phone's storage.

use serde_json::{Value, json};
use simphone::phone::fault::Fault;
use simphone::phone::lock;

use crate::stand::{SERIAL, Stand, sha256};

fn folder() -> tempfile::TempDir {
    tempfile::Builder::new().prefix("site").tempdir().unwrap()
}

fn with_room(stand: &Stand, megabytes: u64) -> u64 {
    let phone = stand.site.farm.phone(SERIAL);
    std::mem::replace(&mut lock(&phone.hardware).free_kb, megabytes << 10)
}

/// What lies where files for posts are put.
fn on_the_phone(stand: &Stand) -> Vec<String> {
    let albums = stand
        .site
        .farm
        .phone(SERIAL)
        .files
        .host_path("/storage/emulated/0/DCIM");
    let albums = std::fs::read_dir(albums).into_iter().flatten().flatten();
    let albums = albums.filter(|entry| entry.file_name().to_string_lossy().starts_with("Album"));
    let inside = albums.flat_map(|album| std::fs::read_dir(album.path()).into_iter().flatten().flatten());
    inside.map(|entry| entry.path().display().to_string()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_phone_without_room_fails_the_task_as_that_and_keeps_nothing_of_it() {
    let stand = Stand::start(folder(), &[]).await;
    let file = stand.video("large.mp4", 6);
    // What reads its screen is on the phone from now on.
    let first = stand.follow("nordic.loom").await;
    stand.completed(first).await;
    let usual = with_room(&stand, 3);
    let post = stand.post("large.mp4", json!({})).await;
    let failed = stand.failed(post, "phone_full").await;
    assert_eq!(failed["attempts"], 1, "the same would fail again: {failed}");
    let why = failed["error"]["message"].as_str().unwrap();
    assert!(
        why.contains("No space left on device") && why.contains("the phone's storage is full"),
        "{why}"
    );
    assert!(stand.acts("post").is_empty() && on_the_phone(&stand).is_empty());
    let left = lock(&stand.site.farm.phone(SERIAL).hardware).free_kb;
    assert!(left > 2 << 10, "what was put there is gone again: {left} KB free");

    // Several files, of which the first fits.
    let images = ["a.jpg", "b.jpg"].map(|name| {
        let path = stand.video(name, 2);
        let mut bytes = std::fs::read(&path).unwrap();
        bytes[..12].copy_from_slice(b"\xff\xd8\xff\xe0\0\x10JFIF\0\x01");
        std::fs::write(&path, bytes).unwrap();
        name
    });
    let both = json!({"script_config": {"content_type": 1, "image_count": 2, "material_list": images, "captions": "Two"}});
    let post_both = stand.post("", both).await;
    stand.failed(post_both, "phone_full").await;
    assert!(on_the_phone(&stand).is_empty(), "{:?}", on_the_phone(&stand));

    // Not a byte: nothing can be written down on it, so nothing is begun.
    stand.site.farm.phone(SERIAL).faults.set(Fault::StorageFull);
    let follow = stand.follow("ana.sketches").await;
    stand.failed(follow, "phone_full").await;
    assert_eq!(stand.acts("follow").len(), 1);

    // With room both are done, once.
    stand.site.farm.phone(SERIAL).faults.clear("storage_full");
    with_room(&stand, usual >> 10);
    for task in [post, follow] {
        let again = stand
            .send("POST", &format!("task/{task}/retry"), &Value::Null)
            .await;
        assert_eq!(again.data(), json!({"retried_count": 1}));
        stand.completed(task).await;
    }
    let posts = stand.acts("post");
    assert_eq!(posts.len(), 1, "{posts:?}");
    assert_eq!(posts[0].detail["contents"], json!([sha256(&file)]));
    assert_eq!(stand.acts("follow").len(), 2);
    assert!(on_the_phone(&stand).is_empty(), "{:?}", on_the_phone(&stand));
}
