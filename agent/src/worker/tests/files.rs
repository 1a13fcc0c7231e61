//! Files of orders: resumed, checked, kept, and forgotten in their order.

use sha2::{Digest as _, Sha256};
use shared::wire::work::{MaterialKind, OrderMaterial};

use super::*;
use crate::worker::materials::Materials;

fn is_material(question: &ToController) -> bool {
    matches!(question, ToController::Material { .. })
}

fn material(name: &str, content: &[u8]) -> OrderMaterial {
    OrderMaterial {
        name: name.to_owned(),
        kind: MaterialKind::Video,
        hash: Sha256::digest(content).into(),
        size: content.len() as u64,
    }
}

fn offsets(paper: &Paper) -> Vec<u64> {
    let heard = paper.heard();
    let offsets = heard.iter().filter_map(|one| match one {
        ToController::Material { offset, .. } => Some(*offset),
        _ => None,
    });
    offsets.collect()
}

struct Store {
    paper: Arc<Paper>,
    materials: Materials,
    folder: tempfile::TempDir,
}

fn store(most: u64) -> Store {
    let controller = Controller::new(Arc::new(SystemClock));
    let paper = Arc::new(Paper::default());
    controller.up(Arc::new(Line(Arc::clone(&paper))), 2);
    let folder = tempfile::tempdir().unwrap();
    let materials = Materials::open(folder.path().to_owned(), controller, most).unwrap();
    Store {
        paper,
        materials,
        folder,
    }
}

fn nobody(_: u64) {}

#[tokio::test]
async fn a_file_whose_link_broke_goes_on_where_it_was() {
    let store = store(1_000);
    let content = b"a video of some bytes";
    let whole = content.len() as u64;
    let all = |from: usize, to: usize| Say::Bytes(whole - from as u64, content[from..to].to_vec());
    store.paper.say(is_material, all(0, 8));
    store.paper.say(is_material, Say::Lose);
    store.paper.say(is_material, all(8, content.len()));
    let told = Mutex::new(Vec::new());
    let wanted = material("a.mp4", content);
    let file = store
        .materials
        .get(&wanted, &|here| told.lock().unwrap().push(here))
        .await
        .unwrap();
    assert_eq!(std::fs::read(&file.path).unwrap(), content);
    assert_eq!(offsets(&store.paper), [0, 8, 8]);
    assert_eq!(told.lock().unwrap().last(), Some(&whole));
    // The next phone needs the same.
    let again = store.materials.get(&wanted, &nobody).await.unwrap();
    assert_eq!(again.path, file.path);
    drop((file, again));
    store.materials.get(&wanted, &nobody).await.unwrap();
    assert_eq!(offsets(&store.paper).len(), 3, "it is kept");
}

#[tokio::test]
async fn another_content_is_refused_and_the_part_of_an_earlier_life_is_used() {
    let store = store(1_000);
    let content = b"what the order means";
    let wanted = material("a.mp4", content);
    let part = store
        .folder
        .path()
        .join(format!("{}.part", shared::pack::files::hex(&wanted.hash)));
    std::fs::write(&part, &content[..5]).unwrap();
    let size = content.len() as u64;
    // The rest is another file's: it is fetched once more from its beginning, and that is wrong as well.
    store
        .paper
        .say(is_material, Say::Bytes(size - 5, vec![b'x'; content.len() - 5]));
    store
        .paper
        .say(is_material, Say::Bytes(size, vec![b'x'; content.len()]));
    let failure = store.materials.get(&wanted, &nobody).await.unwrap_err();
    assert_eq!(failure.kind.as_str(), "no_material");
    assert!(failure.message.contains("not the file of the order"), "{failure}");
    assert_eq!(offsets(&store.paper), [5, 0]);
    assert_eq!(std::fs::read_dir(store.folder.path()).unwrap().count(), 0);
    store.paper.say(is_material, Say::Bytes(size + 1, Vec::new()));
    let failure = store.materials.get(&wanted, &nobody).await.unwrap_err();
    assert!(failure.message.contains("changed since"), "{failure}");
    store.paper.say(is_material, Say::Bytes(size, content.to_vec()));
    store.materials.get(&wanted, &nobody).await.unwrap();
}

#[tokio::test]
async fn the_longest_unused_goes_first_and_what_is_in_use_never() {
    let store = store(25);
    let get = async |name: &'static str, content: &'static [u8]| {
        let wanted = material(name, content);
        store
            .paper
            .say(is_material, Say::Bytes(content.len() as u64, content.to_vec()));
        let file = store.materials.get(&wanted, &nobody).await.unwrap();
        let old = std::time::UNIX_EPOCH + Duration::from_secs(u64::from(content[0]));
        let opened = std::fs::OpenOptions::new().append(true).open(&file.path).unwrap();
        opened.set_modified(old).unwrap();
        file
    };
    let first = get("1", b"1111111111").await;
    let second = get("2", b"2222222222").await.path.clone();
    let third = get("3", b"3333333333").await.path.clone();
    assert!(first.path.exists(), "it is in use");
    assert!(!second.exists(), "the oldest that is not");
    assert!(third.exists());
    let large = material("large", &[0; 26]);
    let failure = store.materials.get(&large, &nobody).await.unwrap_err();
    assert!(failure.message.contains("media.cache_bytes is 25"), "{failure}");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_orders_files_are_there_when_its_flow_begins() {
    let ground = Ground::new(shop());
    let content = b"a picture";
    ground
        .paper
        .say(is_material, Say::Bytes(content.len() as u64, content.to_vec()));
    let order = Order {
        materials: vec![material("a.jpg", content)],
        ..ground.order(1, TAP)
    };
    ground.worker.work(order).unwrap();
    let ends = ground.ended().await;
    assert_eq!(failure_kind(&ends[0]), r#"{"tapped":true}"#, "{ends:?}");
    assert_eq!(offsets(&ground.paper), [0]);
    let missing = Order {
        materials: vec![material("b.jpg", b"gone")],
        ..ground.order(2, TAP)
    };
    ground.paper.say(
        is_material,
        Say::Reply(ControllerReply::Failed {
            message: "it was deleted".to_owned(),
        }),
    );
    let taken = async {
        while ground.worker.work(missing.clone()).is_err() {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(PATIENCE, taken).await.unwrap();
    ground
        .paper
        .until("the second end", |heard| {
            heard
                .iter()
                .filter(|one| matches!(one, ToController::Ended(_)))
                .count()
                == 2
        })
        .await;
    assert_eq!(failure_kind(&ground.paper.ends()[1]), "no_material");
    assert_eq!(ground.fake.taps().len(), 1);
}
