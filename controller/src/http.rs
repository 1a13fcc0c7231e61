//! The local API: every route and every layer, in reading order. One resource a file in `http/`.
//!
//! Handlers read parameters, ask the store or the fleet, and answer; they hold no state of their own and know no SQL.

pub mod accounts;
pub mod attention;
pub mod audit;
pub mod backups;
pub mod body;
pub mod console;
pub mod devices;
pub mod docs;
pub mod envelope;
pub mod events;
pub mod exports;
pub mod fields;
pub mod flows;
pub mod groups;
pub mod guard;
pub mod health;
pub mod hosts;
pub mod imports;
pub mod keys;
pub mod license;
pub mod materials;
pub mod openapi;
mod outgoing;
pub mod overview;
pub mod packs;
pub mod page;
pub mod path;
pub mod phones;
pub mod schedules;
pub mod serve;
pub mod session;
pub mod settings;
pub mod tasks;
pub mod tls;
pub mod token;
pub mod tokens;
pub mod told;
pub mod trace;
pub mod users;

use axum::Router;
use axum::extract::State;
use axum::http::{HeaderMap, Method, Uri};
use axum::middleware::from_fn_with_state;
use axum::response::{IntoResponse, Response};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::state::AppState;
use envelope::{ApiError, Code};

/// Where the API stands.
pub const API: &str = "/api/v1";

/// Routes that tell nothing of the farm and need no token.
const OPEN: [&str; 8] = [
    "/",
    "/docs",
    "/docs/docs.js",
    "/docs/docs.css",
    "/openapi.json",
    "/livez",
    "/readyz",
    "/api/v1/session",
];

/// Whether a route, or a path without one, tells nothing of the farm.
fn is_open(path: &str) -> bool {
    OPEN.contains(&path) || console::has(path)
}

/// Every route, with its documentation.
fn routes() -> OpenApiRouter<AppState> {
    let api = OpenApiRouter::default()
        .routes(routes!(license::check))
        .routes(routes!(overview::overview))
        .routes(routes!(devices::list))
        .routes(routes!(devices::get, devices::change))
        .routes(routes!(devices::live::live))
        .routes(routes!(devices::replace::replace))
        .routes(routes!(devices::look::screenshot))
        .routes(routes!(devices::look::hierarchy))
        .routes(routes!(devices::look::foreground))
        .routes(routes!(devices::inspect::inspect))
        .routes(routes!(devices::act::input))
        .routes(routes!(devices::care::identify))
        .routes(routes!(devices::care::prepare))
        .routes(routes!(devices::act::input_many))
        .routes(routes!(devices::install::install))
        .routes(routes!(groups::list, groups::create))
        .routes(routes!(groups::get, groups::change, groups::delete))
        .routes(routes!(accounts::list, accounts::create))
        .routes(routes!(accounts::tags))
        .routes(routes!(accounts::batch::batch))
        .routes(routes!(accounts::get, accounts::change, accounts::delete))
        .routes(routes!(accounts::secrets::reveal))
        .routes(routes!(accounts::secrets::totp))
        .routes(routes!(accounts::statistics::statistics))
        .routes(routes!(tasks::list, tasks::create::create))
        .routes(routes!(tasks::stats))
        .routes(routes!(tasks::change::delete_many))
        .routes(routes!(tasks::change::retry_all))
        .routes(routes!(tasks::details::get, tasks::change::delete))
        .routes(routes!(tasks::details::log))
        .routes(routes!(tasks::artifacts::download))
        .routes(routes!(tasks::bundle::bundle))
        .routes(routes!(tasks::change::stop))
        .routes(routes!(tasks::change::retry))
        .routes(routes!(schedules::list, schedules::create))
        .routes(routes!(schedules::preview::preview))
        .routes(routes!(schedules::upcoming::upcoming))
        .routes(routes!(schedules::get, schedules::change, schedules::delete))
        .routes(routes!(schedules::enable))
        .routes(routes!(schedules::disable))
        .routes(routes!(schedules::run))
        .routes(routes!(schedules::next))
        .routes(routes!(schedules::runs))
        .routes(routes!(attention::list))
        .routes(routes!(attention::get))
        .routes(routes!(attention::resolve))
        .routes(routes!(attention::resume))
        .routes(routes!(attention::abandon))
        .routes(routes!(materials::list, materials::upload::upload))
        .routes(routes!(materials::tags))
        .routes(routes!(materials::batch::batch))
        .routes(routes!(materials::get, materials::change, materials::delete))
        .routes(routes!(materials::content::content))
        .routes(routes!(flows::list))
        .routes(routes!(flows::switch))
        .routes(routes!(flows::stats::stats))
        .routes(routes!(packs::list, packs::take_in::import))
        .routes(routes!(packs::get, packs::edit::change))
        .routes(routes!(packs::versions))
        .routes(routes!(packs::edit::revert))
        .routes(routes!(packs::take_in::export))
        .routes(routes!(packs::edit::element))
        .routes(routes!(packs::probe::test))
        .routes(routes!(hosts::list))
        .routes(routes!(hosts::create_token))
        .routes(routes!(hosts::revoke))
        .routes(routes!(imports::import))
        .routes(routes!(imports::list))
        .routes(routes!(imports::get))
        .routes(routes!(imports::undo))
        .routes(routes!(exports::without_secrets, exports::export))
        .routes(routes!(events::stream))
        .routes(routes!(session::who, session::open, session::close))
        .routes(routes!(session::change_password))
        .routes(routes!(users::list, users::create))
        .routes(routes!(users::change, users::delete))
        .routes(routes!(tokens::list, tokens::create))
        .routes(routes!(tokens::revoke))
        .routes(routes!(settings::list, settings::change))
        .routes(routes!(audit::list))
        .routes(routes!(keys::list))
        .routes(routes!(keys::rotate))
        .routes(routes!(backups::status, backups::make));
    OpenApiRouter::default()
        .nest(API, api)
        .routes(routes!(console::home))
        .routes(routes!(docs::docs))
        .routes(routes!(docs::script))
        .routes(routes!(docs::style))
        .routes(routes!(openapi::document))
        .routes(routes!(health::live))
        .routes(routes!(health::ready))
        .routes(routes!(health::metrics))
}

/// The routes behind their layers.
pub fn router(state: AppState) -> Router {
    let (router, _) = routes().split_for_parts();
    // The last one added is the first that a request meets.
    router
        .fallback(elsewhere)
        .method_not_allowed_fallback(no_such_method)
        .layer(from_fn_with_state(state.clone(), imports::settle))
        .layer(from_fn_with_state(state.clone(), token::admit))
        .layer(from_fn_with_state(state.clone(), token::identify))
        .layer(from_fn_with_state(state.clone(), guard::guard))
        .layer(from_fn_with_state(state.clone(), trace::trace))
        .with_state(state)
}

/// The API's document.
pub fn openapi() -> serde_json::Value {
    openapi::completed(&routes().into_openapi())
}

/// Content types that a route takes beside JSON.
fn uploaded_types(path: &str) -> &'static [&'static str] {
    match path {
        "/api/v1/devices/install" => &[
            "application/vnd.android.package-archive",
            "application/octet-stream",
        ],
        "/api/v1/packs" => &packs::take_in::CONTENT_TYPES,
        "/api/v1/accounts/import" => &imports::CONTENT_TYPES,
        "/api/v1/materials" => &materials::upload::CONTENT_TYPES,
        _ => &[],
    }
}

/// The console's own paths; for everything else there is nothing.
async fn elsewhere(State(state): State<AppState>, method: Method, uri: Uri, headers: HeaderMap) -> Response {
    let page = console::serve(&state, &method, &uri, &headers);
    page.unwrap_or_else(|| no_such_path(&uri).into_response())
}

fn no_such_path(uri: &Uri) -> ApiError {
    let path: String = uri.path().chars().take(200).collect();
    ApiError::not_found(format!("there is no {path}"))
}

async fn no_such_method(method: Method, uri: Uri) -> ApiError {
    let path: String = uri.path().chars().take(200).collect();
    ApiError::new(Code::MethodRefused, format!("{path} knows no {method}"))
}
