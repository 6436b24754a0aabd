//! Migrations are compiled in: a change of theirs is a change of the service.

fn main() {
    println!("cargo:rerun-if-changed=../../migrations/enrollment");
}
