//! What reaches the tables: filters with literals only, so that partitions can be left out.

use std::sync::{Arc, Mutex};

use arrow::datatypes::SchemaRef;
use async_trait::async_trait;
use datafusion::catalog::{Session, TableProvider};
use datafusion::error::Result;
use datafusion::logical_expr::{Expr, TableProviderFilterPushDown, TableType};
use datafusion::physical_plan::ExecutionPlan;
use tidewatch_sql::{Catalog, Engine, Limits, TableSource};

use super::fixture::{Answer, Tables};

/// A table that notes the filters and columns it is asked for.
#[derive(Debug)]
struct Noting {
    inner: Arc<dyn TableProvider>,
    asked: Mutex<Vec<(Vec<String>, Option<usize>)>>,
}

#[async_trait]
impl TableProvider for Noting {
    fn schema(&self) -> SchemaRef {
        self.inner.schema()
    }

    fn table_type(&self) -> TableType {
        TableType::Base
    }

    fn supports_filters_pushdown(
        &self,
        filters: &[&Expr],
    ) -> Result<Vec<TableProviderFilterPushDown>> {
        Ok(vec![TableProviderFilterPushDown::Inexact; filters.len()])
    }

    async fn scan(
        &self,
        state: &dyn Session,
        projection: Option<&Vec<usize>>,
        filters: &[Expr],
        limit: Option<usize>,
    ) -> Result<Arc<dyn ExecutionPlan>> {
        let filters = filters.iter().map(ToString::to_string).collect();
        self.asked
            .lock()
            .unwrap()
            .push((filters, projection.map(Vec::len)));
        self.inner.scan(state, projection, &[], limit).await
    }
}

struct OneTable(Arc<Noting>);

impl Catalog for OneTable {
    fn databases(&self) -> Vec<String> {
        vec!["devops".to_owned()]
    }

    fn tables(&self, _: &str) -> Option<Vec<String>> {
        Some(vec!["host".to_owned()])
    }

    fn table(&self, _: &str, _: &str) -> Option<TableSource> {
        Some(TableSource {
            provider: self.0.clone(),
            columns: vec![],
            measures: vec![],
        })
    }
}

async fn asked(condition: &str) -> (Vec<String>, Option<usize>) {
    let tables = Tables::read();
    let inner = tables.table("devops", "host").unwrap().provider;
    let noting = Arc::new(Noting {
        inner,
        asked: Mutex::default(),
    });
    let catalog = OneTable(noting.clone());
    let sql = format!("SELECT hostname FROM devops.host WHERE {condition}");
    let engine = Engine::new(Limits::default()).unwrap();
    Answer::of(
        engine
            .query(&sql, &catalog, 3_600_000_000_000)
            .await
            .unwrap(),
    )
    .await
    .unwrap();
    noting.asked.lock().unwrap().remove(0)
}

#[tokio::test]
async fn time_filters_are_literals() {
    for (condition, expected) in [
        (
            "time > ago(15m)",
            vec!["time > TimestampNanosecond(2700000000000, None)"],
        ),
        (
            "time > now() - 15m",
            vec!["time > TimestampNanosecond(2700000000000, None)"],
        ),
        (
            "time BETWEEN from_milliseconds(1000) AND from_milliseconds(2000)",
            vec![
                "time >= TimestampNanosecond(1000000000, None)",
                "time <= TimestampNanosecond(2000000000, None)",
            ],
        ),
        (
            "time >= '1970-01-01 00:00:01'",
            vec!["time >= TimestampNanosecond(1000000000, None)"],
        ),
        (
            "time < TIMESTAMP '1970-01-01 00:00:01'",
            vec!["time < TimestampNanosecond(1000000000, None)"],
        ),
        (
            "measure_name = 'cpu_utilization'",
            vec!["measure_name = Utf8View(\"cpu_utilization\")"],
        ),
    ] {
        let (filters, _) = asked(condition).await;
        assert_eq!(filters, expected, "{condition}");
    }
}

#[tokio::test]
async fn only_the_columns_that_are_used_are_read() {
    let (_, columns) = asked("region = 'us-east-1'").await;
    assert_eq!(columns, Some(2));
}
