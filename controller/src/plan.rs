//! The plans of the license: what the API may do, and how many phones work at once.

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Plan {
    Starter,
    Pro,
    Team,
    Business,
    SelfHosted,
}

impl Plan {
    pub const ALL: [Self; 5] = [
        Self::Starter,
        Self::Pro,
        Self::Team,
        Self::Business,
        Self::SelfHosted,
    ];

    pub fn name(self) -> &'static str {
        match self {
            Self::Starter => "Starter",
            Self::Pro => "Pro",
            Self::Team => "Team",
            Self::Business => "Business",
            Self::SelfHosted => "Self-hosted",
        }
    }

    /// The plan of this name, in any case.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|plan| plan.name().eq_ignore_ascii_case(name))
    }

    pub fn api_enabled(self) -> bool {
        self != Self::Starter
    }

    /// Phones that may run scripts at the same time.
    pub fn device_limit(self) -> u32 {
        match self {
            Self::Starter => 5,
            Self::Pro => 20,
            Self::Team => 50,
            Self::Business => 100,
            Self::SelfHosted => 100_000,
        }
    }
}
