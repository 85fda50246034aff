//! The SQL corpus in `tests/sql`: every `.slt` file on tables in memory, as new rows are kept, and on
//! Parquet files, as older ones are.

use std::sync::Arc;

use async_trait::async_trait;
use sqllogictest::{AsyncDB, DBOutput, DefaultColumnType, Runner};
use tidewatch_sql::SqlError;

use super::fixture::{Tables, folder};

struct Database {
    tables: Arc<Tables>,
}

#[async_trait]
impl AsyncDB for Database {
    type Error = SqlError;
    type ColumnType = DefaultColumnType;

    async fn run(&mut self, sql: &str) -> Result<DBOutput<DefaultColumnType>, SqlError> {
        let answer = self.tables.run(sql).await?;
        let types = vec![DefaultColumnType::Text; answer.columns.len()];
        Ok(DBOutput::Rows {
            types,
            rows: answer.texts(),
        })
    }

    async fn shutdown(&mut self) {}
}

#[tokio::test]
async fn every_file_of_the_corpus_in_memory() {
    every_file(Tables::read()).await;
}

#[tokio::test]
async fn every_file_of_the_corpus_in_parquet() {
    let files = tempfile::tempdir().unwrap();
    every_file(Tables::read().in_parquet(files.path()).await).await;
}

async fn every_file(tables: Tables) {
    let tables = Arc::new(tables);
    let mut files: Vec<_> = std::fs::read_dir(folder())
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "slt"))
        .collect();
    files.sort();
    assert!(
        files.len() >= 5,
        "the corpus is not in {}",
        folder().display()
    );
    let mut failures = Vec::new();
    for file in files {
        let mut runner = Runner::new(|| async {
            Ok(Database {
                tables: Arc::clone(&tables),
            })
        });
        if let Err(error) = runner.run_file_async(&file).await {
            failures.push(error.display(false).to_string());
        }
    }
    assert!(failures.is_empty(), "{}", failures.join("\n\n"));
}
