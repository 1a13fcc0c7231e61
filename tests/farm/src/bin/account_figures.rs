//! How long lists of accounts take out of a farm's database: a page of 20 in each order, filtered, searched, each with
//! its exact total. Prints the longest of many rounds, and the middle one beside its limit; ends with 1 where one is over
//! it. Run by `make bench`, as a release build.
//!
//!     account_figures [ACCOUNTS]

use std::io;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Instant;

use controller::store::{
    AccountQuery, AccountRow, AccountSecrets, AccountSort, DatabaseUrl, Page, SeenDevice, SortKey, Store,
    WholeAccount,
};
use farm::figures::{at_most, ended, median};
use shared::account::{AccountStatus, Platform, Tags, Username};
use shared::clock::SystemClock;
use shared::device::Serial;
use uuid::Uuid;

const ACCOUNTS: u32 = 20_000;
/// Accounts on each phone.
const ON_A_PHONE: u32 = 20;
const ROUNDS: usize = 30;
/// For the middle of all rounds of each list.
const LIMIT_MS: f64 = 50.0;
const PAGE: Page = Page { number: 1, size: 20 };

#[tokio::main]
async fn main() -> ExitCode {
    let accounts = std::env::args().nth(1).and_then(|count| count.parse().ok());
    ended(measure(accounts.unwrap_or(ACCOUNTS)).await)
}

async fn measure(accounts: u32) -> io::Result<bool> {
    let folder = tempfile::Builder::new().prefix("account-figures").tempdir()?;
    let url = DatabaseUrl::file(folder.path().join("drover.db"));
    let store = Store::open(&url, Arc::new(SystemClock))
        .await
        .map_err(io::Error::other)?;
    filled(&store, accounts).await?;
    let mut good = true;
    for key in SortKey::ALL {
        for descending in [false, true] {
            let query = AccountQuery {
                platform: Some(Platform::TikTok),
                sort: AccountSort { key, descending },
                ..AccountQuery::default()
            };
            let direction = if descending { "down" } else { "up" };
            let what = format!("{accounts} accounts by {}, {direction}", key.name());
            good &= taken(&store, &what, query, PAGE).await?;
        }
    }
    let last = Page {
        number: accounts / PAGE.size,
        ..PAGE
    };
    good &= taken(&store, "the last page", AccountQuery::default(), last).await?;
    let words = |words: &str| AccountQuery {
        words: words.split(' ').map(str::to_owned).collect(),
        ..AccountQuery::default()
    };
    for (what, query) in [
        ("a username's part", words("user.0012")),
        ("an e-mail's part", words("1234@mail")),
        ("a phone's part", words("sim0012")),
        ("a phone's index", words("12")),
        ("a tag", words("tag7")),
        ("two words", words("tag7 user.0")),
        ("a word that nobody has", words("nobody")),
    ] {
        good &= taken(&store, &format!("a search by {what}"), query, PAGE).await?;
    }
    let all = AccountQuery::default;
    for (what, query) in [
        (
            "status and login",
            AccountQuery {
                platform: Some(Platform::TikTok),
                status: Some(AccountStatus::Enabled),
                logined: Some(true),
                ..all()
            },
        ),
        (
            "a phone",
            AccountQuery {
                devices: vec!["SIM00012".to_owned()],
                ..all()
            },
        ),
        (
            "a tag",
            AccountQuery {
                tags: vec!["tag7".to_owned()],
                ..all()
            },
        ),
        (
            "a username",
            AccountQuery {
                platform: Some(Platform::TikTok),
                usernames: vec!["user.000123".to_owned()],
                ..all()
            },
        ),
    ] {
        good &= taken(&store, &format!("a filter by {what}"), query, PAGE).await?;
    }
    store.close().await;
    Ok(good)
}

async fn taken(store: &Store, what: &str, query: AccountQuery, page: Page) -> io::Result<bool> {
    let mut rounds = Vec::with_capacity(ROUNDS);
    let mut total = 0;
    for _ in 0..ROUNDS {
        let begun = Instant::now();
        let listed = store.list_accounts(query.clone(), page).await;
        rounds.push(begun.elapsed().as_secs_f64() * 1e3);
        total = listed.map_err(io::Error::other)?.total;
    }
    let longest = rounds.iter().copied().fold(0.0, f64::max);
    at_most(
        &format!("{what} ({total} in all), ms, longest {longest:.1}, in the middle"),
        median(rounds),
        LIMIT_MS,
    )
}

async fn filled(store: &Store, accounts: u32) -> io::Result<()> {
    let phones = (1..=accounts.div_ceil(ON_A_PHONE)).map(|phone| SeenDevice {
        serial: serial(phone),
        host_id: Uuid::from_u128(7),
        manufacturer: "Google".to_owned(),
        model: "Pixel 7".to_owned(),
        android: "14".to_owned(),
        sdk: 34,
    });
    let phones: Vec<SeenDevice> = phones.collect();
    store.record_seen(&phones).await.map_err(io::Error::other)?;
    let first = store.next_account_ids(accounts).await.map_err(io::Error::other)?;
    for begin in (0..accounts).step_by(1_000) {
        let some = (begin..accounts.min(begin + 1_000)).map(|number| account(first, number));
        let some = some.collect::<io::Result<_>>()?;
        store
            .create_accounts(some, "figures")
            .await
            .map_err(io::Error::other)?;
    }
    Ok(())
}

fn serial(phone: u32) -> Serial {
    Serial(format!("SIM{phone:05}"))
}

/// An account of which each value differs from its neighbours', and some are missing.
fn account(first: i64, number: u32) -> io::Result<WholeAccount> {
    let name = Username::parse(&format!("user.{number:06}")).map_err(io::Error::other)?;
    let mut row = AccountRow::new(first + i64::from(number), Platform::TikTok, name);
    let mixed = u64::from(number).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    row.email = Some(format!("user{number}@mail.example"));
    row.device = (!number.is_multiple_of(10)).then(|| serial(number / ON_A_PHONE + 1));
    row.logined = number.is_multiple_of(2);
    row.status = if number.is_multiple_of(5) {
        AccountStatus::Disabled
    } else {
        AccountStatus::Enabled
    };
    row.tags = Tags::of([format!("tag{}", number % 50).as_str(), "all"]).map_err(io::Error::other)?;
    row.statistics.nickname = Some(format!("Nick {}", mixed % 10_000));
    row.statistics.country =
        (!number.is_multiple_of(3)).then(|| ["SE", "FR", "DE"][number as usize % 3].to_owned());
    let counts = [
        &mut row.statistics.followers,
        &mut row.statistics.following,
        &mut row.statistics.hearts,
        &mut row.statistics.videos,
        &mut row.statistics.friends,
    ];
    for (place, count) in counts.into_iter().enumerate() {
        *count = Some((mixed >> (place * 9)) % 1_000_000);
    }
    Ok(WholeAccount {
        row,
        secrets: AccountSecrets::default(),
    })
}
