//! The material library on the command line and in bulk, against a real controller.

use std::time::Duration;

use farm::figures::Process;
use farm::http::{self, Answer, MadeVideo, send_video};
use farm::site::Controller;
use serde_json::{Value, json};

const UP: Duration = Duration::from_secs(120);
/// A video of this size must not pass through memory as a whole.
const LARGE: u64 = 256 << 20;
/// What its pieces and the database may take meanwhile, in megabytes.
const MEMORY: f64 = 48.0;

#[tokio::test(flavor = "multi_thread")]
async fn a_large_video_streams_to_the_disk_in_little_memory_however_it_is_sent() {
    let folder = tempfile::tempdir().unwrap();
    let mut controller = Controller::new(&folder.path().join("controller"), &[]).unwrap();
    controller.start().unwrap();
    controller.until_ready(UP).await.unwrap();
    let process = Process::with_id(controller.pid().unwrap());
    let form = "--cut\r\nContent-Disposition: form-data; name=\"file\"; filename=\"form.mp4\"\r\n\r\n";
    for (path, content_type, video) in [
        ("?name=plain.mp4", "video/mp4", MadeVideo::new(LARGE, 1)),
        (
            "",
            "multipart/form-data; boundary=cut",
            MadeVideo::within(form, LARGE, 2, "\r\n--cut--\r\n"),
        ),
    ] {
        process.forget_peak().unwrap();
        let idle = process.resident_mb().unwrap();
        let path = format!("/api/v1/materials{path}");
        let answer = send_video(controller.api, &path, content_type, video)
            .await
            .unwrap();
        assert_eq!(answer.data()["size"], LARGE, "{content_type}");
        let more = process.peak_mb().unwrap() - idle;
        assert!(more < MEMORY, "{more} MB more than idle for {content_type}");
    }
    // The whole of it is there, and comes back so.
    let listed = controller.get("/api/v1/materials").await.unwrap().data();
    assert_eq!(listed["total"], 2, "{listed}");

    // What is not what its name says is told with its first bytes, also in the middle of a large one: whoever goes on sending
    // reads why, and nothing of it stays.
    let wrong = |answer: &Answer| {
        assert_eq!(
            (answer.status, &answer.json()["code"]),
            (400, &json!(40001)),
            "{answer:?}"
        );
        let told = answer.json()["message"].as_str().unwrap().to_owned();
        assert!(
            told.contains("is not what its name says: it is a video"),
            "{told}"
        );
    };
    let path = "/api/v1/materials?name=picture.png";
    wrong(
        &send_video(controller.api, path, "image/png", MadeVideo::new(LARGE, 3))
            .await
            .unwrap(),
    );
    let form = form.replace("form.mp4", "picture.jpg");
    let video = MadeVideo::within(&form, LARGE, 3, "\r\n--cut--\r\n");
    let sent = send_video(
        controller.api,
        "/api/v1/materials",
        "multipart/form-data; boundary=cut",
        video,
    );
    wrong(&sent.await.unwrap());
    let text = http::send(
        controller.api,
        "POST",
        "/api/v1/materials?name=clip.mp4",
        &[("Content-Type", "video/mp4")],
        vec![b'x'; 1 << 20],
    );
    let told = text.await.unwrap().json()["message"].as_str().unwrap().to_owned();
    assert!(told.contains("clip.mp4 is not what its name says"), "{told}");
    let listed = controller.get("/api/v1/materials").await.unwrap().data();
    assert_eq!(listed["total"], 2, "{listed}");
    let parts = std::fs::read_dir(controller.data.join("materials/parts")).unwrap();
    assert_eq!(parts.count(), 0, "a part stayed behind");
    controller.kill().await.unwrap();
}

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
