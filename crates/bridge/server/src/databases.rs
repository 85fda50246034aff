//! Operations on databases.

use tidewatch_store::Database;
use tidewatch_wire::{
    ApiError, CreateDatabaseRequest, DatabaseResponse, DeleteDatabaseRequest,
    DescribeDatabaseRequest, Empty, EpochSeconds, ListDatabasesRequest, ListDatabasesResponse,
    Request, UpdateDatabaseRequest,
};

use crate::arn::{Resource, default_kms_key};
use crate::{Bridge, failure, paging};

impl Bridge {
    /// Creates a database; fails with a conflict when it exists.
    pub async fn create_database(
        &self,
        request: CreateDatabaseRequest,
    ) -> Result<DatabaseResponse, ApiError> {
        request.validate()?;
        let name = request.database_name.unwrap_or_default();
        let tags = self.new_tags(request.tags)?;
        let database = self
            .store()
            .create_database(&name, request.kms_key_id.as_deref())
            .await
            .map_err(failure::catalog)?;
        self.replace_tags(&Resource::database(&name), tags).await?;
        Ok(self.database_response(database))
    }

    /// Describes a database.
    pub async fn describe_database(
        &self,
        request: DescribeDatabaseRequest,
    ) -> Result<DatabaseResponse, ApiError> {
        request.validate()?;
        let name = request.database_name.unwrap_or_default();
        let database = self
            .store()
            .describe_database(&name)
            .map_err(failure::catalog)?;
        Ok(self.database_response(database))
    }

    /// A page of the databases, by name.
    pub async fn list_databases(
        &self,
        request: ListDatabasesRequest,
    ) -> Result<ListDatabasesResponse, ApiError> {
        request.validate()?;
        let mut databases = self.store().list_databases();
        databases.retain(|database| self.caller.sees_database(&database.name));
        let (page, next_token) = paging::page(
            databases,
            |database| database.name.clone(),
            request.next_token.as_deref(),
            request.max_results,
        )?;
        let databases = page
            .into_iter()
            .map(|database| self.database(database))
            .collect();
        Ok(ListDatabasesResponse {
            databases: Some(databases),
            next_token,
        })
    }

    /// Names another key for a database.
    pub async fn update_database(
        &self,
        request: UpdateDatabaseRequest,
    ) -> Result<DatabaseResponse, ApiError> {
        request.validate()?;
        let name = request.database_name.unwrap_or_default();
        let key = request.kms_key_id.unwrap_or_default();
        let database = self
            .store()
            .update_database(&name, &key)
            .await
            .map_err(failure::catalog)?;
        Ok(self.database_response(database))
    }

    /// Deletes a database that has no tables.
    pub async fn delete_database(&self, request: DeleteDatabaseRequest) -> Result<Empty, ApiError> {
        request.validate()?;
        let name = request.database_name.unwrap_or_default();
        self.store()
            .delete_database(&name)
            .await
            .map_err(failure::catalog)?;
        self.replace_tags(&Resource::database(&name), Vec::new())
            .await?;
        Ok(Empty {})
    }

    fn database_response(&self, database: Database) -> DatabaseResponse {
        DatabaseResponse {
            database: Some(self.database(database)),
        }
    }

    fn database(&self, database: Database) -> tidewatch_wire::Database {
        tidewatch_wire::Database {
            arn: Some(Resource::database(&database.name).arn(self.settings())),
            table_count: Some(i64::try_from(database.table_count).unwrap_or(i64::MAX)),
            kms_key_id: Some(
                database
                    .kms_key_id
                    .unwrap_or_else(|| default_kms_key(self.settings())),
            ),
            creation_time: Some(EpochSeconds::from_nanos(database.created_at)),
            last_updated_time: Some(EpochSeconds::from_nanos(database.updated_at)),
            database_name: Some(database.name),
        }
    }
}
