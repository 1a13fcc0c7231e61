//! What came of doing the same to many rows that are named one by one.

/// See the module.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BatchDone<Row> {
    /// As they are now; deleted ones as they were.
    pub changed: Vec<Row>,
    pub unchanged: u64,
    /// Those that it could not be done to, and why.
    pub refused: Vec<(i64, String)>,
}

impl<Row> Default for BatchDone<Row> {
    fn default() -> Self {
        Self {
            changed: Vec::new(),
            unchanged: 0,
            refused: Vec::new(),
        }
    }
}

impl<Row> BatchDone<Row> {
    pub(super) fn add(&mut self, part: Self) {
        self.changed.extend(part.changed);
        self.unchanged += part.unchanged;
        self.refused.extend(part.refused);
    }
}
