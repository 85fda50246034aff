//! The rules of a provisioning file, as Grafana understands them.

mod read;

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Duration;

pub use read::read;

/// Rules that are evaluated together, at the same instants.
#[derive(Clone, Debug, PartialEq)]
pub struct Group {
    /// The organisation; 1 where the file says nothing.
    pub org_id: u64,
    /// The name, unique in its folder.
    pub name: String,
    /// The title (path) of the folder.
    pub folder: String,
    /// How often it is evaluated; a multiple of 10 s.
    pub interval: Duration,
    /// In the order of the file.
    pub rules: Vec<Rule>,
}

/// One alert rule.
#[derive(Clone, Debug, PartialEq)]
pub struct Rule {
    /// Unique in the organisation, at most 40 characters.
    pub uid: String,
    /// The alert's name.
    pub title: String,
    /// The refId whose result decides.
    pub condition: String,
    /// How long an alert is pending before it fires (`for`).
    pub hold: Duration,
    /// How long it goes on firing after its condition no longer holds.
    pub keep_firing_for: Duration,
    /// After how many evaluations without it a series is resolved; Grafana's default is 2.
    pub missing_series_evals_to_resolve: u32,
    /// What no data means.
    pub no_data: NoDataState,
    /// What a failed query means.
    pub error: ErrorState,
    /// Not evaluated at all.
    pub paused: bool,
    /// The dashboard that the alert links to.
    pub dashboard_uid: Option<String>,
    /// The panel of that dashboard.
    pub panel_id: Option<i64>,
    /// Templates, environment variables already replaced.
    pub labels: BTreeMap<String, String>,
    /// Templates; Grafana replaces no environment variables here.
    pub annotations: BTreeMap<String, String>,
    /// Where its alerts go past the policy tree.
    pub notification: Option<NotificationSettings>,
    /// Queries and expressions in the order of the file.
    pub steps: Vec<Step>,
    /// Where it is written.
    pub place: Place,
}

/// A place in a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// The file.
    pub file: PathBuf,
    /// The line, from 1.
    pub line: u64,
}

/// What a rule's alerts become when its queries find nothing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum NoDataState {
    /// An alert `DatasourceNoData`.
    #[default]
    NoData,
    /// As if the condition held.
    Alerting,
    /// As if it did not.
    Ok,
    /// What they were.
    KeepLast,
}

/// What a rule's alerts become when its queries fail.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ErrorState {
    /// An alert `DatasourceError`.
    Error,
    /// As if the condition held.
    Alerting,
    /// As if it did not.
    Ok,
    /// What they were.
    KeepLast,
}

/// `notification_settings` of a rule. What is not given is told apart from what is, because
/// Grafana's hash of the settings, an internal label of the alerts, does so too.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NotificationSettings {
    /// The contact point.
    pub receiver: String,
    /// Labels that make groups; `...` stands for all. Grafana adds `grafana_folder` and
    /// `alertname` where the list is not empty.
    pub group_by: Vec<String>,
    /// Before the first message of a group; the default route's where it is not given.
    pub group_wait: Option<Duration>,
    /// Between messages of a group about something new; likewise.
    pub group_interval: Option<Duration>,
    /// Between messages of a group about nothing new; likewise.
    pub repeat_interval: Option<Duration>,
    /// Names of mute timings.
    pub mute_time_intervals: Vec<String>,
    /// Names of active timings.
    pub active_time_intervals: Vec<String>,
}

/// A query or an expression of a rule (`data[]`).
#[derive(Clone, Debug, PartialEq)]
pub struct Step {
    /// Its name, unique in the rule.
    pub ref_id: String,
    /// What it does.
    pub kind: StepKind,
    /// Where it is written.
    pub place: Place,
}

/// What a step does.
#[derive(Clone, Debug, PartialEq)]
pub enum StepKind {
    /// Asks a data source.
    Query(Query),
    /// Works on the results of other steps.
    Expression(Expression),
}

/// A query of the Timestream plugin.
#[derive(Clone, Debug, PartialEq)]
pub struct Query {
    /// The data source.
    pub datasource_uid: String,
    /// How long before the evaluation its time range begins.
    pub from: Duration,
    /// How long before the evaluation it ends.
    pub to: Duration,
    /// The statement with its macros.
    pub raw_query: String,
    /// The database of `$__database`, with its quotes, where the query itself names one.
    pub database: Option<String>,
    /// The table of `$__table`, with its quotes.
    pub table: Option<String>,
    /// `$__measure`.
    pub measure: Option<String>,
    /// How the answer is shaped.
    pub format: Format,
    /// Milliseconds of `$__interval`; Grafana's alerting has 1000 where a file has none or 0.
    pub interval_ms: u64,
}

/// `format` of a query.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Format {
    /// 0: the columns as they are.
    #[default]
    Table,
    /// 1: long series are pivoted to wide ones.
    TimeSeries,
}

/// A server-side expression (`__expr__`).
#[derive(Clone, Debug, PartialEq)]
pub enum Expression {
    /// One number for each series.
    Reduce {
        /// The refId it works on.
        input: String,
        /// How.
        reducer: Reducer,
        /// What becomes of values that are no numbers.
        mode: ReduceMode,
    },
    /// Arithmetic over refIds, `$A * 100 > 3`.
    Math {
        /// The expression's text.
        expression: String,
    },
    /// 1 or 0 for each series or number.
    Threshold {
        /// The refId it works on.
        input: String,
        /// When an alert begins.
        evaluator: Evaluator,
        /// When one that fires ends, if not by the first condition no longer holding (recovery
        /// threshold).
        unload: Option<Evaluator>,
    },
    /// A series at regular instants.
    Resample {
        /// The refId it works on.
        input: String,
        /// The distance of the instants.
        window: Duration,
        /// Where several fall into one.
        downsampler: Reducer,
        /// Where none does.
        upsampler: Upsampler,
        /// How long before the evaluation the instants begin.
        from: Duration,
        /// How long before the evaluation they end.
        to: Duration,
    },
    /// One alert for all series.
    ClassicConditions {
        /// In the order of the file.
        conditions: Vec<ClassicCondition>,
    },
}

/// How a series becomes one number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reducer {
    /// The sum.
    Sum,
    /// The arithmetic mean.
    Mean,
    /// The smallest.
    Min,
    /// The largest.
    Max,
    /// How many there are.
    Count,
    /// The newest.
    Last,
    /// The median.
    Median,
    /// The newest minus the oldest; classic conditions only.
    Diff,
    /// That without its sign; classic conditions only.
    DiffAbs,
    /// In percent of the oldest; classic conditions only.
    PercentDiff,
    /// That without its sign; classic conditions only.
    PercentDiffAbs,
    /// How many are not null; classic conditions only.
    CountNonNull,
}

/// What becomes of values that are no numbers when a series is reduced.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub enum ReduceMode {
    /// One of them makes the result no number.
    #[default]
    Strict,
    /// They are left out.
    DropNonNumeric,
    /// They count as this.
    ReplaceNonNumeric(f64),
}

/// What stands where a resampled series has nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Upsampler {
    /// The value before.
    Pad,
    /// The value after.
    BackFill,
    /// Nothing.
    FillNa,
}

/// A comparison with one or two limits.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Evaluator {
    /// Which.
    pub kind: EvaluatorKind,
    /// The limit, or the lower one.
    pub first: f64,
    /// The upper limit of a range.
    pub second: f64,
}

/// The kinds of comparison, by Grafana's names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EvaluatorKind {
    /// `gt`
    Greater,
    /// `lt`
    Less,
    /// `eq`
    Equal,
    /// `ne`
    NotEqual,
    /// `gte`
    GreaterOrEqual,
    /// `lte`
    LessOrEqual,
    /// `within_range`
    WithinRange,
    /// `outside_range`
    OutsideRange,
    /// `within_range_included`
    WithinRangeIncluded,
    /// `outside_range_included`
    OutsideRangeIncluded,
    /// `no_value`, classic conditions only.
    NoValue,
}

/// One line of classic conditions.
#[derive(Clone, Debug, PartialEq)]
pub struct ClassicCondition {
    /// The refId it looks at.
    pub input: String,
    /// How its series become numbers.
    pub reducer: Reducer,
    /// What is true of the number.
    pub evaluator: Evaluator,
    /// Whether `or` joins it to those before; `and` otherwise.
    pub or: bool,
}
