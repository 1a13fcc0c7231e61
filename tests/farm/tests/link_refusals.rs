//! Who is not let into a farm, who is told no secret, and how certificates are renewed.

#![allow(clippy::unwrap_used, reason = "a test ends where its ground gives way")]

mod by_hand;

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use agent::enrol::{JoinError, RefusedBy, StateFolder};
use agent::link::{ConnectError, PinnedFarm};
use by_hand::{hello, joined, linked, raw};
use controller::ca::Authority;
use farm::linked::{PATIENCE, TestAgent, TestController, ToldPhones, enrolled};
use quinn::crypto::rustls::QuicServerConfig;
use quinn::{ConnectionError, Endpoint};
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::sign::{CertifiedKey, SingleCertAndKey};
use shared::clock::Clock;
use shared::wire::handshake::{Answer, Refusal};
use shared::wire::join::JoinRefusal;
use shared::wire::message::Report;
use shared::wire::phone::{Batch, PhoneNews};
use shared::wire::token::JoinToken;
use shared::wire::{self, Close, stream};

const DAY: Duration = Duration::from_secs(24 * 3600);

fn refusal(error: JoinError) -> JoinRefusal {
    match error {
        JoinError::Refused(RefusedBy(why)) => why,
        other => panic!("not a refusal: {other:?}"),
    }
}

/// A join door with another CA's key; counts the streams and bytes that anybody sends it.
struct Stranger {
    address: SocketAddr,
    handshakes: Arc<AtomicUsize>,
    told: Arc<AtomicUsize>,
    _endpoint: Endpoint,
}

impl Stranger {
    fn start(chain: Vec<CertificateDer<'static>>, key: PrivateKeyDer<'static>) -> Self {
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        // Whether the key fits what is shown is for the agent to find out.
        let key = provider.key_provider.load_private_key(key).unwrap();
        let mut tls = rustls::ServerConfig::builder_with_provider(provider)
            .with_protocol_versions(&[&rustls::version::TLS13])
            .unwrap()
            .with_no_client_auth()
            .with_cert_resolver(Arc::new(SingleCertAndKey::from(CertifiedKey::new(chain, key))));
        tls.alpn_protocols = vec![wire::JOIN_ALPN.to_vec()];
        let config = quinn::ServerConfig::with_crypto(Arc::new(QuicServerConfig::try_from(tls).unwrap()));
        let endpoint = Endpoint::server(config, (Ipv4Addr::LOCALHOST, 0).into()).unwrap();
        let address = endpoint.local_addr().unwrap();
        let (handshakes, told) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
        let (accepting, counted, heard) = (endpoint.clone(), Arc::clone(&handshakes), Arc::clone(&told));
        tokio::spawn(async move {
            while let Some(incoming) = accepting.accept().await {
                counted.fetch_add(1, Ordering::SeqCst);
                let heard = Arc::clone(&heard);
                tokio::spawn(async move {
                    let Ok(connection) = incoming.await else { return };
                    while let Ok((_send, mut recv)) = connection.accept_bi().await {
                        let bytes = recv.read_to_end(1 << 20).await.unwrap_or_default();
                        heard.fetch_add(1 + bytes.len(), Ordering::SeqCst);
                    }
                });
            }
        });
        Self {
            address,
            handshakes,
            told,
            _endpoint: endpoint,
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stranger_at_the_controllers_address_is_told_no_secret() {
    let ours = Authority::ephemeral().unwrap();
    let theirs = Authority::ephemeral().unwrap();
    let (chain, key) = theirs.door().unwrap();
    // What the farm shows at its door is no secret: a stranger may show it too.
    let (shown, _) = ours.door().unwrap();
    let borrowed = vec![chain[0].clone(), ours.certificate()];
    let strangers = [
        Stranger::start(chain, key.clone_key()),
        Stranger::start(borrowed, key.clone_key()),
        Stranger::start(shown, key),
    ];
    for stranger in &strangers {
        let folder = tempfile::tempdir().unwrap();
        let token = JoinToken {
            pin: ours.pin(),
            id: "id".to_owned(),
            secret: "secret".to_owned(),
        };
        let controllers = [stranger.address.to_string()];
        let now = shared::clock::SystemClock.now();
        let error = enrolled(folder.path(), &controllers, &token, "hub", now)
            .await
            .unwrap_err();
        assert!(
            matches!(error, JoinError::Connect(ConnectError::WrongFarm(_))),
            "{error:?}"
        );
        assert!(stranger.handshakes.load(Ordering::SeqCst) > 0, "it was spoken to");
        assert_eq!(stranger.told.load(Ordering::SeqCst), 0, "and told nothing");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_is_good_for_one_host_and_for_its_time() {
    let controller = TestController::start().await.unwrap();
    let addresses = [controller.address()];
    let now = controller.ground.clock.now();
    let token = controller.token().await.unwrap();
    let (first, second) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    enrolled(first.path(), &addresses, &token, "one", now)
        .await
        .unwrap();
    let used = enrolled(second.path(), &addresses, &token, "two", now)
        .await
        .unwrap_err();
    assert_eq!(refusal(used), JoinRefusal::UsedToken);

    let late = controller.token().await.unwrap();
    let guessed = JoinToken {
        secret: "guess".to_owned(),
        ..late.clone()
    };
    let wrong = enrolled(second.path(), &addresses, &guessed, "two", now)
        .await
        .unwrap_err();
    assert_eq!(refusal(wrong), JoinRefusal::UnknownToken);
    controller.ground.clock.advance(Duration::from_secs(3_601));
    let expired = enrolled(second.path(), &addresses, &late, "two", now)
        .await
        .unwrap_err();
    assert_eq!(refusal(expired), JoinRefusal::ExpiredToken);
    assert_eq!(controller.ground.store.list_hosts().await.unwrap().len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_that_was_lost_is_given_again() {
    let controller = TestController::start().await.unwrap();
    let addresses = [controller.address()];
    let now = controller.ground.clock.now();
    let token = controller.token().await.unwrap();
    let (first, second) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    // A join that cannot reach anybody leaves its key and request behind.
    let nobody = ["127.0.0.1:9".to_owned()];
    let silent = enrolled(first.path(), &nobody, &token, "hub", now)
        .await
        .unwrap_err();
    assert!(matches!(silent, JoinError::Connect(_)), "{silent:?}");
    // The same state twice: once with an answer that arrives, once as if that one had been lost.
    std::fs::copy(
        first.path().join("joining.json"),
        second.path().join("joining.json"),
    )
    .unwrap();
    let arrived = enrolled(first.path(), &addresses, &token, "hub", now)
        .await
        .unwrap();
    let again = enrolled(second.path(), &addresses, &token, "hub", now)
        .await
        .unwrap();
    assert_eq!(arrived.certificate, again.certificate);
    assert_eq!(arrived.host, again.host);
    assert_eq!(controller.ground.store.list_hosts().await.unwrap().len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_revoked_host_is_thrown_out_and_not_let_in_again() {
    let controller = TestController::start().await.unwrap();
    let agent = TestAgent::join(&controller, "hub-1", ToldPhones::many("A", 1))
        .await
        .unwrap();
    controller.until_online(1, PATIENCE).await.unwrap();
    let host = controller.fleet.hosts()[0].id;
    controller.fleet.revoke(host, "test").await.unwrap();
    controller
        .until("no phones", PATIENCE, |devices| devices.is_empty())
        .await
        .unwrap();
    let why = agent
        .until_away(PATIENCE, "was revoked: to take it back")
        .await
        .unwrap();
    assert!(why.contains("token create"), "{why}");
    assert!(controller.fleet.hosts().is_empty());
    // Nor does its key get another certificate.
    let csr_farm = PinnedFarm::new(agent.identity.pin);
    let door = csr_farm
        .connect_join(&controller.address(), PATIENCE)
        .await
        .unwrap();
    let (mut send, mut recv) = door.connection.open_bi().await.unwrap();
    let request = shared::wire::join::JoinRequest::Renew {
        csr: agent.identity.request().unwrap(),
    };
    stream::send(&mut send, &request).await.unwrap();
    let reply: shared::wire::join::JoinReply = stream::expect(&mut recv).await.unwrap();
    assert!(
        matches!(
            reply,
            shared::wire::join::JoinReply::Refused {
                why: JoinRefusal::Revoked,
                ..
            }
        ),
        "{reply:?}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_without_a_certificate_is_turned_away_by_tls() {
    let controller = TestController::start().await.unwrap();
    let reason = match raw(&controller, None, &[b"drover/1"]).await {
        Err(reason) => reason,
        Ok(connection) => tokio::time::timeout(PATIENCE, connection.closed()).await.unwrap(),
    };
    let ConnectionError::ConnectionClosed(close) = &reason else {
        panic!("{reason:?}")
    };
    // certificate_required
    assert_eq!(u64::from(close.error_code), 0x100 + 116, "{reason:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn sides_without_a_common_version_tell_each_other_which_they_speak() {
    let controller = TestController::start().await.unwrap();
    let agent = joined(&controller).await;
    let now = controller.ground.clock.now().as_millisecond();
    let (ours, latest) = wire::spoken();
    let too_new = Refusal::TooNew {
        oldest: ours,
        newest: latest,
    };
    let too_old = Refusal::TooOld {
        oldest: ours,
        newest: latest,
    };
    for (oldest, newest, expected) in [(98, 99, too_new), (0, 0, too_old)] {
        let connection = raw(&controller, Some(&agent), &[b"drover/99", wire::HELLO_ALPN])
            .await
            .unwrap();
        let (mut send, mut recv) = connection.open_bi().await.unwrap();
        stream::send(&mut send, &hello(oldest, newest, now))
            .await
            .unwrap();
        let answer: Answer = stream::expect(&mut recv).await.unwrap();
        assert_eq!(answer, Answer::Refused(expected));
        let reason = tokio::time::timeout(PATIENCE, connection.closed()).await.unwrap();
        let ConnectionError::ApplicationClosed(close) = &reason else {
            panic!("{reason:?}")
        };
        assert_eq!(u64::from(close.error_code), u64::from(Close::Refused.code()));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_frame_over_its_limit_closes_the_link_with_a_reason() {
    let controller = TestController::start().await.unwrap();
    let agent = joined(&controller).await;
    let (connection, mut send, _recv, _) = linked(&controller, &agent).await;
    send.write_all(&(1_u32 << 30).to_be_bytes()).await.unwrap();
    let reason = tokio::time::timeout(PATIENCE, connection.closed()).await.unwrap();
    let ConnectionError::ApplicationClosed(close) = &reason else {
        panic!("{reason:?}")
    };
    assert_eq!(
        u64::from(close.error_code),
        u64::from(Close::FrameTooLarge.code())
    );
    let words = String::from_utf8_lossy(&close.reason);
    assert!(words.contains("1073741824 bytes"), "{words}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_clock_is_named_with_its_offset() {
    let controller = TestController::start().await.unwrap();
    let agent = TestAgent::join(&controller, "hub-1", ToldPhones::many("A", 1))
        .await
        .unwrap();
    controller.until_online(1, PATIENCE).await.unwrap();
    let (identity, clock) = (agent.identity.clone(), agent.clock.clone());
    let folder = agent.stop().await;
    clock.advance(Duration::from_secs(7_200));
    let agent = TestAgent::link(
        folder,
        identity,
        vec![controller.address()],
        ToldPhones::many("A", 1),
        clock,
    )
    .unwrap();
    agent.until_away(PATIENCE, "7200 s ahead").await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_certificate_is_renewed_over_the_link_when_two_thirds_of_its_life_are_over() {
    let controller = TestController::start().await.unwrap();
    let agent = TestAgent::join(&controller, "hub-1", ToldPhones::many("A", 1))
        .await
        .unwrap();
    controller.until_online(1, PATIENCE).await.unwrap();
    let first = agent.kept();
    controller.ground.clock.advance(DAY * 5);
    agent.clock.advance(DAY * 5);
    let renewed = async {
        loop {
            let kept = agent.kept();
            if kept.certificate != first.certificate {
                return kept;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    let kept = tokio::time::timeout(PATIENCE, renewed).await.unwrap();
    assert!(kept.not_after > first.not_after);
    assert_eq!(kept.host, first.host);
    // The new one opens the door once the old one has ended.
    controller.ground.clock.advance(DAY * 3);
    agent.clock.advance(DAY * 3);
    let controller = controller.restart().await.unwrap();
    controller.until_online(1, PATIENCE).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_host_that_was_away_for_weeks_comes_back_and_after_ninety_days_needs_a_token() {
    let controller = TestController::start().await.unwrap();
    let agent = TestAgent::join(&controller, "hub-1", ToldPhones::many("A", 1))
        .await
        .unwrap();
    controller.until_online(1, PATIENCE).await.unwrap();
    let clock = agent.clock.clone();
    let folder = agent.stop().await;
    controller.until_online(0, PATIENCE).await.unwrap();
    let identity = |folder: &tempfile::TempDir| {
        StateFolder::open(folder.path())
            .unwrap()
            .identity()
            .unwrap()
            .unwrap()
    };
    controller.ground.clock.advance(DAY * 30);
    clock.advance(DAY * 30);
    let addresses = vec![controller.address()];
    let phones = || ToldPhones::many("A", 1);
    let kept = identity(&folder);
    let agent = TestAgent::link(folder, kept, addresses.clone(), phones(), clock.clone()).unwrap();
    controller.until_online(1, PATIENCE).await.unwrap();
    let folder = agent.stop().await;
    controller.until_online(0, PATIENCE).await.unwrap();
    controller.ground.clock.advance(DAY * 98);
    clock.advance(DAY * 98);
    let kept = identity(&folder);
    let agent = TestAgent::link(folder, kept, addresses, phones(), clock).unwrap();
    agent.until_away(PATIENCE, "more than 90 days").await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn an_ended_certificate_that_its_agent_takes_for_good_is_turned_away_and_the_clock_named() {
    let controller = TestController::start().await.unwrap();
    let agent = TestAgent::join(&controller, "hub-1", ToldPhones::many("A", 1))
        .await
        .unwrap();
    controller.until_online(1, PATIENCE).await.unwrap();
    let (identity, clock) = (agent.identity.clone(), agent.clock.clone());
    let folder = agent.stop().await;
    // Ten days pass, but not on the agent's clock.
    controller.ground.clock.advance(DAY * 10);
    let agent = TestAgent::link(
        folder,
        identity,
        vec![controller.address()],
        ToldPhones::many("A", 1),
        clock,
    )
    .unwrap();
    agent.until_away(PATIENCE, "864000 s behind").await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn an_agent_that_sends_as_fast_as_it_can_starves_no_other() {
    use controller::fleet::{Answer as Said, Ask};

    let controller = TestController::start().await.unwrap();
    let flooder = joined(&controller).await;
    let quiet = TestAgent::join(&controller, "hub-2", ToldPhones::many("B", 10))
        .await
        .unwrap();
    controller
        .until("its phones", PATIENCE, |devices| {
            devices.values().filter(|live| live.host_name == "hub-2").count() == 10
        })
        .await
        .unwrap();
    let (connection, mut send, _recv, _) = linked(&controller, &flooder).await;
    let now = controller.ground.clock.now();
    let sent = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&sent);
    let flood = tokio::spawn(async move {
        for number in 0_u64.. {
            let device = farm::linked::phone(&format!("F-{}", number % 100), (number % 100) as u8, now);
            let batch = Batch {
                at: now.as_millisecond(),
                phones: vec![PhoneNews::whole(&device, now)],
                ..Batch::default()
            };
            if stream::send(&mut send, &Report::Phones(batch)).await.is_err() {
                return;
            }
            counted.fetch_add(1, Ordering::SeqCst);
        }
    });
    for number in 0..200 {
        let serial = format!("B-{:04}", number % 10);
        let answer = controller.fleet.ask(&serial, Ask::Foreground, PATIENCE).await;
        assert_eq!(answer, Ok(Said::Done));
    }
    eprintln!("beside {} reports", sent.load(Ordering::SeqCst));
    assert!(
        !flood.is_finished(),
        "the flood is held, not cut off: {:?}",
        connection.close_reason()
    );
    // What was heard of the flood is what its pace allows; the rest waits in the flooder, bounded by flow control.
    assert!(sent.load(Ordering::SeqCst) < 20_000, "held back");
    flood.abort();
    quiet.until_connected(PATIENCE).await.unwrap();
}
