//! Holds nothing: the journeys are the files in `tests/`.
