//! Readers of the stream: which events one wants, and how it goes on where it was.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{IntoResponse, Response};
use futures_util::stream;
use serde_json::json;
use tokio::sync::{broadcast, watch};
use utoipa::IntoParams;

use super::super::envelope::ApiError;
use super::super::fields::{Asked, Fields, FromFields};
use super::{EventData, EventHub, Reader, Told, Topic};
use crate::state::{AppState, Readiness};

/// A proxy or a dead peer shows within this time.
const HEARTBEAT: Duration = Duration::from_secs(10);
/// A reader comes back after this time.
const COME_BACK: Duration = Duration::from_secs(1);

/// Which events are wanted.
#[derive(Debug, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct EventFilter {
    /// device, host, account, task, attention, import, material, schedule, alert; several with commas between; all where absent.
    #[param(required = false)]
    pub kinds: Vec<String>,
    /// Go on after this id, as the header Last-Event-ID does.
    pub last_event_id: Option<String>,
}

impl FromFields for EventFilter {
    fn from_fields(fields: &Fields) -> Result<Self, ApiError> {
        let kinds = fields.list("kinds")?.unwrap_or_default();
        let known = Topic::ALL.map(Topic::name);
        if let Some(wrong) = kinds.iter().find(|kind| !known.contains(&kind.as_str())) {
            let known = known.join(", ");
            return Err(ApiError::parameter(
                "kinds",
                format!("{wrong:?} is none of {known}"),
            ));
        }
        Ok(Self {
            kinds,
            last_event_id: fields.text("last_event_id")?,
        })
    }
}

impl EventFilter {
    fn wants(&self, topic: Topic) -> bool {
        self.kinds.is_empty() || self.kinds.iter().any(|kind| kind == topic.name())
    }
}

/// What happens, as server-sent events
///
/// `event` is device, host, account, task, attention, import, material, schedule or alert; `data` is JSON. A comment comes every 10 s. A reader
/// that was away for too long gets an alert whose `what` is `missed`: it should read the lists again.
#[utoipa::path(get, path = "/events", tag = "events",
    params(EventFilter, ("Last-Event-ID" = Option<String>, Header, description = "Go on after this id")),
    responses((status = 200, description = "A stream that does not end", body = EventData, content_type = "text/event-stream")))]
pub async fn stream(
    State(state): State<AppState>,
    Asked(filter): Asked<EventFilter>,
    headers: HeaderMap,
) -> Response {
    let last = headers.get("last-event-id").and_then(|last| last.to_str().ok());
    let last = last.or(filter.last_event_id.as_deref());
    let reader = state.events.subscribe(last);
    let listening = Listening {
        hub: state.events.clone(),
        reader,
        filter,
        readiness: state.readiness.clone(),
        clock: state.clock.clone(),
        greeted: false,
    };
    let events = stream::unfold(listening, |mut listening| async move {
        let event = listening.next().await?;
        Some((Ok::<_, Infallible>(event), listening))
    });
    let heartbeat = KeepAlive::new().interval(HEARTBEAT).text("heartbeat");
    Sse::new(events).keep_alive(heartbeat).into_response()
}

/// More happened than a reader took in.
struct TooSlow;

struct Listening {
    hub: EventHub,
    reader: Reader,
    filter: EventFilter,
    readiness: watch::Receiver<Readiness>,
    clock: shared::clock::SharedClock,
    greeted: bool,
}

impl Listening {
    /// `None` once the controller shuts down: the reader comes back to the next one.
    async fn next(&mut self) -> Option<Event> {
        if !self.greeted {
            self.greeted = true;
            return Some(Event::default().retry(COME_BACK).comment("listening"));
        }
        if self.reader.missed {
            self.reader.missed = false;
            return Some(self.missed());
        }
        loop {
            let told = match self.reader.backlog.pop_front() {
                Some(told) => told,
                None => match self.wait().await? {
                    Ok(told) => told,
                    Err(TooSlow) => return Some(self.missed()),
                },
            };
            if self.filter.wants(told.topic) {
                return Some(self.hub.event(&told));
            }
        }
    }

    /// The next event; `None` where there will be no more.
    async fn wait(&mut self) -> Option<Result<Arc<Told>, TooSlow>> {
        tokio::select! {
            told = self.reader.live.recv() => match told {
                Ok(told) => Some(Ok(told)),
                Err(broadcast::error::RecvError::Lagged(_)) => Some(Err(TooSlow)),
                Err(broadcast::error::RecvError::Closed) => None,
            },
            _ = self.readiness.wait_for(|now| *now == Readiness::ShuttingDown) => None,
        }
    }

    /// Without an id: the place that it stands for is nowhere.
    fn missed(&self) -> Event {
        let data = json!({"at": self.clock.now(), "what": "missed"});
        Event::default().event(Topic::Alert.name()).data(data.to_string())
    }
}
