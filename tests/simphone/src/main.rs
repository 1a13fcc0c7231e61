//! `simphone`: simulated phones from a command line.

fn main() {}
