//! Lists: filtered, searched, sorted, and their tags counted.

use super::*;

on_both!(
    a_list_is_filtered_by_each_part_and_by_several,
    a_search_looks_at_username_email_phone_index_and_tags,
    a_list_is_sorted_by_any_column_and_what_has_no_value_comes_last,
    tags_are_counted_for_each_platform,
);

async fn a_list_is_filtered_by_each_part_and_by_several(place: Place) {
    let store = place.open().await;
    some(&store).await;
    let all = || AccountQuery::default();
    let list = |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect::<Vec<_>>();
    for (query, expected) in [
        (all(), "i:zoe i:anna t:Ärger t:benn1 t:Ben_1 t:anna"),
        (
            AccountQuery {
                platform: Some(Platform::Instagram),
                ..all()
            },
            "i:zoe i:anna",
        ),
        (
            AccountQuery {
                devices: list(&["P1"]),
                ..all()
            },
            "t:Ben_1 t:anna",
        ),
        (
            AccountQuery {
                devices: list(&["P1", "NEVER-SEEN"]),
                ..all()
            },
            "i:zoe t:Ben_1 t:anna",
        ),
        (
            AccountQuery {
                logined: Some(true),
                ..all()
            },
            "i:anna t:benn1 t:anna",
        ),
        (
            AccountQuery {
                status: Some(AccountStatus::Disabled),
                ..all()
            },
            "i:zoe t:benn1",
        ),
        (
            AccountQuery {
                tags: list(&["blue"]),
                ..all()
            },
            "t:Ärger t:Ben_1",
        ),
        (
            AccountQuery {
                tags: list(&["blue", "green"]),
                ..all()
            },
            "i:zoe t:Ärger t:Ben_1",
        ),
        (
            AccountQuery {
                platform: Some(Platform::TikTok),
                logined: Some(true),
                status: Some(AccountStatus::Enabled),
                tags: list(&["red"]),
                ..all()
            },
            "t:anna",
        ),
        (
            AccountQuery {
                tags: list(&["nothing"]),
                ..all()
            },
            "",
        ),
    ] {
        assert_eq!(
            names(&store, query.clone()).await.join(" "),
            expected,
            "{query:?}"
        );
    }
    let second = store
        .list_accounts(all(), Page { number: 2, size: 4 })
        .await
        .unwrap();
    assert_eq!((second.rows.len(), second.total), (2, 6));
    let beyond = store
        .list_accounts(all(), Page { number: 9, size: 4 })
        .await
        .unwrap();
    assert_eq!((beyond.rows.len(), beyond.total), (0, 6));
}

async fn a_search_looks_at_username_email_phone_index_and_tags(place: Place) {
    let store = place.open().await;
    some(&store).await;
    for (words, expected) in [
        ("ann", "i:anna t:anna"),
        ("ärg", "t:Ärger"),
        ("ben_1", "t:Ben_1"),
        ("b%c", "t:benn1"),
        ("x.example", "t:benn1 t:anna"),
        ("never-", "i:zoe"),
        ("2", "i:anna t:benn1"),
        ("gree", "i:zoe"),
        ("ann y.exa", "i:anna"),
        ("ann green", ""),
    ] {
        let query = AccountQuery {
            words: words.split(' ').map(str::to_owned).collect(),
            ..AccountQuery::default()
        };
        assert_eq!(names(&store, query).await.join(" "), expected, "{words}");
    }
}

async fn a_list_is_sorted_by_any_column_and_what_has_no_value_comes_last(place: Place) {
    let store = place.open().await;
    some(&store).await;
    for key in SortKey::ALL {
        for descending in [false, true] {
            let query = AccountQuery {
                sort: AccountSort { key, descending },
                ..AccountQuery::default()
            };
            assert_eq!(names(&store, query).await.len(), 6, "{key:?}");
        }
    }
    let sorted = async |key, descending| {
        let query = AccountQuery {
            sort: AccountSort { key, descending },
            ..AccountQuery::default()
        };
        names(&store, query).await.join(" ")
    };
    assert_eq!(
        sorted(SortKey::Id, false).await,
        "t:anna t:Ben_1 t:benn1 t:Ärger i:anna i:zoe"
    );
    assert_eq!(
        sorted(SortKey::Followers, true).await,
        "i:anna t:benn1 t:anna i:zoe t:Ärger t:Ben_1"
    );
    assert_eq!(
        sorted(SortKey::Followers, false).await,
        "t:anna t:benn1 i:anna t:Ben_1 t:Ärger i:zoe"
    );
    assert_eq!(
        sorted(SortKey::DeviceIndex, false).await,
        "t:anna t:Ben_1 t:benn1 i:anna t:Ärger i:zoe"
    );
    assert!(
        sorted(SortKey::Username, false)
            .await
            .starts_with("t:anna i:anna t:")
    );
}

async fn tags_are_counted_for_each_platform(place: Place) {
    let store = place.open().await;
    some(&store).await;
    let counts = async |platform| {
        let tags = store.account_tags(platform).await.unwrap();
        tags.iter()
            .map(|(name, count)| format!("{}={count}", name.to_lowercase()))
            .collect::<Vec<_>>()
            .join(" ")
    };
    assert_eq!(counts(None).await, "blue=2 green=1 red=3");
    assert_eq!(counts(Some(Platform::TikTok)).await, "blue=2 red=2");
    let by_device = store.accounts_by_device(None).await.unwrap();
    assert_eq!(by_device["P1"], [(Platform::TikTok, 2)].into());
    assert_eq!(
        by_device["P2"],
        [(Platform::TikTok, 1), (Platform::Instagram, 1)].into()
    );
    assert_eq!(by_device.len(), 3);
}
