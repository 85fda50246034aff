//! Functions of several maps.

use std::collections::HashMap;
use std::sync::Arc;

use arrow::array::{Array, ArrayRef, AsArray, Float64Array, MapArray, StringViewArray};
use arrow::compute::concat;
use arrow::datatypes::{DataType, Float64Type};
use arrow::row::Row;
use datafusion::common::{Result, exec_err, plan_err};

use super::{Builder, comparable, maps, pick, range};
use crate::functions::signature::Param::{Array as ArrayParam, Map};
use crate::functions::signature::{Call, Gives, Scalar, form, variadic};
use crate::shapes::{is_text, list_element, map_types, type_name};

pub(super) const FUNCTIONS: &[Scalar] = &[
    Scalar {
        name: "map_concat",
        overloads: &[variadic(
            &[Map, Map],
            Map,
            Gives::From(common_type),
            concatenate,
        )],
    },
    Scalar {
        name: "cosine_similarity",
        overloads: &[form(
            &[Map, Map],
            Gives::From(|types| {
                for vector in types {
                    match map_types(vector) {
                        Some((key, value)) if is_text(key) && value.is_numeric() => {}
                        _ => {
                            return plan_err!(
                                "cosine_similarity takes maps from varchar to double, not {}",
                                type_name(vector)
                            );
                        }
                    }
                }
                Ok(DataType::Float64)
            }),
            cosine_similarity,
        )],
    },
    Scalar {
        // `map_union(m)` over the array of the group's maps.
        name: "$map_union",
        overloads: &[form(
            &[ArrayParam],
            Gives::From(|types| match list_element(&types[0]) {
                Some(element) if map_types(element.data_type()).is_some() => {
                    Ok(element.data_type().clone())
                }
                _ => plan_err!("map_union takes maps"),
            }),
            union,
        )],
    },
];

/// The type that all maps of a call have.
fn common_type(types: &[DataType]) -> Result<DataType> {
    match types.iter().find(|other| **other != types[0]) {
        Some(other) => plan_err!(
            "map_concat takes maps of one type, not {} and {}",
            type_name(&types[0]),
            type_name(other)
        ),
        None => Ok(types[0].clone()),
    }
}

/// The entries of all maps; the last map decides about a key of several.
fn concatenate(call: &Call) -> Result<ArrayRef> {
    let columns: Vec<&MapArray> = call.args.iter().map(maps).collect();
    let all = |part: fn(&MapArray) -> &ArrayRef| -> Result<ArrayRef> {
        let parts: Vec<&dyn Array> = columns.iter().map(|map| part(map).as_ref()).collect();
        Ok(concat(&parts)?)
    };
    let (keys, values) = (all(MapArray::keys)?, all(MapArray::values)?);
    let known = comparable(&keys)?;
    let starts: Vec<usize> = columns
        .iter()
        .scan(0, |at, map| {
            let start = *at;
            *at += map.keys().len();
            Some(start)
        })
        .collect();
    let (mut picked_keys, mut picked_values) = (Vec::new(), Vec::new());
    let mut result = Builder::new(call.rows);
    for row in 0..call.rows {
        if columns.iter().any(|map| map.is_null(row)) {
            result.push(None);
            continue;
        }
        let first = picked_keys.len();
        let mut places: HashMap<Row, usize> = HashMap::new();
        for (map, start) in columns.iter().zip(&starts) {
            for at in range(map, row) {
                let at = start + at;
                match places.get(&known.row(at)) {
                    Some(place) => picked_values[*place] = at as u32,
                    None => {
                        places.insert(known.row(at), picked_values.len());
                        picked_keys.push(at as u32);
                        picked_values.push(at as u32);
                    }
                }
            }
        }
        result.push(Some(picked_keys.len() - first));
    }
    result.finish(pick(&keys, picked_keys)?, pick(&values, picked_values)?)
}

/// The entries of all maps of an array; the first map decides about a key of several.
fn union(call: &Call) -> Result<ArrayRef> {
    let lists = call.args[0].as_list::<i32>();
    let elements = lists.values().as_map();
    let known = comparable(elements.keys())?;
    let mut picked = Vec::new();
    let mut result = Builder::new(call.rows);
    for row in 0..call.rows {
        let (from, to) = (lists.value_offsets()[row], lists.value_offsets()[row + 1]);
        let present: Vec<usize> = (from as usize..to as usize)
            .filter(|at| elements.is_valid(*at))
            .collect();
        if lists.is_null(row) || present.is_empty() {
            result.push(None);
            continue;
        }
        let first = picked.len();
        let mut seen: HashMap<Row, ()> = HashMap::new();
        for at in present.into_iter().flat_map(|map| range(elements, map)) {
            if seen.insert(known.row(at), ()).is_none() {
                picked.push(at as u32);
            }
        }
        result.push(Some(picked.len() - first));
    }
    result.finish(
        pick(elements.keys(), picked.clone())?,
        pick(elements.values(), picked)?,
    )
}

/// The cosine of the angle between two sparse vectors; null when one has no length.
fn cosine_similarity(call: &Call) -> Result<ArrayRef> {
    let (left, right) = (Vector::of(&call.args[0])?, Vector::of(&call.args[1])?);
    let cells = (0..call.rows).map(|row| {
        let (Some(a), Some(b)) = (left.entries(row)?, right.entries(row)?) else {
            return Ok(None);
        };
        // From 0.0, as the sum of nothing is -0.0.
        let product = a
            .iter()
            .filter_map(|(key, value)| Some(value * b.get(key)?))
            .fold(0.0, |sum, part| sum + part);
        let length = |vector: &HashMap<&str, f64>| {
            vector
                .values()
                .map(|value| value * value)
                .sum::<f64>()
                .sqrt()
        };
        let lengths = length(&a) * length(&b);
        Ok((lengths != 0.0).then(|| product / lengths))
    });
    Ok(Arc::new(cells.collect::<Result<Float64Array>>()?))
}

struct Vector {
    maps: MapArray,
    keys: StringViewArray,
    values: Float64Array,
}

impl Vector {
    fn of(column: &ArrayRef) -> Result<Self> {
        let maps = maps(column).clone();
        let keys = arrow::compute::cast(maps.keys(), &DataType::Utf8View)?;
        let values = arrow::compute::cast(maps.values(), &DataType::Float64)?;
        Ok(Self {
            keys: keys.as_string_view().clone(),
            values: values.as_primitive::<Float64Type>().clone(),
            maps,
        })
    }

    fn entries(&self, row: usize) -> Result<Option<HashMap<&str, f64>>> {
        if self.maps.is_null(row) {
            return Ok(None);
        }
        range(&self.maps, row)
            .map(|at| {
                if self.values.is_null(at) {
                    return exec_err!("a vector of cosine_similarity holds a null");
                }
                Ok((self.keys.value(at), self.values.value(at)))
            })
            .collect::<Result<HashMap<_, _>>>()
            .map(Some)
    }
}
