//! Counting the values of a group.

use std::collections::{BinaryHeap, HashMap};
use std::sync::Arc;

use arrow::array::{Array, ArrayRef, AsArray, Float64Array, Int64Array};
use arrow::datatypes::{DataType, Float64Type};
use arrow::row::Row;
use datafusion::common::{Result, exec_err};

use super::build::{element, span};
use super::{Builder, comparable, pick};
use crate::functions::cells::cell;
use crate::functions::signature::Param::{Array as ArrayParam, Bigint};
use crate::functions::signature::{Call, Gives, Scalar, form};
use crate::shapes::map_of;

pub(super) const FUNCTIONS: &[Scalar] = &[
    Scalar {
        // `histogram(x)` over the array of the group's values.
        name: "$histogram",
        overloads: &[form(
            &[ArrayParam],
            Gives::From(|types| Ok(map_of(element(&types[0])?, DataType::Int64))),
            histogram,
        )],
    },
    Scalar {
        // `numeric_histogram(bins, x, weight)` over the array of the group's values and weights.
        name: "$numeric_histogram",
        overloads: &[form(
            &[Bigint, ArrayParam],
            Gives::Is(|| map_of(DataType::Float64, DataType::Float64)),
            numeric_histogram,
        )],
    },
];

/// How often each value stands in each array.
fn histogram(call: &Call) -> Result<ArrayRef> {
    let lists = call.args[0].as_list::<i32>();
    let known = comparable(lists.values())?;
    let (mut picked, mut counts) = (Vec::new(), Vec::new());
    let mut maps = Builder::new(call.rows);
    for row in 0..call.rows {
        if lists.is_null(row) {
            maps.push(None);
            continue;
        }
        let first = picked.len();
        let mut places: HashMap<Row, usize> = HashMap::new();
        for at in span(lists, row) {
            let place = *places.entry(known.row(at)).or_insert_with(|| {
                picked.push(at as u32);
                counts.push(0_i64);
                counts.len() - 1
            });
            counts[place] += 1;
        }
        maps.push(Some(picked.len() - first));
    }
    maps.finish(
        pick(lists.values(), picked)?,
        Arc::new(Int64Array::from(counts)),
    )
}

/// Bins of numbers: their means and weights.
fn numeric_histogram(call: &Call) -> Result<ArrayRef> {
    let lists = call.args[1].as_list::<i32>();
    let rows = lists.values().as_struct();
    let numbers = |column: &ArrayRef| -> Result<Float64Array> {
        let doubles = arrow::compute::cast(column, &DataType::Float64)?;
        Ok(doubles.as_primitive::<Float64Type>().clone())
    };
    let (values, weights) = (numbers(rows.column(0))?, numbers(rows.column(1))?);
    let (mut centers, mut totals) = (Vec::new(), Vec::new());
    let mut maps = Builder::new(call.rows);
    for row in 0..call.rows {
        let bins = match cell::<i64>(&call.args[0], row) {
            Some(bins) if (2..=10_000).contains(&bins) => bins as usize,
            _ => return exec_err!("numeric_histogram bucket count must be from 2 to 10000"),
        };
        if lists.is_null(row) {
            maps.push(None);
            continue;
        }
        let points = span(lists, row)
            .filter(|at| values.is_valid(*at) && weights.is_valid(*at))
            .map(|at| (values.value(at), weights.value(at)));
        let merged = merged_bins(points.collect(), bins);
        maps.push(Some(merged.len()));
        for (center, weight) in merged {
            centers.push(center);
            totals.push(weight);
        }
    }
    maps.finish(
        Arc::new(Float64Array::from(centers)),
        Arc::new(Float64Array::from(totals)),
    )
}

/// A number with a weight.
type Weighted = (f64, f64);

/// At most `bins` bins of the points, in the order of their centres: neighbours are merged into
/// their weighted mean, cheapest pair first, where a pair costs the variance that merging adds.
fn merged_bins(mut points: Vec<Weighted>, bins: usize) -> Vec<Weighted> {
    points.sort_by(|a, b| a.0.total_cmp(&b.0));
    // Equal values cost nothing and are one bin whatever the number of bins.
    points.dedup_by(|next, kept| {
        let same = next.0 == kept.0;
        if same {
            kept.1 += next.1;
        }
        same
    });
    let mut next: Vec<usize> = (1..=points.len()).collect();
    let mut previous: Vec<Option<usize>> = (0..points.len()).map(|at| at.checked_sub(1)).collect();
    // How often a point changed; `None` once it is merged away.
    let mut generations: Vec<Option<u32>> = vec![Some(0); points.len()];
    let mut pairs = BinaryHeap::new();
    for right in 1..points.len() {
        pairs.push(Pair::of(&points, &generations, right - 1, right));
    }
    let mut left_over = points.len();
    while left_over > bins {
        let Some(pair) = pairs.pop() else { break };
        let Pair { left, right, .. } = pair;
        if pair.generations != (generations[left], generations[right]) {
            continue;
        }
        let weight = points[left].1 + points[right].1;
        let center = (points[left].0 * points[left].1 + points[right].0 * points[right].1) / weight;
        points[left] = (center, weight);
        generations[left] = generations[left].map(|generation| generation + 1);
        generations[right] = None;
        next[left] = next[right];
        if next[left] < points.len() {
            previous[next[left]] = Some(left);
            pairs.push(Pair::of(&points, &generations, left, next[left]));
        }
        if let Some(before) = previous[left] {
            pairs.push(Pair::of(&points, &generations, before, left));
        }
        left_over -= 1;
    }
    points
        .into_iter()
        .zip(generations)
        .filter_map(|(point, generation)| generation.map(|_| point))
        .collect()
}

/// Two neighbours as they were when their cost was worked out.
#[derive(Debug, PartialEq)]
struct Pair {
    cost: f64,
    left: usize,
    right: usize,
    generations: (Option<u32>, Option<u32>),
}

impl Pair {
    fn of(points: &[Weighted], generations: &[Option<u32>], left: usize, right: usize) -> Self {
        let ((a, wa), (b, wb)) = (points[left], points[right]);
        Self {
            cost: (a - b) * (a - b) * wa * wb / (wa + wb),
            left,
            right,
            generations: (generations[left], generations[right]),
        }
    }
}

impl Eq for Pair {}

/// The cheapest pair is the greatest, which is what a heap gives first; the leftmost among equals.
impl Ord for Pair {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        let by_cost = other.cost.total_cmp(&self.cost);
        by_cost.then(other.left.cmp(&self.left))
    }
}

impl PartialOrd for Pair {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

#[cfg(test)]
mod tests {
    use super::merged_bins;

    #[test]
    fn few_values_stay_as_they_are() {
        let points = vec![(3.0, 1.0), (1.0, 1.0), (3.0, 2.0)];
        assert_eq!(merged_bins(points, 2), [(1.0, 1.0), (3.0, 3.0)]);
        assert_eq!(merged_bins(vec![], 2), []);
    }

    #[test]
    fn the_nearest_neighbours_are_merged() {
        let points = [1.0, 2.0, 10.0, 11.5, 30.0].map(|x| (x, 1.0)).to_vec();
        assert_eq!(
            merged_bins(points.clone(), 4),
            [(1.5, 2.0), (10.0, 1.0), (11.5, 1.0), (30.0, 1.0)]
        );
        assert_eq!(
            merged_bins(points, 3),
            [(1.5, 2.0), (10.75, 2.0), (30.0, 1.0)]
        );
    }

    #[test]
    fn a_heavy_bin_resists() {
        // Merging 0 and 1 would move a weight of 100; 10 and 12 have one each.
        let points = vec![(0.0, 100.0), (1.0, 100.0), (10.0, 1.0), (12.0, 1.0)];
        assert_eq!(
            merged_bins(points, 3),
            [(0.0, 100.0), (1.0, 100.0), (11.0, 2.0)]
        );
    }
}
