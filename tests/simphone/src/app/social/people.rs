//! Who lives in a fresh world: strangers with posts, so that feeds, searches and suggestions have something to show.
//! All of them are made up.

use super::time::WorldTime;
use super::world::{Account, Material, MaterialKind, Post, World};
use super::{Comment, Platform};
use crate::phone::identity;

/// Username, display name, bio, country, followers, following, captions of posts.
type Person = (
    &'static str,
    &'static str,
    &'static str,
    &'static str,
    u64,
    u64,
    &'static [&'static str],
);

static PEOPLE: &[Person] = &[
    (
        "maya.trails",
        "Maya Okafor 👋",
        "Long walks, short captions",
        "United States",
        18_240,
        611,
        &[
            "Sunrise from the north ridge, worth every cold finger. Packed light this time: one stove, one pot, no regrets. #hiking #ridge #morninglight",
            "Snack of the week: dried mango 🥭",
            "Rain all day.\nStill went.",
        ],
    ),
    (
        "maya.trails.fans",
        "Maya Trails (fan page)",
        "Not Maya",
        "United States",
        94_100,
        3,
        &[],
    ),
    (
        "oldharbor_coffee",
        "Old Harbor Coffee",
        "Roasted on the quay since 2009 ☕",
        "Portugal",
        4_812,
        230,
        &[
            "New beans from Huila are in",
            "Closed on Monday for the boat parade",
        ],
    ),
    (
        "nordic.loom",
        "Nordic Loom",
        "Handwoven things",
        "Norway",
        152_300,
        87,
        &["The blue one is back. Link in bio for those who asked twelve times 💙"],
    ),
    (
        "jonas_builds",
        "Jonas Brandt",
        "I build sheds. You watch.",
        "Germany",
        987,
        402,
        &["Day 14: it has a door", "Day 13: it does not have a door"],
    ),
    (
        "lumen.ceramics",
        "Lumen Ceramics",
        "Small batch stoneware",
        "Japan",
        61_044,
        512,
        &["Kiln opening at noon", "Glaze test no. 212"],
    ),
    (
        "the.quiet.kitchen",
        "The Quiet Kitchen",
        "No music, no talking, just soup",
        "France",
        1_540_000,
        12,
        &["Onion soup, forty minutes, no shortcuts"],
    ),
    (
        "ridgeline_runs",
        "Ridgeline Runs",
        "Trail club 🏃",
        "Austria",
        2_310,
        1_204,
        &["Sunday group: 8 am at the lower lot"],
    ),
    (
        "ana.sketches",
        "Ana Sketches",
        "One drawing a day",
        "Brazil",
        12_345,
        341,
        &["Day 801: my neighbour's bicycle", "Day 800!"],
    ),
    (
        "studio.verbena",
        "Studio Verbena",
        "Gardens for narrow balconies",
        "Spain",
        8_077,
        930,
        &["Three pots, one rule: no plastic"],
    ),
    (
        "followed.by.foxes",
        "Followed by Foxes",
        "Follow the foxes 🦊",
        "Canada",
        33_900,
        55,
        &["She came back with two cubs. Follow along this spring"],
    ),
];

/// Someone who lets nobody look in, and shops whose posts are advertisements.
static SHOPS: &[(&str, &str, &str)] = &[
    ("acme_outdoor", "ACME Outdoor", "Tents from 49.90"),
    ("brightbank", "Bright Bank", "An account in four minutes"),
];

static REMARKS: &[&str] = &[
    "Beautiful!",
    "Where is this?",
    "❤️❤️",
    "I need this",
    "Follow me back",
];

pub(super) fn settle_in(world: &mut World) {
    let start = world.now();
    for (index, person) in PEOPLE.iter().enumerate() {
        add_person(world, start, index as u64, person);
    }
    let private = Account {
        username: "ivy.keeps.quiet".to_owned(),
        display_name: "Ivy".to_owned(),
        private: true,
        country: "Ireland".to_owned(),
        followers: 214,
        following: 198,
        ..Account::default()
    };
    add_account(world, private);
    for (username, display_name, caption) in SHOPS {
        let shop = Account {
            username: (*username).to_owned(),
            display_name: (*display_name).to_owned(),
            bio: (*caption).to_owned(),
            verified: true,
            sponsor: true,
            followers: 402_000,
            ..Account::default()
        };
        add_account(world, shop);
        add_post(world, username, caption, start.minus_seconds(26 * 3600));
    }
}

fn add_person(world: &mut World, start: WorldTime, index: u64, person: &Person) {
    let (username, display_name, bio, country, followers, following, captions) = person;
    let account = Account {
        username: (*username).to_owned(),
        display_name: (*display_name).to_owned(),
        bio: (*bio).to_owned(),
        country: (*country).to_owned(),
        verified: *followers > 1_000_000,
        followers: *followers,
        following: *following,
        hearts: followers * 11,
        ..Account::default()
    };
    add_account(world, account);
    for (number, caption) in captions.iter().enumerate() {
        let hours = 2 + index * 3 + number as u64 * 29;
        add_post(
            world,
            username,
            caption,
            start.minus_seconds(hours * 3600 + index * 61),
        );
    }
}

fn add_account(world: &mut World, mut account: Account) {
    account.id = 6_800_000_000_000_000_000 + world.next_id() * 7_919;
    world.accounts.insert(account.username.clone(), account);
}

fn add_post(world: &mut World, author: &str, caption: &str, at: WorldTime) {
    let mix = identity::mix(identity::of_text(author), identity::of_text(caption));
    // About every third post is a photo.
    let photo = mix.is_multiple_of(3);
    let placement = match (world.platform, photo) {
        (Platform::Instagram, true) => "feed",
        (Platform::Instagram, false) => "reel",
        (Platform::TikTok, true) => "photos",
        (Platform::TikTok, false) => "video",
    };
    let post = Post {
        author: author.to_owned(),
        caption: caption.to_owned(),
        placement: placement.to_owned(),
        visibility: "everyone".to_owned(),
        sound: format!("Original audio - {author}"),
        media: vec![Material {
            hash: format!("{mix:016x}"),
            kind: if photo {
                MaterialKind::Photo
            } else {
                MaterialKind::Video
            },
            name: String::new(),
            millis: (!photo).then_some(9_000 + mix % 40_000),
        }],
        at,
        likes: 40 + mix % 190_000,
        comments: 2 + mix % 2_300,
        shares: mix % 4_000,
        saves: mix % 900,
        views: 1_000 + mix % 3_000_000,
        ..Post::default()
    };
    let id = world.add_post(post).id;
    let remark = REMARKS[(mix % REMARKS.len() as u64) as usize];
    let critic = PEOPLE[(mix % PEOPLE.len() as u64) as usize].0;
    let comment = Comment {
        id: world.next_id(),
        post: id,
        author: critic.to_owned(),
        text: remark.to_owned(),
        at: WorldTime(at.0 + 600_000),
        ..Comment::default()
    };
    world.comments.push(comment);
}
