//! The material library on the command line, against a real controller.

use std::time::Duration;

use farm::site::Controller;
use serde_json::{Value, json};

const UP: Duration = Duration::from_secs(120);

#[tokio::test]
async fn the_library_is_kept_on_the_command_line() {
    let folder = tempfile::tempdir().unwrap();
    let mut controller = Controller::new(&folder.path().join("controller"), &[]).unwrap();
    controller.start().unwrap();
    controller.until_ready(UP).await.unwrap();
    let file = |name: &str, bytes: &[u8]| {
        let path = folder.path().join(name);
        std::fs::write(&path, bytes).unwrap();
        path.to_str().unwrap().to_owned()
    };
    // Larger than what is read from a file at a time.
    let clip = [
        b"\0\0\0\x18ftypmp42\0\0\0\0mp42isom".as_slice(),
        &vec![7; 600_000],
    ]
    .concat();
    let (clip, image) = (file("clip.mp4", &clip), file("image.jpg", b"\xff\xd8\xff\xe0 1"));
    let (text, copy) = (
        file("text.mp4", b"words"),
        file("copy.jpg", b"\xff\xd8\xff\xe0 1"),
    );
    // What it said, what it remarked, how it ended.
    let end = async |words: &[&str]| {
        let done = controller.command(words).output().await.unwrap();
        let [said, remarked] = [done.stdout, done.stderr].map(|bytes| String::from_utf8(bytes).unwrap());
        (said, remarked, done.status.code())
    };
    let run = async |words: &[&str]| {
        let (said, remarked, code) = end(words).await;
        assert_eq!(code, Some(0), "{words:?}: {said}{remarked}");
        said
    };
    let read = |said: &str| serde_json::from_str::<Value>(said).unwrap();

    assert!(run(&["materials", "list"]).await.contains("No material"));
    let both = run(&[
        "materials",
        "add",
        &clip,
        &image,
        "--tags",
        "spring,Workshop",
        "--sort",
        "-2",
    ])
    .await;
    assert_eq!(both, "1\n2\n");
    let again = read(&run(&["materials", "add", &copy, "--tags", "autumn", "--json"]).await);
    let same = &again["materials"][0];
    assert_eq!(
        (&same["id"], &same["created"], &same["tags"]),
        (&json!(2), &json!(false), &json!(["spring", "Workshop"]))
    );
    // What is no video is refused, and whoever reads that is told what stands.
    let (said, remarked, code) = end(&["materials", "add", &image, &text]).await;
    assert_ne!(code, Some(0), "{said}");
    for part in ["1 files were taken in before", "text.mp4"] {
        assert!(remarked.contains(part), "{remarked}");
    }
    let (_, remarked, code) = end(&["materials", "add", "/no/such/file.mp4"]).await;
    assert!(
        code == Some(65) && remarked.contains("/no/such/file.mp4"),
        "{code:?} {remarked}"
    );

    let videos = read(&run(&["materials", "list", "--kind", "video", "--json"]).await);
    assert_eq!(
        (&videos["total"], &videos["materials"][0]["size"]),
        (&json!(1), &json!(600_024))
    );
    let set = run(&[
        "materials",
        "set",
        "1",
        "--caption",
        "Good {morning|day}",
        "--username",
        "jane.doe",
        "--used",
        "--json",
    ])
    .await;
    let set = read(&set)["materials"][0].clone();
    assert_eq!(
        (&set["caption"], &set["username"], &set["state"], &set["tags"]),
        (
            &json!("Good {morning|day}"),
            &json!("jane.doe"),
            &json!("used"),
            &json!(["spring", "Workshop"])
        )
    );
    let unused = run(&["materials", "list", "--unused", "--tags", "workshop"]).await;
    assert!(
        unused.contains("image.jpg") && !unused.contains("clip.mp4"),
        "{unused}"
    );
    run(&[
        "materials",
        "set",
        "1",
        "2",
        "--unused",
        "--caption",
        "",
        "--tags",
        "winter",
    ])
    .await;
    let shown = run(&["materials", "show", "1"]).await;
    assert!(shown.contains("winter") && !shown.contains("morning"), "{shown}");
    let (_, remarked, code) = end(&["materials", "set", "1"]).await;
    assert!(
        code == Some(65) && remarked.contains("--caption"),
        "{code:?} {remarked}"
    );

    // What is there goes, what is not is told.
    let (said, remarked, code) = end(&["materials", "remove", "1", "9"]).await;
    assert!(
        said.contains("1 materials") && remarked.contains("9: "),
        "{said}{remarked}"
    );
    assert_ne!(code, Some(0));
    run(&["materials", "remove", "2"]).await;
    assert!(run(&["materials", "list"]).await.contains("No material"));
    assert_eq!(end(&["materials", "show", "1"]).await.2, Some(65));
    controller.kill().await.unwrap();
}
