//! Redirects that lead nowhere or where they must not, over HTTP/1.1 and HTTP/2.

use std::sync::Arc;

use tidewatch_domain::ErrorClass as Class;
use tidewatch_domain::ErrorOwner::{Config, Target as Site};
use tidewatch_domain::monitor::Redirects;
use tidewatch_domain::probe::PhaseReached as At;
use tidewatch_testkit::{FakeSecrets, Reply, Seen, Target, Validity, refused_port};

use super::case::{Case, Wanted, World};
use crate::support::{engine_with, options, quick};

const FOLLOW: Redirects = Redirects::Follow { max: 3 };

/// Where each path of the site leads.
fn site(seen: &Seen) -> Reply {
    let path = seen.path.as_str();
    let to = match path {
        "/circle" => "/circle/back".to_owned(),
        "/circle/back" => "/circle".to_owned(),
        "/itself" => "/itself".to_owned(),
        "/scheme" => "gopher://x.example/".to_owned(),
        "/nonsense" => "http://[:::]/".to_owned(),
        "/down" => "http://x.example/".to_owned(),
        counted => format!("{counted}x"),
    };
    Reply::redirect(302, &to)
}

const ROWS: [(&str, Wanted, &str); 6] = [
    (
        "/circle",
        (Class::RedirectLoop, Site, At::Transfer),
        "lead in a circle, back to https://localhost",
    ),
    (
        "/itself",
        (Class::RedirectLoop, Site, At::Transfer),
        "lead in a circle, back to https://localhost",
    ),
    (
        "/more",
        (Class::RedirectLimit, Site, At::Transfer),
        "more than 3 redirects",
    ),
    (
        "/scheme",
        (Class::RedirectInvalid, Site, At::Transfer),
        "leads to the scheme `gopher`",
    ),
    (
        "/nonsense",
        (Class::RedirectInvalid, Site, At::Transfer),
        "has a location that is no URL",
    ),
    (
        "/down",
        (Class::RedirectBlocked, Site, At::Transfer),
        "leads from https to http: http://x.example/",
    ),
];

pub(super) async fn cases(world: &World) -> Vec<Case> {
    let tls = |alpn| {
        let identity = world.root.server(&["localhost"], Validity::default());
        Target::https(identity.serve().alpn(alpn), site)
    };
    let mut cases = Vec::new();
    for (version, alpn) in [("1.1", "http/1.1"), ("2", "h2")] {
        for (path, wanted, says) in ROWS {
            let target = tls(alpn).await.unwrap();
            let monitor = quick(&target.url(path)).redirects(FOLLOW);
            let name = format!("HTTP/{version}: redirect {path}");
            cases.push(Case::new(
                name,
                wanted,
                says,
                &world.engine,
                monitor,
                target,
            ));
        }
    }

    cases.push(with_a_secret().await);
    cases
}

/// The body has a secret, and would go to another origin.
async fn with_a_secret() -> Case {
    let away = refused_port().unwrap();
    let to = format!("http://{away}/");
    let target = Target::http(move |_| Reply::redirect(307, &to))
        .await
        .unwrap();
    let secrets = FakeSecrets::of(&[("env:TIDEWATCH_SECRET_A", "s3cret")]);
    Case::new(
        "HTTP/1.1: redirect away with a secret",
        (Class::RedirectBlocked, Config, At::Transfer),
        format!("leads to another origin, http://{away}/, which must not get the secret"),
        &Arc::new(engine_with(options(), secrets)),
        quick(&target.url("/"))
            .method("POST")
            .body("${env:TIDEWATCH_SECRET_A}"),
        target,
    )
}
