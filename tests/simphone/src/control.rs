//! The HTTP door for people and tests: what a hand, a charger or a falling rack would do to a phone. No code of the
//! product speaks to it.

mod hand;
mod refusal;
mod social;
mod supply;
mod trouble;
mod view;

use std::sync::Arc;

use axum::Router;
use axum::routing::{get, post};
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

use crate::farm::{Farm, Stand};
use refusal::Refusal;

/// Answers until `stop`.
pub async fn serve(farm: Arc<Farm>, listener: TcpListener, stop: CancellationToken) {
    // The farm owns this task: holding it strongly from here would keep it alive for ever.
    let routes = routes(Door {
        farm: Arc::downgrade(&farm),
    });
    drop(farm);
    let served = axum::serve(listener, routes)
        .with_graceful_shutdown(async move { stop.cancelled().await })
        .await;
    if let Err(error) = served {
        tracing::warn!(%error, "the control API ended");
    }
}

/// What each handler gets.
#[derive(Debug, Clone)]
struct Door {
    farm: std::sync::Weak<Farm>,
}

impl Door {
    fn farm(&self) -> Result<Arc<Farm>, Refusal> {
        self.farm.upgrade().ok_or_else(Refusal::stopping)
    }

    fn stand(&self, name: &str) -> Result<Arc<Stand>, Refusal> {
        let farm = self.farm()?;
        farm.find(name).ok_or_else(|| {
            let names = farm.stands().iter().map(|stand| stand.name.clone());
            Refusal::no_phone(name, &names.take(12).collect::<Vec<_>>())
        })
    }
}

fn routes(door: Door) -> Router {
    Router::new()
        .route("/", get(view::help))
        .route("/phones", get(view::phones))
        .route("/phones/{serial}", get(view::phone))
        .route("/phones/{serial}/ledger", get(view::ledger))
        .route("/phones/{serial}/screen", get(view::screen))
        .route("/phones/{serial}/screen.png", get(view::picture))
        .route("/phones/{serial}/fault", post(trouble::fault))
        .route("/phones/{serial}/battery", post(supply::battery))
        .route("/phones/{serial}/unplug", post(supply::unplug))
        .route("/phones/{serial}/plug", post(supply::plug))
        .route("/phones/{serial}/reboot", post(supply::reboot))
        .route(
            "/phones/{serial}/second-transport",
            post(supply::second_transport),
        )
        .route("/phones/{serial}/authorize", post(hand::authorize))
        .route("/phones/{serial}/rotate", post(hand::rotate))
        .route("/phones/{serial}/tap", post(hand::tap))
        .route("/phones/{serial}/unlock", post(hand::unlock))
        .route("/phones/{serial}/app", post(hand::app))
        .route(
            "/phones/{serial}/apps/{package}",
            get(social::install).post(social::change),
        )
        .route("/world/{platform}", get(social::world).post(social::seed))
        .fallback(refusal::no_such_path)
        .method_not_allowed_fallback(refusal::wrong_method)
        .with_state(door)
}
