//! Tasks and the activities stacked in them.

use crate::ui::page::Page;

/// An activity that runs.
#[derive(Debug)]
pub(crate) struct Running {
    /// Tells it from others of its class.
    pub(crate) token: u32,
    pub(crate) package: &'static str,
    pub(crate) class: &'static str,
    pub(crate) translucent: bool,
    /// The screen in front is the last.
    pub(crate) pages: Vec<Page>,
}

impl Running {
    /// `package/full.Class`
    pub(crate) fn component(&self) -> String {
        format!("{}/{}", self.package, self.class)
    }
}

/// Activities over each other, the one in front last.
#[derive(Debug)]
pub(crate) struct Task {
    pub(crate) id: u32,
    /// The package that it belongs to.
    pub(crate) affinity: &'static str,
    pub(crate) home: bool,
    pub(crate) activities: Vec<Running>,
}

/// A page, wherever it stands: what a touch or a timer belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Target {
    /// Activity by token, page by its place in it.
    Page(u32, usize),
    /// A window of the system, by its screen's name.
    System(&'static str),
}

/// All tasks, the one in front last.
#[derive(Debug, Default)]
pub(crate) struct Tasks {
    pub(crate) list: Vec<Task>,
    next_task: u32,
    next_token: u32,
}

impl Tasks {
    pub(crate) fn front(&self) -> Option<&Task> {
        self.list.last()
    }

    pub(crate) fn top(&self) -> Option<&Running> {
        self.front()?.activities.last()
    }

    pub(crate) fn top_mut(&mut self) -> Option<&mut Running> {
        self.list.last_mut()?.activities.last_mut()
    }

    /// The front task's activities that can be seen: the top one, and what shows through it.
    pub(crate) fn visible(&self) -> Vec<&Running> {
        let mut seen = Vec::new();
        'tasks: for task in self.list.iter().rev() {
            for activity in task.activities.iter().rev() {
                seen.push(activity);
                if !activity.translucent {
                    break 'tasks;
                }
            }
        }
        seen.reverse();
        seen
    }

    pub(crate) fn find(&self, token: u32) -> Option<&Running> {
        let all = self.list.iter().flat_map(|task| &task.activities);
        all.into_iter().find(|activity| activity.token == token)
    }

    pub(crate) fn find_mut(&mut self, token: u32) -> Option<&mut Running> {
        let all = self.list.iter_mut().flat_map(|task| &mut task.activities);
        all.into_iter().find(|activity| activity.token == token)
    }

    /// The page in front of an app, in whichever task it is.
    pub(crate) fn page_of(&self, package: &str) -> Option<Target> {
        let mut all = self
            .list
            .iter()
            .rev()
            .flat_map(|task| task.activities.iter().rev());
        let activity = all.find(|activity| activity.package == package)?;
        Some(Target::Page(
            activity.token,
            activity.pages.len().saturating_sub(1),
        ))
    }

    /// Puts an activity on top of task `into`, or of a new task, and brings it to the front.
    pub(crate) fn push(
        &mut self,
        into: Option<u32>,
        affinity: &'static str,
        home: bool,
        activity: impl FnOnce(u32) -> Running,
    ) -> u32 {
        self.next_token += 1;
        let token = self.next_token;
        let running = activity(token);
        if let Some(id) = into {
            self.bring_to_front(id);
        }
        if let Some(task) = self.list.last_mut().filter(|task| Some(task.id) == into) {
            task.activities.push(running);
        } else {
            self.next_task += 1;
            self.list.push(Task {
                id: self.next_task,
                affinity,
                home,
                activities: vec![running],
            });
        }
        token
    }

    pub(crate) fn bring_to_front(&mut self, id: u32) {
        if let Some(at) = self.list.iter().position(|task| task.id == id) {
            let task = self.list.remove(at);
            self.list.push(task);
        }
    }

    /// Takes an activity away; a task without any goes too. The launcher's task is what is left at the end.
    pub(crate) fn remove(&mut self, token: u32) -> Option<Running> {
        let mut removed = None;
        for task in &mut self.list {
            if let Some(at) = task
                .activities
                .iter()
                .position(|activity| activity.token == token)
            {
                removed = Some(task.activities.remove(at));
            }
        }
        self.list.retain(|task| !task.activities.is_empty());
        removed
    }

    /// Everything of a package goes.
    pub(crate) fn remove_package(&mut self, package: &str) {
        for task in &mut self.list {
            task.activities.retain(|activity| activity.package != package);
        }
        self.list.retain(|task| !task.activities.is_empty());
    }
}
