//! The writer function.

fn main() {}
