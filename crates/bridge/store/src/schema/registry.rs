//! Columns and measures by number and by name. Numbers are given in order of first appearance
//! and never change, so that log and head can use them in place of names.

use std::collections::HashMap;
use std::sync::Arc;

use super::{Column, ColumnRole, ColumnType, MeasureType};

/// What rows have brought into a table so far. `measure_name` and `time` are not listed.
#[derive(Debug, Clone, Default)]
pub(crate) struct Registry {
    columns: Vec<Column>,
    column_ids: HashMap<Arc<str>, u32>,
    measures: Vec<MeasureDef>,
    measure_ids: HashMap<Arc<str>, u32>,
    dimensions: usize,
    multi: usize,
}

/// A measure name with what is known of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct MeasureDef {
    pub(crate) name: String,
    pub(crate) data_type: MeasureType,
    /// Numbers of the dimensions seen with it, ascending.
    pub(crate) dimensions: Vec<u32>,
}

impl Registry {
    pub(crate) fn columns(&self) -> &[Column] {
        &self.columns
    }

    pub(crate) fn column(&self, id: u32) -> Option<&Column> {
        self.columns.get(id as usize)
    }

    pub(crate) fn column_id(&self, name: &str) -> Option<u32> {
        self.column_ids.get(name).copied()
    }

    pub(crate) fn measures(&self) -> &[MeasureDef] {
        &self.measures
    }

    pub(crate) fn measure(&self, id: u32) -> Option<&MeasureDef> {
        self.measures.get(id as usize)
    }

    pub(crate) fn measure_id(&self, name: &str) -> Option<u32> {
        self.measure_ids.get(name).copied()
    }

    /// How many dimensions there are.
    pub(crate) fn dimensions(&self) -> usize {
        self.dimensions
    }

    /// How many columns of multi-measure records there are.
    pub(crate) fn multi(&self) -> usize {
        self.multi
    }

    /// The columns of dimensions with their numbers, in order of appearance.
    pub(crate) fn dimension_columns(&self) -> impl Iterator<Item = (u32, &Column)> {
        (0..)
            .zip(&self.columns)
            .filter(|(_, column)| column.role == ColumnRole::Dimension)
    }

    /// Adds a column and returns its number.
    pub(crate) fn add_column(&mut self, name: &str, of: ColumnType, role: ColumnRole) -> u32 {
        let id = self.columns.len() as u32;
        self.column_ids.insert(name.into(), id);
        match role {
            ColumnRole::Dimension => self.dimensions += 1,
            ColumnRole::Multi => self.multi += 1,
            _ => {}
        }
        self.columns.push(Column {
            name: name.to_owned(),
            data_type: of,
            role,
        });
        id
    }

    /// Adds a measure and returns its number.
    pub(crate) fn add_measure(&mut self, name: &str, of: MeasureType) -> u32 {
        let id = self.measures.len() as u32;
        self.measure_ids.insert(name.into(), id);
        self.measures.push(MeasureDef {
            name: name.to_owned(),
            data_type: of,
            dimensions: Vec::new(),
        });
        id
    }

    /// Notes that a measure came with a dimension; says whether that is new.
    pub(crate) fn note_dimension(&mut self, measure: u32, dimension: u32) -> bool {
        let Some(measure) = self.measures.get_mut(measure as usize) else {
            return false;
        };
        match measure.dimensions.binary_search(&dimension) {
            Ok(_) => false,
            Err(at) => {
                measure.dimensions.insert(at, dimension);
                true
            }
        }
    }
}
