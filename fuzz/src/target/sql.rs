//! SQL: from the text of a statement to rows, with the limits of a bridge.
//!
//! The tables are those of the SQL corpus and one of the product's, half of them in files and half
//! in memory.

mod fixture;

use libfuzzer_sys::Corpus;
use tidewatch_wire::{ApiError, ErrorCode, PrepareQueryRequest, QueryRequest, QueryResponse};
use tokio::runtime::{Builder, Runtime};

use super::Target;
use crate::server::Server;
use crate::statements::{self, Vocabulary};

/// Pages of a result that are read.
const PAGES: usize = 3;

pub(crate) struct Sql {
    runtime: Runtime,
    server: Server,
    vocabulary: Vocabulary,
}

impl Sql {
    pub(crate) fn new() -> Sql {
        let runtime = Builder::new_current_thread().enable_all().build();
        let runtime = runtime.expect("a runtime can be made");
        let server = runtime.block_on(fixture::server());
        Sql {
            runtime,
            server,
            vocabulary: Vocabulary::new(&statements::corpus()),
        }
    }

    async fn query(&self, statement: &str) -> Result<(), ApiError> {
        let mut request = QueryRequest {
            query_string: Some(statement.to_owned()),
            max_rows: Some(1000),
            ..QueryRequest::default()
        };
        for _ in 0..PAGES {
            let page = self.server.bridge.query(request.clone()).await?;
            check(&page);
            let Some(token) = page.next_token else {
                break;
            };
            assert!(
                !page.rows.is_empty() || request.next_token.is_some(),
                "the statement was neither done nor stopped in time: it never pauses"
            );
            request.next_token = Some(token);
        }
        Ok(())
    }

    async fn prepare(&self, statement: &str) -> Result<(), ApiError> {
        let request = PrepareQueryRequest {
            query_string: Some(statement.to_owned()),
            validate_only: Some(true),
        };
        self.server.bridge.prepare_query(request).await.map(drop)
    }
}

/// Whether every row has a cell for every column.
fn check(page: &QueryResponse) {
    for row in &page.rows {
        assert_eq!(row.data.len(), page.column_info.len(), "cells of a row");
    }
}

impl Target for Sql {
    fn run(&self, input: &[u8]) -> Corpus {
        let Ok(statement) = std::str::from_utf8(input) else {
            return Corpus::Reject;
        };
        let (queried, prepared) = self.runtime.block_on(async {
            let queried = self.query(statement).await;
            self.server.bridge.stop_queries();
            (queried, self.prepare(statement).await)
        });
        for result in [&queried, &prepared] {
            if let Err(error) = result {
                assert_ne!(error.code, ErrorCode::InternalServer, "{statement}");
            }
        }
        match queried {
            // What takes long is not worth keeping.
            Err(error) if error.message.contains("was stopped after") => Corpus::Reject,
            _ => Corpus::Keep,
        }
    }

    fn seeds(&self) -> Vec<Vec<u8>> {
        statements::corpus()
            .into_iter()
            .map(String::into_bytes)
            .collect()
    }

    fn words(&self) -> Vec<Vec<u8>> {
        self.vocabulary
            .words()
            .map(|word| word.as_bytes().to_vec())
            .collect()
    }

    fn mutate(&self, data: &mut [u8], size: usize, max_size: usize, seed: u32) -> usize {
        statements::mutate(&self.vocabulary, data, size, max_size, seed)
    }
}
