//! What Android prints, turned into the farm's words. Pure functions over text that was captured from real phones:
//! they never fail loudly, because a vendor's extra line must not cost a phone.
//!
//! Knows nothing of how the text was fetched.

pub mod devices;
