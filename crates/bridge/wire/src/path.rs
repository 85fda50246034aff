//! Where in a request a value stands, in the spelling of the service's validator.

use std::fmt;

/// A place in a request, such as `records.1.member.dimensions.2.member.name`. Built on the stack
/// while a request is walked; only printing it allocates, and only faults are printed.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Path<'a> {
    /// The request itself.
    Root,
    /// A member of a structure; the name begins with a small letter.
    Member(&'a Path<'a>, &'static str),
    /// An item of a list, counted from zero here and from one in the text.
    Item(&'a Path<'a>, usize),
}

impl<'a> Path<'a> {
    pub(crate) fn member(&'a self, name: &'static str) -> Path<'a> {
        Path::Member(self, name)
    }

    pub(crate) fn item(&'a self, index: usize) -> Path<'a> {
        Path::Item(self, index)
    }
}

impl fmt::Display for Path<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Path::Root => Ok(()),
            Path::Member(Path::Root, name) => f.write_str(name),
            Path::Member(parent, name) => write!(f, "{parent}.{name}"),
            Path::Item(parent, index) => write!(f, "{parent}.{}.member", index + 1),
        }
    }
}
