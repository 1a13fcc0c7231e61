//! An agent of the first version of the link: whatever was added since, it is asked in its own words.

#![allow(clippy::unwrap_used, reason = "a test ends where its ground gives way")]

mod by_hand;

use by_hand::{joined, linked};
use controller::fleet::{Answer as Said, Ask};
use farm::linked::{PATIENCE, TestController, phone};
use shared::clock::Clock;
use shared::wire::message::{AgentAsk, AgentReply, PictureForm, Report, ToAgent};
use shared::wire::phone::{Batch, PhoneNews};
use shared::wire::stream;

const PHONE: &str = "OLD1";

#[tokio::test(flavor = "multi_thread")]
async fn an_agent_of_before_gives_plain_pictures_and_still_nothing_comes_twice() {
    let controller = TestController::start().await.unwrap();
    let agent = joined(&controller).await;
    let (connection, mut send, _recv, welcome) = linked(&controller, &agent).await;
    assert_eq!(welcome.version, 1);
    let now = controller.ground.clock.now();
    let batch = Batch {
        at: now.as_millisecond(),
        fresh: true,
        phones: vec![PhoneNews::whole(&phone(PHONE, 90, now), now)],
        ..Batch::default()
    };
    stream::send(&mut send, &Report::Phones(batch)).await.unwrap();
    controller.until_online(1, PATIENCE).await.unwrap();

    // What is on its screen; it knows no tags and no word for "unchanged".
    let screens = [7_u8, 7, 9];
    let answering = tokio::spawn(async move {
        let mut screens = screens.into_iter();
        while let Ok((mut send, mut recv)) = connection.accept_bi().await {
            let asked: ToAgent = stream::expect(&mut recv).await.unwrap();
            let reply = match asked.ask {
                AgentAsk::Ping => AgentReply::Done,
                AgentAsk::Screenshot {
                    form: form @ PictureForm::Jpeg { max: 120, .. },
                    ..
                } => AgentReply::Picture {
                    form,
                    bytes: vec![screens.next().unwrap(); 9],
                },
                other => panic!("{other:?} is not in its language"),
            };
            stream::send(&mut send, &reply).await.unwrap();
            send.finish().unwrap();
        }
    });
    let look = async |unless| {
        let glimpse = Ask::Glimpse { max: 120, unless };
        controller.fleet.ask(PHONE, glimpse, PATIENCE).await.unwrap()
    };
    let Said::Glimpse { bytes, tag, .. } = look(None).await else {
        panic!("no picture");
    };
    assert_eq!(bytes, [7; 9]);
    assert_eq!(look(Some(tag)).await, Said::Unchanged);
    let Said::Glimpse {
        bytes, tag: other, ..
    } = look(Some(tag)).await
    else {
        panic!("no other picture");
    };
    assert_eq!(bytes, [9; 9]);
    assert_ne!(tag, other);
    answering.abort();
    assert!(
        answering.await.unwrap_err().is_cancelled(),
        "it was asked in its language alone"
    );
}
