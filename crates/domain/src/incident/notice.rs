//! What people are told of one subject at one moment.

use sha2::{Digest, Sha256};

use super::alert::{Alert, Subject, label};
use crate::monitor::Severity;
use crate::time::Timestamp;

/// What a notice says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum NoticeKind {
    /// Trouble began.
    Opened,
    /// It still goes on.
    Reminder,
    /// It is over.
    Resolved,
    /// Nobody knows: what measured it no longer does.
    StoppedReporting,
    /// Somebody tries whether messages arrive.
    Test,
}

impl NoticeKind {
    /// Every kind.
    pub const ALL: &'static [NoticeKind] = &[
        NoticeKind::Opened,
        NoticeKind::Reminder,
        NoticeKind::Resolved,
        NoticeKind::StoppedReporting,
        NoticeKind::Test,
    ];

    /// The stable name, as written in rows and attributes.
    pub const fn name(self) -> &'static str {
        match self {
            NoticeKind::Opened => "opened",
            NoticeKind::Reminder => "reminder",
            NoticeKind::Resolved => "resolved",
            NoticeKind::StoppedReporting => "stopped_reporting",
            NoticeKind::Test => "test",
        }
    }

    /// The kind of a name.
    pub fn from_name(name: &str) -> Option<NoticeKind> {
        Self::ALL.iter().copied().find(|kind| kind.name() == name)
    }

    /// Whether somebody has to do something.
    pub const fn is_firing(self) -> bool {
        matches!(
            self,
            NoticeKind::Opened | NoticeKind::Reminder | NoticeKind::Test
        )
    }
}

/// What people are told of one subject at one moment.
#[derive(Clone, Debug, PartialEq)]
pub struct Notice {
    /// What it is about.
    pub subject: Subject,
    /// What it says.
    pub kind: NoticeKind,
    /// The number of the reminder, from 1; 0 for what is none.
    pub number: u32,
    /// The alerts that it is about, at least one.
    pub alerts: Vec<Alert>,
    /// Other alerts of the same monitor that people should know of along with it.
    pub attached: Vec<Alert>,
    /// Earlier outages of the monitor that people were not told of as they came and went.
    pub earlier: Vec<Alert>,
    /// Outages within the hour, where the monitor is flapping.
    pub flapping: Option<usize>,
    /// When it was decided.
    pub at: Timestamp,
}

impl Notice {
    /// The alert that it is about first of all: the worst, and of those the oldest.
    pub fn lead(&self) -> &Alert {
        self.alerts
            .iter()
            .min_by_key(|alert| {
                (
                    std::cmp::Reverse(alert.severity()),
                    alert.starts_at,
                    &alert.fingerprint,
                )
            })
            .expect("a notice is about at least one alert")
    }

    /// The number of the outage, where it is about one.
    pub fn outage(&self) -> Option<u64> {
        self.lead().outage()
    }

    /// The incident: `tenant/monitor_id#7` for an outage, else the subject.
    pub fn incident(&self) -> String {
        match self.outage() {
            Some(epoch) => format!("{}#{epoch}", self.subject),
            None => self.subject.to_string(),
        }
    }

    /// How bad it is.
    pub fn severity(&self) -> Severity {
        self.lead().severity()
    }

    /// Who is called.
    pub fn team(&self) -> Option<&str> {
        self.alerts
            .iter()
            .find_map(|alert| alert.label(label::TEAM))
    }

    /// Whose monitor it is.
    pub fn tenant(&self) -> Option<&str> {
        match &self.subject {
            Subject::Monitor(key) => Some(key.tenant.as_str()),
            Subject::Alert(_) => self.lead().label(label::TENANT),
        }
    }

    /// Since when there is trouble, or was.
    pub fn since(&self) -> Timestamp {
        self.lead().trouble_since()
    }

    /// When the trouble was over.
    pub fn until(&self) -> Option<Timestamp> {
        (!self.kind.is_firing()).then(|| self.lead().ends_at.unwrap_or(self.at))
    }

    /// The same for every attempt to say this, and different for everything else that is said:
    /// SHA-256 in lower-case hexadecimal.
    pub fn dedupe_id(&self) -> String {
        let mut episodes: Vec<String> = self
            .alerts
            .iter()
            .map(|alert| {
                format!(
                    "{} {} {}",
                    alert.fingerprint,
                    alert.starts_at.as_nanos(),
                    alert.status.name()
                )
            })
            .collect();
        episodes.sort_unstable();
        let told = format!(
            "{}\n{}\n{}\n{}",
            self.incident(),
            self.kind.name(),
            self.number,
            episodes.join("\n")
        );
        hexadecimal(&Sha256::digest(told))
    }
}

pub(super) fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
