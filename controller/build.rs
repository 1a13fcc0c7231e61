//! A file that is new among the flows, or in the console that was built, is to be in the program, too.

fn main() {
    println!("cargo::rerun-if-changed=flows");
    println!("cargo::rerun-if-changed=console/dist");
    println!("cargo::rerun-if-changed=build.rs");
}
