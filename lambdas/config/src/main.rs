//! The config function.

fn main() {}
