//! The display's measures as they are now: override size, density, rotation, and the bars at its edges.

use crate::phone::{Phone, lock};

use super::view::Rect;

/// What windows are laid out in.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Display {
    /// In the current rotation.
    pub width: i32,
    pub height: i32,
    /// Quarter turns, 0–3.
    pub rotation: u8,
    /// Pixels to a dp.
    pub scale: f32,
    status: i32,
    nav: i32,
}

impl Display {
    /// Locks hardware and settings for a moment: hold neither when calling.
    pub fn of(phone: &Phone) -> Self {
        let personality = phone.spec.personality;
        let (size, density, sensor) = {
            let hardware = lock(&phone.hardware);
            (
                hardware.size_override,
                hardware.density_override,
                hardware.rotation,
            )
        };
        let (width, height) = size.unwrap_or((personality.width, personality.height));
        let rotation = {
            let settings = lock(&phone.settings);
            let fixed = settings
                .system
                .get("accelerometer_rotation")
                .is_some_and(|auto| auto == "0");
            let user = settings
                .system
                .get("user_rotation")
                .and_then(|turn| turn.parse().ok());
            if fixed { user.unwrap_or(sensor) } else { sensor }
        } % 4;
        let scale = density.unwrap_or(personality.density) as f32 / 160.0;
        let turned = rotation % 2 == 1;
        let (width, height) = if turned { (height, width) } else { (width, height) };
        let status_dp = match personality.sdk {
            ..28 => 24.0,
            28..33 => 30.0,
            33.. if turned => 28.0,
            33.. => 45.0,
        };
        Self {
            width: width as i32,
            height: height as i32,
            rotation,
            scale,
            status: (status_dp * scale) as i32,
            nav: (48.0 * scale) as i32,
        }
    }

    pub fn dp(&self, length: f32) -> i32 {
        (length * self.scale) as i32
    }

    pub fn landscape(&self) -> bool {
        self.rotation % 2 == 1
    }

    pub fn whole(&self) -> Rect {
        Rect::new(0, 0, self.width, self.height)
    }

    /// At the top, beside the navigation bar where that stands upright.
    pub fn status_bar(&self) -> Rect {
        let room = self.content(0);
        Rect::new(room.left, 0, room.width(), self.status)
    }

    /// At the bottom; on a phone that lies on its side, at the end that was the bottom.
    pub fn nav_bar(&self) -> Rect {
        match self.rotation {
            1 => Rect::new(self.width - self.nav, 0, self.nav, self.height),
            3 => Rect::new(0, 0, self.nav, self.height),
            _ => Rect::new(0, self.height - self.nav, self.width, self.nav),
        }
    }

    /// What the bars leave, above a keyboard of that height.
    pub fn content(&self, keyboard: i32) -> Rect {
        let mut room = self.whole();
        room.top = self.status;
        match self.rotation {
            1 => room.right -= self.nav,
            3 => room.left += self.nav,
            _ => room.bottom -= self.nav,
        }
        room.bottom -= keyboard;
        room
    }
}

/// The language of the phone's menus, as far as the string tables know it.
pub fn language(phone: &Phone) -> &'static str {
    let chosen = lock(&phone.settings).system.get("system_locales").cloned();
    let chosen = chosen.unwrap_or_else(|| phone.spec.personality.language.to_owned());
    match chosen.get(..2) {
        Some("fr") => "fr",
        _ => "en",
    }
}
