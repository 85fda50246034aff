//! The monitor function.

fn main() {}
