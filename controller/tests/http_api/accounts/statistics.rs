//! An account's numbers over time: a point a day, the last of it, none where nothing changed, all gone with the account.

use std::time::Duration;

use serde_json::{Value, json};

use super::{create, tiktok};
use crate::api::Api;
use crate::devices::farm;

const A_DAY: Duration = Duration::from_secs(24 * 3_600);

async fn followers(api: &Api, id: i64, days: i64) -> Vec<(String, Value)> {
    let path = format!("/api/v1/accounts/{id}/statistics?days={days}");
    let data = api.get(&path).await.data();
    let points = data["statistics"].as_array().unwrap().iter();
    let shown = |point: &Value| {
        (
            point["at"].as_str().unwrap()[..10].to_owned(),
            point["followers"].clone(),
        )
    };
    points.map(shown).collect()
}

async fn set(api: &Api, id: i64, change: Value) {
    api.patch(&format!("/api/v1/accounts/{id}"), &change.to_string())
        .await
        .data();
}

#[tokio::test]
async fn a_day_has_one_point_and_a_day_without_change_has_none() {
    let api = farm().await;
    let id = tiktok(&api, "anna").await;
    let other = tiktok(&api, "bert").await;
    assert_eq!(followers(&api, id, 90).await, []);
    set(&api, id, json!({"followers": 10})).await;
    set(&api, id, json!({"followers": 12, "hearts": 3})).await;
    api.clock.advance(A_DAY);
    set(&api, id, json!({"email": "anna@mail.example"})).await;
    api.clock.advance(A_DAY);
    set(&api, id, json!({"followers": 11})).await;
    set(&api, other, json!({"followers": 7})).await;
    let point = |day: &str, count: Value| (day.to_owned(), count);
    let expected = [point("2027-01-15", json!(12)), point("2027-01-17", json!(11))];
    assert_eq!(followers(&api, id, 90).await, expected);
    assert_eq!(followers(&api, id, 2).await, expected[1..]);
    assert_eq!(followers(&api, other, 1).await, [point("2027-01-17", json!(7))]);
}

#[tokio::test]
async fn two_years_are_kept_and_nothing_of_an_account_that_is_gone() {
    let api = farm().await;
    let id = tiktok(&api, "anna").await;
    set(&api, id, json!({"followers": 1})).await;
    api.clock.advance(A_DAY * 731);
    set(&api, id, json!({"followers": 2})).await;
    assert_eq!(followers(&api, id, 731).await.len(), 1);
    api.clock.advance(A_DAY);
    set(&api, id, json!({"followers": 3})).await;
    assert_eq!(followers(&api, id, 731).await.len(), 2);
    api.delete(&format!("/api/v1/accounts/{id}")).await.data();
    let path = format!("/api/v1/accounts/{id}/statistics");
    assert_eq!(api.get(&path).await.code(), 40401);
    let again = create(&api, &json!({"platform": "tiktok", "username": "anna"})).await;
    assert_eq!(followers(&api, again["id"].as_i64().unwrap(), 731).await, []);
}

#[tokio::test]
async fn days_out_of_range_are_named() {
    let api = farm().await;
    let id = tiktok(&api, "anna").await;
    for days in ["0", "732", "many"] {
        let answer = api
            .get(&format!("/api/v1/accounts/{id}/statistics?days={days}"))
            .await;
        assert_eq!(answer.code(), 40001);
        assert!(answer.message().contains("days"), "{}", answer.message());
    }
}
