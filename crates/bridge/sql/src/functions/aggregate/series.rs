//! `create_time_series(time, value)`: the points of a group in the order of time.
//!
//! Points without a time are left out, points without a value are kept.

use std::sync::Arc;

use arrow::array::{
    Array, ArrayRef, AsArray, BooleanArray, ListArray, StructArray, TimestampNanosecondArray,
    UInt32Array, new_empty_array,
};
use arrow::buffer::{NullBuffer, OffsetBuffer};
use arrow::compute::{concat, take};
use arrow::datatypes::{DataType, FieldRef, TimestampNanosecondType};
use datafusion::common::{Result, ScalarValue, plan_err};
use datafusion::logical_expr::function::{AccumulatorArgs, StateFieldsArgs};
use datafusion::logical_expr::utils::format_state_name;
use datafusion::logical_expr::{
    Accumulator, AggregateUDF, AggregateUDFImpl, EmitTo, GroupsAccumulator, Signature, Volatility,
};

use crate::functions::signature::unexpected_parameters;
use crate::shapes::{TIMESTAMP, is_text, series_element, series_fields, series_of, series_value};

pub(super) fn function() -> Arc<AggregateUDF> {
    let signature = Signature::user_defined(Volatility::Immutable);
    Arc::new(AggregateUDF::from(CreateTimeSeries { signature }))
}

#[derive(Debug, PartialEq, Eq, Hash)]
struct CreateTimeSeries {
    signature: Signature,
}

impl AggregateUDFImpl for CreateTimeSeries {
    fn name(&self) -> &str {
        "create_time_series"
    }

    fn signature(&self) -> &Signature {
        &self.signature
    }

    fn coerce_types(&self, types: &[DataType]) -> Result<Vec<DataType>> {
        match types {
            [time, value]
                if matches!(time, DataType::Timestamp(_, _) | DataType::Date32)
                    || time.is_null()
                    || is_text(time) =>
            {
                Ok(vec![TIMESTAMP, value.clone()])
            }
            _ => {
                let expected = ["create_time_series(timestamp, T)".to_owned()];
                plan_err!("{}", unexpected_parameters(self.name(), types, &expected))
            }
        }
    }

    fn return_type(&self, types: &[DataType]) -> Result<DataType> {
        Ok(series_of(types[1].clone()))
    }

    fn state_fields(&self, args: StateFieldsArgs) -> Result<Vec<FieldRef>> {
        let name = format_state_name(args.name, "points");
        Ok(vec![Arc::new(
            args.return_field.as_ref().clone().with_name(name),
        )])
    }

    fn accumulator(&self, args: AccumulatorArgs) -> Result<Box<dyn Accumulator>> {
        Ok(Box::new(One {
            points: Points::new(args.return_field.data_type())?,
        }))
    }

    fn groups_accumulator_supported(&self, args: AccumulatorArgs) -> bool {
        !args.is_distinct
    }

    fn create_groups_accumulator(
        &self,
        args: AccumulatorArgs,
    ) -> Result<Box<dyn GroupsAccumulator>> {
        Ok(Box::new(Many {
            points: Points::new(args.return_field.data_type())?,
            total: 0,
        }))
    }
}

/// The points of all groups, in the order of their arrival.
#[derive(Debug)]
struct Points {
    value_type: DataType,
    groups: Vec<u32>,
    times: Vec<i64>,
    values: Vec<ArrayRef>,
    value_bytes: usize,
}

impl Points {
    fn new(series: &DataType) -> Result<Self> {
        let Some(value_type) = series_value(series) else {
            return plan_err!("create_time_series gives a time series");
        };
        Ok(Self {
            value_type: value_type.clone(),
            groups: vec![],
            times: vec![],
            values: vec![],
            value_bytes: 0,
        })
    }

    fn add(
        &mut self,
        times: &ArrayRef,
        values: &ArrayRef,
        group_of: impl Fn(usize) -> usize,
        filter: Option<&BooleanArray>,
    ) -> Result<()> {
        let times = times.as_primitive::<TimestampNanosecondType>();
        let wanted = |row: usize| {
            times.is_valid(row) && filter.is_none_or(|f| f.is_valid(row) && f.value(row))
        };
        let rows: Vec<u32> = (0..times.len())
            .filter(|row| wanted(*row))
            .map(|row| row as u32)
            .collect();
        self.groups
            .extend(rows.iter().map(|row| group_of(*row as usize) as u32));
        self.times
            .extend(rows.iter().map(|row| times.value(*row as usize)));
        let values = if rows.len() == times.len() {
            values.clone()
        } else {
            take(values, &UInt32Array::from(rows), None)?
        };
        self.value_bytes += bytes(&values);
        self.values.push(values);
        Ok(())
    }

    /// The points inside columns of series, as other parts of the statement give them.
    fn merge(&mut self, series: &ArrayRef, group_of: impl Fn(usize) -> usize) -> Result<()> {
        let series = series.as_list::<i32>();
        let offsets = series.value_offsets();
        let (Some(first), Some(last)) = (offsets.first(), offsets.last()) else {
            return Ok(());
        };
        let points = series
            .values()
            .slice(*first as usize, (last - first) as usize);
        let points = points.as_struct();
        let mut groups = Vec::with_capacity(points.len());
        let mut wanted = Vec::with_capacity(points.len());
        for row in 0..series.len() {
            let length = (offsets[row + 1] - offsets[row]) as usize;
            groups.extend(std::iter::repeat_n(group_of(row), length));
            wanted.extend(std::iter::repeat_n(series.is_valid(row), length));
        }
        let wanted = BooleanArray::from(wanted);
        self.add(
            points.column(0),
            points.column(1),
            |at| groups[at],
            Some(&wanted),
        )
    }

    /// The series of the first groups, which are forgotten; the others move down.
    fn emit(&mut self, groups: usize) -> Result<ArrayRef> {
        let parts: Vec<&dyn Array> = self.values.iter().map(|part| part.as_ref()).collect();
        let values = if parts.is_empty() {
            new_empty_array(&self.value_type)
        } else {
            concat(&parts)?
        };
        let (mut emitted, kept): (Vec<u32>, Vec<u32>) = (0..self.times.len() as u32)
            .partition(|at| (self.groups[*at as usize] as usize) < groups);
        // Stable, so that points of one time keep the order of their arrival.
        emitted.sort_by_key(|at| (self.groups[*at as usize], self.times[*at as usize]));
        let mut lengths = vec![0; groups];
        emitted
            .iter()
            .for_each(|at| lengths[self.groups[*at as usize] as usize] += 1);
        let times: TimestampNanosecondArray = emitted
            .iter()
            .map(|at| self.times[*at as usize])
            .collect::<Vec<_>>()
            .into();
        let points = StructArray::try_new(
            series_fields(self.value_type.clone()),
            vec![
                Arc::new(times),
                take(&values, &UInt32Array::from(emitted), None)?,
            ],
            None,
        )?;
        // A group without any point has no series.
        let valid: NullBuffer = lengths
            .iter()
            .map(|length| *length > 0)
            .collect::<Vec<_>>()
            .into();
        let result = ListArray::try_new(
            series_element(self.value_type.clone()),
            OffsetBuffer::from_lengths(lengths),
            Arc::new(points),
            Some(valid),
        )?;
        self.times = kept.iter().map(|at| self.times[*at as usize]).collect();
        self.groups = kept
            .iter()
            .map(|at| self.groups[*at as usize] - groups as u32)
            .collect();
        let values = take(&values, &UInt32Array::from(kept), None)?;
        self.value_bytes = bytes(&values);
        self.values = vec![values];
        Ok(Arc::new(result))
    }

    fn size(&self) -> usize {
        self.groups.capacity() * 4 + self.times.capacity() * 8 + self.value_bytes
    }
}

/// The memory of a column's rows, not of the larger buffers that a slice may refer to.
fn bytes(values: &ArrayRef) -> usize {
    values
        .to_data()
        .get_slice_memory_size()
        .unwrap_or_else(|_| values.get_array_memory_size())
}

/// One group: the statement has no GROUP BY, or a window.
#[derive(Debug)]
struct One {
    points: Points,
}

impl Accumulator for One {
    fn update_batch(&mut self, columns: &[ArrayRef]) -> Result<()> {
        self.points.add(&columns[0], &columns[1], |_| 0, None)
    }

    fn merge_batch(&mut self, states: &[ArrayRef]) -> Result<()> {
        self.points.merge(&states[0], |_| 0)
    }

    fn evaluate(&mut self) -> Result<ScalarValue> {
        let series = self.points.emit(1)?;
        // A window asks again after every row, so nothing may be forgotten.
        self.points.merge(&series, |_| 0)?;
        ScalarValue::try_from_array(&series, 0)
    }

    fn state(&mut self) -> Result<Vec<ScalarValue>> {
        Ok(vec![self.evaluate()?])
    }

    fn size(&self) -> usize {
        size_of_val(self) + self.points.size()
    }
}

/// Many groups at once.
#[derive(Debug)]
struct Many {
    points: Points,
    /// How many groups there are so far.
    total: usize,
}

impl Many {
    fn emit(&mut self, emit_to: EmitTo) -> Result<ArrayRef> {
        let groups = match emit_to {
            EmitTo::All => self.total,
            EmitTo::First(groups) => groups,
        };
        self.total -= groups;
        self.points.emit(groups)
    }
}

impl GroupsAccumulator for Many {
    fn update_batch(
        &mut self,
        columns: &[ArrayRef],
        groups: &[usize],
        filter: Option<&BooleanArray>,
        total: usize,
    ) -> Result<()> {
        self.total = total;
        self.points
            .add(&columns[0], &columns[1], |row| groups[row], filter)
    }

    fn merge_batch(&mut self, states: &[ArrayRef], groups: &[usize], total: usize) -> Result<()> {
        self.total = total;
        self.points.merge(&states[0], |row| groups[row])
    }

    fn evaluate(&mut self, emit_to: EmitTo) -> Result<ArrayRef> {
        self.emit(emit_to)
    }

    fn state(&mut self, emit_to: EmitTo) -> Result<Vec<ArrayRef>> {
        Ok(vec![self.emit(emit_to)?])
    }

    fn convert_to_state(
        &self,
        columns: &[ArrayRef],
        filter: Option<&BooleanArray>,
    ) -> Result<Vec<ArrayRef>> {
        // Every row becomes a series of one point.
        let mut points = Points::new(&series_of(self.points.value_type.clone()))?;
        points.add(&columns[0], &columns[1], |row| row, filter)?;
        Ok(vec![points.emit(columns[0].len())?])
    }

    fn size(&self) -> usize {
        self.points.size()
    }
}
