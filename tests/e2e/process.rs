//! A running `tidewatch up`, and questions to it over HTTP.

use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process};
use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt, AsyncRead, BufReader, Lines};
use tokio::process::{Child, ChildStderr, ChildStdout, Command};

/// Longer than anything here takes on a busy machine: the bound that turns a hang into a failure.
pub(crate) const PATIENCE: Duration = Duration::from_secs(60);

/// The binary under test.
pub(crate) const BINARY: &str = env!("CARGO_BIN_EXE_tidewatch");

/// A running local mode; killed when dropped.
pub(crate) struct Tidewatch {
    child: Child,
    lines: Lines<BufReader<ChildStdout>>,
    client: reqwest::Client,
    /// Where the status page is.
    pub(crate) status: String,
    /// Where the bridge is.
    pub(crate) bridge: String,
    /// Where a Grafana's alerts go.
    pub(crate) alerts: String,
}

/// The answer to a call of the bridge.
pub(crate) struct Answer {
    pub(crate) code: u16,
    pub(crate) body: Value,
}

impl Tidewatch {
    /// Starts the binary on `data_dir` with `definitions`, and waits until it serves.
    pub(crate) async fn start(data_dir: &Path, definitions: &Path) -> Self {
        Self::start_with(data_dir, definitions, &[]).await
    }

    /// The same with more arguments.
    pub(crate) async fn start_with(data_dir: &Path, definitions: &Path, more: &[&str]) -> Self {
        let mut child = command(data_dir, definitions)
            .args(more)
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .expect("the binary starts");
        let mut lines = BufReader::new(child.stdout.take().expect("stdout is piped")).lines();
        let status = address(&mut lines, "status").await;
        let bridge = address(&mut lines, "bridge").await;
        let alerts = address(&mut lines, "alerts").await;
        Tidewatch {
            child,
            lines,
            client: reqwest::Client::new(),
            status,
            bridge,
            alerts,
        }
    }

    /// Waits for a line on standard output that contains all of `words`.
    pub(crate) async fn line_with(&mut self, words: &[&str]) -> String {
        line_with(&mut self.lines, words).await
    }

    /// Calls an operation of the Timestream API.
    pub(crate) async fn call(&self, operation: &str, body: &Value) -> Answer {
        let sent = self
            .client
            .post(&self.bridge)
            .header("content-type", "application/x-amz-json-1.0")
            .header("x-amz-target", format!("Timestream_20181101.{operation}"))
            .body(body.to_string())
            .send();
        let response = tokio::time::timeout(PATIENCE, sent)
            .await
            .expect("no hang")
            .expect("an answer");
        let code = response.status().as_u16();
        let text = response.text().await.expect("a body");
        let body = serde_json::from_str(&text).unwrap_or(Value::String(text));
        Answer { code, body }
    }

    /// The rows of a statement, all pages, each cell as text (`None` for NULL).
    pub(crate) async fn query(&self, statement: &str) -> Result<Vec<Vec<Option<String>>>, Value> {
        let mut rows = Vec::new();
        let mut token = Value::Null;
        loop {
            let mut request = json!({"QueryString": statement});
            if !token.is_null() {
                request["NextToken"] = token;
            }
            let answer = self.call("Query", &request).await;
            if answer.code != 200 {
                return Err(answer.body);
            }
            for row in answer.body["Rows"].as_array().expect("rows") {
                let cell = |datum: &Value| datum["ScalarValue"].as_str().map(ToOwned::to_owned);
                rows.push(
                    row["Data"]
                        .as_array()
                        .expect("cells")
                        .iter()
                        .map(cell)
                        .collect(),
                );
            }
            token = answer.body["NextToken"].clone();
            if token.is_null() {
                return Ok(rows);
            }
        }
    }

    /// Asks until the statement's rows satisfy `wanted`.
    pub(crate) async fn query_until(
        &self,
        statement: &str,
        wanted: impl Fn(&[Vec<Option<String>>]) -> bool,
    ) -> Vec<Vec<Option<String>>> {
        let asking = async {
            loop {
                // A column that no row has had yet is an error of the statement.
                if let Ok(rows) = self.query(statement).await
                    && wanted(&rows)
                {
                    return rows;
                }
            }
        };
        tokio::time::timeout(PATIENCE, asking)
            .await
            .unwrap_or_else(|_| panic!("no such rows in time: {statement}"))
    }

    /// The body of a page.
    pub(crate) async fn page(&self, path: &str) -> String {
        let response = self
            .client
            .get(format!("{}{path}", self.status))
            .send()
            .await;
        response.expect("an answer").text().await.expect("a body")
    }

    /// Ends it as a person does, and returns its exit code.
    pub(crate) async fn interrupt(mut self) -> Option<i32> {
        kill_process(pid(&self.child), Signal::INT).expect("it runs");
        let ended = tokio::time::timeout(PATIENCE, self.child.wait()).await;
        ended.expect("it ends").expect("its status").code()
    }

    /// Ends it as a power cut does, and waits until it is gone.
    pub(crate) async fn kill(mut self) {
        self.child.kill().await.expect("it can be killed");
    }

    /// The same while others still hold it; returns before the process is gone.
    pub(crate) fn kill_now(&self) {
        kill_process(pid(&self.child), Signal::KILL).expect("it runs");
    }
}

/// A running local mode whose standard error is read; killed when dropped.
pub(crate) struct Told {
    child: Child,
    log: Lines<BufReader<ChildStderr>>,
}

impl Told {
    /// Starts the binary on `data_dir` with `definitions`.
    pub(crate) fn start(data_dir: &Path, definitions: &Path) -> Self {
        let mut child = command(data_dir, definitions)
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .expect("the binary starts");
        let log = BufReader::new(child.stderr.take().expect("stderr is piped")).lines();
        Told { child, log }
    }

    /// Waits for a line with these words.
    pub(crate) async fn says(&mut self, words: &str) {
        line_with(&mut self.log, &[words]).await;
    }

    /// What Ctrl-C does.
    pub(crate) fn interrupt(&self) {
        kill_process(pid(&self.child), Signal::INT).expect("it runs");
    }

    /// Waits for its end; returns its exit code.
    pub(crate) async fn ended(mut self) -> Option<i32> {
        let ended = tokio::time::timeout(PATIENCE, self.child.wait()).await;
        ended.expect("it ends").expect("its status").code()
    }
}

/// `tidewatch up` on free ports.
pub(crate) fn command(data_dir: &Path, definitions: &Path) -> Command {
    let mut command = Command::new(BINARY);
    command
        .arg("up")
        .args(["--listen", "127.0.0.1:0", "--bridge-listen", "127.0.0.1:0"])
        .args(["--alerts-listen", "127.0.0.1:0"])
        .arg("--data-dir")
        .arg(data_dir)
        .arg("--definitions")
        .arg(definitions)
        .stdin(Stdio::null());
    command
}

/// A definitions file with these entries, each in YAML's flow form.
pub(crate) fn definitions(folder: &Path, entries: &[String]) -> PathBuf {
    let path = folder.join("monitors.yaml");
    let list: Vec<String> = entries.iter().map(|entry| format!("  {entry}")).collect();
    std::fs::write(&path, format!("monitors: [\n{}\n]\n", list.join(",\n")))
        .expect("the folder is ours");
    path
}

fn pid(child: &Child) -> Pid {
    let id = child.id().and_then(|id| i32::try_from(id).ok());
    Pid::from_raw(id.expect("it runs")).expect("a process id is not zero")
}

async fn address(lines: &mut Lines<BufReader<ChildStdout>>, word: &str) -> String {
    let line = line_with(lines, &[word, "http://"]).await;
    let url = line
        .split_whitespace()
        .find(|part| part.starts_with("http://"));
    url.expect("a URL").to_owned()
}

async fn line_with<R: AsyncRead + Unpin>(
    lines: &mut Lines<BufReader<R>>,
    words: &[&str],
) -> String {
    let reading = async {
        let mut seen = Vec::new();
        while let Some(line) = lines.next_line().await.expect("readable output") {
            if words.iter().all(|word| line.contains(word)) {
                return line;
            }
            seen.push(line);
        }
        panic!("it ended without a line with {words:?}; it said {seen:#?}")
    };
    tokio::time::timeout(PATIENCE, reading)
        .await
        .unwrap_or_else(|_| panic!("no line with {words:?} in time"))
}
