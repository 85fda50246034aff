//! How a math expression is worked out over items (`pkg/expr/mathexp/exp.go`).

use std::collections::HashMap;

use tidewatch_domain::Timestamp;

use super::node::Node;
use super::operators::Operator;
use crate::evaluate::Labels;
use crate::expression::labels::text;
use crate::expression::{Inputs, Item, Related};

/// A notice names at most so many items on each side that found no partner.
const NAMED: usize = 5;

/// The items, and what is to be said beside them.
pub(super) fn run(node: &Node, inputs: &Inputs) -> (Vec<Item>, Vec<String>) {
    let mut notices = Vec::new();
    let items = walk(node, inputs, &mut notices);
    (items, notices)
}

fn walk(node: &Node, inputs: &Inputs, notices: &mut Vec<String>) -> Vec<Item> {
    match node {
        Node::Number(number) => vec![Item::Scalar(Some(*number))],
        Node::Variable { name, .. } => inputs.get(name).cloned().unwrap_or_default(),
        Node::Signed(sign, node) => {
            let items = walk(node, inputs, notices).into_iter();
            items
                .map(|item| item.map(|value| value.map(|value| sign.apply(value))))
                .collect()
        }
        Node::Call(function, None) => function.constant().into_iter().collect(),
        Node::Call(function, Some(node)) => {
            let items = walk(node, inputs, notices).into_iter();
            items
                .map(|item| item.map(|value| function.apply(value)))
                .collect()
        }
        Node::Binary(operator, left, right) => {
            let lefts = walk(left, inputs, notices);
            let rights = walk(right, inputs, notices);
            let joined = join(&lefts, &rights);
            for (side, items, matched) in [
                (left, &lefts, &joined.lefts),
                (right, &rights, &joined.rights),
            ] {
                notices.extend(dropped(node, side, items, matched));
            }
            let pairs = joined.pairs.into_iter();
            pairs
                .map(|pair| combine(*operator, pair.labels, pair.left, pair.right))
                .collect()
        }
    }
}

/// Items of both sides that belong together.
struct Joined<'i> {
    pairs: Vec<Pair<'i>>,
    /// Which items of each side found a partner; empty where that is not asked.
    lefts: Vec<bool>,
    rights: Vec<bool>,
}

struct Pair<'i> {
    labels: Labels,
    left: &'i Item,
    right: &'i Item,
}

/// Items belong together when their labels are equal or one's hold the other's; the result has the
/// larger set. Where each side has one item alone, they belong together whatever their labels are,
/// and the result has none. No data beside a single item decides everything.
fn join<'i>(lefts: &'i [Item], rights: &'i [Item]) -> Joined<'i> {
    let mut joined = Joined {
        pairs: Vec::new(),
        lefts: vec![false; lefts.len()],
        rights: vec![false; rights.len()],
    };
    let ([first_left, more_left @ ..], [first_right, more_right @ ..]) = (lefts, rights) else {
        // Without items on a side there is nothing to be said of the other side either.
        joined.lefts.fill(true);
        joined.rights.fill(true);
        return joined;
    };
    let alone = |more: &[Item]| more.is_empty();
    let no_data = *first_left == Item::NoData || *first_right == Item::NoData;
    if (alone(more_left) || alone(more_right)) && no_data {
        joined.pairs.push(Pair {
            labels: Labels::new(),
            left: first_left,
            right: first_right,
        });
        return joined;
    }
    let mut related = Related::new(rights.iter().map(Item::labels));
    for (index, left) in lefts.iter().enumerate() {
        for other in related.to(left.labels()) {
            let right = &rights[other];
            let labels = if left.labels().len() >= right.labels().len() {
                left.labels()
            } else {
                right.labels()
            };
            joined.lefts[index] = true;
            joined.rights[other] = true;
            joined.pairs.push(Pair {
                labels: labels.clone(),
                left,
                right,
            });
        }
    }
    if joined.pairs.is_empty() && alone(more_left) && alone(more_right) {
        joined.lefts.fill(true);
        joined.rights.fill(true);
        joined.pairs.push(Pair {
            labels: Labels::new(),
            left: first_left,
            right: first_right,
        });
    }
    joined
}

/// What to say of the items of a side that found no partner.
fn dropped(whole: &Node, side: &Node, items: &[Item], matched: &[bool]) -> Option<String> {
    let dropped: Vec<&Item> = items
        .iter()
        .zip(matched)
        .filter(|(item, matched)| !**matched && **item != Item::NoData)
        .map(|(item, _)| item)
        .collect();
    if dropped.is_empty() {
        return None;
    }
    let named: Vec<String> = dropped
        .iter()
        .take(NAMED)
        .map(|item| format!("{{{}}}", text(item.labels())))
        .collect();
    let more = dropped.len().saturating_sub(NAMED);
    let more = if more > 0 {
        format!(" and {more} more")
    } else {
        String::new()
    };
    Some(format!(
        "{} items of {side} found no partner in \"{whole}\": {}{more}",
        dropped.len(),
        named.join(" ")
    ))
}

fn combine(operator: Operator, labels: Labels, left: &Item, right: &Item) -> Item {
    let apply = |left: Option<f64>, right: Option<f64>| Some(operator.apply(left?, right?));
    match (left, right) {
        (Item::NoData, _) | (_, Item::NoData) => Item::NoData,
        (Item::Series(left), Item::Series(right)) => {
            let at: HashMap<Timestamp, Option<f64>> = right.points.iter().copied().collect();
            let points = left.points.iter().filter_map(|(time, value)| {
                let other = at.get(time)?;
                Some((*time, apply(*value, *other)))
            });
            Item::series(labels, points.collect())
        }
        (Item::Series(left), Item::Scalar(_) | Item::Number(_)) => {
            let right = single(right);
            let points = left.points.iter();
            let points = points.map(|(time, value)| (*time, apply(*value, right)));
            Item::series(labels, points.collect())
        }
        (_, Item::Series(right)) => {
            let left = single(left);
            let points = right.points.iter();
            let points = points.map(|(time, value)| (*time, apply(left, *value)));
            Item::series(labels, points.collect())
        }
        (Item::Scalar(left), Item::Scalar(right)) => Item::Scalar(apply(*left, *right)),
        _ => Item::number(labels, apply(single(left), single(right))),
    }
}

/// The value of what has one.
fn single(item: &Item) -> Option<f64> {
    match item {
        Item::Scalar(value) => *value,
        Item::Number(number) => number.value,
        Item::NoData | Item::Series(_) => None,
    }
}
