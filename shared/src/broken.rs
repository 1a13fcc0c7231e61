//! Parts of "never twice" that can be taken out, so that whoever checks the whole is seen to notice: `DROVER_BREAK=grant`.
//! Only in debug builds; a release has none of it.

/// A part that can be missing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    /// The controller gives leave for an act only where nobody has leave for it.
    Grant,
    /// A journal without an intent writes the void down before it says so.
    Void,
    /// The agent reads on the phone whose it is, with each look at the screen and right before an act.
    Holder,
    /// The controller gives a content of the library to one task alone.
    Material,
}

/// Whether the environment takes this part out; read once.
#[cfg(debug_assertions)]
pub fn lacks(part: Part) -> bool {
    use std::sync::LazyLock;

    static LACKING: LazyLock<String> = LazyLock::new(|| std::env::var("DROVER_BREAK").unwrap_or_default());
    let name = match part {
        Part::Grant => "grant",
        Part::Void => "void",
        Part::Holder => "holder",
        Part::Material => "material",
    };
    *LACKING == name
}

/// Nothing is ever missing in a release.
#[cfg(not(debug_assertions))]
pub const fn lacks(_part: Part) -> bool {
    false
}
