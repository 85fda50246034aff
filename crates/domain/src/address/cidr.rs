//! Ranges in the notation of RFC 4632: `10.0.0.0/8`, `2001:db8::/32`.

use std::fmt;
use std::net::IpAddr;
use std::str::FromStr;

/// A range of addresses: those that have the first `length` bits in common.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cidr {
    /// The first address of the range.
    first: IpAddr,
    length: u8,
}

/// A text that is no range of addresses.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CidrError {
    /// It is not an address, alone or with a slash and a number.
    #[error("is not an address or a range like `10.0.0.0/8`")]
    Syntax,
    /// The prefix is longer than the address.
    #[error("has a prefix of more than {longest} bits")]
    Length {
        /// The bits of an address of this family.
        longest: u8,
    },
    /// Bits beyond the prefix are set, so that it is not clear what is meant.
    #[error("has bits set beyond its prefix")]
    HostBits,
}

impl Cidr {
    /// Whether `address` is in the range. An IPv4 address is in no IPv6 range, and the other way
    /// round.
    pub fn contains(&self, address: IpAddr) -> bool {
        match (self.first, address) {
            (IpAddr::V4(first), IpAddr::V4(address)) => {
                let differing = first.to_bits() ^ address.to_bits();
                differing.leading_zeros() >= u32::from(self.length)
            }
            (IpAddr::V6(first), IpAddr::V6(address)) => {
                let differing = first.to_bits() ^ address.to_bits();
                differing.leading_zeros() >= u32::from(self.length)
            }
            _ => false,
        }
    }
}

impl FromStr for Cidr {
    type Err = CidrError;

    /// Reads a range, or a single address as the range of itself.
    fn from_str(text: &str) -> Result<Self, CidrError> {
        let (address, length) = match text.split_once('/') {
            Some((address, length)) => {
                let digits = length.bytes().all(|byte| byte.is_ascii_digit());
                let length = digits.then(|| length.parse().ok()).flatten();
                (address, Some(length.ok_or(CidrError::Syntax)?))
            }
            None => (text, None),
        };
        let first: IpAddr = address.parse().map_err(|_| CidrError::Syntax)?;
        let (longest, trailing) = match first {
            IpAddr::V4(first) => (32, first.to_bits().trailing_zeros()),
            IpAddr::V6(first) => (128, first.to_bits().trailing_zeros()),
        };
        let length = length.unwrap_or(longest);
        if length > longest {
            return Err(CidrError::Length { longest });
        }
        if trailing < u32::from(longest - length) {
            return Err(CidrError::HostBits);
        }
        Ok(Cidr { first, length })
    }
}

/// `10.0.0.0/8`; a single address without a slash.
impl fmt::Display for Cidr {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.first, self.length) {
            (IpAddr::V4(_), 32) | (IpAddr::V6(_), 128) => write!(formatter, "{}", self.first),
            (first, length) => write!(formatter, "{first}/{length}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_contain_what_shares_their_prefix() {
        let cases = [
            ("10.0.0.0/8", "10.255.0.1", true),
            ("10.0.0.0/8", "11.0.0.0", false),
            ("0.0.0.0/0", "203.0.113.7", true),
            ("0.0.0.0/0", "::1", false),
            ("192.0.2.7", "192.0.2.7", true),
            ("192.0.2.7", "192.0.2.6", false),
            ("2001:db8::/33", "2001:db8:7fff::1", true),
            ("2001:db8::/33", "2001:db8:8000::1", false),
            ("::/0", "::1", true),
        ];
        for (range, address, inside) in cases {
            let parsed: Cidr = range.parse().unwrap();
            assert_eq!(parsed.to_string(), range);
            assert_eq!(
                parsed.contains(address.parse().unwrap()),
                inside,
                "{range} {address}"
            );
        }
    }

    #[test]
    fn what_is_no_range_says_why() {
        let cases = [
            ("10.0.0.0/33", CidrError::Length { longest: 32 }),
            ("::/129", CidrError::Length { longest: 128 }),
            ("10.0.0.1/8", CidrError::HostBits),
            ("10.0.0.0/+8", CidrError::Syntax),
            ("10.0.0.0/", CidrError::Syntax),
            ("10.0.0/8", CidrError::Syntax),
            ("shop.example", CidrError::Syntax),
        ];
        for (text, error) in cases {
            assert_eq!(text.parse::<Cidr>(), Err(error), "{text}");
        }
    }
}
