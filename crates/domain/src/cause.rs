//! Why a probe did not succeed: a closed list of error classes and who owns each.

use std::fmt;

macro_rules! error_classes {
    ($($(#[$meta:meta])* $variant:ident $name:literal $owner:ident $stage:ident;)*) => {
        /// The class of an error: stable names, safe as a metric dimension and as an alert label.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum ErrorClass {
            $($(#[$meta])* $variant,)*
        }

        impl ErrorClass {
            /// Every class, in order of appearance in the documentation.
            pub const ALL: &'static [ErrorClass] = &[$(ErrorClass::$variant,)*];

            /// The stable name, as written in rows.
            pub const fn name(self) -> &'static str {
                match self { $(ErrorClass::$variant => $name,)* }
            }

            /// Who has to act on this class, unless the prober knows better.
            pub const fn owner(self) -> ErrorOwner {
                match self { $(ErrorClass::$variant => ErrorOwner::$owner,)* }
            }

            /// At which step of the judgement the class arises.
            pub const fn stage(self) -> Stage {
                match self { $(ErrorClass::$variant => Stage::$stage,)* }
            }
        }
    };
}

error_classes! {
    /// The name does not exist.
    DnsNxdomain "dns_nxdomain" Target Transport;
    /// The name exists, but has no address of the wanted family, or no record of the wanted type.
    DnsNodata "dns_nodata" Target Transport;
    /// The resolver answered SERVFAIL.
    DnsServfail "dns_servfail" Network Transport;
    /// The resolver refused the question.
    DnsRefused "dns_refused" Network Transport;
    /// The resolver did not answer in time.
    DnsTimeout "dns_timeout" Network Transport;
    /// The resolver's answer could not be used.
    DnsBadAnswer "dns_bad_answer" Network Transport;
    /// RST in answer to SYN, or ICMP port unreachable in answer to a datagram.
    ConnectRefused "connect_refused" Target Transport;
    /// No answer to SYN in time.
    ConnectTimeout "connect_timeout" Network Transport;
    /// ICMP unreachable, or no route.
    ConnectUnreachable "connect_unreachable" Network Transport;
    /// RST during the TCP handshake.
    ConnectReset "connect_reset" Network Transport;
    /// The TLS handshake did not end in time.
    TlsTimeout "tls_timeout" Target Transport;
    /// The server ended the handshake with an alert (its code is in the text).
    TlsAlert "tls_alert" Target Transport;
    /// No common version or cipher, or not TLS at all.
    TlsProtocol "tls_protocol" Target Transport;
    /// The connection ended during the handshake.
    TlsEof "tls_eof" Target Transport;
    /// The certificate, or one on its path, has expired.
    TlsCertExpired "tls_cert_expired" Target Transport;
    /// The certificate is not valid yet.
    TlsCertNotYetValid "tls_cert_not_yet_valid" Target Transport;
    /// The certificate is for other names.
    TlsCertNameMismatch "tls_cert_name_mismatch" Target Transport;
    /// No path to a trusted root.
    TlsCertUnknownIssuer "tls_cert_unknown_issuer" Target Transport;
    /// The certificate was revoked.
    TlsCertRevoked "tls_cert_revoked" Target Transport;
    /// The certificate cannot be used for another reason.
    TlsCertBad "tls_cert_bad" Target Transport;
    /// The server demanded a client certificate or refused ours.
    TlsClientAuth "tls_client_auth" Config Transport;
    /// The request could not be sent.
    SendFailed "send_failed" Target Transport;
    /// The connection was closed before any response byte.
    ClosedBeforeResponse "closed_before_response" Target Transport;
    /// No complete response header in time.
    ReadTimeoutHeader "read_timeout_header" Target Transport;
    /// The body did not end in time.
    ReadTimeoutBody "read_timeout_body" Target Transport;
    /// The body ended before its announced length.
    BodyTruncated "body_truncated" Target Transport;
    /// RST while the body was read.
    ResetInBody "reset_in_body" Target Transport;
    /// The answer was not the expected protocol.
    ProtocolError "protocol_error" Target Transport;
    /// The same URL came up twice within one chain of redirects.
    RedirectLoop "redirect_loop" Target Transport;
    /// More redirects than allowed.
    RedirectLimit "redirect_limit" Target Transport;
    /// A redirect led where the monitor must not go.
    RedirectBlocked "redirect_blocked" Config Transport;
    /// A redirect's location cannot be used.
    RedirectInvalid "redirect_invalid" Target Transport;
    /// The body was larger than the check allows.
    BodyTooLarge "body_too_large" Target Body;
    /// The content encoding did not decode.
    DecodeError "decode_error" Target Transport;
    /// The status code is not one of the wanted.
    StatusMismatch "status_mismatch" Target Status;
    /// The protocol version is not the wanted one.
    VersionMismatch "version_mismatch" Target Status;
    /// A header does not have the wanted value.
    HeaderMismatch "header_mismatch" Target Headers;
    /// The body does not have the wanted content.
    BodyMismatch "body_mismatch" Target Body;
    /// A value within the JSON body is not the wanted one.
    JsonMismatch "json_mismatch" Target Body;
    /// The DNS answer is not the wanted one.
    DnsAnswerMismatch "dns_answer_mismatch" Target Body;
    /// The certificate is not the pinned one.
    CertFingerprintMismatch "cert_fingerprint_mismatch" Target Body;
    /// Slower than the soft threshold.
    LatencyDegraded "latency_degraded" Target Latency;
    /// Slower than the hard threshold.
    LatencyExceeded "latency_exceeded" Target Latency;
    /// The certificate expires soon.
    CertExpiring "cert_expiring" Target Certificate;
    /// The budget of the whole probe ended.
    Deadline "deadline" Target Transport;
    /// The proxy did not do its part.
    ProxyFailed "proxy_failed" Config Transport;
    /// A secret or token that the request needs could not be had.
    AuthFailed "auth_failed" Config Transport;
    /// The policy forbids the resolved address.
    BlockedAddress "blocked_address" Config Transport;
    /// No file descriptor was left.
    LocalFd "local_fd" Prober Transport;
    /// No local port was left.
    LocalPort "local_port" Prober Transport;
    /// No memory was left.
    LocalOom "local_oom" Prober Transport;
    /// The prober had more to do than it can.
    Overloaded "overloaded" Prober Transport;
    /// The prober was shut down during the probe.
    Cancelled "cancelled" Prober Transport;
}

/// Who has to act: only `Target` and `Network` count against availability.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ErrorOwner {
    /// The monitored site or API.
    Target,
    /// Something between the prober and the target.
    Network,
    /// The prober itself.
    Prober,
    /// The monitor's definition.
    Config,
}

impl ErrorOwner {
    /// Every owner.
    pub const ALL: &'static [ErrorOwner] = &[
        ErrorOwner::Target,
        ErrorOwner::Network,
        ErrorOwner::Prober,
        ErrorOwner::Config,
    ];

    /// The stable name, as written in rows.
    pub const fn name(self) -> &'static str {
        match self {
            ErrorOwner::Target => "target",
            ErrorOwner::Network => "network",
            ErrorOwner::Prober => "prober",
            ErrorOwner::Config => "config",
        }
    }

    /// Whether errors of this owner count against the target's availability.
    pub const fn counts_against_availability(self) -> bool {
        matches!(self, ErrorOwner::Target | ErrorOwner::Network)
    }
}

/// The step of the judgement at which a class arises; earlier steps take precedence.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Stage {
    /// No complete answer was obtained.
    Transport,
    /// Status line.
    Status,
    /// Headers.
    Headers,
    /// Body or answer content.
    Body,
    /// Latency thresholds.
    Latency,
    /// Certificate warning.
    Certificate,
}

/// Why something failed: class, owner, and a text for people.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cause {
    /// The class.
    pub class: ErrorClass,
    /// Who has to act; usually the class's own owner.
    pub owner: ErrorOwner,
    /// For people: at most [`Cause::TEXT_LIMIT`] bytes, without secrets.
    pub text: String,
}

impl Cause {
    /// The longest text kept, in bytes.
    pub const TEXT_LIMIT: usize = 512;

    /// A cause with the class's own owner; an over-long text is cut at a character boundary.
    pub fn new(class: ErrorClass, text: impl Into<String>) -> Self {
        let mut text = text.into();
        if text.len() > Self::TEXT_LIMIT {
            let mut end = Self::TEXT_LIMIT - '…'.len_utf8();
            while !text.is_char_boundary(end) {
                end -= 1;
            }
            text.truncate(end);
            text.push('…');
        }
        Cause {
            class,
            owner: class.owner(),
            text,
        }
    }

    /// Whether an immediate second look on a fresh connection makes sense: deterministic
    /// failures (a wrong status, a wrong body, redirects that lead nowhere) would only repeat
    /// themselves.
    pub fn is_worth_a_retry(&self) -> bool {
        let answered = matches!(
            self.class,
            ErrorClass::RedirectLoop
                | ErrorClass::RedirectLimit
                | ErrorClass::RedirectBlocked
                | ErrorClass::RedirectInvalid
                | ErrorClass::DecodeError
        );
        self.class.stage() == Stage::Transport
            && self.owner.counts_against_availability()
            && !answered
    }
}

/// `class: text`.
impl fmt::Display for Cause {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}: {}", self.class.name(), self.text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn names_are_unique_and_in_snake_case() {
        let names: BTreeSet<_> = ErrorClass::ALL.iter().map(|class| class.name()).collect();
        assert_eq!(names.len(), ErrorClass::ALL.len());
        for name in names {
            assert!(
                name.bytes()
                    .all(|byte| byte.is_ascii_lowercase() || byte == b'_'),
                "{name}"
            );
        }
    }

    #[test]
    fn long_texts_are_cut_at_a_character_boundary() {
        let cause = Cause::new(ErrorClass::ProtocolError, "ä".repeat(400));
        assert!(cause.text.len() <= Cause::TEXT_LIMIT);
        assert!(cause.text.ends_with('…'));
    }

    #[test]
    fn only_transport_failures_of_target_or_network_are_retried() {
        assert!(Cause::new(ErrorClass::ConnectTimeout, "").is_worth_a_retry());
        assert!(!Cause::new(ErrorClass::StatusMismatch, "").is_worth_a_retry());
        assert!(!Cause::new(ErrorClass::RedirectLoop, "").is_worth_a_retry());
        assert!(!Cause::new(ErrorClass::RedirectLimit, "").is_worth_a_retry());
        assert!(!Cause::new(ErrorClass::LocalFd, "").is_worth_a_retry());
        assert!(!Cause::new(ErrorClass::AuthFailed, "").is_worth_a_retry());
    }
}
