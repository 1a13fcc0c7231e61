//! What an operator does with a phone over the API: reads its screen, touches what it says, types.

use std::time::Duration;

use farm::site::until;
use serde_json::{Value, json};
use shared::screen::{Node, Screen};

use crate::stand::Stand;

const SHOWN: Duration = Duration::from_secs(60);

impl Stand {
    /// The screen as the API tells it; an empty one where it cannot be read just now.
    async fn screen(&self, serial: &str) -> Option<Screen> {
        let path = format!("/api/v1/devices/{serial}/hierarchy");
        let answer = self.site.controller.get(&path).await.unwrap();
        Screen::parse(&String::from_utf8_lossy(&answer.body)).ok()
    }

    /// Waits until the screen has a node like this; where its middle is.
    async fn place_of(&self, serial: &str, what: &str, like: impl Fn(Node<'_>) -> bool) -> (i32, i32) {
        let (mut place, mut seen) = (None, String::new());
        let wanted = format!("{what} on {serial}");
        let waited = until(&wanted, SHOWN, async || {
            let Some(screen) = self.screen(serial).await else {
                return false;
            };
            // The page behind is still in the tree; what lies on top stands last.
            let found = screen
                .nodes()
                .rev()
                .find(|node| !node.bounds().is_empty() && like(*node));
            place = found.map(|node| node.bounds().center());
            seen = words(&screen).join(" | ");
            place.is_some()
        });
        let waited = waited.await;
        assert!(waited.is_ok(), "{waited:?}; it says {seen}");
        place.unwrap()
    }

    /// Waits until the screen says this.
    pub(crate) async fn reads(&self, serial: &str, text: &str) {
        self.place_of(serial, text, |node| says(node, text)).await;
    }

    /// Touches what is described or written so.
    pub(crate) async fn touches(&self, serial: &str, text: &str) {
        let (x, y) = self.place_of(serial, text, |node| says(node, text)).await;
        self.input(serial, &json!({"type": "tap", "x": x, "y": y})).await;
    }

    /// Touches the only field of what lies on top until it takes a text, and types into it.
    pub(crate) async fn types(&self, serial: &str, text: &str) {
        let field = |node: Node<'_>| node.class().ends_with("EditText");
        let waited = until("the field to take a text", SHOWN, async || {
            let (x, y) = self.place_of(serial, "a field", field).await;
            self.input(serial, &json!({"type": "tap", "x": x, "y": y})).await;
            let screen = self.screen(serial).await;
            screen.is_some_and(|screen| screen.nodes().any(|node| field(node) && node.flags().focused()))
        });
        waited.await.unwrap();
        self.input(serial, &json!({"type": "text", "text": text})).await;
    }

    pub(crate) async fn input(&self, serial: &str, act: &Value) {
        let done = self.send("POST", &format!("devices/{serial}/input"), act).await;
        assert_eq!(done.data(), json!({"serial": serial, "done": true}), "{act}");
    }
}

fn says(node: Node<'_>, text: &str) -> bool {
    node.text().contains(text) || node.description().contains(text)
}

fn words(screen: &Screen) -> Vec<String> {
    let all = screen
        .nodes()
        .map(|node| format!("{}{}", node.text(), node.description()));
    all.filter(|words| !words.is_empty()).collect()
}
