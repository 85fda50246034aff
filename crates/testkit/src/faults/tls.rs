//! Misbehaviour where a TLS handshake is expected.

use crate::reply::Step;

/// Ends the handshake with the fatal alert of this number (RFC 8446, section 6).
pub fn alert(number: u8) -> Vec<Step> {
    vec![Step::send(vec![21, 3, 3, 0, 2, 2, number]), Step::Close]
}

/// Closes during the handshake.
pub fn closes() -> Vec<Step> {
    vec![Step::Close]
}

/// Resets during the handshake.
pub fn resets() -> Vec<Step> {
    vec![Step::Reset]
}

/// Never answers.
pub fn hangs() -> Vec<Step> {
    vec![Step::Hang]
}

/// Answers as a web server does that is spoken to in TLS on its port for plain HTTP.
pub fn plain_http() -> Vec<Step> {
    vec![Step::send("HTTP/1.1 400 Bad Request\r\n\r\n"), Step::Close]
}

/// Answers with zeros.
pub fn garbage() -> Vec<Step> {
    vec![Step::send(vec![0; 64]), Step::Close]
}

/// Chooses TLS 1.0.
pub fn old_version() -> Vec<Step> {
    vec![Step::send(server_hello([3, 1], [0xc0, 0x2f])), Step::Hang]
}

/// Chooses TLS 1.2 and a cipher suite that nobody offered: RSA with RC4.
pub fn unoffered_cipher() -> Vec<Step> {
    vec![Step::send(server_hello([3, 3], [0x00, 0x05])), Step::Hang]
}

/// A `ServerHello` without extensions.
fn server_hello(version: [u8; 2], cipher: [u8; 2]) -> Vec<u8> {
    let mut hello = version.to_vec();
    // The random, no session number, the cipher suite, no compression.
    hello.extend([0x5a; 32]);
    hello.push(0);
    hello.extend(cipher);
    hello.push(0);
    let length = u8::try_from(hello.len()).expect("it is short");
    let mut record = vec![22, version[0], version[1], 0, length + 4, 2, 0, 0, length];
    record.extend(hello);
    record
}
