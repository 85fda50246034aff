use std::io::Write;

use flate2::Compression;
use flate2::write::{DeflateEncoder, GzEncoder, ZlibEncoder};
use http::HeaderValue;

use super::*;

const TEXT: &[u8] = b"the tide comes in, the tide goes out, the tide comes in";

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

fn zlib(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = ZlibEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

fn deflate(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = DeflateEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

fn brotli(bytes: &[u8]) -> Vec<u8> {
    let mut encoded = Vec::new();
    let mut encoder = brotli::CompressorWriter::new(&mut encoded, 4_096, 5, 22);
    encoder.write_all(bytes).unwrap();
    drop(encoder);
    encoded
}

fn zstd(bytes: &[u8]) -> Vec<u8> {
    zstd::encode_all(bytes, 3).unwrap()
}

/// Decodes a body with these `content-encoding` headers, with a limit of a mebibyte.
fn decode(body: Vec<u8>, codings: &[&'static str]) -> Result<Decoded, String> {
    limited(body, codings, 1024 * 1024, false)
}

fn limited(
    body: Vec<u8>,
    codings: &[&'static str],
    limit: usize,
    cut: bool,
) -> Result<Decoded, String> {
    let mut headers = HeaderMap::new();
    for coding in codings {
        headers.append(header::CONTENT_ENCODING, HeaderValue::from_static(coding));
    }
    decoded(body, &headers, limit, cut).map_err(|cause| {
        assert_eq!(cause.class, ErrorClass::DecodeError);
        cause.text
    })
}

fn whole(bytes: &[u8]) -> Result<Decoded, String> {
    Ok(Decoded {
        bytes: bytes.to_vec(),
        cut: false,
    })
}

#[test]
fn every_coding_that_is_offered_is_decoded() {
    let cases: [(Vec<u8>, &[&str]); 9] = [
        (TEXT.to_vec(), &[]),
        (TEXT.to_vec(), &["identity"]),
        (gzip(TEXT), &["gzip"]),
        (gzip(TEXT), &["X-GZIP"]),
        (zlib(TEXT), &["deflate"]),
        (deflate(TEXT), &["deflate"]),
        (brotli(TEXT), &["br"]),
        (zstd(TEXT), &["zstd"]),
        ([gzip(&TEXT[..20]), gzip(&TEXT[20..])].concat(), &["gzip"]),
    ];
    for (body, codings) in cases {
        assert_eq!(decode(body, codings), whole(TEXT), "{codings:?}");
    }
}

#[test]
fn codings_are_taken_off_in_the_reverse_order() {
    let body = gzip(&brotli(TEXT));
    assert_eq!(decode(body.clone(), &["br, gzip"]), whole(TEXT));
    assert_eq!(decode(body, &["br", "gzip"]), whole(TEXT));
}

#[test]
fn an_empty_body_needs_no_coding() {
    for coding in ["gzip", "deflate", "br", "zstd"] {
        assert_eq!(decode(Vec::new(), &[coding]), whole(b""));
    }
}

#[test]
fn what_does_not_decode_says_so() {
    for (coding, body) in [
        ("gzip", gzip(TEXT)),
        ("deflate", zlib(TEXT)),
        ("br", brotli(TEXT)),
        ("zstd", zstd(TEXT)),
    ] {
        let start = format!("the body does not decode as `{coding}`: ");
        let cut = body[..body.len() - 5].to_vec();
        for wrong in [cut, TEXT.to_vec()] {
            let text = decode(wrong, &[coding]).unwrap_err();
            assert!(text.starts_with(&start), "{text}");
        }
    }
    assert_eq!(
        decode(TEXT.to_vec(), &["compress"]).unwrap_err(),
        "the content encoding `compress` was not asked for: gzip, deflate, br, zstd were"
    );
    assert_eq!(
        decode(TEXT.to_vec(), &["gzip, gzip, gzip", "gzip, gzip"]).unwrap_err(),
        "the body is encoded 5 times over"
    );
}

#[test]
fn of_a_body_that_was_cut_on_the_wire_the_beginning_is_decoded() {
    // Noise does not compress, so that half of the encoded bytes are about half of the text.
    let noise: Vec<u8> = std::iter::repeat_with(|| fastrand::u8(..))
        .take(400_000)
        .collect();
    for (coding, body) in [
        ("gzip", gzip(&noise)),
        ("deflate", zlib(&noise)),
        ("br", brotli(&noise)),
        ("zstd", zstd(&noise)),
    ] {
        let half = body[..body.len() / 2].to_vec();
        let decoded = limited(half, &[coding], 1024 * 1024, true).unwrap();
        assert!(decoded.cut, "{coding}");
        assert!(
            decoded.bytes.len() > 10_000 && noise.starts_with(&decoded.bytes),
            "{coding}: {}",
            decoded.bytes.len()
        );
    }
}

#[test]
fn the_limit_holds_for_the_decoded_body() {
    for (limit, cut) in [(TEXT.len(), false), (TEXT.len() - 1, true), (0, true)] {
        let decoded = limited(gzip(TEXT), &["gzip"], limit, false).unwrap();
        assert_eq!((decoded.bytes.len(), decoded.cut), (limit, cut));
    }
}

#[test]
fn bombs_are_refused_before_they_grow() {
    let zeros = vec![0; 8 * 1024 * 1024];
    for (coding, body) in [
        ("gzip", gzip(&zeros)),
        ("br", brotli(&zeros)),
        ("zstd", zstd(&zeros)),
    ] {
        let text = limited(body, &[coding], 16 * 1024 * 1024, false).unwrap_err();
        assert!(text.ends_with(", 200 times as much"), "{text}");
    }
    // Short bodies of one character are ordinary.
    let short = vec![b' '; 200_000];
    assert_eq!(decode(brotli(&short), &["br"]), whole(&short));
}
