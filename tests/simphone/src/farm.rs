//! Many phones in one process.
