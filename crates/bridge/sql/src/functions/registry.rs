//! All functions by name.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use datafusion::functions::{core as core_functions, math as math_functions};
use datafusion::functions_aggregate::{
    any_value, approx_distinct, array_agg, average, bit_and_or_xor, bool_and_or, correlation,
    count, covariance, grouping, min_max, regr, stddev, variance,
};
use datafusion::functions_window as window;
use datafusion::logical_expr::{AggregateUDF, HigherOrderUDF, ScalarUDF, WindowUDF};

use super::{
    aggregate, array, conversion, forms, json, lambda, map, math, regular, series, text, time, url,
};

/// What a statement may call, apart from `now()` and its kin, which each statement has its own of.
#[derive(Debug)]
pub(crate) struct Registry {
    scalars: HashMap<String, Arc<ScalarUDF>>,
    higher_order: HashMap<String, Arc<HigherOrderUDF>>,
    aggregates: HashMap<String, Arc<AggregateUDF>>,
    windows: HashMap<String, Arc<WindowUDF>>,
    /// The names that statements may use, with the family they are listed under.
    public: BTreeMap<&'static str, &'static str>,
}

/// DataFusion's aggregates whose names and semantics are those of Timestream. The last three are
/// reached under other names.
fn native_aggregates() -> Vec<(&'static str, Arc<AggregateUDF>)> {
    vec![
        ("any_value", any_value::any_value_udaf()),
        ("array_agg", array_agg::array_agg_udaf()),
        ("avg", average::avg_udaf()),
        ("bitwise_and_agg", bit_and_or_xor::bit_and_udaf()),
        ("bitwise_or_agg", bit_and_or_xor::bit_or_udaf()),
        ("bool_and", bool_and_or::bool_and_udaf()),
        ("bool_or", bool_and_or::bool_or_udaf()),
        ("corr", correlation::corr_udaf()),
        ("count", count::count_udaf()),
        ("covar_pop", covariance::covar_pop_udaf()),
        ("covar_samp", covariance::covar_samp_udaf()),
        ("max", min_max::max_udaf()),
        ("min", min_max::min_udaf()),
        ("regr_intercept", regr::regr_intercept_udaf()),
        ("regr_slope", regr::regr_slope_udaf()),
        ("stddev", stddev::stddev_udaf()),
        ("stddev_pop", stddev::stddev_pop_udaf()),
        ("var_pop", variance::var_pop_udaf()),
    ]
}

/// DataFusion's window functions; the first four are reached through forms.
fn native_windows() -> Vec<(&'static str, Arc<WindowUDF>)> {
    vec![
        ("cume_dist", window::cume_dist::cume_dist_udwf()),
        ("first_value", window::nth_value::first_value_udwf()),
        ("lag", window::lead_lag::lag_udwf()),
        ("last_value", window::nth_value::last_value_udwf()),
        ("lead", window::lead_lag::lead_udwf()),
        ("nth_value", window::nth_value::nth_value_udwf()),
        ("percent_rank", window::rank::percent_rank_udwf()),
    ]
}

impl Registry {
    /// All functions.
    pub(crate) fn new() -> Self {
        let mut registry = Self {
            scalars: HashMap::new(),
            higher_order: HashMap::new(),
            aggregates: HashMap::new(),
            windows: HashMap::new(),
            public: BTreeMap::new(),
        };
        registry.add_scalars();
        registry.add_aggregates();
        for (name, function) in native_windows() {
            registry.publish(name, "window");
            registry.windows.insert(name.to_owned(), function);
        }
        for function in [
            window::row_number::row_number_udwf(),
            window::rank::rank_udwf(),
            window::rank::dense_rank_udwf(),
            window::ntile::ntile_udwf(),
        ] {
            registry
                .windows
                .insert(function.name().to_owned(), function);
        }
        for function in lambda::functions() {
            let name: &'static str = function.name;
            registry.publish(name, function.family);
            registry
                .higher_order
                .insert(name.to_owned(), function.udf());
        }
        forms::names().for_each(|(name, family)| registry.publish(name, family));
        for function in time::statement_functions(0) {
            if let Some(name) = STATEMENT_FUNCTIONS
                .iter()
                .find(|name| **name == function.name())
            {
                registry.publish(name, "time");
            }
        }
        registry
    }

    fn add_scalars(&mut self) {
        let families: [(&'static str, Vec<super::signature::Scalar>); 10] = [
            ("array", array::functions().collect()),
            ("conversion", conversion::functions().collect()),
            ("JSON", json::functions().collect()),
            ("map", map::functions().collect()),
            ("math", math::functions().collect()),
            ("regular expression", regular::functions().collect()),
            ("series", series::functions().collect()),
            ("text", text::functions().collect()),
            ("time", time::functions().collect()),
            ("URL", url::functions().collect()),
        ];
        for (family, functions) in families {
            for function in functions {
                self.publish(function.name, family);
                self.scalars
                    .insert(function.name.to_owned(), function.udf());
            }
        }
        for function in array::constructors().into_iter().chain(conversion::casts()) {
            self.scalars.insert(function.name().to_owned(), function);
        }
        self.publish("row", "array");
        for (name, function) in array::native() {
            self.publish(name, "array");
            self.scalars.insert(name.to_owned(), function);
        }
        for function in array::renamed() {
            self.scalars.insert(function.name().to_owned(), function);
        }
        for (name, function) in [
            ("coalesce", core_functions::coalesce()),
            ("nullif", core_functions::nullif()),
        ] {
            self.publish(name, "conditional");
            self.scalars.insert(name.to_owned(), function);
        }
        self.scalars
            .insert("$random".to_owned(), math_functions::random());
        self.scalars
            .insert("$greatest".to_owned(), core_functions::greatest());
        self.scalars
            .insert("$least".to_owned(), core_functions::least());
    }

    fn add_aggregates(&mut self) {
        for (name, function) in native_aggregates() {
            self.publish(name, "aggregate");
            self.aggregates.insert(name.to_owned(), function);
        }
        for function in [
            variance::var_samp_udaf(),
            approx_distinct::approx_distinct_udaf(),
            grouping::grouping_udaf(),
        ] {
            self.aggregates.insert(function.name().to_owned(), function);
        }
        for (name, function) in aggregate::functions() {
            self.publish(name, "aggregate");
            self.aggregates.insert(name.to_owned(), function);
        }
    }

    fn publish(&mut self, name: &'static str, family: &'static str) {
        if !name.starts_with('$') {
            self.public.insert(name, family);
        }
    }

    /// Whether statements may call this name, which is in lower case.
    pub(crate) fn is_public(&self, name: &str) -> bool {
        self.public.contains_key(name)
    }

    /// Whether a public name is that of an aggregate.
    pub(crate) fn is_aggregate(&self, name: &str) -> bool {
        self.public.get(name) == Some(&"aggregate")
    }

    /// Whether a public name is that of a function that is nothing without a window.
    pub(crate) fn is_window(&self, name: &str) -> bool {
        self.public.get(name) == Some(&"window")
    }

    /// The callable names and their families, in alphabetical order.
    #[cfg(test)]
    pub(crate) fn public(&self) -> impl Iterator<Item = (&'static str, &'static str)> + '_ {
        self.public.iter().map(|(name, family)| (*name, *family))
    }

    pub(crate) fn scalar(&self, name: &str) -> Option<Arc<ScalarUDF>> {
        self.scalars.get(name).cloned()
    }

    pub(crate) fn higher_order(&self, name: &str) -> Option<Arc<HigherOrderUDF>> {
        self.higher_order.get(name).cloned()
    }

    pub(crate) fn aggregate(&self, name: &str) -> Option<Arc<AggregateUDF>> {
        self.aggregates.get(name).cloned()
    }

    pub(crate) fn window(&self, name: &str) -> Option<Arc<WindowUDF>> {
        self.windows.get(name).cloned()
    }
}

const STATEMENT_FUNCTIONS: [&str; 7] = [
    "ago",
    "current_date",
    "current_time",
    "current_timestamp",
    "localtime",
    "localtimestamp",
    "now",
];

#[cfg(test)]
mod tests {
    use super::Registry;

    /// The rows of the table of functions: name and family.
    fn documented() -> Vec<(String, String)> {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../../docs/sql-support.md");
        let text = std::fs::read_to_string(path).unwrap();
        let (_, functions) = text.split_once("## Functions").unwrap();
        functions
            .lines()
            .filter_map(|line| {
                let mut cells = line.strip_prefix("| `")?.split(" | ");
                let name = cells.next()?.strip_suffix('`')?;
                let (family, state) = (cells.next()?, cells.next()?);
                assert!(
                    state.trim_end_matches(" |").len() > 3,
                    "{name} has no state"
                );
                Some((name.to_owned(), family.to_owned()))
            })
            .collect()
    }

    #[test]
    fn the_corpus_calls_every_function() {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../../tests/sql");
        let mut words = std::collections::HashSet::new();
        for file in std::fs::read_dir(folder).unwrap() {
            let path = file.unwrap().path();
            if path.extension().is_some_and(|extension| extension == "slt") {
                let text = std::fs::read_to_string(path).unwrap().to_lowercase();
                let separate = |c: char| !c.is_alphanumeric() && c != '_';
                words.extend(text.split(separate).map(str::to_owned));
            }
        }
        let registry = Registry::new();
        let missing: Vec<_> = registry
            .public()
            .map(|(name, _)| name)
            .filter(|name| !words.contains(*name))
            .collect();
        assert!(missing.is_empty(), "without a case: {missing:?}");
    }

    #[test]
    fn the_documentation_lists_exactly_these_functions() {
        let registry = Registry::new();
        let registered: Vec<_> = registry
            .public()
            .map(|(name, family)| (name.to_owned(), family.to_owned()))
            .collect();
        assert_eq!(documented(), registered);
    }
}
