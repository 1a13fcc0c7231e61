//! A file that is new among the flows is to be in the program, too.

fn main() {
    println!("cargo::rerun-if-changed=flows");
    println!("cargo::rerun-if-changed=build.rs");
}
