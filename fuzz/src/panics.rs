//! Which panics are findings.

use std::panic::{PanicHookInfo, set_hook, take_hook};

/// Ends the process at every panic of the product's own code, whether the product would catch it or
/// not.
///
/// A panic of a dependency is left to the product, which has its own answer to those that it
/// expects (a statement that the engine panics on is answered as an internal error). What it does
/// not catch arrives at libFuzzer and ends the process as well.
pub(crate) fn watch() {
    let ending = take_hook();
    set_hook(Box::new(move |panic| {
        if is_of_a_dependency(panic) {
            eprintln!("a dependency panicked: {panic}");
        } else {
            ending(panic);
        }
    }));
}

/// The product and the standard library it calls have other paths than crates of a registry.
fn is_of_a_dependency(panic: &PanicHookInfo<'_>) -> bool {
    panic
        .location()
        .is_some_and(|place| place.file().contains("/registry/src/"))
}
