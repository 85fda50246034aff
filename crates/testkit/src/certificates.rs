//! Certificates good and bad, from an authority of the tests' own.

mod server;

use std::sync::atomic::{AtomicUsize, Ordering};

pub use rcgen::ExtendedKeyUsagePurpose;
use rcgen::{
    BasicConstraints, CertificateParams, CertifiedIssuer, CustomExtension, DnType, IsCa, KeyPair,
    KeyUsagePurpose, PKCS_RSA_SHA256, PublicKeyData, SignatureAlgorithm, SigningKey, date_time_ymd,
};
use rustls_pki_types::{CertificateDer, PrivateKeyDer};

pub use server::ServerTls;

use crate::der::der;
use pem::Pem;

/// From when to when a certificate is valid: year, month, day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Validity {
    /// The first day.
    pub from: (i32, u8, u8),
    /// The day on which it is no longer valid.
    pub until: (i32, u8, u8),
}

/// 2020 to 2040.
impl Default for Validity {
    fn default() -> Self {
        Validity {
            from: (2020, 1, 1),
            until: (2040, 1, 1),
        }
    }
}

/// Signs certificates.
#[derive(Debug)]
pub struct Authority {
    issuer: CertifiedIssuer<'static, KeyPair>,
    /// What has to be presented beside a leaf: this authority's own certificate, unless it is a
    /// root, and those above it.
    presented: Vec<CertificateDer<'static>>,
}

impl Authority {
    /// A root that nobody trusts unless told to, with a name of its own.
    pub fn root() -> Self {
        Authority::root_with(key())
    }

    /// A root with an RSA key.
    pub fn rsa_root() -> Self {
        let key = KeyPair::generate_for(&PKCS_RSA_SHA256).expect("an RSA key can be generated");
        Authority::root_with(key)
    }

    fn root_with(key: KeyPair) -> Self {
        static ROOTS: AtomicUsize = AtomicUsize::new(1);
        let name = format!("Test Root {}", ROOTS.fetch_add(1, Ordering::Relaxed));
        let issuer = CertifiedIssuer::self_signed(authority(&name, Validity::default()), key)
            .expect("a root certificate can be signed");
        Authority {
            issuer,
            presented: Vec::new(),
        }
    }

    /// An intermediate authority below this one.
    pub fn intermediate(&self, validity: Validity) -> Self {
        let issuer =
            CertifiedIssuer::signed_by(authority(INTERMEDIATE, validity), key(), &self.issuer)
                .expect("an intermediate certificate can be signed");
        let mut presented = vec![issuer.der().clone()];
        presented.extend(self.presented.iter().cloned());
        Authority { issuer, presented }
    }

    /// This authority's own certificate as PEM text.
    pub fn certificate_pem(&self) -> String {
        text("CERTIFICATE", self.issuer.der())
    }

    /// Another certificate for an [intermediate](Authority::intermediate) authority, by this one.
    pub fn cross_sign(&self, other: &Authority, validity: Validity) -> CertificateDer<'static> {
        authority(INTERMEDIATE, validity)
            .signed_by(other.issuer.key(), &self.issuer)
            .expect("an authority can be cross-signed")
            .into()
    }

    /// This authority's own certificate.
    pub fn certificate(&self) -> CertificateDer<'static> {
        self.issuer.der().clone()
    }

    /// A client's certificate.
    pub fn client(&self, name: &str) -> Identity {
        self.leaf(&[name])
            .only_for(ExtendedKeyUsagePurpose::ClientAuth)
            .issue()
    }

    /// A server's certificate for `names`, which may be IP addresses.
    pub fn server(&self, names: &[&str], validity: Validity) -> Identity {
        self.leaf(names).validity(validity).issue()
    }

    /// Begins a certificate for `names`, which may be IP addresses.
    pub fn leaf(&self, names: &[&str]) -> Leaf<'_> {
        let names: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
        let mut params = CertificateParams::new(names).expect("the names can be in a certificate");
        params
            .distinguished_name
            .push(DnType::CommonName, "test server");
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
        date(&mut params, Validity::default());
        Leaf {
            authority: self,
            params,
        }
    }

    /// Signs `bytes` (ECDSA on P-256 with SHA-256).
    pub(crate) fn sign(&self, bytes: &[u8]) -> Vec<u8> {
        let signature = self.issuer.key().sign(bytes);
        signature.expect("a test's authority can sign")
    }
}

/// A certificate in the making.
#[derive(Debug)]
pub struct Leaf<'a> {
    authority: &'a Authority,
    params: CertificateParams,
}

impl Leaf<'_> {
    /// From when to when it is valid; 2020 to 2040 otherwise.
    #[must_use]
    pub fn validity(mut self, validity: Validity) -> Self {
        date(&mut self.params, validity);
        self
    }

    /// Its common name.
    #[must_use]
    pub fn common_name(mut self, name: &str) -> Self {
        self.params
            .distinguished_name
            .push(DnType::CommonName, name);
        self
    }

    /// Says that it is for `purpose` instead of for servers.
    #[must_use]
    pub fn only_for(mut self, purpose: ExtendedKeyUsagePurpose) -> Self {
        self.params.extended_key_usages = vec![purpose];
        self
    }

    /// Says where the certificate of its issuer can be had.
    #[must_use]
    pub fn issuer_at(mut self, url: &str) -> Self {
        // AuthorityInfoAccessSyntax of RFC 5280: id-ad-caIssuers, and a URI.
        let method = der(0x06, &[&[43, 6, 1, 5, 5, 7, 48, 2]]);
        let location = der(0x86, &[url.as_bytes()]);
        let access = der(0x30, &[&der(0x30, &[&method, &location])]);
        let number = [1, 3, 6, 1, 5, 5, 7, 1, 1];
        self.params
            .custom_extensions
            .push(CustomExtension::from_oid_content(&number, access));
        self
    }

    /// Has it signed by the authority.
    pub fn issue(self) -> Identity {
        let key = key();
        let leaf = self
            .params
            .signed_by(&key, &self.authority.issuer)
            .expect("a certificate can be signed");
        Identity::new(leaf.into(), self.authority, key)
    }

    /// Has it signed by nobody but itself.
    pub fn sign_itself(self) -> Identity {
        let key = key();
        let leaf = self
            .params
            .self_signed(&key)
            .expect("a certificate can sign itself");
        Identity {
            chain: vec![leaf.into()],
            key: PrivateKeyDer::from(key),
            staple: None,
        }
    }

    /// Has it signed with a public RSA key of 1,024 bits in it; what it is served with is
    /// another one, since no library would sign with such a key any more.
    pub fn issue_for_weak_key(self) -> Identity {
        let leaf = self
            .params
            .signed_by(&WeakKey::new(), &self.authority.issuer)
            .expect("any public key can be in a certificate");
        Identity::new(leaf.into(), self.authority, key())
    }
}

/// A public RSA key of 1,024 bits.
struct WeakKey(Vec<u8>);

impl WeakKey {
    fn new() -> Self {
        // RSAPublicKey of RFC 8017: a modulus, of which nobody knows the factors, and 65537.
        let mut modulus = vec![0];
        modulus.extend([0xb7; 128]);
        let modulus = der(0x02, &[&modulus]);
        let exponent = der(0x02, &[&[1, 0, 1]]);
        WeakKey(der(0x30, &[&modulus, &exponent]))
    }
}

impl PublicKeyData for WeakKey {
    fn der_bytes(&self) -> &[u8] {
        &self.0
    }

    fn algorithm(&self) -> &'static SignatureAlgorithm {
        &PKCS_RSA_SHA256
    }
}

/// A key and the certificates that speak for it.
#[derive(Debug)]
pub struct Identity {
    chain: Vec<CertificateDer<'static>>,
    key: PrivateKeyDer<'static>,
    staple: Option<Vec<u8>>,
}

impl Identity {
    fn new(leaf: CertificateDer<'static>, authority: &Authority, key: KeyPair) -> Self {
        let mut chain = vec![leaf];
        chain.extend(authority.presented.iter().cloned());
        Identity {
            chain,
            key: PrivateKeyDer::from(key),
            staple: None,
        }
    }

    /// The certificates, the leaf first.
    pub fn chain(&self) -> &[CertificateDer<'static>] {
        &self.chain
    }

    /// The certificates as PEM text, the leaf first.
    pub fn certificates_pem(&self) -> String {
        self.chain
            .iter()
            .map(|der| text("CERTIFICATE", der))
            .collect()
    }

    /// The private key as PEM text.
    pub fn key_pem(&self) -> String {
        text("PRIVATE KEY", self.key.secret_der())
    }

    /// The private key, in PKCS #8.
    pub(crate) fn key(&self) -> &PrivateKeyDer<'static> {
        &self.key
    }

    /// Presents the leaf alone, as servers do whose administrator forgot the intermediates.
    #[must_use]
    pub fn without_intermediates(mut self) -> Self {
        self.chain.truncate(1);
        self
    }

    /// Presents `certificate` too, right after the leaf.
    #[must_use]
    pub fn presenting(mut self, certificate: CertificateDer<'static>) -> Self {
        self.chain.insert(1, certificate);
        self
    }

    /// Presents bytes that are no certificate in place of the leaf.
    #[must_use]
    pub fn garbled(mut self) -> Self {
        self.chain[0] = CertificateDer::from(vec![0x30, 0x03, 0x02, 0x01, 0x2a]);
        self
    }

    /// Says that the leaf was signed with SHA-1 and RSA. An [RSA root](Authority::rsa_root) has
    /// to have signed it, with SHA-256.
    #[must_use]
    pub fn as_if_signed_with_sha1(mut self) -> Self {
        // The numbers of both algorithms differ in their last byte.
        const PKCS_1: [u8; 8] = [42, 134, 72, 134, 247, 13, 1, 1];
        let mut leaf = self.chain[0].to_vec();
        for at in 0..leaf.len() - PKCS_1.len() {
            let number = &mut leaf[at..=at + PKCS_1.len()];
            if number.starts_with(&PKCS_1) && number[PKCS_1.len()] == 11 {
                number[PKCS_1.len()] = 5;
            }
        }
        self.chain[0] = CertificateDer::from(leaf);
        self
    }

    /// Staples `response` to the certificate.
    #[must_use]
    pub fn stapling(mut self, response: Vec<u8>) -> Self {
        self.staple = Some(response);
        self
    }

    /// A server with this identity.
    pub fn serve(self) -> ServerTls {
        ServerTls::new(self)
    }
}

/// The name of every intermediate authority.
const INTERMEDIATE: &str = "Test Intermediate";

fn key() -> KeyPair {
    KeyPair::generate().expect("a P-256 key can be generated")
}

fn authority(name: &str, validity: Validity) -> CertificateParams {
    let mut params = CertificateParams::default();
    date(&mut params, validity);
    params.distinguished_name.push(DnType::CommonName, name);
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign];
    params
}

fn date(params: &mut CertificateParams, validity: Validity) {
    let day = |(year, month, day)| date_time_ymd(year, month, day);
    params.not_before = day(validity.from);
    params.not_after = day(validity.until);
}

/// `der` as PEM text, as definitions and programs that read files have it.
fn text(label: &str, der: &[u8]) -> String {
    pem::encode(&Pem::new(label, der))
}
