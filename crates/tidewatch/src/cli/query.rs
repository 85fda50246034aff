//! `tidewatch query SQL`: asks the bridge, and prints the answer page by page.

mod caret;
pub(super) mod client;
mod output;
mod sign;
mod statement;

use std::io::{self, Write};
use std::path::PathBuf;
use std::time::Instant;

use clap::Args;
use url::Url;

use super::exit::{Complaint, Exit};
use crate::terminal::Terminal;
pub(super) use client::Bridge;
use output::{Format, Output};

/// Rows that a terminal shows unless told otherwise.
const LIMIT_ON_TERMINAL: usize = 1_000;

const EXAMPLES: &str = "\
Examples:
  tidewatch query 'SELECT monitor_id, max_by(outcome, time) FROM \"CPTMonitoring\".\"WebsiteMonitoringData\"
                   WHERE measure_name = '\\''probe'\\'' AND time > ago(10m) GROUP BY monitor_id'
  tidewatch query -f report.sql --csv > report.csv
  tidewatch query --json 'SHOW DATABASES' | jq -r '.[].\"Database\"'

Every request is signed with AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY when both are set.

Exit codes: 0 answered; 1 the query failed or no bridge answers; 2 the command cannot be understood";

/// What to ask, whom, and how to print the answer.
#[derive(Args, Clone, Debug)]
#[command(after_help = EXAMPLES)]
pub(super) struct QueryArgs {
    /// The statement; from standard input when neither this nor a file is named
    #[arg(value_name = "SQL", conflicts_with = "file")]
    sql: Option<String>,
    /// Read the statement from a file; `-` is standard input
    #[arg(short, long, value_name = "FILE")]
    file: Option<PathBuf>,
    /// The bridge to ask
    #[arg(long, env = "TIDEWATCH_ENDPOINT_URL", value_name = "URL")]
    #[arg(default_value = "http://127.0.0.1:8086")]
    endpoint_url: Url,
    /// A PEM file with certificates to trust beside those of the machine
    #[arg(long, env = "AWS_CA_BUNDLE", value_name = "FILE")]
    ca_bundle: Option<PathBuf>,
    /// Print an array of objects
    #[arg(long, conflicts_with = "csv")]
    json: bool,
    /// Print comma-separated values with a header (RFC 4180)
    #[arg(long)]
    csv: bool,
    /// Stop after so many rows, 0 for never [default: 1000 for a table on a terminal, else 0]
    #[arg(long, value_name = "N")]
    limit_rows: Option<usize>,
}

/// Asks and prints.
pub(super) async fn run(arguments: QueryArgs, terminal: &Terminal) -> Result<Exit, Complaint> {
    let sql = statement::read(arguments.sql.clone(), arguments.file.as_deref())?;
    let format = match (arguments.json, arguments.csv) {
        (true, _) => Format::Json,
        (_, true) => Format::Csv,
        _ => Format::Table(terminal.look()),
    };
    let limit = limit(arguments.limit_rows, format, terminal.is_watched());
    let mut output = Output::new(format, terminal.writer());
    let bridge = Bridge::new(arguments.endpoint_url, arguments.ca_bundle.as_deref())?;
    let begun = Instant::now();
    let answered = answer(&bridge, &sql, limit, &mut output, terminal).await;
    let elapsed = begun.elapsed();
    let outcome = match answered {
        Ok(outcome) => outcome,
        Err(Failure::Unusable(complaint)) => return Err(complaint),
        Err(Failure::Refused(message)) => {
            let width = terminal.error_look().width;
            return Err(Complaint::failed(caret::explain(&sql, &message, width)));
        }
    };
    if outcome.more {
        terminal.note(&format!(
            "stopped after {limit} rows, there are more: use --limit-rows 0 for all, or --csv\n"
        ));
    } else if terminal.is_watched() && matches!(format, Format::Table(_)) {
        let noun = if outcome.rows == 1 { "row" } else { "rows" };
        terminal.note(&format!(
            "{} {noun} in {:.0} ms\n",
            outcome.rows,
            elapsed.as_secs_f64() * 1e3
        ));
    }
    Ok(Exit::Good)
}

/// The most rows to print.
fn limit(asked: Option<usize>, format: Format, watched: bool) -> usize {
    match asked {
        Some(0) => usize::MAX,
        Some(limit) => limit,
        None if watched && matches!(format, Format::Table(_)) => LIMIT_ON_TERMINAL,
        None => usize::MAX,
    }
}

/// How an answer ended.
struct Outcome {
    rows: usize,
    /// Whether rows were left unread.
    more: bool,
}

/// Why there is no answer, or only a part of it.
#[derive(Debug)]
pub(super) enum Failure {
    /// The bridge refused the statement, with these words.
    Refused(String),
    /// Nothing usable came back, or it could not be printed.
    Unusable(Complaint),
}

impl From<io::Error> for Failure {
    fn from(error: io::Error) -> Self {
        Failure::Unusable(error.into())
    }
}

/// Reads page after page, printing each as it comes.
async fn answer(
    bridge: &Bridge,
    sql: &str,
    limit: usize,
    output: &mut Output<impl Write>,
    terminal: &Terminal,
) -> Result<Outcome, Failure> {
    let mut rows = 0;
    let mut token = None;
    let mut begun = false;
    loop {
        let progress = terminal.progress("waiting for the answer");
        let page = bridge.query(sql, token, limit - rows).await;
        drop(progress);
        let page = page?;
        if !begun {
            output.begin(page.column_info)?;
            begun = true;
        }
        let room = limit - rows;
        let over = page.rows.len() > room;
        for row in page.rows.into_iter().take(room) {
            output.row(row)?;
            rows += 1;
        }
        output.flush()?;
        token = page.next_token;
        let more = over || (rows == limit && token.is_some());
        if more || token.is_none() {
            if token.is_some() {
                bridge.cancel(&page.query_id).await;
            }
            output.end()?;
            return Ok(Outcome { rows, more });
        }
    }
}

#[cfg(test)]
mod tests;
