//! Which secrets an entry may name. The prober's permissions say the same again.

use tidewatch_domain::Tenant;
use tidewatch_domain::monitor::{SecretRef, SecretSource, SecretText};

use crate::load::Mode;
use crate::node::Node;
use crate::report::Report;

/// The names of environment variables that definitions may read begin so.
const ENV_PREFIX: &str = "TIDEWATCH_SECRET_";

/// Who asks for secrets, and where the prober runs.
#[derive(Clone, Copy, Debug)]
pub(super) struct Policy<'k> {
    pub(super) mode: Mode,
    /// `None` when the entry has no usable tenant, which is reported elsewhere.
    pub(super) tenant: Option<&'k Tenant>,
}

impl Policy<'_> {
    /// A text that may name secrets. `node` must be a hidden one.
    pub(super) fn text(self, node: &Node<'_>, report: &mut Report) -> Option<SecretText> {
        let text = node.text(report)?;
        let Ok(text) = SecretText::try_new(text) else {
            let problem = "holds a `${` that begins no reference to a secret";
            report.fault(node, problem, format!("write {}", self.example()));
            return None;
        };
        for reference in text.references() {
            self.check(reference, node, report);
        }
        Some(text)
    }

    /// A reference that would be accepted here.
    pub(super) fn example(self) -> String {
        match self.mode {
            Mode::Local => format!("`${{env:{ENV_PREFIX}NAME}}`"),
            Mode::Aws | Mode::AwsInner => format!("`${{ssm:{}name}}`", self.prefix()),
        }
    }

    /// Whether `reference` may be named, reported if not.
    pub(super) fn check(self, reference: &SecretRef, node: &Node<'_>, report: &mut Report) {
        match reference.source {
            SecretSource::Env => self.check_env(&reference.name, node, report),
            SecretSource::Ssm | SecretSource::SecretsManager => {
                self.check_path(reference, node, report);
            }
        }
    }

    fn check_env(self, name: &str, node: &Node<'_>, report: &mut Report) {
        if self.mode.is_aws() {
            let problem = "reads an environment variable, which is refused in AWS";
            report.fault(
                node,
                problem,
                format!("store it in AWS and write {}", self.example()),
            );
            return;
        }
        let rest = name.strip_prefix(ENV_PREFIX).unwrap_or_default();
        let plain = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
        if rest.is_empty() || !rest.bytes().all(plain) {
            let problem = format!(
                "reads an environment variable whose name does not begin with {ENV_PREFIX}"
            );
            let remedy = format!("name the variable like `{ENV_PREFIX}SHOP`");
            report.fault(node, problem, remedy);
        }
    }

    fn check_path(self, reference: &SecretRef, node: &Node<'_>, report: &mut Report) {
        let scheme = reference.source.scheme();
        let prefix = self.prefix();
        let rest = reference
            .name
            .strip_prefix(prefix.as_str())
            .unwrap_or_default();
        let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.');
        let parts = rest
            .split('/')
            .all(|part| !part.is_empty() && part != "." && part != ".." && part.bytes().all(plain));
        if !parts && self.tenant.is_some() {
            let problem = format!("names a secret outside of `{prefix}`");
            report.fault(node, problem, format!("write `${{{scheme}:{prefix}name}}`"));
        } else if self.mode == Mode::Local {
            let problem = format!("names a secret by `{scheme}:`, which local mode cannot read");
            report.fault(node, problem, format!("write {}", self.example()));
        }
    }

    fn prefix(self) -> String {
        match self.tenant {
            Some(tenant) => format!("/tidewatch/{tenant}/"),
            None => "/tidewatch/<tenant>/".to_owned(),
        }
    }
}
