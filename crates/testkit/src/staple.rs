//! Stapled responses about revocation, good and bad (OCSP, RFC 6960).

use aws_lc_rs::digest::{SHA1_FOR_LEGACY_USE_ONLY, digest};
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{ECDSA_P256_SHA256_ASN1_SIGNING, EcdsaKeyPair};
use rustls_pki_types::CertificateDer;
use x509_parser::certificate::X509Certificate;
use x509_parser::prelude::FromDer;

use crate::certificates::{Authority, Identity, Validity};
use crate::der::der;

const SEQUENCE: u8 = 0x30;
const OCTET_STRING: u8 = 0x04;
const GENERALIZED_TIME: u8 = 0x18;
const ENUMERATED: u8 = 0x0a;

/// What an authority says about a certificate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Revocation {
    /// It is not revoked.
    Good,
    /// It was revoked on this day, because its key had become known.
    Since((i32, u8, u8)),
    /// The authority does not know it.
    Unknown,
}

/// A stapled response in the making.
#[derive(Debug)]
pub struct Staple<'a> {
    authority: &'a Authority,
    leaf: CertificateDer<'static>,
    revocation: Revocation,
    validity: Validity,
    delegate: Option<&'a Identity>,
}

impl<'a> Staple<'a> {
    /// What `authority` says about the certificate of `identity`, in force from 2020 to 2040.
    pub fn about(identity: &Identity, authority: &'a Authority, revocation: Revocation) -> Self {
        Staple {
            authority,
            leaf: identity.chain()[0].clone(),
            revocation,
            validity: Validity::default(),
            delegate: None,
        }
    }

    /// From when to when it is in force.
    #[must_use]
    pub fn validity(mut self, validity: Validity) -> Self {
        self.validity = validity;
        self
    }

    /// Has it signed by `delegate`, whose certificate goes with it, in place of the authority.
    #[must_use]
    pub fn by(mut self, delegate: &'a Identity) -> Self {
        self.delegate = Some(delegate);
        self
    }

    /// The `OCSPResponse`.
    pub fn response(&self) -> Vec<u8> {
        let data = self.data();
        let (signature, certificates) = match self.delegate {
            None => (self.authority.sign(&data), Vec::new()),
            Some(delegate) => {
                let certificate = der(SEQUENCE, &[&delegate.chain()[0]]);
                (sign(delegate, &data), der(0xa0, &[&certificate]))
            }
        };
        // ecdsa-with-SHA256.
        let algorithm = der(0x06, &[&[42, 134, 72, 206, 61, 4, 3, 2]]);
        let algorithm = der(SEQUENCE, &[&algorithm]);
        let signature = der(0x03, &[&[0], &signature]);
        let basic = der(SEQUENCE, &[&data, &algorithm, &signature, &certificates]);
        // id-pkix-ocsp-basic.
        let kind = der(0x06, &[&[43, 6, 1, 5, 5, 7, 48, 1, 1]]);
        let bytes = der(SEQUENCE, &[&kind, &der(OCTET_STRING, &[&basic])]);
        der(
            SEQUENCE,
            &[&der(ENUMERATED, &[&[0]]), &der(0xa0, &[&bytes])],
        )
    }

    /// The `ResponseData`: what is signed.
    fn data(&self) -> Vec<u8> {
        let authority = self.authority.certificate();
        let (_, issuer) = X509Certificate::from_der(&authority).expect("the test made it");
        let (_, leaf) = X509Certificate::from_der(&self.leaf).expect("the test made it");
        let key = issuer.public_key().subject_public_key.data.as_ref();
        // AlgorithmIdentifier of SHA-1, which is what everybody uses here.
        let algorithm = der(SEQUENCE, &[&der(0x06, &[&[43, 14, 3, 2, 26]]), &[5, 0]]);
        let id = der(
            SEQUENCE,
            &[
                &algorithm,
                &hashed(issuer.subject().as_raw()),
                &hashed(key),
                &der(0x02, &[leaf.raw_serial()]),
            ],
        );
        let status = match self.revocation {
            Revocation::Good => der(0x80, &[]),
            Revocation::Since(day) => {
                let reason = der(0xa0, &[&der(ENUMERATED, &[&[1]])]);
                der(0xa1, &[&time(day), &reason])
            }
            Revocation::Unknown => der(0x82, &[]),
        };
        let end = der(0xa0, &[&time(self.validity.until)]);
        let begin = time(self.validity.from);
        let single = der(SEQUENCE, &[&id, &status, &begin, &end]);
        let responder = der(0xa2, &[&hashed(key)]);
        let singles = der(SEQUENCE, &[&single]);
        der(SEQUENCE, &[&responder, &begin, &singles])
    }
}

fn hashed(bytes: &[u8]) -> Vec<u8> {
    der(
        OCTET_STRING,
        &[digest(&SHA1_FOR_LEGACY_USE_ONLY, bytes).as_ref()],
    )
}

fn time((year, month, day): (i32, u8, u8)) -> Vec<u8> {
    let text = format!("{year:04}{month:02}{day:02}000000Z");
    der(GENERALIZED_TIME, &[text.as_bytes()])
}

fn sign(identity: &Identity, bytes: &[u8]) -> Vec<u8> {
    let key = identity.key().secret_der();
    let pair = EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_ASN1_SIGNING, key)
        .expect("keys of tests are on P-256");
    let signature = pair.sign(&SystemRandom::new(), bytes);
    signature.expect("a key can sign").as_ref().to_vec()
}
