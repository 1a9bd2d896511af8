//! Placeholder until its first version lands.

fn main() {}
