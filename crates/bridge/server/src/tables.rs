//! Operations on tables.

use tidewatch_store::{
    Enforcement, PartitionKey, Retention, S3Location, Table, TableSpec, TableUpdate,
};
use tidewatch_wire::{
    ApiError, CreateTableRequest, DeleteTableRequest, DescribeTableRequest, Empty,
    EnforcementLevel, EpochSeconds, ListTablesRequest, ListTablesResponse,
    MagneticStoreRejectedDataLocation, MagneticStoreWriteProperties, PartitionKeyType, Request,
    RetentionProperties, S3Configuration, S3EncryptionOption, Schema, TableResponse, TableStatus,
    UpdateTableRequest,
};

use crate::arn::Resource;
use crate::{Bridge, failure, paging};

impl Bridge {
    /// Creates a table; fails with a conflict when it exists.
    pub async fn create_table(
        &self,
        request: CreateTableRequest,
    ) -> Result<TableResponse, ApiError> {
        request.validate()?;
        let database = request.database_name.unwrap_or_default();
        let name = request.table_name.unwrap_or_default();
        let tags = self.new_tags(request.tags)?;
        let magnetic = request.magnetic_store_write_properties.unwrap_or_default();
        let spec = TableSpec {
            retention: request
                .retention_properties
                .map(retention)
                .unwrap_or_default(),
            magnetic_writes: magnetic.enable_magnetic_store_writes.unwrap_or_default(),
            magnetic_rejected_location: location(magnetic),
            partition_key: request
                .schema
                .map(partition_key)
                .transpose()?
                .flatten()
                .unwrap_or_default(),
        };
        let table = self
            .store()
            .create_table(&database, &name, spec)
            .await
            .map_err(failure::catalog)?;
        self.replace_tags(&Resource::table(&database, &name), tags)
            .await?;
        Ok(self.table_response(table))
    }

    /// Describes a table.
    pub async fn describe_table(
        &self,
        request: DescribeTableRequest,
    ) -> Result<TableResponse, ApiError> {
        request.validate()?;
        let database = request.database_name.unwrap_or_default();
        let name = request.table_name.unwrap_or_default();
        let table = self
            .store()
            .describe_table(&database, &name)
            .map_err(failure::catalog)?;
        Ok(self.table_response(table))
    }

    /// A page of the tables of one database or of all, by database and name.
    pub async fn list_tables(
        &self,
        request: ListTablesRequest,
    ) -> Result<ListTablesResponse, ApiError> {
        request.validate()?;
        let mut tables = self
            .store()
            .list_tables(request.database_name.as_deref())
            .map_err(failure::catalog)?;
        tables.retain(|table| self.caller.sees_table(&table.database, &table.name));
        tables.sort_by_cached_key(position);
        let (page, next_token) = paging::page(
            tables,
            position,
            request.next_token.as_deref(),
            request.max_results,
        )?;
        let tables = page.into_iter().map(|table| self.table(table)).collect();
        Ok(ListTablesResponse {
            tables: Some(tables),
            next_token,
        })
    }

    /// Changes a table; absent members stay as they are.
    pub async fn update_table(
        &self,
        request: UpdateTableRequest,
    ) -> Result<TableResponse, ApiError> {
        request.validate()?;
        let database = request.database_name.unwrap_or_default();
        let name = request.table_name.unwrap_or_default();
        let magnetic = request.magnetic_store_write_properties;
        let update = TableUpdate {
            retention: request.retention_properties.map(retention),
            magnetic_writes: magnetic
                .as_ref()
                .and_then(|properties| properties.enable_magnetic_store_writes),
            magnetic_rejected_location: magnetic.map(location),
            partition_key: request.schema.map(partition_key).transpose()?.flatten(),
        };
        let table = self
            .store()
            .update_table(&database, &name, update)
            .await
            .map_err(failure::catalog)?;
        Ok(self.table_response(table))
    }

    /// Deletes a table with its rows.
    pub async fn delete_table(&self, request: DeleteTableRequest) -> Result<Empty, ApiError> {
        request.validate()?;
        let database = request.database_name.unwrap_or_default();
        let name = request.table_name.unwrap_or_default();
        self.store()
            .delete_table(&database, &name)
            .await
            .map_err(failure::catalog)?;
        self.replace_tags(&Resource::table(&database, &name), Vec::new())
            .await?;
        Ok(Empty {})
    }

    fn table_response(&self, table: Table) -> TableResponse {
        TableResponse {
            table: Some(self.table(table)),
        }
    }

    fn table(&self, table: Table) -> tidewatch_wire::Table {
        tidewatch_wire::Table {
            arn: Some(Resource::table(&table.database, &table.name).arn(self.settings())),
            table_name: Some(table.name),
            database_name: Some(table.database),
            table_status: Some(TableStatus::Active),
            retention_properties: Some(RetentionProperties {
                memory_store_retention_period_in_hours: Some(table.retention.memory_hours.into()),
                magnetic_store_retention_period_in_days: Some(table.retention.magnetic_days.into()),
            }),
            creation_time: Some(EpochSeconds::from_nanos(table.created_at)),
            last_updated_time: Some(EpochSeconds::from_nanos(table.updated_at)),
            magnetic_store_write_properties: Some(MagneticStoreWriteProperties {
                enable_magnetic_store_writes: Some(table.magnetic_writes),
                magnetic_store_rejected_data_location: table
                    .magnetic_rejected_location
                    .map(described_location),
            }),
            schema: Some(schema(table.partition_key)),
        }
    }
}

/// Where a table stands in a listing. No name contains a slash.
fn position(table: &Table) -> String {
    format!("{}/{}", table.database, table.name)
}

/// Both members were validated to be there and to fit.
fn retention(properties: RetentionProperties) -> Retention {
    let defaults = Retention::default();
    let number = |value: Option<i64>, default| {
        value
            .and_then(|value| u32::try_from(value).ok())
            .unwrap_or(default)
    };
    Retention {
        memory_hours: number(
            properties.memory_store_retention_period_in_hours,
            defaults.memory_hours,
        ),
        magnetic_days: number(
            properties.magnetic_store_retention_period_in_days,
            defaults.magnetic_days,
        ),
    }
}

fn location(properties: MagneticStoreWriteProperties) -> Option<S3Location> {
    let s3 = properties
        .magnetic_store_rejected_data_location?
        .s3_configuration?;
    Some(S3Location {
        bucket_name: s3.bucket_name,
        object_key_prefix: s3.object_key_prefix,
        encryption_option: s3
            .encryption_option
            .map(|option| option.as_str().to_owned()),
        kms_key_id: s3.kms_key_id,
    })
}

fn described_location(location: S3Location) -> MagneticStoreRejectedDataLocation {
    MagneticStoreRejectedDataLocation {
        s3_configuration: Some(S3Configuration {
            bucket_name: location.bucket_name,
            object_key_prefix: location.object_key_prefix,
            encryption_option: location
                .encryption_option
                .map(|option| S3EncryptionOption::from(option.as_str())),
            kms_key_id: location.kms_key_id,
        }),
    }
}

/// The one partition key of a schema; `None` when the schema says nothing.
fn partition_key(schema: Schema) -> Result<Option<PartitionKey>, ApiError> {
    let mut keys = schema.composite_partition_key.unwrap_or_default();
    let Some(key) = keys.pop() else {
        return Ok(None);
    };
    if !keys.is_empty() {
        return Err(ApiError::validation(
            "A table can have one partition key only; name a single one.",
        ));
    }
    match (key.r#type, key.name) {
        (Some(PartitionKeyType::Dimension), Some(name)) => {
            let enforcement = match key.enforcement_in_record {
                Some(EnforcementLevel::Required) => Enforcement::Required,
                _ => Enforcement::Optional,
            };
            Ok(Some(PartitionKey::Dimension { name, enforcement }))
        }
        (Some(PartitionKeyType::Dimension), None) => Err(ApiError::validation(
            "A partition key of type DIMENSION needs the Name of the dimension.",
        )),
        (_, Some(_)) => Err(ApiError::validation(
            "A partition key of type MEASURE takes no Name.",
        )),
        (_, None) if key.enforcement_in_record.is_some() => Err(ApiError::validation(
            "A partition key of type MEASURE takes no EnforcementInRecord.",
        )),
        (_, None) => Ok(Some(PartitionKey::Measure)),
    }
}

fn schema(key: PartitionKey) -> Schema {
    let key = match key {
        PartitionKey::Measure => tidewatch_wire::PartitionKey {
            r#type: Some(PartitionKeyType::Measure),
            ..Default::default()
        },
        PartitionKey::Dimension { name, enforcement } => tidewatch_wire::PartitionKey {
            r#type: Some(PartitionKeyType::Dimension),
            name: Some(name),
            enforcement_in_record: Some(match enforcement {
                Enforcement::Required => EnforcementLevel::Required,
                Enforcement::Optional => EnforcementLevel::Optional,
            }),
        },
    };
    Schema {
        composite_partition_key: Some(vec![key]),
    }
}
