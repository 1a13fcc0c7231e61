//! Finding and waiting: each wait has a deadline in the flow's time, and looks at least a few times before it gives up,
//! as a slow machine must not turn ten seconds into one look.

use std::sync::Arc;
use std::time::Duration;

use shared::pack::failure::FailureKind;

use super::failure::Failure;
use super::host::Host;
use super::screen::Dump;

/// Between two looks, in the flow's time.
const PAUSE: Duration = Duration::from_millis(250);
/// Looks before a wait of any length gives up.
const FEWEST_LOOKS: u32 = 3;

/// A node of a screen that was read.
#[derive(Debug, Clone)]
pub(super) struct NodeRef {
    pub(super) dump: Arc<Dump>,
    pub(super) index: usize,
    /// The element by which it was found.
    pub(super) element: Option<String>,
}

impl NodeRef {
    pub(super) fn node(&self) -> shared::screen::Node<'_> {
        self.dump.node(self.index)
    }

    /// Another node of the same screen.
    pub(super) fn other(&self, index: usize) -> Self {
        Self {
            dump: Arc::clone(&self.dump),
            index,
            element: None,
        }
    }
}

impl Host {
    fn known(&self, name: &str) -> Result<(), Failure> {
        if self.pack.elements.contains_key(name) {
            Ok(())
        } else {
            Err(Failure::script(format!(
                "there is no element {name:?} in elements.toml"
            )))
        }
    }

    /// All nodes of an element on this screen.
    fn all_on(&self, dump: &Arc<Dump>, name: &str) -> Vec<NodeRef> {
        let found = self.search(dump).find(name);
        let Some(found) = found else { return Vec::new() };
        self.note(Some(name), Some(found.alternative));
        found
            .nodes
            .iter()
            .map(|index| NodeRef {
                dump: Arc::clone(dump),
                index: *index,
                element: Some(name.to_owned()),
            })
            .collect()
    }

    pub(super) async fn find_all(&self, name: &str) -> Result<Vec<NodeRef>, Failure> {
        self.known(name)?;
        self.note(Some(name), None);
        let dump = self.screen().await?;
        Ok(self.all_on(&dump, name))
    }

    pub(super) async fn find(&self, name: &str) -> Result<Option<NodeRef>, Failure> {
        Ok(self.find_all(name).await?.into_iter().next())
    }

    pub(super) fn find_all_in(&self, node: &NodeRef, name: &str) -> Result<Vec<NodeRef>, Failure> {
        self.known(name)?;
        let found = self.search(&node.dump).find_in(name, node.node());
        let Some(found) = found else {
            self.note(Some(name), None);
            return Ok(Vec::new());
        };
        self.note(Some(name), Some(found.alternative));
        Ok(found
            .nodes
            .iter()
            .map(|index| NodeRef {
                element: Some(name.to_owned()),
                ..node.other(*index)
            })
            .collect())
    }

    /// Looks again and again until `seen` answers something; what it saw last where it never did.
    pub(super) async fn until<T>(
        &self,
        time: Duration,
        mut seen: impl FnMut(&Arc<Dump>) -> Option<T>,
    ) -> Result<Result<T, Arc<Dump>>, Failure> {
        let begun = self.pace.elapsed();
        let fewest = if time < Duration::from_secs(1) {
            1
        } else {
            FEWEST_LOOKS
        };
        let mut looks = 0;
        let mut dump = self.screen().await?;
        loop {
            looks += 1;
            if let Some(answer) = seen(&dump) {
                return Ok(Ok(answer));
            }
            let passed = self.pace.elapsed().saturating_sub(begun);
            if passed >= time && looks >= fewest {
                return Ok(Err(dump));
            }
            self.sleep(PAUSE.min(time.saturating_sub(passed).max(PAUSE / 5)))
                .await;
            dump = self.look().await?;
        }
    }

    pub(super) async fn sees_within(&self, name: &str, time: Duration) -> Result<Option<NodeRef>, Failure> {
        self.known(name)?;
        self.note(Some(name), None);
        let seen = self
            .until(time, |dump| self.all_on(dump, name).into_iter().next())
            .await?;
        Ok(seen.ok())
    }

    pub(super) async fn wait_for(&self, name: &str, time: Duration) -> Result<NodeRef, Failure> {
        self.known(name)?;
        self.note(Some(name), None);
        let seen = self
            .until(time, |dump| self.all_on(dump, name).into_iter().next())
            .await?;
        seen.map_err(|dump| self.missing(&[name.to_owned()], Some(&dump), time))
    }

    /// The first of the list that shows; `Err` holds the last screen.
    async fn any_of(
        &self,
        names: &[String],
        time: Duration,
    ) -> Result<Result<(String, NodeRef), Arc<Dump>>, Failure> {
        for name in names {
            self.known(name)?;
        }
        if names.is_empty() {
            return Err(Failure::script("the list of elements is empty"));
        }
        self.until(time, |dump| {
            names.iter().find_map(|name| {
                let node = self.all_on(dump, name).into_iter().next()?;
                Some((name.clone(), node))
            })
        })
        .await
    }

    pub(super) async fn sees_any(
        &self,
        names: &[String],
        time: Duration,
    ) -> Result<Option<(String, NodeRef)>, Failure> {
        Ok(self.any_of(names, time).await?.ok())
    }

    pub(super) async fn wait_any(
        &self,
        names: &[String],
        time: Duration,
    ) -> Result<(String, NodeRef), Failure> {
        let seen = self.any_of(names, time).await?;
        seen.map_err(|dump| self.missing(names, Some(&dump), time))
    }

    pub(super) async fn wait_gone(&self, name: &str, time: Duration) -> Result<(), Failure> {
        self.known(name)?;
        self.note(Some(name), None);
        let gone = self
            .until(time, |dump| self.all_on(dump, name).is_empty().then_some(()))
            .await?;
        gone.map_err(|_| Failure {
            element: Some(name.to_owned()),
            ..Failure::new(
                FailureKind::Timeout,
                format!("{name} is still there after {} s", time.as_secs_f64()),
            )
        })
    }

    /// Waits until two looks show the same.
    pub(super) async fn wait_rest(&self, time: Duration) -> Result<bool, Failure> {
        let mut before: Option<u64> = None;
        let rest = self
            .until(time.max(Duration::from_secs(1)), |dump| {
                let same = before == Some(dump.hash);
                before = Some(dump.hash);
                same.then_some(())
            })
            .await?;
        Ok(rest.is_ok())
    }
}
