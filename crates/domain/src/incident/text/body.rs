//! The body: parts in the order in which a person needs them, each with a weight, so that what
//! matters least is left out first where the whole would be too long.

use super::duration::{in_words, instant};
use super::title::headline;
use crate::incident::alert::{Alert, RuleTrouble, Status, Subject, annotation, label};
use crate::incident::digest::Dispatch;
use crate::incident::notice::{Notice, NoticeKind};

/// The most room for the line that says how much was left out, in bytes.
const ROOM_FOR_THE_REST: usize = 48;

/// Addresses for alerts that bring none, and how to write links.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Surroundings {
    /// Runbooks lie at this address, followed by `/`, the rule's slug and `.md`.
    pub runbooks: Option<String>,
    /// The Grafana that has the dashboards.
    pub grafana: Option<String>,
}

/// The whole message as plain text of at most `limit` bytes.
pub fn body(dispatch: &Dispatch, surroundings: &Surroundings, limit: usize) -> String {
    let mut parts = Parts::default();
    match dispatch.only() {
        Some(notice) => parts.notice(notice, surroundings),
        None => parts.digest(dispatch, surroundings),
    }
    parts.within(limit)
}

/// How much a part matters; the least first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Weight {
    Detail,
    Attached,
    Item,
    Story,
    Links,
    Cause,
    Headline,
}

#[derive(Debug, Default)]
struct Parts {
    lines: Vec<(Weight, String)>,
}

impl Parts {
    fn add(&mut self, weight: Weight, line: impl Into<String>) {
        self.lines.push((weight, line.into()));
    }

    fn gap(&mut self) {
        if self.lines.last().is_some_and(|(_, line)| !line.is_empty()) {
            self.add(Weight::Detail, "");
        }
    }

    fn notice(&mut self, notice: &Notice, surroundings: &Surroundings) {
        self.add(Weight::Headline, headline(notice));
        self.gap();
        if notice.kind == NoticeKind::Test {
            self.add(
                Weight::Story,
                "Somebody tried whether alerts arrive. They do. Nothing is wrong, nothing is to be done.",
            );
        }
        if notice.kind != NoticeKind::Test {
            self.when(notice);
            self.why(notice);
            self.how_bad(notice);
            self.story(notice);
        }
        self.links(notice, surroundings);
        self.others(notice);
        self.facts(notice.lead());
    }

    fn when(&mut self, notice: &Notice) {
        let since = notice.since();
        let line = match notice.until() {
            Some(until) if notice.kind == NoticeKind::Resolved => format!(
                "When:     from {} to {}, {}",
                instant(since),
                instant(until),
                in_words(until.since(since))
            ),
            Some(until) => format!(
                "When:     since {}, last heard of at {}",
                instant(since),
                instant(until)
            ),
            None => format!(
                "Since:    {}, {} ago",
                instant(since),
                in_words(notice.at.since(since))
            ),
        };
        self.add(Weight::Cause, line);
        if let Some(because) = notice.lead().ended_because() {
            self.add(
                Weight::Cause,
                format!(
                    "Note:     the alert ended because {}; whether it works again is not known",
                    reason(because)
                ),
            );
        }
    }

    fn why(&mut self, notice: &Notice) {
        let lead = notice.lead();
        let named = |name: &str, line: &str| {
            lead.annotation(name)
                .map(|value| (Weight::Cause, format!("{line}{}", one_line(value))))
        };
        if let Some(text) = lead.annotation(annotation::CAUSE_TEXT) {
            let class = lead.annotation(annotation::CAUSE).unwrap_or("failure");
            let owner = lead
                .annotation(annotation::CAUSE_OWNER)
                .map_or_else(String::new, |owner| format!(", {owner} has to act"));
            self.add(
                Weight::Cause,
                format!("Why:      {} ({class}{owner})", one_line(text)),
            );
        }
        let lines = [
            named(annotation::ERROR, "Why:      "),
            named(annotation::TARGET, "Target:   "),
            named(annotation::FAILING_LOCATIONS, "Where:    failing from "),
        ];
        self.lines.extend(lines.into_iter().flatten());
    }

    fn how_bad(&mut self, notice: &Notice) {
        let mut words = vec![notice.severity().name().to_owned()];
        if let Some(epoch) = notice.outage().filter(|epoch| *epoch > 0) {
            words.push(format!("outage number {epoch}"));
        }
        if let Some(team) = notice.team() {
            words.push(format!("team {team}"));
        }
        self.add(Weight::Cause, format!("How bad:  {}", words.join(", ")));
        if let Some(count) = notice.flapping {
            self.add(
                Weight::Cause,
                format!(
                    "Flapping: {count} {} within the hour. Further ones are held back until it has settled; then you hear how it stands.",
                    if count == 1 { "outage" } else { "outages" }
                ),
            );
        }
    }

    /// What the rules say. Of an end there is nothing to say: their words are of the time before.
    fn story(&mut self, notice: &Notice) {
        if notice.kind == NoticeKind::Resolved {
            return;
        }
        let before = match notice.kind {
            NoticeKind::StoppedReporting => "It last said: ",
            _ => "",
        };
        let mut told: Vec<String> = Vec::new();
        for alert in &notice.alerts {
            let story = match alert.trouble_of_rule() {
                Some(trouble) => Some(blindness(trouble, alert.rule_name())),
                None => alert
                    .annotation(annotation::DESCRIPTION)
                    .or_else(|| alert.annotation(annotation::SUMMARY))
                    .map(|story| format!("{before}{}", one_line(story))),
            };
            if let Some(story) = story.filter(|story| !told.contains(story)) {
                self.gap();
                self.add(Weight::Story, story.clone());
                told.push(story);
            }
        }
        if let Some(count) = notice.lead().annotation(annotation::LEFT_OUT) {
            self.gap();
            self.add(
                Weight::Story,
                format!(
                    "{} more alerts of the same group were left out by their sender; set `maxAlerts` of the contact point to 0.",
                    one_line(count)
                ),
            );
        }
    }

    fn links(&mut self, notice: &Notice, surroundings: &Surroundings) {
        let lead = notice.lead();
        let links = [
            ("Runbook:  ", runbook(lead, surroundings)),
            ("Dashboard:", dashboard(lead, surroundings)),
            (
                "Silence:  ",
                lead.links
                    .silence
                    .clone()
                    .filter(|_| notice.kind.is_firing()),
            ),
        ];
        self.gap();
        for (name, link) in links {
            if let Some(link) = link {
                self.add(Weight::Links, format!("{name} {}", one_line(&link)));
            }
        }
    }

    fn others(&mut self, notice: &Notice) {
        if notice.alerts.len() > 1 {
            self.gap();
            self.add(Weight::Attached, "All of them:");
            for alert in &notice.alerts {
                self.add(Weight::Attached, item(alert));
            }
        }
        for (title, alerts) in [
            ("Other alerts of this monitor:", &notice.attached),
            (
                "Earlier outages that you were not told of:",
                &notice.earlier,
            ),
        ] {
            if !alerts.is_empty() {
                self.gap();
                self.add(Weight::Attached, title);
                for alert in alerts {
                    self.add(Weight::Attached, item(alert));
                }
            }
        }
    }

    /// The numbers and labels that the alert came with.
    fn facts(&mut self, alert: &Alert) {
        self.gap();
        // The number of an outage is its beginning, which has been told.
        if !alert.values.is_empty() && alert.outage().is_none() {
            let values: Vec<String> = alert
                .values
                .iter()
                .map(|(name, value)| format!("{name}={value}"))
                .collect();
            self.add(Weight::Detail, format!("Values:   {}", values.join(" ")));
        }
        let labels: Vec<String> = alert
            .labels
            .iter()
            .filter(|(_, value)| !value.is_empty())
            .map(|(name, value)| format!("{name}={}", one_line(value)))
            .collect();
        if !labels.is_empty() {
            self.add(Weight::Detail, format!("Labels:   {}", labels.join(" ")));
        }
    }

    fn digest(&mut self, dispatch: &Dispatch, surroundings: &Surroundings) {
        self.add(
            Weight::Headline,
            format!(
                "{} things happened at once: look for a cause that they share.",
                dispatch.notices().len()
            ),
        );
        self.gap();
        for notice in dispatch.notices() {
            self.add(Weight::Item, format!("- {}", headline(notice)));
            if let Some(text) = notice.lead().annotation(annotation::CAUSE_TEXT) {
                self.add(Weight::Attached, format!("  {}", one_line(text)));
            }
        }
        self.gap();
        let first = dispatch.first().lead();
        if let Some(link) = runbook(first, surroundings) {
            self.add(Weight::Links, format!("Runbook:   {link}"));
        }
        if let Some(grafana) = &surroundings.grafana {
            self.add(
                Weight::Links,
                format!("Dashboard: {}", below(grafana, "d/tidewatch-overview")),
            );
        }
    }

    /// The text, with the least important parts left out from the end until it fits.
    fn within(mut self, limit: usize) -> String {
        let mut size: usize = self.lines.iter().map(|(_, line)| line.len() + 1).sum();
        let mut left_out = 0;
        while size > limit {
            let least = self
                .lines
                .iter()
                .enumerate()
                .rev()
                .min_by_key(|(_, (weight, _))| *weight)
                .map(|(position, _)| position);
            // One line always stays, cut.
            let Some(position) = least.filter(|_| self.lines.len() > 1) else {
                break;
            };
            let (_, line) = self.lines.remove(position);
            size -= line.len() + 1;
            if left_out == 0 {
                size += ROOM_FOR_THE_REST;
            }
            left_out += usize::from(!line.is_empty());
        }
        let mut lines: Vec<String> = self.lines.into_iter().map(|(_, line)| line).collect();
        if left_out > 0 {
            lines.push(format!("+{left_out} more lines, left out for length"));
        }
        let mut text = lines.join("\n");
        text.truncate(text.trim_end().len());
        text.truncate(text.floor_char_boundary(limit));
        text
    }
}

fn item(alert: &Alert) -> String {
    let status = match alert.status {
        Status::Firing => "FIRING  ",
        Status::Resolved if alert.ended_because().is_some() => "STOPPED ",
        Status::Resolved => "RESOLVED",
    };
    let summary = alert
        .annotation(annotation::SUMMARY)
        .map_or_else(String::new, |summary| format!(": {}", one_line(summary)));
    format!(
        "- {status} {} since {}{summary}",
        alert.rule_name(),
        instant(alert.trouble_since())
    )
}

/// What it means that a rule cannot tell anything.
fn blindness(trouble: RuleTrouble, rule: &str) -> String {
    let what = match trouble {
        RuleTrouble::NoData => "finds no data",
        RuleTrouble::Error => "fails",
    };
    format!(
        "The query of the rule \"{}\" {what}. As long as that is so, the rule sees nothing: nobody would learn of what it watches for.",
        one_line(rule)
    )
}

fn reason(name: &str) -> &str {
    match name {
        "NoData" => "its query no longer finds any data (NoData)",
        "MissingSeries" => "nothing is measured for it any more (MissingSeries)",
        "Paused" => "the rule or the monitor was paused (Paused)",
        "Updated" => "the rule or the monitor was changed (Updated)",
        "Error" => "its query fails (Error)",
        other => other,
    }
}

fn runbook(alert: &Alert, surroundings: &Surroundings) -> Option<String> {
    alert
        .annotation(annotation::RUNBOOK_URL)
        .map(str::to_owned)
        .or_else(|| {
            let slug = alert.label(label::RULE)?;
            let plain = slug
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
            let base = surroundings.runbooks.as_ref().filter(|_| plain)?;
            Some(below(base, &format!("{slug}.md")))
        })
}

/// The rule's own words, then what Grafana knows, then the dashboard of the monitor.
fn dashboard(alert: &Alert, surroundings: &Surroundings) -> Option<String> {
    alert
        .annotation(annotation::DASHBOARD_URL)
        .map(str::to_owned)
        .or_else(|| alert.links.panel.clone())
        .or_else(|| alert.links.dashboard.clone())
        .or_else(|| {
            let grafana = surroundings.grafana.as_ref()?;
            // Both are names, which have no characters that mean something in an address.
            let path = match alert.subject() {
                Subject::Monitor(key) => format!(
                    "d/tidewatch-monitor?var-tenant={}&var-monitor={}",
                    key.tenant, key.monitor_id
                ),
                Subject::Alert(_) => "d/tidewatch-overview".to_owned(),
            };
            Some(below(grafana, &path))
        })
}

fn below(base: &str, path: &str) -> String {
    format!("{}/{path}", base.trim_end_matches('/'))
}

/// Texts of others must not look like lines of ours.
fn one_line(text: &str) -> String {
    text.split(|character: char| character.is_whitespace() || character.is_control())
        .filter(|word| !word.is_empty())
        .collect::<Vec<_>>()
        .join(" ")
}
