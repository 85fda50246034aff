//! The values of the catalog's tables, as bytes. Each begins with a version of its own, 1.

use crate::catalog::{DatabaseEntry, Enforcement, PartitionKey, Retention, S3Location, Table};
use crate::codec::{Malformed, Reader, put_i64, put_optional_str, put_str, put_varint};
use crate::partition::{PartitionMeta, Span, TailSum};
use crate::schema::{Column, ColumnRole, ColumnType, MeasureDef, MeasureType, Registry};

const VERSION: u8 = 1;

fn begin() -> Vec<u8> {
    vec![VERSION]
}

fn open(bytes: &[u8]) -> Result<Reader<'_>, Malformed> {
    let mut reader = Reader::new(bytes);
    if reader.byte()? != VERSION {
        return Err(reader.malformed("a value of an unknown version"));
    }
    Ok(reader)
}

pub(super) fn database(entry: &DatabaseEntry) -> Vec<u8> {
    let mut out = begin();
    put_optional_str(&mut out, entry.kms_key_id.as_deref());
    put_i64(&mut out, entry.created_at);
    put_i64(&mut out, entry.updated_at);
    out
}

pub(super) fn read_database(bytes: &[u8]) -> Result<DatabaseEntry, Malformed> {
    let mut reader = open(bytes)?;
    Ok(DatabaseEntry {
        kms_key_id: reader.optional_str()?.map(str::to_owned),
        created_at: reader.i64()?,
        updated_at: reader.i64()?,
    })
}

pub(super) fn table(table: &Table) -> Vec<u8> {
    let mut out = begin();
    put_str(&mut out, &table.database);
    put_str(&mut out, &table.name);
    put_varint(&mut out, u64::from(table.retention.memory_hours));
    put_varint(&mut out, u64::from(table.retention.magnetic_days));
    out.push(u8::from(table.magnetic_writes));
    match &table.magnetic_rejected_location {
        None => out.push(0),
        Some(location) => {
            out.push(1);
            put_optional_str(&mut out, location.bucket_name.as_deref());
            put_optional_str(&mut out, location.object_key_prefix.as_deref());
            put_optional_str(&mut out, location.encryption_option.as_deref());
            put_optional_str(&mut out, location.kms_key_id.as_deref());
        }
    }
    match &table.partition_key {
        PartitionKey::Measure => out.push(0),
        PartitionKey::Dimension { name, enforcement } => {
            out.push(match enforcement {
                Enforcement::Required => 1,
                Enforcement::Optional => 2,
            });
            put_str(&mut out, name);
        }
    }
    put_i64(&mut out, table.created_at);
    put_i64(&mut out, table.updated_at);
    out
}

pub(super) fn read_table(bytes: &[u8]) -> Result<Table, Malformed> {
    let mut reader = open(bytes)?;
    let owned = |text: Option<&str>| text.map(str::to_owned);
    Ok(Table {
        database: reader.str()?.to_owned(),
        name: reader.str()?.to_owned(),
        retention: Retention {
            memory_hours: reader.varint_u32()?,
            magnetic_days: reader.varint_u32()?,
        },
        magnetic_writes: reader.byte()? != 0,
        magnetic_rejected_location: match reader.byte()? {
            0 => None,
            _ => Some(S3Location {
                bucket_name: owned(reader.optional_str()?),
                object_key_prefix: owned(reader.optional_str()?),
                encryption_option: owned(reader.optional_str()?),
                kms_key_id: owned(reader.optional_str()?),
            }),
        },
        partition_key: match reader.byte()? {
            0 => PartitionKey::Measure,
            kind @ (1 | 2) => PartitionKey::Dimension {
                name: reader.str()?.to_owned(),
                enforcement: if kind == 1 {
                    Enforcement::Required
                } else {
                    Enforcement::Optional
                },
            },
            _ => return Err(reader.malformed("an unknown kind of partition key")),
        },
        created_at: reader.i64()?,
        updated_at: reader.i64()?,
    })
}

pub(super) fn column(column: &Column) -> Vec<u8> {
    let mut out = begin();
    out.push(column.data_type.code());
    out.push(column.role.code());
    put_str(&mut out, &column.name);
    out
}

pub(super) fn read_column(bytes: &[u8], registry: &mut Registry) -> Result<(), Malformed> {
    let mut reader = open(bytes)?;
    let of =
        ColumnType::from_code(reader.byte()?).ok_or(reader.malformed("an unknown column type"))?;
    let role =
        ColumnRole::from_code(reader.byte()?).ok_or(reader.malformed("an unknown column role"))?;
    registry.add_column(reader.str()?, of, role);
    Ok(())
}

pub(super) fn measure(measure: &MeasureDef) -> Vec<u8> {
    let mut out = begin();
    out.push(measure.data_type.code());
    put_str(&mut out, &measure.name);
    put_varint(&mut out, measure.dimensions.len() as u64);
    for dimension in &measure.dimensions {
        put_varint(&mut out, u64::from(*dimension));
    }
    out
}

pub(super) fn read_measure(bytes: &[u8], registry: &mut Registry) -> Result<(), Malformed> {
    let mut reader = open(bytes)?;
    let of = MeasureType::from_code(reader.byte()?)
        .ok_or(reader.malformed("an unknown measure type"))?;
    let measure = registry.add_measure(reader.str()?, of);
    for _ in 0..reader.count()? {
        registry.note_dimension(measure, reader.varint_u32()?);
    }
    Ok(())
}

pub(super) fn partition(partition: &PartitionMeta) -> Vec<u8> {
    let mut out = begin();
    let (kind, number) = partition.span.code();
    put_varint(&mut out, u64::from(partition.table));
    out.push(kind);
    put_i64(&mut out, number);
    put_varint(&mut out, partition.rows);
    put_i64(&mut out, partition.min_time);
    put_i64(&mut out, partition.max_time);
    put_varint(&mut out, partition.bytes);
    put_varint(&mut out, partition.tail.at);
    put_varint(&mut out, u64::from(partition.tail.crc));
    out
}

pub(super) fn read_partition(id: u64, bytes: &[u8]) -> Result<PartitionMeta, Malformed> {
    let mut reader = open(bytes)?;
    let table = reader.varint_u32()?;
    let span = Span::from_code(reader.byte()?, reader.i64()?)
        .ok_or(reader.malformed("an unknown kind of time span"))?;
    Ok(PartitionMeta {
        id,
        table,
        span,
        rows: reader.varint()?,
        min_time: reader.i64()?,
        max_time: reader.i64()?,
        bytes: reader.varint()?,
        tail: TailSum {
            at: reader.varint()?,
            crc: reader.varint_u32()?,
        },
    })
}
