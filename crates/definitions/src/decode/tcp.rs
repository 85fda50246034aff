//! What belongs to the kinds `tcp` and `tls`.

use tidewatch_domain::monitor::{Encryption, Kind, Network, Step, TcpCheck, TlsCheck, limits};

use super::secrets::Policy;
use super::target::Target;
use super::{dialogue, endpoint, network, tls_options};
use crate::fields::Fields;
use crate::report::Report;

/// The target and the field `request` of a check of kind `tcp`; `None` when the target cannot be
/// used. Faults are in the report.
pub(super) fn tcp(
    target: Option<&Target<'_>>,
    fields: &mut Fields<'_>,
    secrets: Policy<'_>,
    report: &mut Report,
) -> Option<TcpCheck> {
    let mode = secrets.mode;
    let endpoint = target.and_then(|target| endpoint::endpoint(target, Kind::Tcp, mode, report));
    let mut network = Network::default();
    let mut encryption = None;
    let mut dialogue = Vec::new();
    let mut reply_limit = limits::REPLY;
    if let Some(mut fields) = request(fields, "write a map, like `{dialogue: []}`", report) {
        dialogue = dialogue::dialogue(&mut fields, secrets, report);
        encryption = tls_options::encryption(&mut fields, secrets, report);
        network = network::network(&mut fields, secrets.mode, report);
        if let Some(node) = fields.get("reply_limit")
            && let Some(limit) = node.whole(1..=limits::REPLY_MAX as u64, report)
        {
            reply_limit = usize::try_from(limit).unwrap_or(limits::REPLY_MAX);
        }
        let synonyms = [("steps", "dialogue"), ("body_limit", "reply_limit")];
        fields.finish(&synonyms, report);
    }
    Some(TcpCheck {
        endpoint: endpoint?,
        encryption,
        dialogue,
        reply_limit,
        network,
    })
}

/// The target and the field `request` of a check of kind `tls`; `None` when the target cannot be
/// used. Faults are in the report.
pub(super) fn tls(
    target: Option<&Target<'_>>,
    fields: &mut Fields<'_>,
    secrets: Policy<'_>,
    report: &mut Report,
) -> Option<TlsCheck> {
    let mode = secrets.mode;
    let endpoint = target.and_then(|target| endpoint::endpoint(target, Kind::Tls, mode, report));
    let mut network = Network::default();
    let mut encryption = Encryption::default();
    if let Some(mut fields) = request(fields, "write a map, like `{starttls: smtp}`", report) {
        encryption = tls_options::encryption(&mut fields, secrets, report).unwrap_or_default();
        network = network::network(&mut fields, secrets.mode, report);
        fields.finish(&[], report);
    }
    Some(TlsCheck {
        endpoint: endpoint?,
        encryption,
        network,
    })
}

/// Whether a server is heard in such a dialogue.
pub(super) fn has_reply(check: &TcpCheck) -> bool {
    let hears = |step: &Step| matches!(step, Step::Expect(_));
    check.dialogue.iter().any(hears)
}

fn request<'t>(fields: &mut Fields<'t>, remedy: &str, report: &mut Report) -> Option<Fields<'t>> {
    fields.get("request")?.fields(remedy, report)
}
