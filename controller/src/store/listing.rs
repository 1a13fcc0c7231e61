//! What every list of the store needs: a condition whose values are numbered through, an order in which no two rows are
//! the same, words that are looked for to the letter.

use super::session::Value;

/// The rest of a statement, and its values.
#[derive(Debug, Default)]
pub(super) struct Condition {
    pub(super) text: String,
    pub(super) values: Vec<Value>,
}

impl Condition {
    /// One more test; `{}` in it stands for a value.
    pub(super) fn and(&mut self, test: &str, values: impl IntoIterator<Item = Value>) {
        self.text += if self.text.is_empty() { " WHERE " } else { " AND " };
        let mut parts = test.split("{}");
        self.text += parts.next().unwrap_or_default();
        for (part, value) in parts.zip(values) {
            self.values.push(value);
            self.text += &format!("${}{part}", self.values.len());
        }
    }

    /// The column has one of the values; anything where there are none.
    pub(super) fn any(&mut self, column: &str, values: impl IntoIterator<Item = Value>) {
        let values: Vec<Value> = values.into_iter().collect();
        match values.len() {
            0 => {}
            1 => self.and(&format!("{column} = {{}}"), values),
            count => self.and(&format!("{column} IN ({})", blanks(count)), values),
        }
    }
}

/// So many values in a list.
pub(super) fn blanks(count: usize) -> String {
    vec!["{}"; count].join(", ")
}

/// What follows ORDER BY: rows that are equal by their key follow their ids, those without one come last.
pub(super) fn order(key: &str, descending: bool) -> String {
    let direction = if descending { "DESC" } else { "ASC" };
    match key {
        "id" => format!("id {direction}"),
        key => format!("{key} {direction} NULLS LAST, id {direction}"),
    }
}

/// For `LIKE {} ESCAPE '\'`: the word stands somewhere, and nothing in it stands for anything else.
pub(super) fn somewhere(word: &str) -> Value {
    let mut escaped = String::with_capacity(word.len() + 2);
    escaped.push('%');
    for c in word.chars() {
        if matches!(c, '\\' | '%' | '_') {
            escaped.push('\\');
        }
        escaped.push(c);
    }
    escaped.push('%');
    escaped.into()
}
