use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use serde_json::{Map, Value, json};
use shared::pack::Pack;
use shared::pack::files::PackFiles;
use tempfile::TempDir;

use super::choose::check_paths;
use super::{Chosen, Media, NotChosen, Roots, RootsError, Wish};

const PACK: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/flows/tiktok");

/// A root with files in it, and what may be asked of it.
struct Shelf {
    folder: TempDir,
    media: Media,
    pack: Pack,
}

impl Shelf {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path().join("media");
        fs::create_dir_all(&root).unwrap();
        let map = vec![("C:\\Videos".to_owned(), root.join("videos"))];
        let (pack, _) = Pack::read(PackFiles::from_folder(Path::new(PACK)).unwrap()).unwrap();
        Self {
            media: Media::new(Roots::new(vec![root], map)),
            folder,
            pack,
        }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join("media").join(name)
    }

    fn put(&self, name: &str, bytes: &[u8]) {
        let path = self.path(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, bytes).unwrap();
    }

    fn video(&self, name: &str) {
        self.put(name, format!("\0\0\0\x18ftypmp42 {name}").as_bytes());
    }

    fn image(&self, name: &str) {
        self.put(name, &[b"\xff\xd8\xff\xe0 ", name.as_bytes()].concat());
    }

    fn choose(
        &self,
        flow: &str,
        config: &Value,
        who: Option<&str>,
        sequence: u64,
        used: &[&str],
    ) -> Result<Chosen, NotChosen> {
        let flow = self.pack.flow(flow).unwrap();
        let config = config.as_object().unwrap();
        let parameters = flow.parameters.check_all(config).unwrap().values;
        let used: BTreeSet<String> = used.iter().map(|hash| (*hash).to_owned()).collect();
        self.media.choose(&Wish {
            flow,
            parameters: &parameters,
            username: who,
            sequence,
            seed: 7,
            used: &used,
        })
    }

    fn post(&self, config: &Value, used: &[&str]) -> Result<Chosen, NotChosen> {
        self.choose("post", config, Some("Anna"), 0, used)
    }
}

fn names(chosen: &Chosen) -> Vec<&str> {
    chosen.files.iter().map(|file| file.name.as_str()).collect()
}

fn why(chosen: Result<Chosen, NotChosen>) -> String {
    chosen.unwrap_err().to_string()
}

#[test]
fn a_path_is_taken_under_a_root_alone() {
    let shelf = Shelf::new();
    shelf.video("videos/one.mp4");
    let roots = shelf.media.roots();
    let there = shelf.path("videos/one.mp4").canonicalize().unwrap();
    for given in [
        "videos/one.mp4",
        "videos\\one.mp4",
        "c:/VIDEOS/one.mp4",
        "C:\\Videos\\one.mp4",
        there.to_str().unwrap(),
    ] {
        assert_eq!(roots.resolve(given), Ok(there.clone()), "{given}");
    }
    for given in ["/etc/passwd", "C:/Videosmore/one.mp4", "D:/one.mp4"] {
        assert!(
            matches!(roots.resolve(given), Err(RootsError::Outside { .. })),
            "{given}"
        );
    }
    for given in ["../keys", "videos/../../keys", "C:\\Videos\\..\\..\\x", "a/..\\b"] {
        assert_eq!(roots.resolve(given), Err(RootsError::Climbs), "{given}");
    }
    assert_eq!(roots.resolve("  "), Err(RootsError::Empty));
    // What is not there yet is refused only where it could not be allowed.
    assert!(roots.resolve("videos/later.mp4").is_ok());
}

#[cfg(unix)]
#[test]
fn a_link_out_of_a_root_is_not_followed() {
    use std::os::unix::fs::symlink;
    let shelf = Shelf::new();
    let outside = shelf.folder.path().join("secret");
    fs::create_dir_all(&outside).unwrap();
    fs::write(outside.join("x.mp4"), b"\0\0\0\x18ftypmp42").unwrap();
    symlink(&outside, shelf.path("way")).unwrap();
    symlink(outside.join("x.mp4"), shelf.path("x.mp4")).unwrap();
    symlink(outside.join("later.mp4"), shelf.path("later.mp4")).unwrap();
    for given in ["way/x.mp4", "x.mp4", "way", "later.mp4", "way/not/there.mp4"] {
        let taken = shelf.media.roots().resolve(given);
        assert!(
            matches!(taken, Err(RootsError::Outside { .. })),
            "{given}: {taken:?}"
        );
    }
    // Also where the folder is allowed and the file in it is the link.
    let folder = json!({"material_source": "localFolder", "material_path": shelf.path("").to_str().unwrap()});
    assert!(matches!(
        shelf.post(&folder, &[]),
        Err(NotChosen::NotAllowed { .. })
    ));
}

#[test]
fn the_paths_of_a_task_are_checked_by_name_before_it_is_made() {
    let shelf = Shelf::new();
    let flow = shelf.pack.flow("post").unwrap();
    let checked = |config: Value| {
        let parameters: Map<String, Value> = flow
            .parameters
            .check_all(config.as_object().unwrap())
            .unwrap()
            .values;
        check_paths(&shelf.media, flow, &parameters).map_err(|(name, _)| name)
    };
    assert_eq!(
        checked(json!({"material_list": ["a.mp4", "/etc/passwd"]})),
        Err("material_list".to_owned())
    );
    assert_eq!(
        checked(json!({"material_source": "localFolder", "material_path": "/root"})),
        Err("material_path".to_owned())
    );
    assert_eq!(checked(json!({"material_list": ["a.mp4"]})), Ok(()));
}

#[test]
fn of_a_list_each_task_takes_its_video_and_a_post_of_images_takes_them_in_order() {
    let shelf = Shelf::new();
    for name in ["b.mp4", "a.mp4"] {
        shelf.video(name);
    }
    for name in ["2.jpg", "1.jpg"] {
        shelf.image(name);
    }
    let list = json!({"material_list": ["b.mp4", "a.mp4"]});
    let taken = |sequence| shelf.choose("post", &list, None, sequence, &[]).unwrap();
    assert_eq!(names(&taken(0)), ["b.mp4"]);
    assert_eq!(names(&taken(1)), ["a.mp4"]);
    assert_eq!(names(&taken(2)), ["b.mp4"]);
    // A list is the operator's own choice: the same again is what he asks for.
    let hash = taken(0).files[0].hash.clone();
    assert_eq!(names(&shelf.post(&list, &[&hash]).unwrap()), ["b.mp4"]);
    let images = json!({"content_type": 1, "image_count": 2, "material_list": ["2.jpg", "1.jpg"]});
    assert_eq!(names(&shelf.post(&images, &[]).unwrap()), ["2.jpg", "1.jpg"]);
    let three = json!({"content_type": 1, "image_count": 3, "material_list": ["2.jpg", "1.jpg"]});
    assert!(why(shelf.post(&three, &[])).contains("3 images are wanted"));
    let missing = json!({"material_list": ["c.mp4"]});
    assert!(why(shelf.post(&missing, &[])).contains("c.mp4 of material_list is not there"));
    let image = json!({"material_list": ["1.jpg"]});
    assert!(why(shelf.post(&image, &[])).contains("1.jpg of material_list"));
}

#[test]
fn a_file_that_is_not_what_its_name_says_is_refused() {
    let shelf = Shelf::new();
    shelf.put("a.mp4", b"\xff\xd8\xff\xe0 an image");
    shelf.put("b.mp4", b"MZ");
    shelf.put("c.mp4", b"");
    for (name, found) in [
        ("a.mp4", "it is an image"),
        ("b.mp4", "neither"),
        ("c.mp4", "empty"),
    ] {
        let text = why(shelf.post(&json!({"material_list": [name]}), &[]));
        assert!(text.contains(found), "{text}");
    }
}

#[test]
fn out_of_a_folder_comes_what_nobody_has_taken_the_accounts_own_first() {
    let shelf = Shelf::new();
    for name in [
        "day/b.mp4",
        "day/a.mp4",
        "day/@anna/z.mp4",
        "day/.hidden.mp4",
        "day/notes.txt",
    ] {
        shelf.video(name);
    }
    let config = json!({"material_source": "localFolder", "material_path": "day"});
    let own = shelf.post(&config, &[]).unwrap();
    assert_eq!(names(&own), ["z.mp4"]);
    assert!(own.exclusive);
    // Her own folder is used up: she is not given what is meant for others.
    let text = why(shelf.post(&config, &[&own.files[0].hash]));
    assert!(
        text.contains("1 wanted, 0 left, 1 used already") && text.contains("@anna"),
        "{text}"
    );
    let others = |used: &[&str]| shelf.choose("post", &config, Some("ben"), 0, used).unwrap();
    let first = others(&[]);
    assert_eq!(names(&first), ["a.mp4"]);
    assert_eq!(names(&others(&[&first.files[0].hash])), ["b.mp4"]);
    assert!(
        why(shelf.post(
            &json!({"material_source": "localFolder", "material_path": "night"}),
            &[]
        ))
        .contains("there is no folder")
    );
}

#[test]
fn the_texts_of_a_folder_are_read_in_order_and_begin_again() {
    let shelf = Shelf::new();
    for name in ["day/a.mp4", "day/b.mp4", "day/c.mp4"] {
        shelf.video(name);
    }
    shelf.put("day/caption.txt", "\u{feff}first\r\n\r\nsecond\n".as_bytes());
    shelf.put("day/sound_names.txt", b"rain\n");
    shelf.put("day/sound_urls.txt", b"https://www.tiktok.com/music/x-1\n");
    let config = json!({"material_source": "localFolder", "material_path": "day", "post_way": "useSound"});
    let mut used: Vec<String> = Vec::new();
    for caption in ["first", "second", "first"] {
        let hashes: Vec<&str> = used.iter().map(String::as_str).collect();
        let chosen = shelf.post(&config, &hashes).unwrap();
        assert_eq!(chosen.parameters["captions"], json!([caption]));
        assert_eq!(
            chosen.parameters["sound_name"],
            "https://www.tiktok.com/music/x-1"
        );
        used.push(chosen.files[0].hash.clone());
    }
    // What the task says itself stays.
    let said = json!({"material_source": "localFolder", "material_path": "day", "captions": "mine", "add_sound": "custom"});
    let chosen = shelf.post(&said, &[]).unwrap();
    assert_eq!(chosen.parameters.get("captions"), None);
    assert_eq!(chosen.parameters["custom_sound_keyword"], "rain");
}

#[test]
fn images_of_a_folder_follow_their_numbers() {
    let shelf = Shelf::new();
    for name in ["c/sort_10_x.jpg", "c/sort_2_y.jpg", "c/a.png"] {
        shelf.image(name);
    }
    let config =
        json!({"content_type": 1, "image_count": 3, "material_source": "localFolder", "material_path": "c"});
    assert_eq!(
        names(&shelf.post(&config, &[]).unwrap()),
        ["sort_2_y.jpg", "sort_10_x.jpg", "a.png"]
    );
}

#[test]
fn a_picture_goes_along_from_a_file_or_a_folder() {
    let shelf = Shelf::new();
    shelf.image("faces/a.png");
    shelf.image("faces/b.png");
    let taken = |config: &Value, sequence| shelf.choose("profile", config, None, sequence, &[]).unwrap();
    let sequential = json!({"avatars_path": "faces", "profile_order": "sequential"});
    assert_eq!(names(&taken(&sequential, 0)), ["a.png"]);
    assert_eq!(names(&taken(&sequential, 1)), ["b.png"]);
    // The seed is 7.
    assert_eq!(names(&taken(&json!({"avatars_path": "faces"}), 0)), ["b.png"]);
    let none = taken(&json!({"bios": "x"}), 0);
    assert!(none.files.is_empty());
}

#[test]
fn a_content_is_read_again_when_the_file_has_changed() {
    let shelf = Shelf::new();
    shelf.video("a.mp4");
    let before = shelf.media.look(&shelf.path("a.mp4")).unwrap();
    assert_eq!(shelf.media.look(&shelf.path("a.mp4")).unwrap(), before);
    shelf.put("a.mp4", b"\0\0\0\x18ftypmp42 another, and longer");
    assert_ne!(shelf.media.look(&shelf.path("a.mp4")).unwrap().hash, before.hash);
}
