//! What happens to phones that no host tells.

use jiff::Timestamp;
use serde_json::json;
use shared::device::Serial;

use super::{EventHub, Topic};

impl EventHub {
    /// A phone has taken another one's place.
    pub fn device_replaced(&self, at: Timestamp, old: &Serial, new: &Serial) {
        let data = json!({"at": at, "what": "device_replaced", "serial": old, "from": old, "to": new});
        self.pass_on(Topic::Device, &data);
    }
}
