//! An agent's side of the link, by hand: what a real agent would not do or say.

use std::net::Ipv4Addr;
use std::sync::Arc;

use farm::linked::{PATIENCE, TestAgent, TestController, ToldPhones};
use quinn::crypto::rustls::QuicClientConfig;
use quinn::{Connection, ConnectionError, Endpoint, RecvStream, SendStream};
use rustls::pki_types::PrivatePkcs8KeyDer;
use shared::clock::Clock;
use shared::wire::handshake::{Answer, Hello, Welcome};
use shared::wire::{self, stream};

/// A client by hand, with or without a certificate.
pub(crate) async fn raw(
    controller: &TestController,
    with: Option<&TestAgent>,
    alpns: &[&[u8]],
) -> Result<Connection, ConnectionError> {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let mut roots = rustls::RootCertStore::empty();
    roots.add(controller.ground.ca.certificate()).unwrap();
    let tls = rustls::ClientConfig::builder_with_provider(provider)
        .with_protocol_versions(&[&rustls::version::TLS13])
        .unwrap()
        .with_root_certificates(roots);
    let mut tls = match with {
        None => tls.with_no_client_auth(),
        Some(agent) => {
            let identity = agent.kept();
            let key = PrivatePkcs8KeyDer::from(identity.key_der().unwrap()).into();
            tls.with_client_auth_cert(vec![identity.certificate.into()], key)
                .unwrap()
        }
    };
    tls.alpn_protocols = alpns.iter().map(|alpn| alpn.to_vec()).collect();
    let config = quinn::ClientConfig::new(Arc::new(QuicClientConfig::try_from(tls).unwrap()));
    let endpoint = Endpoint::client((Ipv4Addr::LOCALHOST, 0).into()).unwrap();
    endpoint
        .connect_with(config, controller.fleet.data_address(), wire::CONTROLLER_NAME)
        .unwrap()
        .await
}

pub(crate) fn hello(oldest: u16, newest: u16, now: i64) -> Hello {
    Hello {
        oldest,
        newest,
        software: "test".to_owned(),
        host_name: "test".to_owned(),
        instance: [1; 16],
        now,
        extras: Vec::new(),
    }
}

/// A link of the first version, over which it is welcome.
pub(crate) async fn linked(
    controller: &TestController,
    agent: &TestAgent,
) -> (Connection, SendStream, RecvStream, Welcome) {
    let connection = raw(controller, Some(agent), &[b"drover/1"]).await.unwrap();
    let (mut send, mut recv) = connection.open_bi().await.unwrap();
    let now = controller.ground.clock.now().as_millisecond();
    stream::send(&mut send, &hello(1, 1, now)).await.unwrap();
    match stream::expect(&mut recv).await.unwrap() {
        Answer::Welcome(welcome) => (connection, send, recv, welcome),
        refused @ Answer::Refused(_) => panic!("{refused:?}"),
    }
}

/// An agent that has joined and lets go of its link.
pub(crate) async fn joined(controller: &TestController) -> TestAgent {
    let agent = TestAgent::join(controller, "hub-1", ToldPhones::many("A", 1))
        .await
        .unwrap();
    controller.until_online(1, PATIENCE).await.unwrap();
    let (identity, clock) = (agent.identity.clone(), agent.clock.clone());
    let folder = agent.stop().await;
    // Nobody listens at the discard port: the new link only keeps the identity.
    TestAgent::link(
        folder,
        identity,
        vec!["127.0.0.1:9".to_owned()],
        ToldPhones::new([]),
        clock,
    )
    .unwrap()
}
