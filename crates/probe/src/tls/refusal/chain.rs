//! What the certificates that a server presented say about why they are refused.

use rustls::CertificateError;
use rustls_pki_types::CertificateDer;
use url::Host;
use x509_parser::certificate::X509Certificate;
use x509_parser::extensions::{GeneralName, ParsedExtension};
use x509_parser::oid_registry::{
    OID_PKIX_ACCESS_DESCRIPTOR_CA_ISSUERS, Oid, OidRegistry, format_oid,
};
use x509_parser::prelude::FromDer;
use x509_parser::public_key::PublicKey;
use x509_parser::x509::AlgorithmIdentifier;

use crate::tls::certificate::{names, shown};
use crate::tls::verifier::Seen;

/// RSA keys of fewer bits are refused everywhere.
const LEAST_RSA_BITS: usize = 2_048;
/// Signatures that can be forged: number and name.
const BROKEN: [(&str, &str); 5] = [
    ("1.2.840.113549.1.1.4", "MD5 and RSA"),
    ("1.2.840.113549.1.1.5", "SHA-1 and RSA"),
    ("1.3.14.3.2.29", "SHA-1 and RSA"),
    ("1.2.840.10040.4.3", "SHA-1 and DSA"),
    ("1.2.840.10045.4.1", "SHA-1 and ECDSA"),
];
/// URLs in certificates are chosen by strangers.
const LONGEST_URL: usize = 100;

/// The presented certificates that can be read, the leaf first.
pub(super) struct Chain<'a>(Vec<X509Certificate<'a>>);

impl<'a> Chain<'a> {
    pub(super) fn of(seen: &'a Seen) -> Self {
        let read = |der: &'a CertificateDer<'static>| {
            X509Certificate::from_der(der)
                .ok()
                .map(|(_, certificate)| certificate)
        };
        Chain(seen.presented.iter().filter_map(read).collect())
    }

    /// The certificate that `is_meant`, as a text names it.
    pub(super) fn which(
        &self,
        host: &Host<&str>,
        is_meant: impl Fn(&X509Certificate<'_>) -> bool,
    ) -> String {
        match self.0.iter().position(is_meant) {
            Some(0) => format!("the certificate of {host}"),
            Some(above) => format!(
                "the intermediate certificate `{}` of {host}",
                shown(self.0[above].subject())
            ),
            None => format!("a certificate of {host}"),
        }
    }

    /// The first few of the names that the leaf is for.
    pub(super) fn names(&self) -> String {
        const SHOWN: usize = 5;
        let names = self.0.first().map(names).unwrap_or_default();
        let first = names.iter().take(SHOWN).cloned().collect::<Vec<_>>();
        match names.len().saturating_sub(SHOWN) {
            _ if names.is_empty() => {
                "no name at all (a common name does not count, only subject alternative names)"
                    .to_owned()
            }
            0 => first.join(", "),
            more => format!("{} and {more} more", first.join(", ")),
        }
    }

    /// Where the way from the leaf to a trusted root ends, and what that usually means.
    pub(super) fn dead_end(&self) -> String {
        let Some(last) = self.last() else {
            return "does not lead to a trusted root".to_owned();
        };
        let alone = std::ptr::eq(last, &self.0[0]);
        if signs_itself(last) {
            return if alone {
                "signed itself, and is not trusted".to_owned()
            } else {
                format!(
                    "leads to the root `{}`, which is not trusted",
                    shown(last.subject())
                )
            };
        }
        let issuer = shown(last.issuer());
        let whose = if alone {
            format!("was issued by `{issuer}`")
        } else {
            format!("leads to `{}`, issued by `{issuer}`", shown(last.subject()))
        };
        match issuer_url(last) {
            Some(url) => format!(
                "{whose}, which is neither trusted nor presented: most likely the server leaves \
                 out an intermediate certificate, to be had at {url}"
            ),
            None => format!(
                "{whose}, which is neither trusted nor presented: an intermediate certificate is \
                 missing, or the authority is a private one"
            ),
        }
    }

    /// The presented certificate that is highest above the leaf, by names.
    fn last(&self) -> Option<&X509Certificate<'a>> {
        let mut last = self.0.first()?;
        // No certificate is gone over twice, or two that issued each other would have no end.
        for _ in 1..self.0.len() {
            let above =
                |other: &&X509Certificate<'a>| other.subject().as_raw() == last.issuer().as_raw();
            match self.0.iter().find(above) {
                Some(issuer) if !signs_itself(last) => last = issuer,
                _ => break,
            }
        }
        Some(last)
    }

    /// Why none of the usual reasons is the one.
    pub(super) fn unusable(&self, host: &Host<&str>, error: &CertificateError) -> String {
        if let Some(weakness) = self.0.iter().find_map(weakness) {
            return format!("a certificate of {host} is too weak: {weakness}");
        }
        match error {
            CertificateError::InvalidPurpose | CertificateError::InvalidPurposeContext { .. } => {
                format!(
                    "the certificate of {host} may not be used by a server, but for {}",
                    self.0.first().map(purposes).unwrap_or_default()
                )
            }
            CertificateError::BadSignature => {
                format!(
                    "a signature by a certificate of {host} is wrong: it was made with another key"
                )
            }
            CertificateError::UnsupportedSignatureAlgorithmContext { .. }
            | CertificateError::UnsupportedSignatureAlgorithmForPublicKeyContext { .. } => format!(
                "a certificate of {host} is signed in a way that is not accepted: {}",
                self.0
                    .first()
                    .map(|leaf| algorithm(&leaf.signature_algorithm))
                    .unwrap_or_default()
            ),
            other => format!("the certificate of {host} cannot be used: {other}"),
        }
    }
}

fn signs_itself(certificate: &X509Certificate<'_>) -> bool {
    certificate.subject().as_raw() == certificate.issuer().as_raw()
}

/// Where the issuer's certificate can be had, as the certificate says.
fn issuer_url(certificate: &X509Certificate<'_>) -> Option<String> {
    certificate
        .extensions()
        .iter()
        .filter_map(|extension| match extension.parsed_extension() {
            ParsedExtension::AuthorityInfoAccess(access) => Some(access),
            _ => None,
        })
        .flat_map(|access| access.iter())
        .filter(|access| access.access_method == OID_PKIX_ACCESS_DESCRIPTOR_CA_ISSUERS)
        .find_map(|access| match access.access_location {
            GeneralName::URI(url) => Some(
                url.chars()
                    .filter(|character| character.is_ascii_graphic())
                    .take(LONGEST_URL)
                    .collect(),
            ),
            _ => None,
        })
}

/// What makes `certificate` worth nothing, whatever it says.
fn weakness(certificate: &X509Certificate<'_>) -> Option<String> {
    if let Ok(PublicKey::RSA(key)) = certificate.public_key().parsed()
        && key.key_size() < LEAST_RSA_BITS
    {
        return Some(format!(
            "its RSA key has {} bits, and {LEAST_RSA_BITS} are the least",
            key.key_size()
        ));
    }
    // What a root says of itself is not looked at: it is trusted, or not, as it is.
    if signs_itself(certificate) {
        return None;
    }
    let number = certificate.signature_algorithm.algorithm.to_id_string();
    BROKEN
        .iter()
        .find(|(broken, _)| *broken == number)
        .map(|(_, name)| format!("it is signed with {name}"))
}

/// `ecdsa-with-SHA256`, or the number where there is no name.
fn algorithm(identifier: &AlgorithmIdentifier<'_>) -> String {
    let names = OidRegistry::default().with_all_crypto();
    format_oid(&identifier.algorithm, &names)
}

/// What the certificate says it is for: `clientAuth, codeSigning`.
fn purposes(leaf: &X509Certificate<'_>) -> String {
    let Ok(Some(usage)) = leaf.extended_key_usage() else {
        return "nothing that is known".to_owned();
    };
    let usage = usage.value;
    let known = [
        (usage.client_auth, "clientAuth"),
        (usage.code_signing, "codeSigning"),
        (usage.email_protection, "emailProtection"),
        (usage.time_stamping, "timeStamping"),
        (usage.ocsp_signing, "OCSPSigning"),
    ];
    let mut purposes: Vec<String> = known
        .into_iter()
        .filter(|(has, _)| *has)
        .map(|(_, name)| name.to_owned())
        .collect();
    purposes.extend(usage.other.iter().take(3).map(Oid::to_id_string));
    purposes.join(", ")
}
