//! Which columns a record's cells belong to, and whether they may.

use crate::catalog::{Enforcement, PartitionKey};
use crate::record::{Measures, Record, Value};
use crate::row::Cell;
use crate::schema::{ColumnRole, ColumnType, MeasureType, Registry, VERSION};

/// Stands for the number of a column or measure that the table does not have yet.
pub(crate) const NEW: u32 = u32::MAX;

/// Dimensions a table can have.
const MAX_DIMENSIONS: usize = 128;
/// Columns of multi-measure records a table can have.
const MAX_MULTI: usize = 1024;
/// Measure names a table can have.
const MAX_MEASURES: usize = 8192;

/// A record in the columns of its table. Reused from record to record.
#[derive(Debug, Default)]
pub(crate) struct Columns<'a> {
    /// The measure's number, or [`NEW`].
    pub(crate) measure: u32,
    pub(crate) measure_type: Option<MeasureType>,
    /// Dimensions first; columns may be [`NEW`].
    pub(crate) cells: Vec<(u32, Cell<'a>)>,
    /// Name and role of the cells whose column is [`NEW`], in order.
    pub(crate) new: Vec<(&'a str, ColumnType, ColumnRole)>,
    /// By column, the last record that used it: finds a column that is used twice.
    used: Vec<u64>,
    /// By position in the record, the column found there last: records of a request are alike.
    hints: Vec<u32>,
    record: u64,
}

impl<'a> Columns<'a> {
    /// Resolves a record, or says why it is refused.
    pub(crate) fn resolve(
        &mut self,
        record: &'a Record,
        registry: &Registry,
        key: &PartitionKey,
    ) -> Result<(), String> {
        self.cells.clear();
        self.new.clear();
        self.record += 1;
        self.used.resize(registry.columns().len(), 0);
        self.check_partition_key(record, key)?;
        for (name, value) in &record.dimensions {
            self.add(name, ColumnRole::Dimension, Cell::Varchar(value), registry)?;
        }
        let measure_type = match &record.measures {
            Measures::Single(value) => {
                let (name, of) = single(value)?;
                self.add(name, ColumnRole::MeasureValue, value.into(), registry)?;
                of
            }
            Measures::Multi(values) => {
                for (name, value) in values {
                    self.add(name, ColumnRole::Multi, value.into(), registry)?;
                }
                MeasureType::Multi
            }
        };
        self.measure_type = Some(measure_type);
        self.check_measure(record, measure_type, registry)?;
        self.check_limits(registry)
    }

    fn check_partition_key(&self, record: &Record, key: &PartitionKey) -> Result<(), String> {
        let PartitionKey::Dimension {
            name,
            enforcement: Enforcement::Required,
        } = key
        else {
            return Ok(());
        };
        if record.dimensions.iter().any(|(given, _)| given == name) {
            return Ok(());
        }
        Err(format!(
            "The record does not contain the dimension {name}, which is the required partition \
             key of the table."
        ))
    }

    fn add(
        &mut self,
        name: &'a str,
        role: ColumnRole,
        cell: Cell<'a>,
        registry: &Registry,
    ) -> Result<(), String> {
        let of = cell.data_type();
        let column = self.find(name, registry);
        let Some(existing) = registry.column(column) else {
            return self.add_new(name, of, role, cell);
        };
        if existing.role != role {
            return Err(conflict(name, role, existing.role));
        }
        if existing.data_type != of {
            return Err(format!(
                "The measure {name} is of type {}, but the table already has it as {}.",
                of.word(),
                existing.data_type.word()
            ));
        }
        let used = &mut self.used[column as usize];
        if *used == self.record {
            return Err(twice(name));
        }
        *used = self.record;
        self.cells.push((column, cell));
        Ok(())
    }

    /// The number of a column, or [`NEW`].
    fn find(&mut self, name: &str, registry: &Registry) -> u32 {
        let position = self.cells.len();
        let hint = self.hints.get(position).copied().unwrap_or(NEW);
        if registry
            .column(hint)
            .is_some_and(|column| column.name == name)
        {
            return hint;
        }
        let column = registry.column_id(name).unwrap_or(NEW);
        self.hints.resize(self.hints.len().max(position + 1), NEW);
        self.hints[position] = column;
        column
    }

    fn add_new(
        &mut self,
        name: &'a str,
        of: ColumnType,
        role: ColumnRole,
        cell: Cell<'a>,
    ) -> Result<(), String> {
        let reserved = matches!(name, "time" | "measure_name" | VERSION)
            || role != ColumnRole::MeasureValue && name.starts_with("measure_value");
        if reserved {
            return Err(format!("The name {name} is reserved."));
        }
        match self.new.iter().find(|(other, ..)| *other == name) {
            Some((.., other)) if *other == role => return Err(twice(name)),
            Some((.., other)) => return Err(conflict(name, role, *other)),
            None => {}
        }
        self.new.push((name, of, role));
        self.cells.push((NEW, cell));
        Ok(())
    }

    fn check_measure(
        &mut self,
        record: &Record,
        of: MeasureType,
        registry: &Registry,
    ) -> Result<(), String> {
        let name = record.measure_name.as_str();
        self.measure = registry.measure_id(name).unwrap_or(NEW);
        match registry.measure(self.measure) {
            Some(existing) if existing.data_type != of => Err(format!(
                "The measure {name} is of type {}, but the table already has it as {}.",
                of.word(),
                existing.data_type.word()
            )),
            None if registry.measures().len() >= MAX_MEASURES => Err(format!(
                "The table already has {MAX_MEASURES} measure names, the most a table can have; \
                 {name} would be one more."
            )),
            _ => Ok(()),
        }
    }

    fn check_limits(&self, registry: &Registry) -> Result<(), String> {
        let of_role = |role| self.new.iter().filter(|(.., new)| *new == role).count();
        let dimensions = of_role(ColumnRole::Dimension);
        if dimensions > 0 && registry.dimensions() + dimensions > MAX_DIMENSIONS {
            return Err(format!(
                "The record would give the table more than {MAX_DIMENSIONS} dimensions, the most \
                 a table can have."
            ));
        }
        let multi = of_role(ColumnRole::Multi);
        if multi > 0 && registry.multi() + multi > MAX_MULTI {
            return Err(format!(
                "The record would give the table more than {MAX_MULTI} measures of multi-measure \
                 records, the most a table can have."
            ));
        }
        Ok(())
    }
}

fn single(value: &Value) -> Result<(&'static str, MeasureType), String> {
    Ok(match value {
        Value::Double(_) => ("measure_value::double", MeasureType::Double),
        Value::Bigint(_) => ("measure_value::bigint", MeasureType::Bigint),
        Value::Varchar(_) => ("measure_value::varchar", MeasureType::Varchar),
        Value::Boolean(_) => ("measure_value::boolean", MeasureType::Boolean),
        Value::Timestamp(_) => {
            return Err("TIMESTAMP is an invalid measure value type".to_owned());
        }
    })
}

fn twice(name: &str) -> String {
    format!("The name {name} occurs more than once in the record.")
}

fn conflict(name: &str, role: ColumnRole, existing: ColumnRole) -> String {
    let word = |role| match role {
        ColumnRole::Dimension => "a dimension",
        _ => "a measure",
    };
    format!(
        "The name {name} cannot be {} of the record: it is already {} of the table.",
        word(role),
        word(existing)
    )
}
