//! `drover-controller`: the controller's process and its command line.

fn main() {}
