//! Certificates that are refused.

use tidewatch_domain::ErrorClass as Class;
use tidewatch_domain::ErrorOwner::Target as Site;
use tidewatch_domain::probe::PhaseReached as At;
use tidewatch_testkit::{
    Authority, ExtendedKeyUsagePurpose, Identity, Reply, Revocation, Staple, Target, Validity,
};

use super::case::{Case, World};
use crate::support::{engine, options, quick};

const HERE: &[&str] = &["localhost"];
const EXPIRED: Validity = Validity {
    from: (2020, 1, 1),
    until: (2026, 3, 1),
};
const FUTURE: Validity = Validity {
    from: (2027, 1, 1),
    until: (2040, 1, 1),
};
const GOOD: Validity = Validity {
    from: (2020, 1, 1),
    until: (2040, 1, 1),
};

fn refused(root: &Authority) -> Vec<(&'static str, Identity, Class, String)> {
    let unknown = Authority::root();
    let below_unknown = unknown.intermediate(GOOD);
    let intermediate = root.intermediate(GOOD);
    let url = "http://pki.example/intermediate.crt";
    let revoked = root.server(HERE, GOOD);
    let staple = Staple::about(&revoked, root, Revocation::Since((2026, 3, 1))).response();
    let says = |text: &str| text.to_owned();
    vec![
        (
            "expired",
            root.server(HERE, EXPIRED),
            Class::TlsCertExpired,
            says("the certificate of localhost expired at 2026-03-01T00:00:00.000Z"),
        ),
        (
            "not valid yet",
            root.server(HERE, FUTURE),
            Class::TlsCertNotYetValid,
            says("the certificate of localhost is not valid before 2027-01-01T00:00:00.000Z"),
        ),
        (
            "other names",
            root.server(&["a.example", "*.b.example", "192.0.2.7"], GOOD),
            Class::TlsCertNameMismatch,
            says("not for localhost, but for a.example, *.b.example, 192.0.2.7"),
        ),
        (
            "no name",
            root.server(&[], GOOD),
            Class::TlsCertNameMismatch,
            says("but for no name at all"),
        ),
        (
            "unknown issuer",
            unknown.server(HERE, GOOD),
            Class::TlsCertUnknownIssuer,
            says("was issued by `CN=Test Root"),
        ),
        (
            "unknown root, presented",
            below_unknown
                .server(HERE, GOOD)
                .presenting(unknown.certificate()),
            Class::TlsCertUnknownIssuer,
            says("which is not trusted"),
        ),
        (
            "intermediate missing",
            intermediate.server(HERE, GOOD).without_intermediates(),
            Class::TlsCertUnknownIssuer,
            says(
                "issued by `CN=Test Intermediate`, which is neither trusted nor presented: an intermediate",
            ),
        ),
        (
            "intermediate missing, known where",
            intermediate
                .leaf(HERE)
                .issuer_at(url)
                .issue()
                .without_intermediates(),
            Class::TlsCertUnknownIssuer,
            format!(
                "most likely the server leaves out an intermediate certificate, to be had at {url}"
            ),
        ),
        (
            "signed itself",
            root.leaf(HERE).sign_itself(),
            Class::TlsCertUnknownIssuer,
            says("signed itself"),
        ),
        (
            "intermediate expired",
            root.intermediate(EXPIRED).server(HERE, GOOD),
            Class::TlsCertExpired,
            says(
                "the intermediate certificate `CN=Test Intermediate` of localhost expired at 2026-03-01",
            ),
        ),
        (
            "intermediate not valid yet",
            root.intermediate(FUTURE).server(HERE, GOOD),
            Class::TlsCertNotYetValid,
            says(
                "the intermediate certificate `CN=Test Intermediate` of localhost is not valid before",
            ),
        ),
        (
            "revoked by staple",
            revoked.stapling(staple),
            Class::TlsCertRevoked,
            says("was revoked at 2026-03-01T00:00:00.000Z (keyCompromise)"),
        ),
        (
            "bad encoding",
            root.server(HERE, GOOD).garbled(),
            Class::TlsCertBad,
            says("is not well-formed"),
        ),
        (
            "for clients only",
            root.leaf(HERE)
                .only_for(ExtendedKeyUsagePurpose::ClientAuth)
                .issue(),
            Class::TlsCertBad,
            says("may not be used by a server, but for clientAuth"),
        ),
        (
            "weak key",
            root.leaf(HERE).issue_for_weak_key(),
            Class::TlsCertBad,
            says("its RSA key has 1024 bits"),
        ),
    ]
}

pub(super) async fn cases(world: &World) -> Vec<Case> {
    let mut cases = Vec::new();
    for (name, identity, class, says) in refused(&world.root) {
        let target = Target::https(identity.serve(), |_| Reply::ok(""))
            .await
            .unwrap();
        let monitor = quick(&target.url("/"));
        let wanted = (class, Site, At::Tls);
        let name = format!("certificate: {name}");
        cases.push(Case::new(
            name,
            wanted,
            says,
            &world.engine,
            monitor,
            target,
        ));
    }
    cases.push(signed_with_sha1().await);
    cases
}

/// Only an RSA key can sign so.
async fn signed_with_sha1() -> Case {
    let root = Authority::rsa_root();
    let mut options = options();
    options.extra_roots = vec![root.certificate()];
    let identity = root.server(HERE, GOOD).as_if_signed_with_sha1();
    let target = Target::https(identity.serve(), |_| Reply::ok(""))
        .await
        .unwrap();
    Case::new(
        "certificate: weak signature",
        (Class::TlsCertBad, Site, At::Tls),
        "is too weak: it is signed with SHA-1 and RSA",
        &std::sync::Arc::new(engine(options)),
        quick(&target.url("/")),
        target,
    )
}
