//! A phone's facts.
