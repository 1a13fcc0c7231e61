//! Asks, outcomes and ends in any order, several at once: no act is ever free while another leave for it is not void,
//! and nothing that was done is forgotten.

use std::collections::BTreeMap;

use controller::store::{Asked, How, Store};
use rand::rngs::StdRng;
use rand::{Rng as _, SeedableRng as _};
use shared::task::{GrantState, TaskState};
use shared::wire::work::{GrantAnswer, GrantOutcome, Settlement};
use uuid::Uuid;

use crate::grants::{HOST, JOURNAL, ask, attempt, create, done, rules, task, to};
use crate::place::{Place, on_both};

on_both!(no_act_has_two_grants_that_are_not_void);

const ROUNDS: u64 = 6;
const STEPS: usize = 60;
const AT_ONCE: usize = 4;

/// What one of several that work beside each other did.
#[derive(Debug, Default)]
struct Did {
    /// Grants that were reported as done, and were taken so.
    done: Vec<Uuid>,
}

async fn no_act_has_two_grants_that_are_not_void(place: Place) {
    let store = place.open().await;
    for seed in 0..ROUNDS {
        let phone = format!("A{seed}");
        let id = create(&store, task(&phone, "follow", None)).await;
        let workers: Vec<_> = (0..AT_ONCE)
            .map(|number| {
                let (store, phone) = (store.clone(), phone.clone());
                let dice = StdRng::seed_from_u64(seed * 100 + number as u64);
                tokio::spawn(work(store, id, phone, dice))
            })
            .collect();
        let mut all = Did::default();
        for worker in workers {
            all.done.extend(worker.await.unwrap().done);
        }
        let grants = store.grants_of(id).await.unwrap();
        let mut claimed: BTreeMap<&str, usize> = BTreeMap::new();
        for grant in grants.iter().filter(|grant| grant.state != GrantState::Void) {
            *claimed.entry(&grant.key).or_default() += 1;
        }
        assert!(
            claimed.values().all(|count| *count == 1),
            "seed {seed}: {claimed:?} in {grants:?}"
        );
        for grant in all.done {
            let kept = grants.iter().find(|kept| kept.id == grant).unwrap();
            assert_eq!(kept.state, GrantState::Done, "seed {seed}");
        }
    }
}

/// Does something of what hosts and the scheduler do, again and again.
async fn work(store: Store, id: i64, phone: String, mut dice: StdRng) -> Did {
    let mut did = Did::default();
    let mut request = dice.random::<u32>().into();
    for _ in 0..STEPS {
        let current = store.task(id).await.unwrap().unwrap().row;
        let Some(at) = current.attempt else {
            let _ = store.hand_out(attempt(id, &phone)).await.unwrap();
            continue;
        };
        match dice.random_range(0..10) {
            0 => {
                let lost = How::Lost {
                    why: "gone".to_owned(),
                };
                // Whatever stands open, the next attempt is the same task's.
                store
                    .close_attempt(at, lost, |ground| {
                        let open = ground.grants.iter().any(|grant| !grant.state.is_settled());
                        to(if open {
                            TaskState::Verifying
                        } else {
                            TaskState::Retrying
                        })
                    })
                    .await
                    .unwrap();
            }
            1 => {
                store.acknowledge(at, HOST).await.unwrap();
            }
            2..6 => {
                // Sometimes the same request once more.
                request += u64::from(dice.random_bool(0.8));
                let key = ["anna", "bert", "cleo"][dice.random_range(0..3)];
                let asked = store.grant(HOST, ask(at, request, key), |_, _| rules()).await;
                assert!(
                    matches!(asked, Ok(Asked::Answer(_) | Asked::NotYours(_))),
                    "{asked:?}"
                );
                if let Ok(Asked::Answer(GrantAnswer::Refused { kind, .. })) = asked {
                    // `device`: the same request, for another act.
                    assert!(["held", "timeout", "device"].contains(&kind.as_str()), "{kind}");
                }
            }
            _ => {
                let grants = store.grants_of(id).await.unwrap();
                let open: Vec<_> = grants.iter().filter(|grant| !grant.state.is_settled()).collect();
                let Some(grant) = open.first() else { continue };
                // A journal says of a grant the same to everybody who asks, or nothing.
                let outcome = match dice.random_range(0..3) {
                    0 => GrantOutcome::Unknown {
                        why: "who knows".to_owned(),
                    },
                    _ if grant.id.as_u128().is_multiple_of(3) => done(),
                    _ => GrantOutcome::Void {
                        why: "not sent".to_owned(),
                    },
                };
                let told = Settlement {
                    attempt: grant.attempt.into_bytes(),
                    grant: grant.id.into_bytes(),
                    outcome: outcome.clone(),
                };
                store.settle(HOST, Some(JOURNAL.to_owned()), told).await.unwrap();
                if matches!(outcome, GrantOutcome::Done { .. }) {
                    did.done.push(grant.id);
                }
            }
        }
    }
    did
}
