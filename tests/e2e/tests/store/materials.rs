//! The material library: what each task is given, that no content is given twice, and what becomes of it.

use controller::store::{
    FromLibrary, HandOut, LibraryWish, MaterialQuery, MaterialRow, MaterialSort, MaterialSortKey,
    NewMaterial, NoneLeft, NotNow, Page, Store, StoreError, TaskChange,
};
use jiff::Timestamp;
use serde_json::{Value, json};
use shared::account::{Tags, Username};
use shared::task::TaskState;
use shared::wire::work::{
    AttemptOutcome, CommitKind, GrantAnswer, GrantOutcome, JournalRecord, JournalState, Standing,
};
use uuid::Uuid;

use crate::grants::{
    HOST, JOURNAL, answer, ask, attempt, create, done, ended, failed, granted, row, settle, task, to, void,
};
use crate::place::{ALL, Place, on_both};

on_both!(
    a_content_is_in_the_library_once_and_each_change_is_on_record,
    lists_are_filtered_searched_and_sorted,
    the_own_come_first_then_the_number_then_the_id_and_never_anothers,
    a_content_is_reserved_at_hand_out_used_when_it_is_done_and_free_again_where_it_is_not,
    what_is_in_question_stays_reserved_whatever_becomes_of_its_task,
    what_is_reserved_is_neither_deleted_nor_marked,
    thirty_that_race_for_ten_get_ten,
    a_content_that_is_promised_elsewhere_is_not_given,
    leave_is_given_only_for_what_is_the_tasks_own,
    after_a_restore_the_journals_say_what_is_used,
);

/// 64 digits.
fn hash(number: u64) -> String {
    format!("{number:064x}")
}

fn new(number: u64, kind: &str) -> NewMaterial {
    NewMaterial::of(&hash(number), &format!("{number}.{kind}"), kind, 1_000 + number)
}

async fn add(store: &Store, new: NewMaterial) -> MaterialRow {
    let taken = store.add_material(new, "test").await.unwrap();
    assert!(taken.is_new);
    taken.row
}

async fn videos(store: &Store, count: u64) {
    for number in 1..=count {
        add(store, new(number, "video")).await;
    }
}

async fn now_of(store: &Store, number: u64) -> MaterialRow {
    let query = MaterialQuery {
        words: vec![hash(number)],
        ..MaterialQuery::default()
    };
    store.list_materials(query, ALL).await.unwrap().rows.remove(0)
}

async fn state(store: &Store, number: u64) -> &'static str {
    now_of(store, number).await.state()
}

fn keep(rows: &[MaterialRow]) -> Value {
    let ids: Vec<i64> = rows.iter().map(|row| row.id).collect();
    let files: Vec<Value> = rows.iter().map(|row| json!({"hash": row.hash})).collect();
    json!({"files": files, "library": ids})
}

fn wish(count: usize) -> LibraryWish {
    LibraryWish {
        kind: "video".to_owned(),
        count,
        tags: Vec::new(),
        username: None,
    }
}

#[expect(clippy::unnecessary_wraps, reason = "as it is passed on")]
fn from(wish: LibraryWish) -> Option<FromLibrary> {
    Some(FromLibrary { wish, keep })
}

async fn hand_out(store: &Store, id: i64, serial: &str, wish: LibraryWish) -> HandOut {
    store
        .hand_out_with(attempt(id, serial), from(wish))
        .await
        .unwrap()
}

/// The attempt, where it got what it wants.
async fn given(store: &Store, id: i64, serial: &str, wish: LibraryWish) -> Uuid {
    match hand_out(store, id, serial, wish).await {
        HandOut::Handed { attempt, .. } => {
            store.acknowledge(attempt.id, HOST).await.unwrap();
            attempt.id
        }
        other => panic!("{other:?}"),
    }
}

/// The contents that a task has, by their numbers.
async fn has(store: &Store, id: i64) -> Vec<u64> {
    let kept = row(store, id).await.materials.unwrap();
    let files = kept["files"].as_array().unwrap().iter();
    files
        .map(|file| u64::from_str_radix(file["hash"].as_str().unwrap(), 16).unwrap())
        .collect()
}

async fn post(store: &Store, serial: &str) -> i64 {
    create(store, task(serial, "post", None)).await
}

/// Leave to publish.
async fn leave(store: &Store, at: Uuid, request: u64, number: u64) -> GrantAnswer {
    let mut ask = ask(at, request, &hash(number));
    "post".clone_into(&mut ask.commit);
    ask.kind = CommitKind::Append;
    answer(store, ask).await
}

async fn close(store: &Store, at: Uuid, outcome: AttemptOutcome, state: TaskState) {
    store
        .close_attempt(at, ended(at, outcome), move |_| to(state))
        .await
        .unwrap();
}

fn is_conflict<T: std::fmt::Debug>(result: &Result<T, StoreError>, why: &str) -> bool {
    matches!(result, Err(StoreError::Conflict(told)) if told.contains(why))
}

async fn a_content_is_in_the_library_once_and_each_change_is_on_record(place: Place) {
    let store = place.open().await;
    let mut first = new(1, "video");
    first.tags = Tags::parse("spring, Food").unwrap();
    first.caption = Some("Hello {there|you}\nand more".to_owned());
    first.username = Some(Username::parse("Anna").unwrap());
    first.sort = Some(-3);
    let one = add(&store, first.clone()).await;
    let again = store
        .add_material(NewMaterial::of(&hash(1), "other.mp4", "video", 1_001), "test")
        .await
        .unwrap();
    assert_eq!((again.is_new, &again.row), (false, &one));
    assert_eq!(store.material(one.id).await.unwrap().as_ref(), Some(&one));
    let change = |row: &mut MaterialRow| {
        row.caption = None;
        row.tags = Tags::parse("food").unwrap();
        row.used = true;
        Ok(())
    };
    let changed = store.change_material(one.id, change, "anna").await.unwrap();
    assert!(changed.used && changed.used_at.is_some() && changed.used_by.is_none());
    assert_eq!(store.material(one.id).await.unwrap(), Some(changed.clone()));
    // The same once more is no change.
    store.change_material(one.id, change, "anna").await.unwrap();
    let ids = [one.id, 99];
    let tagged = store.change_materials(
        &ids,
        |row| {
            row.used = false;
            Ok(())
        },
        "ben",
    );
    let tagged = tagged.await.unwrap();
    assert_eq!((tagged.changed.len(), tagged.refused.len()), (1, 1), "{tagged:?}");
    assert_eq!(store.material_tags().await.unwrap(), [("food".to_owned(), 1, 1)]);
    let gone = store.delete_material(one.id, "cleo").await.unwrap();
    assert_eq!(gone.hash, hash(1));
    assert_eq!(store.material(one.id).await.unwrap(), None);
    let audit = store.list_audit(ALL).await.unwrap().rows;
    let of = |what: &str| {
        let rows: Vec<_> = audit.iter().filter(|row| row.entry.what == what).collect();
        rows
    };
    assert_eq!(of("material.create").len(), 1);
    assert_eq!(of("material.delete")[0].entry.who, "cleo");
    let changes = of("material.change");
    assert_eq!(changes.len(), 2, "{changes:?}");
    let first = &changes[1].entry;
    assert_eq!(first.before.as_ref().unwrap()["used"], false);
    assert_eq!(first.after.as_ref().unwrap()["used"], true);
    assert_eq!(
        first.after.as_ref().unwrap().get("size"),
        None,
        "only what differs"
    );
    // A number is never given twice.
    assert!(add(&store, new(2, "image")).await.id > one.id);
}

async fn lists_are_filtered_searched_and_sorted(place: Place) {
    let store = place.open().await;
    for number in 1..=7_u64 {
        let mut one = new(number, if number % 2 == 0 { "image" } else { "video" });
        one.tags = Tags::parse(if number < 4 { "early, 100%" } else { "late" }).unwrap();
        one.username = (number == 5).then(|| Username::parse("Anna").unwrap());
        one.caption = (number == 6).then(|| "A quiet Harbour".to_owned());
        one.sort = (number > 5).then_some(10 - number as i64);
        add(&store, one).await;
    }
    let ids = async |query: MaterialQuery| {
        let listed = store.list_materials(query, ALL).await.unwrap();
        assert_eq!(listed.total, listed.rows.len() as u64);
        listed.rows.iter().map(|row| row.id).collect::<Vec<_>>()
    };
    let usual = MaterialQuery::default;
    assert_eq!(ids(usual()).await, [7, 6, 5, 4, 3, 2, 1]);
    let tags = |names: &[&str]| MaterialQuery {
        tags: names.iter().map(|name| (*name).to_owned()).collect(),
        ..usual()
    };
    assert_eq!(ids(tags(&["early"])).await, [3, 2, 1]);
    assert_eq!(ids(tags(&["early", "late"])).await.len(), 7);
    let words = |text: &str| MaterialQuery {
        words: vec![text.to_owned()],
        ..usual()
    };
    assert_eq!(ids(words("harbour")).await, [6]);
    assert_eq!(ids(words("0%")).await, [3, 2, 1], "a percent sign is one");
    assert_eq!(ids(words("anna")).await, [5]);
    assert_eq!(
        ids(MaterialQuery {
            kind: Some("image".to_owned()),
            used: Some(false),
            ..usual()
        })
        .await,
        [6, 4, 2]
    );
    let by = |key, descending| MaterialQuery {
        sort: MaterialSort { key, descending },
        ..usual()
    };
    assert_eq!(ids(by(MaterialSortKey::Sort, false)).await[..3], [7, 6, 1]);
    assert_eq!(ids(by(MaterialSortKey::Size, true)).await[0], 7);
    for key in MaterialSortKey::ALL {
        assert_eq!(ids(by(key, false)).await.len(), 7, "{key:?}");
    }
    let page = Page { number: 3, size: 3 };
    let last = store.list_materials(usual(), page).await.unwrap();
    assert_eq!((last.total, last.rows.len()), (7, 1));
}

async fn the_own_come_first_then_the_number_then_the_id_and_never_anothers(place: Place) {
    let store = place.open().await;
    let anna = Username::parse("anna").unwrap();
    // Of nobody: 1, 2 (number 5), 3 (tagged); Anna's: 4, 5 (number 1); Ben's: 6 (number 0).
    for number in 1..=6_u64 {
        let mut one = new(number, "video");
        one.sort = [(2, 5), (5, 1), (6, 0)]
            .iter()
            .find(|(of, _)| *of == number)
            .map(|(_, sort)| *sort);
        one.tags = Tags::parse(if number == 3 || number == 6 { "Spring" } else { "" }).unwrap();
        one.username = match number {
            4 | 5 => Some(Username::parse("ANNA").unwrap()),
            6 => Some(Username::parse("ben").unwrap()),
            _ => None,
        };
        add(&store, one).await;
    }
    add(&store, new(9, "image")).await;
    let of_anna = |count, tags: &[&str]| LibraryWish {
        username: Some(anna.clone()),
        tags: tags.iter().map(|tag| (*tag).to_owned()).collect(),
        ..wish(count)
    };
    let tagged = post(&store, "A").await;
    given(&store, tagged, "A", of_anna(1, &["winter", "spring"])).await;
    assert_eq!(has(&store, tagged).await, [3]);
    let several = post(&store, "B").await;
    given(&store, several, "B", of_anna(3, &[])).await;
    assert_eq!(
        has(&store, several).await,
        [5, 4, 2],
        "her own, then the lowest number"
    );
    // One that nobody has told to be anybody's, for a task of nobody.
    let nobody = post(&store, "C").await;
    let refused = hand_out(&store, nobody, "C", wish(2)).await;
    let left = NoneLeft {
        free: 1,
        used: 0,
        reserved: 2,
        of_others: 3,
        missing: 0,
    };
    assert_eq!(refused, HandOut::NoneLeft(left));
    assert_eq!(row(&store, nobody).await.state, TaskState::Waiting);
    store.note_missing(vec![hash(1)], true).await.unwrap();
    let refused = hand_out(&store, nobody, "C", wish(1)).await;
    assert!(
        matches!(
            refused,
            HandOut::NoneLeft(NoneLeft {
                free: 0,
                missing: 1,
                ..
            })
        ),
        "{refused:?}"
    );
    // Sent again, it is there again.
    assert!(
        !store
            .add_material(new(1, "video"), "test")
            .await
            .unwrap()
            .row
            .missing
    );
    given(&store, nobody, "C", wish(1)).await;
    assert_eq!(has(&store, nobody).await, [1]);
}

async fn a_content_is_reserved_at_hand_out_used_when_it_is_done_and_free_again_where_it_is_not(place: Place) {
    let store = place.open().await;
    videos(&store, 3).await;
    let (first, second) = (post(&store, "A").await, post(&store, "B").await);
    let at = given(&store, first, "A", wish(1)).await;
    assert_eq!(
        (state(&store, 1).await, now_of(&store, 1).await.reserved_by),
        ("reserved", Some(first))
    );
    let other = given(&store, second, "B", wish(1)).await;
    assert_eq!(has(&store, second).await, [2]);
    // It failed and is tried again: the same, and nothing more.
    close(&store, at, failed("device"), TaskState::Retrying).await;
    assert_eq!(state(&store, 1).await, "reserved");
    let at = given(&store, first, "A", wish(1)).await;
    assert_eq!(
        (has(&store, first).await, state(&store, 3).await),
        (vec![1], "free")
    );
    let grant = granted(&leave(&store, at, 1, 1).await);
    settle(&store, at, grant, done()).await;
    let used = now_of(&store, 1).await;
    assert_eq!(
        (used.state(), used.used_by, used.reserved_by),
        ("used", Some(first), None)
    );
    close(
        &store,
        at,
        AttemptOutcome::Done {
            result: "{}".to_owned(),
        },
        TaskState::Completed,
    )
    .await;
    assert_eq!(state(&store, 1).await, "used");
    // Leave that came to nothing, and none at all.
    let grant = granted(&leave(&store, other, 1, 2).await);
    settle(&store, other, grant, void()).await;
    assert_eq!(state(&store, 2).await, "reserved", "its task goes on");
    close(&store, other, failed("script"), TaskState::Failed).await;
    assert_eq!(state(&store, 2).await, "free");
    store.retry_task(second, "test").await.unwrap();
    let third = post(&store, "C").await;
    given(&store, third, "C", wish(1)).await;
    given(&store, second, "B", wish(1)).await;
    assert_eq!(
        (has(&store, third).await, has(&store, second).await),
        (vec![2], vec![3]),
        "it had lost the second"
    );
    // Stopped before it was handed out again, and deleted while it waits.
    store.stop_task(third, "test").await.unwrap();
    let stopping = row(&store, third).await;
    close(
        &store,
        stopping.attempt.unwrap(),
        failed("stopped"),
        TaskState::Failed,
    )
    .await;
    assert_eq!(state(&store, 2).await, "free");
    let fourth = post(&store, "D").await;
    let at = given(&store, fourth, "D", wish(1)).await;
    close(&store, at, failed("device"), TaskState::Retrying).await;
    store.delete_tasks(&[fourth], "test").await.unwrap();
    assert_eq!(state(&store, 2).await, "free");
    // The act's own key uses a content up that came from elsewhere.
    add(&store, new(8, "video")).await;
    let listed = post(&store, "E").await;
    let at = crate::grants::begin(&store, listed, "E").await;
    let grant = granted(&leave(&store, at, 1, 8).await);
    settle(&store, at, grant, done()).await;
    assert_eq!(now_of(&store, 8).await.used_by, Some(listed));
    // And what was published before it came into the library comes as used.
    store
        .delete_material(now_of(&store, 8).await.id, "test")
        .await
        .unwrap();
    let back = store.add_material(new(8, "video"), "test").await.unwrap();
    assert_eq!((back.row.used, back.published_by), (true, Some(listed)));
}

async fn what_is_in_question_stays_reserved_whatever_becomes_of_its_task(place: Place) {
    let store = place.open().await;
    videos(&store, 2).await;
    let first = post(&store, "A").await;
    let at = given(&store, first, "A", wish(1)).await;
    let grant = granted(&leave(&store, at, 1, 1).await);
    let unknown = GrantOutcome::Unknown {
        why: "the app died".to_owned(),
    };
    settle(&store, at, grant, unknown).await;
    close(&store, at, failed("device"), TaskState::Verifying).await;
    // The one that looks has the same.
    let look = given(&store, first, "A", wish(1)).await;
    assert_eq!(has(&store, first).await, [1]);
    close(&store, look, failed("device"), TaskState::Person).await;
    store.stop_task(first, "test").await.unwrap();
    assert_eq!(row(&store, first).await.state, TaskState::Failed);
    assert_eq!(state(&store, 1).await, "reserved");
    store.delete_tasks(&[first], "test").await.unwrap();
    assert_eq!(
        state(&store, 1).await,
        "reserved",
        "the task is gone, the question is not"
    );
    let second = post(&store, "B").await;
    given(&store, second, "B", wish(1)).await;
    assert_eq!(has(&store, second).await, [2]);
    store
        .settle_by_journal(JOURNAL, grant, void())
        .await
        .unwrap()
        .unwrap();
    assert_eq!(state(&store, 1).await, "free");
    // Done beats void: also then it is used up.
    store
        .settle_by_journal(JOURNAL, grant, done())
        .await
        .unwrap()
        .unwrap();
    assert_eq!(state(&store, 1).await, "used");
}

async fn what_is_reserved_is_neither_deleted_nor_marked(place: Place) {
    let store = place.open().await;
    videos(&store, 2).await;
    let first = post(&store, "A").await;
    given(&store, first, "A", wish(1)).await;
    let id = now_of(&store, 1).await.id;
    let why = format!("reserved by the task {first}");
    assert!(is_conflict(&store.delete_material(id, "test").await, &why));
    let mark = |row: &mut MaterialRow| {
        row.used = true;
        Ok(())
    };
    assert!(is_conflict(&store.change_material(id, mark, "test").await, &why));
    let caption = |row: &mut MaterialRow| {
        row.caption = Some("new".to_owned());
        Ok(())
    };
    let changed = store.change_material(id, caption, "test").await.unwrap();
    assert_eq!(changed.reserved_by, Some(first), "the rest may change");
    let other = now_of(&store, 2).await.id;
    let done = store.delete_materials(&[id, other], "test").await.unwrap();
    assert_eq!(done.changed.len(), 1);
    assert!(done.refused[0].1.contains(&why), "{done:?}");
}

async fn thirty_that_race_for_ten_get_ten(place: Place) {
    let store = place.open().await;
    videos(&store, 10).await;
    let mut tries = Vec::new();
    for number in 0..30 {
        let serial = format!("S{number}");
        let (id, store) = (post(&store, &serial).await, store.clone());
        tries.push((
            id,
            tokio::spawn(async move { hand_out(&store, id, &serial, wish(1)).await }),
        ));
    }
    let (mut taken, mut without) = (Vec::new(), 0);
    for (id, one) in tries {
        match one.await.unwrap() {
            HandOut::Handed { .. } => taken.extend(has(&store, id).await),
            HandOut::NoneLeft(left) => {
                assert_eq!((left.free, left.reserved), (0, 10));
                without += 1;
            }
            other @ HandOut::NotNow(_) => panic!("{other:?}"),
        }
    }
    taken.sort_unstable();
    assert_eq!((taken, without), ((1..=10).collect(), 20));
}

async fn a_content_that_is_promised_elsewhere_is_not_given(place: Place) {
    let store = place.open().await;
    videos(&store, 3).await;
    // One has it by its folder, and one may have published it.
    let folder = post(&store, "A").await;
    let files = json!({"files": [{"hash": hash(1)}], "exclusive": true});
    assert!(
        store
            .keep_files(folder, files.clone(), vec![hash(1)])
            .await
            .unwrap()
    );
    let listed = post(&store, "B").await;
    let at = crate::grants::begin(&store, listed, "B").await;
    granted(&leave(&store, at, 1, 2).await);
    let first = post(&store, "C").await;
    given(&store, first, "C", wish(1)).await;
    assert_eq!(has(&store, first).await, [3]);
    // And the other way round.
    let late = post(&store, "D").await;
    let files = json!({"files": [{"hash": hash(3)}], "exclusive": true});
    assert!(!store.keep_files(late, files, vec![hash(3)]).await.unwrap());
    assert_eq!(row(&store, late).await.materials, None);
    assert_eq!(store.contents_taken(late).await.unwrap(), [hash(3)]);
    assert!(
        store.contents_taken(first).await.unwrap().is_empty(),
        "its own is not taken"
    );
    let nothing = post(&store, "E").await;
    assert!(matches!(
        hand_out(&store, nothing, "E", wish(1)).await,
        HandOut::NoneLeft(_)
    ));
    // A phone that another attempt has costs the library nothing.
    store
        .alter_task(folder, TaskChange::new().waiting_for(None))
        .await
        .unwrap();
    let held = hand_out(
        &store,
        create(&store, task("C", "post", None)).await,
        "C",
        wish(1),
    )
    .await;
    assert_eq!(held, HandOut::NotNow(NotNow::PhoneHeld));
}

async fn leave_is_given_only_for_what_is_the_tasks_own(place: Place) {
    let store = place.open().await;
    videos(&store, 1).await;
    let first = post(&store, "A").await;
    let at = given(&store, first, "A", wish(1)).await;
    // A journal tells of an act that this database had forgotten: the content was published.
    let record = record(
        900,
        70,
        1,
        JournalState::Done {
            proof: "\"seen\"".to_owned(),
        },
    );
    store.replay(HOST, JOURNAL, vec![record], day).await.unwrap();
    assert_eq!(now_of(&store, 1).await.used_by, Some(900));
    let answer = leave(&store, at, 1, 1).await;
    assert!(
        matches!(&answer, GrantAnswer::Refused { kind, why } if kind == "deferred" && why.contains("material_taken")),
        "{answer:?}"
    );
}

fn record(task: i64, number: u64, content: u64, state: JournalState) -> JournalRecord {
    JournalRecord {
        grant: Uuid::from_u128(number.into()).into_bytes(),
        number,
        task,
        attempt: Uuid::from_u128(5).into_bytes(),
        account: 0,
        commit: "post".to_owned(),
        kind: CommitKind::Append,
        key: format!("{}+{}", hash(content), hash(content + 1)),
        state,
        at: 1_772_000_000_000,
    }
}

fn day(at: Timestamp) -> String {
    at.strftime("%Y-%m-%d").to_string()
}

async fn after_a_restore_the_journals_say_what_is_used(place: Place) {
    let store = place.open().await;
    videos(&store, 8).await;
    let first = post(&store, "A").await;
    let at = given(&store, first, "A", wish(1)).await;
    close(&store, at, failed("device"), TaskState::Retrying).await;
    let standing = Standing {
        journal: JOURNAL.to_owned(),
        highest: 80,
        attempts: Vec::new(),
    };
    let stood = store.hear_standing(HOST, &standing).await.unwrap();
    assert!(stood.went_back);
    let waits = hand_out(&store, first, "A", wish(1)).await;
    assert_eq!(
        waits,
        HandOut::NotNow(NotNow::Untold),
        "anything may be published already"
    );
    let intent = JournalState::Intent {
        evidence: "{}".to_owned(),
    };
    let told = vec![
        // What the waiting task had was published by another one.
        record(
            900,
            71,
            1,
            JournalState::Done {
                proof: "\"seen\"".to_owned(),
            },
        ),
        record(901, 72, 3, intent),
        record(902, 73, 5, JournalState::Void),
    ];
    for _ in 0..2 {
        store.replay(HOST, JOURNAL, told.clone(), day).await.unwrap();
    }
    store.journal_told(JOURNAL, stood.epoch).await.unwrap();
    for (number, is) in [
        (1, "used"),
        (2, "used"),
        (3, "reserved"),
        (4, "reserved"),
        (5, "free"),
        (6, "free"),
    ] {
        assert_eq!(state(&store, number).await, is, "{number}");
    }
    given(&store, first, "A", wish(1)).await;
    assert_eq!(has(&store, first).await, [5]);
}
