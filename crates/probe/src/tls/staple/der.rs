//! Reads DER element by element (X.690), as far as a stapled response needs it.

use x509_parser::asn1_rs::{Any, FromDer as _};
use x509_parser::time::ASN1Time;

/// The first byte of an element.
pub(super) mod tag {
    pub(crate) const INTEGER: u8 = 0x02;
    pub(crate) const BIT_STRING: u8 = 0x03;
    pub(crate) const OCTET_STRING: u8 = 0x04;
    pub(crate) const OBJECT_IDENTIFIER: u8 = 0x06;
    pub(crate) const ENUMERATED: u8 = 0x0a;
    pub(crate) const GENERALIZED_TIME: u8 = 0x18;
    pub(crate) const SEQUENCE: u8 = 0x30;
    /// `[0] IMPLICIT NULL`.
    pub(crate) const STATUS_GOOD: u8 = 0x80;
    /// `[1] IMPLICIT SEQUENCE`.
    pub(crate) const STATUS_REVOKED: u8 = 0xa1;

    /// `[number] EXPLICIT`.
    pub(crate) const fn explicit(number: u8) -> u8 {
        0xa0 | number
    }
}

/// One element.
pub(super) struct Element<'a> {
    pub(super) tag: u8,
    pub(super) content: &'a [u8],
    /// With its tag and length.
    whole: &'a [u8],
}

/// A row of elements, read from the front.
pub(super) struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    /// The elements of `bytes`.
    pub(super) fn of(bytes: &'a [u8]) -> Self {
        Reader(bytes)
    }

    /// The elements within the one element `bytes`, which has to be of `tag`.
    pub(super) fn within(bytes: &'a [u8], tag: u8) -> Option<Self> {
        Reader(bytes).take(tag).map(Reader)
    }

    /// The next element.
    pub(super) fn next(&mut self) -> Option<Element<'a>> {
        let (rest, any) = Any::from_der(self.0).ok()?;
        let whole = &self.0[..self.0.len() - rest.len()];
        let element = Element {
            tag: *whole.first()?,
            content: any.as_bytes(),
            whole,
        };
        self.0 = rest;
        Some(element)
    }

    /// The content of the next element if that is of `tag`; otherwise nothing is taken.
    pub(super) fn take(&mut self, tag: u8) -> Option<&'a [u8]> {
        self.take_element(tag).map(|element| element.content)
    }

    /// The next element with tag and length, if it is of `tag`; otherwise nothing is taken.
    pub(super) fn take_whole(&mut self, tag: u8) -> Option<&'a [u8]> {
        self.take_element(tag).map(|element| element.whole)
    }

    /// The next element's bytes if it is a bit string of whole bytes.
    pub(super) fn take_bits(&mut self) -> Option<&'a [u8]> {
        self.take(tag::BIT_STRING)?.strip_prefix(&[0])
    }

    /// The next element's time, in seconds since 1970, if it is a time.
    pub(super) fn take_time(&mut self) -> Option<i64> {
        let whole = self.take_whole(tag::GENERALIZED_TIME)?;
        let (_, time) = ASN1Time::from_der(whole).ok()?;
        Some(time.timestamp())
    }

    fn take_element(&mut self, tag: u8) -> Option<Element<'a>> {
        if self.0.first() == Some(&tag) {
            self.next()
        } else {
            None
        }
    }
}

/// `content` as a `SEQUENCE`.
pub(super) fn sequence(content: &[u8]) -> Vec<u8> {
    let length = content.len().to_be_bytes();
    let zeros = length.iter().take_while(|byte| **byte == 0).count();
    let mut der = vec![tag::SEQUENCE];
    match (&length[zeros..], u8::try_from(length.len() - zeros)) {
        ([], _) => der.push(0),
        ([short @ ..0x80], _) => der.push(*short),
        (long, count) => {
            der.push(0x80 | count.expect("a length has at most eight bytes"));
            der.extend_from_slice(long);
        }
    }
    der.extend_from_slice(content);
    der
}
