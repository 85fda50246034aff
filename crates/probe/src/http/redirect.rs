//! Where a redirect leads, and where it must not.

use std::collections::HashSet;

use http::{HeaderValue, Method, StatusCode};
use tidewatch_domain::{Cause, ErrorClass, ErrorOwner};
use url::Url;

use super::request::{Identity, Request};
use crate::failure::Failure;
use crate::redact::Redactor;

/// The URL that `location` means as seen from `current`, without fragment and user information.
pub(super) fn target(
    current: &Url,
    location: &HeaderValue,
    redactor: &Redactor,
) -> Result<Url, Cause> {
    let invalid = |why: &str| {
        let from = redactor.url(current);
        Cause::new(
            ErrorClass::RedirectInvalid,
            format!("the redirect of {from} {why}"),
        )
    };
    let text = std::str::from_utf8(location.as_bytes())
        .map_err(|_| invalid("has a location that is not UTF-8"))?;
    let mut url = current
        .join(text)
        .map_err(|error| invalid(&format!("has a location that is no URL: {error}")))?;
    if !matches!(url.scheme(), "http" | "https") {
        return Err(invalid(&format!("leads to the scheme `{}`", url.scheme())));
    }
    url.set_fragment(None);
    // Neither can fail for a URL with a host, and http and https URLs have one.
    let _ = url.set_username("");
    let _ = url.set_password(None);
    if current.scheme() == "https" && url.scheme() == "http" {
        // Following it would send in the open what was meant to be encrypted. It is the site
        // that does this, not the definition.
        let text = format!(
            "the redirect of {} leads from https to http: {}",
            redactor.url(current),
            redactor.url(&url)
        );
        let cause = Cause::new(ErrorClass::RedirectBlocked, text);
        return Err(Cause {
            owner: ErrorOwner::Target,
            ..cause
        });
    }
    Ok(url)
}

/// The method after a redirect, as browsers have it: 303 makes everything but HEAD a GET, 301
/// and 302 make POST a GET, 307 and 308 change nothing (RFC 9110, section 15.4).
pub(super) fn method(status: StatusCode, method: &Method) -> Method {
    match status {
        StatusCode::SEE_OTHER if *method != Method::HEAD => Method::GET,
        StatusCode::MOVED_PERMANENTLY | StatusCode::FOUND if *method == Method::POST => Method::GET,
        _ => method.clone(),
    }
}

/// Whether the next request may be made: it was not made before in this attempt, and no more
/// than `max` redirects are followed.
pub(super) fn check(
    next: &Request,
    seen: &HashSet<Identity>,
    followed: usize,
    max: u8,
    redactor: &Redactor,
) -> Result<(), Cause> {
    if seen.contains(&next.identity()) {
        let text = format!(
            "the redirects lead in a circle, back to {}",
            redactor.url(&next.url)
        );
        return Err(Cause::new(ErrorClass::RedirectLoop, text));
    }
    if followed > usize::from(max) {
        let text = format!(
            "there are more than {max} redirects; the next would be {}",
            redactor.url(&next.url)
        );
        return Err(Cause::new(ErrorClass::RedirectLimit, text));
    }
    Ok(())
}

/// What became of a hop that a redirect led to: an address that the policy forbids is then where
/// a redirect led, not what the monitor is for.
pub(super) fn hop_failed(failure: Failure, url: &Url, redactor: &Redactor) -> Failure {
    if failure.cause.class != ErrorClass::BlockedAddress {
        return failure;
    }
    let text = format!(
        "the redirect to {} is not followed: {}",
        redactor.url(url),
        failure.cause.text
    );
    Failure::new(
        failure.reached,
        Cause::new(ErrorClass::RedirectBlocked, text),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn go(from: &str, location: &'static str) -> Result<String, (ErrorClass, ErrorOwner)> {
        let from = Url::parse(from).unwrap();
        target(
            &from,
            &HeaderValue::from_static(location),
            &Redactor::default(),
        )
        .map(String::from)
        .map_err(|cause| (cause.class, cause.owner))
    }

    #[test]
    fn locations_are_taken_relative_to_the_page() {
        assert_eq!(
            go("http://a.example/b/c?d", "../e?f#g").unwrap(),
            "http://a.example/e?f"
        );
        assert_eq!(
            go("http://a.example/", "//b.example/").unwrap(),
            "http://b.example/"
        );
        assert_eq!(
            go("http://a.example/", "https://u:p@b.example").unwrap(),
            "https://b.example/"
        );
        assert_eq!(
            go("https://a.example/x", "/y").unwrap(),
            "https://a.example/y"
        );
    }

    #[test]
    fn what_cannot_be_followed_says_whose_fault_it_is() {
        let invalid = Err((ErrorClass::RedirectInvalid, ErrorOwner::Target));
        assert_eq!(go("http://a.example/", "ftp://b.example/"), invalid);
        assert_eq!(go("http://a.example/", "javascript:alert(1)"), invalid);
        assert_eq!(go("http://a.example/", "http://[::1"), invalid);
        assert_eq!(
            go("https://a.example/", "http://a.example/"),
            Err((ErrorClass::RedirectBlocked, ErrorOwner::Target))
        );
    }

    #[test]
    fn methods_change_as_in_browsers() {
        let cases = [
            (301, Method::POST, Method::GET),
            (302, Method::POST, Method::GET),
            (302, Method::PUT, Method::PUT),
            (303, Method::PUT, Method::GET),
            (303, Method::HEAD, Method::HEAD),
            (307, Method::POST, Method::POST),
            (308, Method::POST, Method::POST),
        ];
        for (status, before, after) in cases {
            let status = StatusCode::from_u16(status).unwrap();
            assert_eq!(method(status, &before), after, "{status} {before}");
        }
    }
}
