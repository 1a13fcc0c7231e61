//! The API over a real fleet, to which no agent has come yet.

use std::sync::Arc;

use controller::ca::Authority;
use controller::fleet::{Fleet, FleetConfig};
use controller::state::AppState;
use serde_json::json;
use shared::lifecycle::Shutdown;
use shared::wire::token::JoinToken;
use tokio::sync::watch;

use crate::api::Api;

#[tokio::test]
async fn a_fleet_without_agents_is_served_and_makes_join_tokens() {
    let mut api = Api::start().await;
    let (_activity, active) = watch::channel(true);
    let config = FleetConfig {
        data_listen: ([127, 0, 0, 1], 0).into(),
        join_listen: ([127, 0, 0, 1], 0).into(),
        advertised_data_port: None,
        active,
    };
    let ca = Arc::new(Authority::ephemeral().unwrap());
    let pin = ca.pin();
    let shutdown = Shutdown::default();
    let fleet = Fleet::start(
        config,
        api.state.store.clone(),
        ca,
        api.clock.clone(),
        shutdown.clone(),
    );
    let fleet = fleet.await.unwrap();
    let state = AppState::new(
        api.state.store.clone(),
        api.state.vault.clone(),
        Arc::new(fleet.clone()),
        (*api.state.config).clone(),
        api.clock.clone(),
        api.state.readiness.clone(),
    );
    api.router = controller::http::router(state.await.unwrap());
    assert_eq!(api.get("/api/v1/devices").await.data()["devices"], json!([]));
    assert_eq!(api.get("/api/v1/devices/X/screenshot").await.code(), 40401);
    let made = api.post("/api/v1/hosts/tokens", "").await.data();
    let token: JoinToken = made["token"].as_str().unwrap().parse().unwrap();
    assert_eq!(token.pin, pin);
    let record = api.get("/api/v1/audit").await.data();
    assert_eq!(record["entries"][0]["what"], "join_token.create");
    assert!(!record.to_string().contains(&token.secret));
    shutdown.stop.cancel();
    fleet.stopped().await;
}
