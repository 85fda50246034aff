//! From long series to wide ones, as `LongToWide` of Grafana's plugin SDK does it
//! (`data/time_series.go`), with nulls where a series has no row at an instant.

use std::collections::HashMap;

use tidewatch_domain::Timestamp;

use super::{Cells, Columns, Field, Frame};
use crate::evaluate::Labels;

const NULL_TIME: &str = "unable to process the data to wide series because input has null time values, make sure all time values are not null";
const UNSORTED: &str = "unable to process the data because it is not sorted in ascending order by time, please updated your query to sort the data by time if possible";

/// Makes a column of each value column and each combination of factors, which become its labels.
/// Times have to ascend. Where two rows share time and factors, the later row stays.
///
/// The errors are those of the SDK.
pub(super) fn long_to_wide(long: &Frame, columns: &Columns) -> Result<Frame, String> {
    let times = ascending_times(long, columns)?;
    let mut instants: Vec<Option<Timestamp>> = Vec::new();
    let mut wide: Vec<Field> = Vec::new();
    let mut first_of: HashMap<Vec<String>, usize> = HashMap::new();
    for (row, time) in times.into_iter().enumerate() {
        if instants.last() != Some(&Some(time)) {
            instants.push(Some(time));
            for field in &mut wide {
                field.cells.push_null();
            }
        }
        let factors: Vec<String> = columns
            .factors
            .iter()
            .map(|index| long.fields[*index].cells.factor(row))
            .collect();
        let first = match first_of.get(&factors) {
            Some(first) => *first,
            None => {
                let first = wide.len();
                let labels = labels(long, columns, &factors)?;
                wide.extend(columns.values.iter().map(|index| {
                    let field = &long.fields[*index];
                    let mut cells = field.cells.emptied();
                    for _ in &instants {
                        cells.push_null();
                    }
                    Field {
                        name: field.name.clone(),
                        labels: labels.clone(),
                        cells,
                    }
                }));
                first_of.insert(factors, first);
                first
            }
        };
        let last = instants.len() - 1;
        for (offset, index) in columns.values.iter().enumerate() {
            let from = &long.fields[*index].cells;
            wide[first + offset].cells.copy(last, from, row);
        }
    }
    sort(&mut wide, long, columns);
    let time = Field {
        name: long.fields[columns.time].name.clone(),
        labels: Labels::new(),
        cells: Cells::Times(instants),
    };
    wide.insert(0, time);
    Ok(Frame {
        fields: wide,
        pivoted: true,
    })
}

fn ascending_times(long: &Frame, columns: &Columns) -> Result<Vec<Timestamp>, String> {
    let Cells::Times(cells) = &long.fields[columns.time].cells else {
        return Err(NULL_TIME.to_owned());
    };
    let times: Option<Vec<Timestamp>> = cells.iter().copied().collect();
    let times = times.ok_or(NULL_TIME)?;
    if times.is_sorted() {
        Ok(times)
    } else {
        Err(UNSORTED.to_owned())
    }
}

fn labels(long: &Frame, columns: &Columns, factors: &[String]) -> Result<Labels, String> {
    let mut labels = Labels::new();
    for (index, value) in columns.factors.iter().zip(factors) {
        let name = &long.fields[*index].name;
        if let Some(other) = labels.insert(name.clone(), value.clone()) {
            return Err(format!(
                "duplicate key '{other}' in lables: two columns are called {name}; name each by AS"
            ));
        }
    }
    Ok(labels)
}

/// By name, then by the factors in the order of their columns.
fn sort(wide: &mut [Field], long: &Frame, columns: &Columns) {
    let keys: Vec<&String> = columns
        .factors
        .iter()
        .map(|index| &long.fields[*index].name)
        .collect();
    wide.sort_by(|one, other| {
        one.name.cmp(&other.name).then_with(|| {
            let of = |field: &Field, key: &str| field.labels.get(key).cloned().unwrap_or_default();
            keys.iter()
                .map(|key| of(one, key).cmp(&of(other, key)))
                .find(|order| order.is_ne())
                .unwrap_or(std::cmp::Ordering::Equal)
        })
    });
}
