//! TLS handshakes that come to nothing, certificates apart.

use std::sync::Arc;

use tidewatch_domain::ErrorClass as Class;
use tidewatch_domain::ErrorOwner::{Config, Target as Site};
use tidewatch_domain::monitor::{ClientCertificate, SecretRef, SecretSource, TlsOptions};
use tidewatch_domain::probe::PhaseReached as At;
use tidewatch_testkit::faults::tls;
use tidewatch_testkit::{Authority, FakeSecrets, Reply, ServerTls, Step, Target, Validity};

use super::case::{Case, World};
use crate::support::{PATIENCE, engine_with, options, quick};

fn misbehaviours() -> Vec<(&'static str, Vec<Step>, Class, &'static str)> {
    vec![
        (
            "closes",
            tls::closes(),
            Class::TlsEof,
            "localhost closed the connection",
        ),
        (
            "resets",
            tls::resets(),
            Class::TlsEof,
            "localhost reset the connection",
        ),
        (
            "hangs",
            tls::hangs(),
            Class::TlsTimeout,
            "the TLS handshake with localhost took longer than the attempt timeout of 600 ms",
        ),
        (
            "plain HTTP",
            tls::plain_http(),
            Class::TlsProtocol,
            "did not answer with TLS: is the port right?",
        ),
        (
            "garbage",
            tls::garbage(),
            Class::TlsProtocol,
            "did not answer with TLS",
        ),
        (
            "TLS 1.0 chosen",
            tls::old_version(),
            Class::TlsProtocol,
            "neither TLS 1.2 nor TLS 1.3",
        ),
        (
            "unoffered cipher",
            tls::unoffered_cipher(),
            Class::TlsProtocol,
            "the TLS handshake with localhost failed",
        ),
        (
            "alert: version",
            tls::alert(70),
            Class::TlsProtocol,
            "protocol_version (70): it accepts neither TLS 1.2 nor TLS 1.3",
        ),
        (
            "alert: ciphers",
            tls::alert(71),
            Class::TlsProtocol,
            "insufficient_security (71): it accepts none of the cipher suites",
        ),
        (
            "alert: failure",
            tls::alert(40),
            Class::TlsAlert,
            "handshake_failure (40)",
        ),
        (
            "alert: name",
            tls::alert(112),
            Class::TlsAlert,
            "unrecognised_name (112): it serves no site of this name",
        ),
        (
            "alert: internal",
            tls::alert(80),
            Class::TlsAlert,
            "internal_error (80)",
        ),
    ]
}

pub(super) async fn cases(world: &World) -> Vec<Case> {
    let engine = &world.engine;
    let mut cases = Vec::new();
    for (name, steps, class, says) in misbehaviours() {
        let target = Target::raw("https", steps).await.unwrap();
        let monitor = quick(&target.url("/")).attempt_timeout(PATIENCE);
        let wanted = (class, Site, At::Tls);
        cases.push(Case::new(
            format!("TLS: {name}"),
            wanted,
            says,
            engine,
            monitor,
            target,
        ));
    }

    let good = || {
        world
            .root
            .server(&["localhost"], Validity::default())
            .serve()
    };
    let none = "alert certificate_required (116)";
    let real: [(&str, ServerTls, _, &str); 4] = [
        (
            "no common protocol (ALPN)",
            good().alpn("spdy/3"),
            (Class::TlsProtocol, Site, At::Tls),
            "no_application_protocol (120): it accepts none of the application protocols offered",
        ),
        (
            "no common key exchange",
            good().with_unusual_groups(),
            (Class::TlsAlert, Site, At::Tls),
            "handshake_failure (40): most often there is no cipher suite or key exchange group",
        ),
        // In TLS 1.3 the client's part of the handshake is over before the server can refuse it.
        (
            "client certificate demanded, 1.3",
            good()
                .demand_client(&world.root)
                .only(&rustls::version::TLS13),
            (Class::TlsClientAuth, Config, At::Wait),
            none,
        ),
        (
            "client certificate demanded, 1.2",
            good()
                .demand_client(&world.root)
                .only(&rustls::version::TLS12),
            (Class::TlsClientAuth, Config, At::Tls),
            "demands a client certificate",
        ),
    ];
    for (name, tls, wanted, says) in real {
        let target = Target::https(tls, |_| Reply::ok("")).await.unwrap();
        let monitor = quick(&target.url("/"));
        cases.push(Case::new(
            format!("TLS: {name}"),
            wanted,
            says,
            engine,
            monitor,
            target,
        ));
    }

    for version in [&rustls::version::TLS13, &rustls::version::TLS12] {
        cases.push(stranger(&world.root, version).await);
    }
    cases
}

/// A client certificate is shown, and the server trusts somebody else's only.
async fn stranger(root: &Authority, version: &'static rustls::SupportedProtocolVersion) -> Case {
    let client = Authority::root().client("prober.test");
    let tls = root.server(&["localhost"], Validity::default()).serve();
    let tls = tls.demand_client(root).only(version);
    let target = Target::https(tls, |_| Reply::ok("")).await.unwrap();
    let key = client.key_pem();
    let mut options = options();
    options.extra_roots = vec![root.certificate()];
    let engine = engine_with(
        options,
        FakeSecrets::of(&[("env:TIDEWATCH_SECRET_KEY", &key)]),
    );
    let key = SecretRef {
        source: SecretSource::Env,
        name: "TIDEWATCH_SECRET_KEY".to_owned(),
    };
    let shown = TlsOptions {
        client_certificate: Some(ClientCertificate {
            certificate: client.certificates_pem(),
            key,
        }),
        ..TlsOptions::default()
    };
    let in_time = version.version == rustls::ProtocolVersion::TLSv1_2;
    Case::new(
        format!("TLS: client certificate refused, {:?}", version.version),
        (
            Class::TlsClientAuth,
            Config,
            if in_time { At::Tls } else { At::Wait },
        ),
        "refused the client's certificate",
        &Arc::new(engine),
        quick(&target.url("/")).tls(shown),
        target,
    )
}
