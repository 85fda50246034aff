//! The alert-webhook function.

fn main() {}
