//! Which topics a message goes to.

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;
use tidewatch_domain::monitor::Severity;

use crate::channel::Audience;

/// Topics by severity, team and tenant, as ARNs. A message goes to that of its severity, of its
/// team and of its tenant, once to each.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Topics {
    /// For what pages.
    pub critical: Option<String>,
    /// For what waits for office hours.
    pub warning: Option<String>,
    /// For what helps diagnosis.
    pub info: Option<String>,
    /// For teams, by name.
    pub teams: BTreeMap<String, String>,
    /// For tenants, by name.
    pub tenants: BTreeMap<String, String>,
}

/// Topics that cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TopicsError {
    /// Alerts without a team or tenant would go nowhere.
    #[error(
        "none of `critical`, `warning` and `info` has a topic: alerts of no particular team would go nowhere; name at least one"
    )]
    NoSeverity,
    /// Not an ARN.
    #[error("`{0}` is not the ARN of a topic; write `arn:aws:sns:<region>:<account>:<name>`")]
    NotAnArn(String),
}

impl Topics {
    /// Each topic with the audiences that it stands for. A severity without a topic goes to the
    /// next worse one that has one, or else to the next milder: nothing goes nowhere.
    pub fn subscriptions(&self) -> Result<BTreeMap<String, Vec<Audience>>, TopicsError> {
        let mut topics: BTreeMap<String, Vec<Audience>> = BTreeMap::new();
        for severity in Severity::ALL {
            let topic = self.of_severity(*severity).ok_or(TopicsError::NoSeverity)?;
            let audience = Audience {
                severities: BTreeSet::from([*severity]),
                ..Audience::default()
            };
            topics.entry(topic.to_owned()).or_default().push(audience);
        }
        for (team, topic) in &self.teams {
            let audience = Audience {
                teams: BTreeSet::from([team.clone()]),
                ..Audience::default()
            };
            topics.entry(topic.clone()).or_default().push(audience);
        }
        for (tenant, topic) in &self.tenants {
            let audience = Audience {
                tenants: BTreeSet::from([tenant.clone()]),
                ..Audience::default()
            };
            topics.entry(topic.clone()).or_default().push(audience);
        }
        match topics.keys().find(|topic| !is_arn(topic)) {
            Some(topic) => Err(TopicsError::NotAnArn(topic.clone())),
            None => Ok(topics),
        }
    }

    fn of_severity(&self, severity: Severity) -> Option<&str> {
        let own = |severity| match severity {
            Severity::Critical => self.critical.as_deref(),
            Severity::Warning => self.warning.as_deref(),
            Severity::Info => self.info.as_deref(),
        };
        let worse = Severity::ALL.iter().filter(|other| **other >= severity);
        let milder = Severity::ALL
            .iter()
            .rev()
            .filter(|other| **other < severity);
        worse.chain(milder).find_map(|other| own(*other))
    }
}

/// `arn:<partition>:sns:<region>:<account>:<name>`.
fn is_arn(text: &str) -> bool {
    let parts: Vec<&str> = text.split(':').collect();
    parts.len() == 6
        && parts.first() == Some(&"arn")
        && parts.get(2) == Some(&"sns")
        && parts.iter().all(|part| !part.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn arn(name: &str) -> String {
        format!("arn:aws:sns:eu-west-1:123456789012:{name}")
    }

    #[test]
    fn every_severity_has_a_topic_and_no_topic_gets_a_message_twice() {
        let topics = Topics {
            warning: Some(arn("quiet")),
            teams: BTreeMap::from([("payments".to_owned(), arn("quiet"))]),
            tenants: BTreeMap::from([("acme".to_owned(), arn("acme"))]),
            ..Topics::default()
        };
        let subscriptions = topics.subscriptions().unwrap();
        let counts: Vec<(&str, usize)> = subscriptions
            .iter()
            .map(|(topic, audiences)| (topic.rsplit(':').next().unwrap(), audiences.len()))
            .collect();
        assert_eq!(counts, [("acme", 1), ("quiet", 4)]);
    }

    #[test]
    fn what_goes_nowhere_or_is_no_arn_is_refused() {
        assert_eq!(
            Topics::default().subscriptions(),
            Err(TopicsError::NoSeverity)
        );
        let wrong = Topics {
            critical: Some("my-topic".to_owned()),
            ..Topics::default()
        };
        assert_eq!(
            wrong.subscriptions(),
            Err(TopicsError::NotAnArn("my-topic".to_owned()))
        );
    }
}
