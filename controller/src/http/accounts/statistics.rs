//! How an account's numbers stood over time.

use axum::extract::State;
use jiff::{SignedDuration, Timestamp};
use serde::Serialize;
use utoipa::{IntoParams, ToSchema};

use super::super::envelope::{Answered, ApiError, Envelope, Success};
use super::super::fields::{Asked, Fields, FromFields};
use super::super::path::Named;
use crate::state::AppState;
use crate::store::{STATISTICS_KEPT_DAYS, StatisticsOfDay};

/// How far back it is looked.
#[derive(Debug, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct StatisticsFilter {
    /// 1 to 731.
    #[param(default = 90, minimum = 1, maximum = 731, required = false)]
    pub days: i64,
}

impl FromFields for StatisticsFilter {
    fn from_fields(fields: &Fields) -> Result<Self, ApiError> {
        Ok(Self {
            days: fields.number("days", 1..=STATISTICS_KEPT_DAYS)?.unwrap_or(90),
        })
    }
}

#[derive(Debug, Serialize, ToSchema)]
pub struct StatisticsList {
    /// In order of time: a day on which nothing was read and nothing changed is not among them.
    pub statistics: Vec<StatisticsItem>,
}

/// The last that was known of a day; what was not known is `null`.
#[derive(Debug, Serialize, ToSchema)]
pub struct StatisticsItem {
    #[schema(value_type = String, format = DateTime)]
    pub at: Timestamp,
    pub followers: Option<u64>,
    pub following: Option<u64>,
    pub hearts: Option<u64>,
    pub videos: Option<u64>,
    pub friends: Option<u64>,
}

impl From<StatisticsOfDay> for StatisticsItem {
    fn from(day: StatisticsOfDay) -> Self {
        Self {
            at: day.at,
            followers: day.followers,
            following: day.following,
            hearts: day.hearts,
            videos: day.videos,
            friends: day.friends,
        }
    }
}

/// An account's numbers over time, a point a day
#[utoipa::path(get, path = "/accounts/{id}/statistics", tag = "accounts",
    params(("id" = i64, Path, description = "The account's id"), StatisticsFilter),
    responses((status = 200, description = "Its numbers", body = Envelope<StatisticsList>)))]
pub async fn statistics(
    State(state): State<AppState>,
    Named(id): Named,
    Asked(filter): Asked<StatisticsFilter>,
) -> Answered<StatisticsList> {
    let account = super::number(&id)?;
    if state.store.account(account).await?.is_none() {
        return Err(super::unknown(&id));
    }
    let from = state.clock.now() - SignedDuration::from_hours(24 * (filter.days - 1));
    let days = state.store.account_statistics(account, from).await?;
    Ok(Success(StatisticsList {
        statistics: days.into_iter().map(StatisticsItem::from).collect(),
    }))
}
