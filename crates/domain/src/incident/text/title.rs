//! The subject line.

use super::duration::{in_words, minute_of};
use crate::incident::alert::{Alert, RuleTrouble, Subject, label};
use crate::incident::digest::Dispatch;
use crate::incident::notice::{Notice, NoticeKind};

/// SNS takes fewer than 100 characters.
const LONGEST: usize = 99;

/// The subject line: printable ASCII, at least 1 and at most 99 characters, no line break.
pub fn subject(dispatch: &Dispatch) -> String {
    let severity = dispatch.first().severity().name().to_ascii_uppercase();
    let text = match dispatch.only() {
        Some(notice) if notice.kind == NoticeKind::Test => format!("[TEST] {}", headline(notice)),
        Some(notice) => format!("[{severity}] {}", headline(notice)),
        None => format!("[{severity}] {}", of_digest(dispatch)),
    };
    ascii(&text, LONGEST)
}

/// What happened, in one line.
pub fn headline(notice: &Notice) -> String {
    let what = about(notice);
    let lasted = notice.until().unwrap_or(notice.at).since(notice.since());
    let is_outage = notice.outage().is_some();
    match notice.kind {
        NoticeKind::Opened if notice.flapping.is_some() => {
            format!(
                "FLAPPING {what}, down again since {}",
                minute_of(notice.since())
            )
        }
        NoticeKind::Opened if is_outage => {
            format!("DOWN {what} since {}", minute_of(notice.since()))
        }
        NoticeKind::Opened => format!("FIRING {what}"),
        NoticeKind::Reminder => {
            let state = match (notice.flapping, is_outage) {
                (Some(_), _) => "still FLAPPING",
                (None, true) => "still DOWN",
                (None, false) => "still FIRING",
            };
            format!(
                "Reminder {}: {state} {what} after {}",
                notice.number,
                in_words(lasted)
            )
        }
        NoticeKind::Resolved if is_outage => {
            format!("RECOVERED {what} after {}", in_words(lasted))
        }
        NoticeKind::Resolved => format!("RESOLVED {what} after {}", in_words(lasted)),
        NoticeKind::StoppedReporting => format!("STOPPED REPORTING {what}"),
        NoticeKind::Test => "Test of the way from an alert to you".to_owned(),
    }
}

/// What it is about: the monitor, and the rules unless it is simply down.
fn about(notice: &Notice) -> String {
    let subject = match &notice.subject {
        Subject::Monitor(key) => Some(key.to_string()),
        Subject::Alert(_) => place(notice.lead()),
    };
    if notice.outage().is_some() {
        return subject.unwrap_or_default();
    }
    let lead = notice.lead();
    let more = match notice.alerts.len() {
        1 => String::new(),
        count => format!(" and {} more", count - 1),
    };
    let rule = match lead.trouble_of_rule() {
        Some(RuleTrouble::NoData) => format!("no data for rule {}", lead.rule_name()),
        Some(RuleTrouble::Error) => format!("failing query of rule {}", lead.rule_name()),
        None => lead.rule_name().to_owned(),
    };
    match subject {
        Some(subject) => format!("{subject}: {rule}{more}"),
        None => format!("{rule}{more}"),
    }
}

/// Where an alert without a monitor comes from.
fn place(alert: &Alert) -> Option<String> {
    let parts: Vec<&str> = [
        label::TENANT,
        label::COMPONENT,
        label::INSTANCE,
        label::LOCATION,
    ]
    .into_iter()
    .filter_map(|name| alert.label(name))
    .collect();
    (!parts.is_empty()).then(|| parts.join("/"))
}

fn of_digest(dispatch: &Dispatch) -> String {
    let count = |which: &dyn Fn(&Notice) -> bool| {
        dispatch
            .notices()
            .iter()
            .filter(|notice| which(notice))
            .count()
    };
    let outage = |notice: &Notice| notice.outage().is_some();
    let counts = [
        (
            count(&|notice| notice.kind.is_firing() && outage(notice)),
            "down",
        ),
        (
            count(&|notice| notice.kind.is_firing() && !outage(notice)),
            "firing",
        ),
        (
            count(&|notice| notice.kind == NoticeKind::Resolved && outage(notice)),
            "recovered",
        ),
        (
            count(&|notice| notice.kind == NoticeKind::Resolved && !outage(notice)),
            "resolved",
        ),
        (
            count(&|notice| notice.kind == NoticeKind::StoppedReporting),
            "stopped reporting",
        ),
    ];
    let parts: Vec<String> = counts
        .into_iter()
        .filter(|(count, _)| *count > 0)
        .map(|(count, name)| format!("{count} {name}"))
        .collect();
    let tenant = dispatch
        .first()
        .tenant()
        .map_or_else(String::new, |tenant| format!(" ({tenant})"));
    format!(
        "{} alerts{tenant}: {}",
        dispatch.notices().len(),
        parts.join(", ")
    )
}

/// Printable ASCII only; what has a plain form is written so, the rest as `?`. Never longer than
/// `longest` characters.
fn ascii(text: &str, longest: usize) -> String {
    let folded: String = text
        .chars()
        .map(|character| match character {
            ' '..='~' => character,
            'À'..='Å' => 'A',
            'à'..='å' => 'a',
            'Ç' => 'C',
            'ç' => 'c',
            'È'..='Ë' => 'E',
            'è'..='ë' => 'e',
            'Ì'..='Ï' => 'I',
            'ì'..='ï' => 'i',
            'Ñ' => 'N',
            'ñ' => 'n',
            'Ò'..='Ö' | 'Ø' => 'O',
            'ò'..='ö' | 'ø' => 'o',
            'Ù'..='Ü' => 'U',
            'ù'..='ü' => 'u',
            'ß' => 's',
            '–' | '—' => '-',
            '‘' | '’' => '\'',
            '“' | '”' => '"',
            _ if character.is_whitespace() || character.is_control() => ' ',
            _ => '?',
        })
        .collect();
    let folded = folded.trim();
    if folded.len() <= longest {
        return folded.to_owned();
    }
    format!("{}...", folded[..longest - 3].trim_end())
}
