//! The store as the engine sees it.

use parking_lot::Mutex;
use tidewatch_sql::{Attribute, Catalog, ColumnDescription, MeasureDescription, TableSource, Type};
use tidewatch_store::{CatalogError, ColumnRole, ColumnType, MeasureType, Store};

use crate::arn::Resource;
use crate::auth::Caller;
use crate::failure;

/// The databases and tables of a store that one caller may see.
///
/// Every name in a statement, wherever it stands, is looked up here and nowhere else. What is not
/// the caller's is neither listed nor found, whether it exists or not, and noted as refused.
#[derive(Debug)]
pub(crate) struct VisibleCatalog<'a> {
    store: &'a Store,
    caller: &'a Caller,
    refused: Mutex<Option<Resource>>,
}

impl VisibleCatalog<'_> {
    pub(crate) fn new<'a>(store: &'a Store, caller: &'a Caller) -> VisibleCatalog<'a> {
        VisibleCatalog {
            store,
            caller,
            refused: Mutex::default(),
        }
    }

    /// The first database or table that was asked for and is not the caller's.
    pub(crate) fn refused(&self) -> Option<Resource> {
        self.refused.lock().clone()
    }

    fn refuse(&self, resource: Resource) {
        self.refused.lock().get_or_insert(resource);
    }
}

impl Catalog for VisibleCatalog<'_> {
    fn databases(&self) -> Vec<String> {
        self.store
            .list_databases()
            .into_iter()
            .map(|database| database.name)
            .filter(|name| self.caller.sees_database(name))
            .collect()
    }

    fn tables(&self, database: &str) -> Option<Vec<String>> {
        if !self.caller.sees_database(database) {
            self.refuse(Resource::database(database));
            return None;
        }
        let tables = known(self.store.list_tables(Some(database)))?;
        Some(
            tables
                .into_iter()
                .map(|table| table.name)
                .filter(|name| self.caller.sees_table(database, name))
                .collect(),
        )
    }

    fn table(&self, database: &str, table: &str) -> Option<TableSource> {
        if !self.caller.sees_table(database, table) {
            self.refuse(Resource::table(database, table));
            return None;
        }
        let snapshot = known(self.store.snapshot(database, table))?;
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
