//! The store as the engine sees it.

use tidewatch_sql::{Attribute, Catalog, ColumnDescription, MeasureDescription, TableSource, Type};
use tidewatch_store::{CatalogError, ColumnRole, ColumnType, MeasureType, Store};

use crate::failure;

/// All databases and tables of a store.
#[derive(Debug)]
pub(crate) struct StoreCatalog(pub(crate) Store);

impl Catalog for StoreCatalog {
    fn databases(&self) -> Vec<String> {
        self.0
            .list_databases()
            .into_iter()
            .map(|database| database.name)
            .collect()
    }

    fn tables(&self, database: &str) -> Option<Vec<String>> {
        let tables = known(self.0.list_tables(Some(database)))?;
        Some(tables.into_iter().map(|table| table.name).collect())
    }

    fn table(&self, database: &str, table: &str) -> Option<TableSource> {
        let snapshot = known(self.0.snapshot(database, table))?;
        let columns = snapshot.columns().iter().map(|column| ColumnDescription {
            name: column.name.clone(),
            data_type: match column.data_type {
                ColumnType::Varchar => Type::Varchar,
                ColumnType::Double => Type::Double,
                ColumnType::Bigint => Type::Bigint,
                ColumnType::Boolean => Type::Boolean,
                ColumnType::Timestamp => Type::Timestamp,
            },
            attribute: match column.role {
                ColumnRole::Dimension => Attribute::Dimension,
                ColumnRole::MeasureName => Attribute::MeasureName,
                ColumnRole::Time => Attribute::Timestamp,
                ColumnRole::MeasureValue => Attribute::MeasureValue,
                ColumnRole::Multi => Attribute::Multi,
            },
        });
        let measures = snapshot
            .measures()
            .iter()
            .map(|measure| MeasureDescription {
                measure_name: measure.measure_name.clone(),
                data_type: match measure.data_type {
                    MeasureType::Double => "double",
                    MeasureType::Bigint => "bigint",
                    MeasureType::Varchar => "varchar",
                    MeasureType::Boolean => "boolean",
                    MeasureType::Multi => "multi",
                }
                .to_owned(),
                dimensions: measure.dimensions.clone(),
            });
        Some(TableSource {
            columns: columns.collect(),
            measures: measures.collect(),
            provider: snapshot.provider(),
        })
    }
}

/// What is not there is no error to the engine, which has its own words for it.
fn known<T>(found: Result<T, CatalogError>) -> Option<T> {
    match found {
        Ok(found) => Some(found),
        Err(CatalogError::DatabaseNotFound { .. } | CatalogError::TableNotFound { .. }) => None,
        Err(error) => {
            failure::internal(&error, "the catalog could not be read for a query");
            None
        }
    }
}
