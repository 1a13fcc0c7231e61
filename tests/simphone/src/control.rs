//! The HTTP door for people and tests: what a hand, a charger or a falling rack would do to a phone. No code of the
//! product speaks to it.
