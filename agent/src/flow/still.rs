//! Whether the screen stands still, and whether it is still the one with which a touch was decided. Apps put offers over
//! what one was about to touch, and the finger would take them: so nothing is touched before the screen has come to
//! rest after a start, and never without a last look at the place.

use std::sync::Arc;
use std::time::Duration;

use shared::screen::Node;

use super::failure::Failure;
use super::host::Host;
use super::screen::Dump;
use super::ui::is_same;
use super::wait::NodeRef;

/// Unchanged for so long, a screen is at rest; offers that come one after another have shorter gaps.
const STILL: Duration = Duration::from_millis(1_500);
/// A screen that moves all the time is taken as it is.
const MOST: Duration = Duration::from_secs(8);
/// Between two looks.
const PAUSE: Duration = Duration::from_millis(250);
/// A screen that was read longer ago is read again before a touch, however dear that is.
const YOUNG: Duration = Duration::from_secs(3);

impl Host {
    /// Waits until the screen has come to rest; declines what pops up meanwhile.
    pub(super) async fn settle(&self) -> Result<Arc<Dump>, Failure> {
        let dump = self.at_rest().await?;
        self.attend(dump).await
    }

    /// The screen once it is at rest, without a look at what it says.
    pub(super) async fn at_rest(&self) -> Result<Arc<Dump>, Failure> {
        let begun = self.pace.elapsed();
        let mut dump = self.read_screen().await?;
        let mut since = self.pace.elapsed();
        loop {
            self.sleep(PAUSE).await;
            let asked = self.pace.elapsed();
            let next = self.read_screen().await?;
            if next.hash != dump.hash {
                since = self.pace.elapsed();
            }
            dump = next;
            let still = asked.saturating_sub(since) >= STILL;
            if still || self.pace.elapsed().saturating_sub(begun) >= MOST {
                return Ok(dump);
            }
        }
    }

    /// Whether a touch at `point` still reaches the node, and nothing else. Where a tree is dear (`uiautomator` wants a
    /// second of silence for each) a young one is good as long as the same window has the focus; within a lasting act
    /// it never is.
    pub(super) async fn still_there(
        &self,
        node: &NodeRef,
        named: bool,
        point: (i32, i32),
    ) -> Result<bool, Failure> {
        let dump = &node.dump;
        let age = self.pace.elapsed().saturating_sub(dump.read_at);
        if let Some(focus) = &dump.hierarchy.focus
            && age < YOUNG
            && !self.state().acting
        {
            return Ok(self.device.focus().await? == *focus);
        }
        let fresh = self.read_screen().await?;
        Ok(self.same_place(node, named, &fresh, point))
    }

    /// A node that a script named is found by its name again, as its text may count something; one that a script chose
    /// must be the same to the letter.
    fn same_place(&self, node: &NodeRef, named: bool, fresh: &Dump, point: (i32, i32)) -> bool {
        if fresh.elsewhere.is_some() {
            return false;
        }
        if fresh.hash == node.dump.hash {
            return true;
        }
        let was = node.node();
        let over = self.search(&node.dump).covered(node.index);
        let search = self.search(fresh);
        let stands = |index: usize| {
            let now = fresh.node(index);
            let same = if named {
                is_alike(&was, &now)
            } else {
                is_same(&was, &now)
            };
            same && now.bounds() == was.bounds()
                && search.covered(index) <= over
                && search.reaches(now, point)
        };
        match &node.element {
            Some(name) if named => {
                let found = search.find(name);
                found.is_some_and(|found| found.nodes.iter().any(|index| stands(*index)))
            }
            _ => fresh.hierarchy.screen.nodes().any(|now| stands(now.index())),
        }
    }

    /// The same for a bare point: whatever a touch there would have hit is still there.
    pub(super) async fn still_under(&self, dump: &Arc<Dump>, point: (i32, i32)) -> Result<bool, Failure> {
        let fresh = self.read_screen().await?;
        if fresh.elsewhere != dump.elsewhere {
            return Ok(false);
        }
        let (before, after) = (self.search(dump), self.search(&fresh));
        let (before, after) = (
            before.touched_at(point.0, point.1),
            after.touched_at(point.0, point.1),
        );
        Ok(match (before, after) {
            (Some(before), Some(after)) => is_alike(&before, &after) && before.bounds() == after.bounds(),
            (None, None) => true,
            _ => false,
        })
    }
}

/// The same control, whatever it says.
fn is_alike(a: &Node<'_>, b: &Node<'_>) -> bool {
    a.class() == b.class() && a.resource_id() == b.resource_id() && a.package() == b.package()
}
