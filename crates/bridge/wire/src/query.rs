//! Queries and their pages.

use crate::{
    ColumnInfo, Faults, Operation, Request, Row, closed_set::closed_set, path::Path, shape::shapes,
};
use serde::{Deserialize, Serialize};

/// The longest statement, in characters.
const MAX_QUERY: usize = 262_144;

closed_set! {
    /// Whether the answer tells how well the query used the table.
    QueryInsightsMode {
        /// As far as the service's rate allows.
        EnabledWithRateControl = "ENABLED_WITH_RATE_CONTROL",
        /// No.
        Disabled = "DISABLED",
    }
}

shapes! {
    /// Runs a statement, or reads a further page of its result.
    QueryRequest {
        /// The statement. A further page needs the same text.
        query_string: Option<String>,
        /// Makes a repeated call recognizable; 32 to 128 characters.
        client_token: Option<String>,
        /// The token of the page before; absent for the first page.
        next_token: Option<String>,
        /// The most rows of a page, 1 to 1000.
        max_rows: Option<i64>,
        /// Asks for insights.
        query_insights: Option<QueryInsights>,
    }

    /// How far a query is and what it read.
    QueryStatus {
        /// 0 to 100; 100 as soon as the statement has run to its end, even when pages remain to be read.
        progress_percentage: Option<f64>,
        /// Bytes read so far.
        cumulative_bytes_scanned: Option<i64>,
        /// Bytes that the service would have billed so far.
        cumulative_bytes_metered: Option<i64>,
    }

    /// What the client wants to know about the run.
    QueryInsights {
        /// Whether it wants to.
        mode: Option<QueryInsightsMode>,
    }
}

/// A page of a result.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct QueryResponse {
    /// The same for all pages of a result.
    pub query_id: String,
    /// Present when there are more pages.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub next_token: Option<String>,
    /// The rows of this page.
    pub rows: Vec<Row>,
    /// The columns of every row.
    pub column_info: Vec<ColumnInfo>,
    /// How far the query is.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub query_status: Option<QueryStatus>,
}

impl Request for QueryRequest {
    const OPERATION: Operation = Operation::Query;
    type Response = QueryResponse;

    fn check(&self, faults: &mut Faults) {
        check_statement(faults, &self.query_string);
        if let Some(token) = &self.client_token {
            faults.length(Path::Root.member("clientToken"), token, 32, 128);
        }
        if let Some(token) = &self.next_token {
            faults.length(Path::Root.member("nextToken"), token, 1, 2048);
        }
        if let Some(rows) = self.max_rows {
            faults.range(Path::Root.member("maxRows"), rows, 1, 1000);
        }
        if let Some(insights) = &self.query_insights {
            let at = Path::Root.member("queryInsights");
            faults.required(at.member("mode"), &insights.mode);
            faults.one_of(at.member("mode"), &insights.mode);
        }
    }
}

/// The text of a statement.
pub(crate) fn check_statement(faults: &mut Faults, statement: &Option<String>) {
    let at = Path::Root.member("queryString");
    if let Some(statement) = faults.required(at, statement) {
        faults.length(at, statement, 1, MAX_QUERY);
    }
}
