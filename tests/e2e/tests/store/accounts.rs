//! Accounts: kept whole, unique, changed on record, listed, searched, done to many at once.

use controller::store::{
    AccountQuery, AccountRow, AccountSecrets, AccountSort, DeviceChange, Page, Sealed, SortKey, Store,
    StoreError, WholeAccount,
};
use jiff::{SignedDuration, Timestamp};
use serde_json::json;
use shared::account::{AccountStatus, Caps, Platform, Statistics, Tags, Username};
use shared::device::Serial;

use crate::place::{ALL, Place, on_both, seen};

#[path = "accounts/listed.rs"]
mod listed;

on_both!(
    an_account_is_kept_whole_and_found_by_its_id_and_by_its_name,
    a_username_is_unique_on_its_platform_whatever_its_case,
    an_id_is_never_given_again,
    a_change_is_on_record_and_no_secret_is,
    a_change_of_spelling_alone_is_a_change,
    many_are_changed_at_once_and_one_that_cannot_be_holds_up_no_other,
    all_are_read_a_part_at_a_time_with_their_secrets,
    a_step_of_a_code_is_given_once,
    numbers_are_kept_a_day_at_a_time_for_two_years_and_go_with_their_account,
    many_are_created_in_one_piece_or_not_at_all,
);

fn named(id: i64, platform: Platform, username: &str) -> WholeAccount {
    WholeAccount {
        row: AccountRow::new(id, platform, Username::parse(username).unwrap()),
        secrets: AccountSecrets::default(),
    }
}

fn sealed(text: &str) -> Sealed {
    Sealed::from_text(format!("1.00000000.{text}"))
}

/// Everything an account can have.
fn whole(id: i64, place: &Place) -> WholeAccount {
    let mut account = named(id, Platform::Instagram, "Jane.Doe");
    account.row.email = Some("jane@mail.example".to_owned());
    account.row.packagename = Some("com.instagram.lite".to_owned());
    account.row.device = Some(Serial("SIM0001".to_owned()));
    account.row.logined = true;
    account.row.status = AccountStatus::Disabled;
    account.row.tags = Tags::parse("us, Food").unwrap();
    account.row.statistics = Statistics {
        nickname: Some("Jane 🙂 דו".to_owned()),
        country: Some("SE".to_owned()),
        followers: Some(1),
        following: Some(2),
        hearts: Some(3),
        videos: Some(4),
        friends: Some(0),
        synced_at: Some(now(place)),
    };
    account.row.resting_until = Some(now(place) + SignedDuration::from_hours(24));
    account.row.caps = Caps::of([("post", 2), ("follow", 0)]).unwrap();
    account.secrets.password = Some(sealed("password"));
    account.secrets.totp_seed = Some(sealed("seed"));
    account
}

fn now(place: &Place) -> Timestamp {
    shared::clock::Clock::now(&*place.clock)
}

async fn create(store: &Store, account: WholeAccount) -> i64 {
    let mut account = account;
    account.row.id = store.next_account_ids(1).await.unwrap();
    store.create_account(account, "test").await.unwrap().row.id
}

async fn an_account_is_kept_whole_and_found_by_its_id_and_by_its_name(place: Place) {
    let store = place.open().await;
    store
        .record_seen(&[seen("OTHER"), seen("SIM0001")])
        .await
        .unwrap();
    let named_phone = DeviceChange {
        name: Some("Left".to_owned()),
        ..DeviceChange::default()
    };
    store
        .set_device(&Serial("SIM0001".to_owned()), named_phone, "test")
        .await
        .unwrap();
    let id = create(&store, whole(0, &place)).await;
    let mut expected = whole(id, &place);
    (expected.row.created_at, expected.row.updated_at) = (now(&place), now(&place));
    let listed = store.account(id).await.unwrap().unwrap();
    assert_eq!(listed.row, expected.row);
    assert_eq!(
        (
            listed.device_index,
            listed.device_name.as_deref(),
            listed.has_password,
            listed.has_2fa
        ),
        (Some(2), Some("Left"), true, true)
    );
    assert_eq!(store.whole_account(id).await.unwrap().unwrap(), expected);
    let by_name = async |platform, name: &str| {
        let name = Username::parse(name).unwrap();
        store.account_by_username(platform, &name).await.unwrap()
    };
    assert_eq!(
        by_name(Platform::Instagram, "@JANE.doe").await.unwrap().row.id,
        id
    );
    assert_eq!(by_name(Platform::TikTok, "jane.doe").await, None);

    let bare = create(&store, named(0, Platform::TikTok, "bare")).await;
    let bare = store.account(bare).await.unwrap().unwrap();
    assert_eq!(bare.row.statistics, Statistics::default());
    assert!(!bare.has_password && !bare.has_2fa && bare.device_index.is_none());
    assert_eq!(store.account(99).await.unwrap(), None);
}

async fn a_username_is_unique_on_its_platform_whatever_its_case(place: Place) {
    let store = place.open().await;
    let jane = create(&store, named(0, Platform::TikTok, "Jane")).await;
    create(&store, named(0, Platform::Instagram, "jane")).await;
    let joe = create(&store, named(0, Platform::TikTok, "joe")).await;
    let again = store
        .create_account(named(77, Platform::TikTok, "JANE"), "test")
        .await;
    assert!(
        matches!(&again, Err(StoreError::UsernameTaken { username, platform: Platform::TikTok, by })
            if username == "JANE" && *by == jane),
        "{again:?}"
    );
    let rename = |account: &mut WholeAccount| {
        account.row.username = Username::parse("jAnE").unwrap();
        Ok(())
    };
    let taken = store.change_account(joe, rename, "test").await;
    assert!(
        matches!(taken, Err(StoreError::UsernameTaken { .. })),
        "{taken:?}"
    );
    // Two at once: the database itself lets one through.
    let (one, other) = tokio::join!(
        store.create_account(named(101, Platform::TikTok, "race"), "test"),
        store.create_account(named(102, Platform::TikTok, "Race"), "test"),
    );
    assert_eq!([&one, &other].iter().filter(|result| result.is_ok()).count(), 1);
    for result in [one, other] {
        assert!(
            matches!(
                result,
                Ok(_) | Err(StoreError::UsernameTaken { .. } | StoreError::Conflict(_))
            ),
            "{result:?}"
        );
    }
}

async fn an_id_is_never_given_again(place: Place) {
    let store = place.open().await;
    let first = create(&store, whole(0, &place)).await;
    let deleted = store.delete_account(first, "anna").await.unwrap();
    assert_eq!(deleted.username.as_str(), "Jane.Doe");
    assert_eq!(store.account(first).await.unwrap(), None);
    assert!(
        store.count_sealed().await.unwrap().is_empty(),
        "its secrets are gone"
    );
    assert!(store.account_tags(None).await.unwrap().is_empty());
    let again = store.delete_account(first, "anna").await;
    assert!(matches!(again, Err(StoreError::NotFound { .. })), "{again:?}");
    assert!(create(&store, whole(0, &place)).await > first);
    let record = store.list_audit(ALL).await.unwrap().rows;
    let entry = &record[1].entry;
    assert_eq!(
        (entry.what.as_str(), entry.who.as_str()),
        ("account.delete", "anna")
    );
    assert_eq!(entry.before.as_ref().unwrap()["username"], "Jane.Doe");
}

async fn a_change_is_on_record_and_no_secret_is(place: Place) {
    let store = place.open().await;
    let id = create(&store, whole(0, &place)).await;
    place.advance(60);
    let change = |account: &mut WholeAccount| {
        account.row.email = None;
        account.row.tags = Tags::parse("food, new").unwrap();
        account.row.status = AccountStatus::Enabled;
        account.secrets.password = Some(sealed("another"));
        account.secrets.totp_seed = None;
        Ok(())
    };
    let changed = store.change_account(id, change, "anna").await.unwrap();
    assert_eq!(changed.row.updated_at, now(&place));
    assert!(changed.row.created_at < changed.row.updated_at);
    assert!(changed.has_password && !changed.has_2fa);
    assert_eq!(changed.row.tags.to_vec(), ["food", "new"]);
    let secrets = store.account_secrets(id).await.unwrap().unwrap();
    assert_eq!(secrets.password, Some(sealed("another")));
    place.advance(60);
    let nothing = store.change_account(id, |_| Ok(()), "anna").await.unwrap();
    assert_eq!(nothing, changed, "what changes nothing does not touch it");

    let record = store.list_audit(ALL).await.unwrap();
    assert_eq!(record.total, 2, "{record:?}");
    let entry = &record.rows[0].entry;
    assert_eq!(
        (entry.what.as_str(), entry.subject.as_str()),
        ("account.change", id.to_string().as_str())
    );
    assert_eq!(
        entry.before.as_ref().unwrap(),
        &json!({"email": "jane@mail.example", "status": 1, "tags": ["Food", "us"]})
    );
    assert_eq!(
        entry.after.as_ref().unwrap(),
        &json!({
            "account": "instagram/Jane.Doe", "email": null, "status": 0, "tags": ["food", "new"],
            "password": "changed", "2fa_secret": "removed",
        })
    );
    let all = format!("{record:?}");
    assert!(!all.contains("1.00000000"), "not even sealed: {all}");
    let refused = store
        .change_account(id, |_| Err(StoreError::Conflict("no".to_owned())), "anna")
        .await;
    assert!(matches!(refused, Err(StoreError::Conflict(_))));
    assert_eq!(store.account(id).await.unwrap().unwrap(), changed);
}

async fn a_change_of_spelling_alone_is_a_change(place: Place) {
    let store = place.open().await;
    let id = create(&store, whole(0, &place)).await;
    let spell = |account: &mut WholeAccount| {
        account.row.username = Username::parse("jane.doe").unwrap();
        account.row.tags = Tags::parse("US, food").unwrap();
        Ok(())
    };
    let changed = store.change_account(id, spell, "test").await.unwrap();
    assert_eq!(changed.row.username.as_str(), "jane.doe");
    assert_eq!(changed.row.tags.to_vec(), ["food", "US"]);
    assert_eq!(
        store.account_tags(None).await.unwrap(),
        [("food".to_owned(), 1), ("US".to_owned(), 1)]
    );
}

/// Six accounts of which no two are alike.
async fn some(store: &Store) {
    store.record_seen(&[seen("P1"), seen("P2")]).await.unwrap();
    let rows = [
        (
            Platform::TikTok,
            "anna",
            "a@x.example",
            Some("P1"),
            true,
            0,
            "red",
        ),
        (Platform::TikTok, "Ben_1", "", Some("P1"), false, 0, "red, blue"),
        (
            Platform::TikTok,
            "benn1",
            "b%c@x.example",
            Some("P2"),
            true,
            1,
            "",
        ),
        (Platform::TikTok, "Ärger", "", None, false, 0, "Blue"),
        (
            Platform::Instagram,
            "anna",
            "a@y.example",
            Some("P2"),
            true,
            0,
            "red",
        ),
        (
            Platform::Instagram,
            "zoe",
            "",
            Some("NEVER-SEEN"),
            false,
            1,
            "green",
        ),
    ];
    for (number, (platform, username, email, device, logined, status, tags)) in rows.into_iter().enumerate() {
        let mut account = named(0, platform, username);
        account.row.email = (!email.is_empty()).then(|| email.to_owned());
        account.row.device = device.map(|device| Serial(device.to_owned()));
        account.row.logined = logined;
        account.row.status = AccountStatus::from_number(status).unwrap();
        account.row.tags = Tags::parse(tags).unwrap();
        account.row.statistics.followers = (number % 2 == 0).then_some(10 * number as u64);
        create(store, account).await;
    }
}

async fn names(store: &Store, query: AccountQuery) -> Vec<String> {
    let listed = store.list_accounts(query, ALL).await.unwrap();
    assert_eq!(listed.total, listed.rows.len() as u64);
    listed
        .rows
        .iter()
        .map(|account| {
            format!(
                "{}:{}",
                account.row.platform.as_str().split_at(1).0,
                account.row.username
            )
        })
        .collect()
}

async fn many_are_changed_at_once_and_one_that_cannot_be_holds_up_no_other(place: Place) {
    let store = place.open().await;
    some(&store).await;
    let disable = |account: &mut WholeAccount| {
        if account.row.username.as_str() == "anna" {
            return Err(StoreError::Conflict("not her".to_owned()));
        }
        account.row.status = AccountStatus::Disabled;
        Ok(())
    };
    let done = store
        .change_accounts(&[1, 2, 3, 99], disable, "ben")
        .await
        .unwrap();
    assert_eq!(done.changed.iter().map(|row| row.id).collect::<Vec<_>>(), [2]);
    assert_eq!(done.unchanged, 1, "3 is disabled already");
    let refused: Vec<_> = done.refused.iter().map(|(id, why)| (*id, why.as_str())).collect();
    assert_eq!(refused, [(1, "not her"), (99, "there is no account 99")]);
    // A name that is taken is found before anything breaks.
    let rename = |account: &mut WholeAccount| {
        account.row.platform = Platform::Instagram;
        Ok(())
    };
    let moved = store.change_accounts(&[1, 2], rename, "ben").await.unwrap();
    assert_eq!((moved.changed.len(), moved.refused[0].0), (1, 1));
    let many: Vec<i64> = (1..=250).collect();
    let deleted = store.delete_accounts(&many, "ben").await.unwrap();
    assert_eq!((deleted.changed.len(), deleted.refused.len()), (6, 244));
    assert_eq!(
        store
            .list_accounts(AccountQuery::default(), ALL)
            .await
            .unwrap()
            .total,
        0
    );
    let record = store.list_audit(ALL).await.unwrap();
    let whats: Vec<&str> = record
        .rows
        .iter()
        .map(|row| row.entry.what.as_str())
        .take(8)
        .collect();
    assert_eq!(whats[..6], ["account.delete"; 6]);
    assert_eq!(whats[6..], ["account.change"; 2]);
    assert_eq!(
        record.rows[6].entry.after.as_ref().unwrap()["platform"],
        "instagram"
    );
}

async fn all_are_read_a_part_at_a_time_with_their_secrets(place: Place) {
    let store = place.open().await;
    some(&store).await;
    let last = create(&store, whole(0, &place)).await;
    let (mut after, mut ids) = (0, Vec::new());
    loop {
        let part = store.accounts_after(None, after, 3).await.unwrap();
        let Some(end) = part.last() else { break };
        after = end.row.id;
        assert!(part.len() <= 3);
        ids.extend(part.iter().map(|account| account.row.id));
        if after == last {
            assert_eq!(end.secrets.password, Some(sealed("password")));
        }
    }
    assert_eq!(ids, (1..=7).collect::<Vec<_>>());
    let instagram = store
        .accounts_after(Some(Platform::Instagram), 0, 100)
        .await
        .unwrap();
    assert_eq!(instagram.len(), 3);
    let names: Vec<_> = ["ANNA", "nobody"]
        .iter()
        .map(|name| Username::parse(name).unwrap())
        .collect();
    let found = store
        .find_accounts(Platform::TikTok, vec![2, 5, 99], &names)
        .await
        .unwrap();
    assert_eq!(
        found.iter().map(|account| account.row.id).collect::<Vec<_>>(),
        [1, 2],
        "5 is another platform's"
    );
}

async fn a_step_of_a_code_is_given_once(place: Place) {
    let store = place.open().await;
    let id = create(&store, whole(0, &place)).await;
    let bare = create(&store, named(0, Platform::TikTok, "bare")).await;
    let mut takes = tokio::task::JoinSet::new();
    for _ in 0..8 {
        let store = store.clone();
        takes.spawn(async move { store.take_totp_step(id, 100).await.unwrap() });
    }
    let taken = takes.join_all().await;
    assert_eq!(taken.into_iter().filter(|taken| *taken).count(), 1);
    assert!(!store.take_totp_step(id, 99).await.unwrap(), "an earlier one");
    assert!(store.take_totp_step(id, 101).await.unwrap());
    let another = |account: &mut WholeAccount| {
        account.secrets.password = Some(sealed("another"));
        Ok(())
    };
    store.change_account(id, another, "test").await.unwrap();
    assert!(
        !store.take_totp_step(id, 101).await.unwrap(),
        "a new password does not forget it"
    );
    assert!(!store.take_totp_step(bare, 100).await.unwrap(), "it has no codes");
    assert!(!store.take_totp_step(99, 100).await.unwrap());
}

async fn numbers_are_kept_a_day_at_a_time_for_two_years_and_go_with_their_account(place: Place) {
    const A_DAY: u64 = 24 * 3_600;
    let store = place.open().await;
    let id = create(&store, named(0, Platform::TikTok, "anna")).await;
    let other = create(&store, named(0, Platform::TikTok, "bert")).await;
    let set = async |id: i64, followers: u64| {
        let change = move |account: &mut WholeAccount| {
            account.row.statistics.followers = Some(followers);
            Ok(())
        };
        store.change_account(id, change, "test").await.unwrap();
    };
    let kept = async |id: i64| {
        let all = store.account_statistics(id, Timestamp::UNIX_EPOCH).await.unwrap();
        all.iter().map(|day| day.followers.unwrap()).collect::<Vec<u64>>()
    };
    for followers in [1, 2, 2] {
        set(id, followers).await;
    }
    place.advance(A_DAY);
    set(id, 2).await;
    assert_eq!(kept(id).await, [2], "nothing has changed on the second day");
    set(id, 3).await;
    set(other, 9).await;
    assert_eq!(kept(id).await, [2, 3]);
    place.advance(730 * A_DAY);
    set(id, 4).await;
    assert_eq!(kept(id).await, [2, 3, 4], "the first day is 731 days ago");
    place.advance(A_DAY);
    set(id, 5).await;
    assert_eq!(kept(id).await, [3, 4, 5]);
    store.delete_account(id, "test").await.unwrap();
    assert_eq!((kept(id).await, kept(other).await), (vec![], vec![9]));
}

async fn many_are_created_in_one_piece_or_not_at_all(place: Place) {
    let store = place.open().await;
    let count = 1_234;
    let first = store.next_account_ids(count).await.unwrap();
    let mut many: Vec<_> = (0..i64::from(count))
        .map(|number| {
            let mut account = whole(first + number, &place);
            account.row.username = Username::parse(&format!("user{number}")).unwrap();
            account
        })
        .collect();
    let last = many.len() - 1;
    many[last].row.username = Username::parse("USER0").unwrap();
    let refused = store.create_accounts(many.clone(), "test").await;
    assert!(
        matches!(
            refused,
            Err(StoreError::Conflict(_) | StoreError::UsernameTaken { .. })
        ),
        "{refused:?}"
    );
    assert_eq!(
        store
            .list_accounts(AccountQuery::default(), ALL)
            .await
            .unwrap()
            .total,
        0
    );
    many[last].row.username = Username::parse("userlast").unwrap();
    store.create_accounts(many, "test").await.unwrap();
    let page = store
        .list_accounts(AccountQuery::default(), Page { number: 1, size: 2 })
        .await
        .unwrap();
    assert_eq!(
        (page.total, page.rows[0].row.username.as_str()),
        (u64::from(count), "userlast")
    );
    assert_eq!(
        store.account_tags(None).await.unwrap()[0],
        ("Food".to_owned(), u64::from(count))
    );
}
