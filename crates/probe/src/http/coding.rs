//! Compressed bodies (RFC 9110, section 8.4), decoded after the last instant was taken.

use std::io::{self, Read};

use brotli_decompressor::Decompressor as Brotli;
use flate2::bufread::{DeflateDecoder, MultiGzDecoder, ZlibDecoder};
use http::{HeaderMap, header};
use tidewatch_domain::{Cause, ErrorClass};

/// What is asked for with `accept-encoding`.
pub(super) const OFFERED: &str = "gzip, deflate, br, zstd";
/// A body that grows by more than this is taken for an attack, once it has a size that hurts.
const LARGEST_RATIO: usize = 200;
/// Up to this size a body may grow as it likes: short ones of one character compress very well.
const HARMLESS: usize = 256 * 1024;
/// The most codings of one body; more than one is rare.
const MOST_CODINGS: usize = 4;
/// The largest window of zstd, as a power of two: what RFC 9659 demands for HTTP.
const ZSTD_WINDOW: u32 = 23;

/// A decoded body.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Decoded {
    pub(super) bytes: Vec<u8>,
    /// Whether it goes on beyond the limit.
    pub(super) cut: bool,
}

/// `body` without the codings that `headers` name, at most `limit` bytes of it. Of a body that
/// was `cut` on the wire as much is decoded as there is.
pub(super) fn decoded(
    body: Vec<u8>,
    headers: &HeaderMap,
    limit: usize,
    cut: bool,
) -> Result<Decoded, Cause> {
    let codings = codings(headers)?;
    let mut decoded = Decoded { bytes: body, cut };
    for coding in codings.iter().rev() {
        // An empty body is the answer to HEAD, or one that has nothing to say.
        if decoded.bytes.is_empty() {
            break;
        }
        decoded = coding.decode(&decoded, limit)?;
    }
    Ok(decoded)
}

/// A content coding.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Coding {
    Gzip,
    Deflate,
    Brotli,
    Zstd,
}

/// The codings in the order in which they were applied.
fn codings(headers: &HeaderMap) -> Result<Vec<Coding>, Cause> {
    let mut codings = Vec::new();
    for value in headers.get_all(header::CONTENT_ENCODING) {
        let value = value.to_str().unwrap_or("unreadable");
        for name in value.split(',') {
            codings.push(match name.trim().to_ascii_lowercase().as_str() {
                "" | "identity" => continue,
                "gzip" | "x-gzip" => Coding::Gzip,
                "deflate" => Coding::Deflate,
                "br" => Coding::Brotli,
                "zstd" => Coding::Zstd,
                _ => {
                    let text = format!(
                        "the content encoding `{}` was not asked for: {OFFERED} were",
                        name.trim()
                    );
                    return Err(Cause::new(ErrorClass::DecodeError, text));
                }
            });
        }
    }
    if codings.len() > MOST_CODINGS {
        let text = format!("the body is encoded {} times over", codings.len());
        return Err(Cause::new(ErrorClass::DecodeError, text));
    }
    Ok(codings)
}

impl Coding {
    const fn name(self) -> &'static str {
        match self {
            Coding::Gzip => "gzip",
            Coding::Deflate => "deflate",
            Coding::Brotli => "br",
            Coding::Zstd => "zstd",
        }
    }

    fn decode(self, body: &Decoded, limit: usize) -> Result<Decoded, Cause> {
        let encoded = body.bytes.as_slice();
        let result = match self {
            Coding::Gzip => read(MultiGzDecoder::new(encoded), encoded.len(), limit),
            Coding::Deflate if is_zlib(encoded) => {
                read(ZlibDecoder::new(encoded), encoded.len(), limit)
            }
            // Some servers leave out the zlib wrapper that the standard demands.
            Coding::Deflate => read(DeflateDecoder::new(encoded), encoded.len(), limit),
            Coding::Brotli => read(Brotli::new(encoded, 4_096), encoded.len(), limit),
            Coding::Zstd => zstd::stream::read::Decoder::with_buffer(encoded)
                .and_then(|mut decoder| {
                    decoder.window_log_max(ZSTD_WINDOW)?;
                    Ok(decoder)
                })
                .map_or_else(
                    |error| (Vec::new(), End::Broken(error)),
                    |decoder| read(decoder, encoded.len(), limit),
                ),
        };
        let name = self.name();
        match result {
            (bytes, End::Whole) => Ok(Decoded {
                bytes,
                cut: body.cut,
            }),
            (bytes, End::Limit) => Ok(Decoded { bytes, cut: true }),
            // What is missing was never read from the wire.
            (bytes, End::Broken(_)) if body.cut => Ok(Decoded { bytes, cut: true }),
            (_, End::Broken(error)) => Err(Cause::new(
                ErrorClass::DecodeError,
                format!("the body does not decode as `{name}`: {error}"),
            )),
            (bytes, End::Bomb) => Err(Cause::new(
                ErrorClass::DecodeError,
                format!(
                    "the body of {} bytes grows to more than {} when decoded as `{name}`, \
                     {LARGEST_RATIO} times as much",
                    encoded.len(),
                    bytes.len(),
                ),
            )),
        }
    }
}

/// How decoding ended.
enum End {
    Whole,
    Limit,
    Bomb,
    Broken(io::Error),
}

/// Reads at most `limit` bytes, and tells whether there are more.
fn read(mut decoder: impl Read, encoded: usize, limit: usize) -> (Vec<u8>, End) {
    let mut bytes = Vec::new();
    let mut chunk = [0; 16 * 1024];
    loop {
        let count = match decoder.read(&mut chunk) {
            Ok(0) => return (bytes, End::Whole),
            Ok(count) => count,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) => return (bytes, End::Broken(error)),
        };
        let left = limit - bytes.len();
        bytes.extend_from_slice(&chunk[..count.min(left)]);
        if bytes.len() > HARMLESS && bytes.len() / LARGEST_RATIO > encoded {
            return (bytes, End::Bomb);
        }
        if count > left {
            return (bytes, End::Limit);
        }
    }
}

/// Whether `bytes` begin as RFC 1950 has it: method 8, and a check over the first two bytes.
fn is_zlib(bytes: &[u8]) -> bool {
    match bytes {
        [first, second, ..] => {
            first & 0x0f == 8 && u16::from_be_bytes([*first, *second]).is_multiple_of(31)
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests;
