//! The settings of the functions, from environment variables.
//!
//! Every variable is read before the first fault is told, so that one deployment repairs all.

mod tenants;

pub use tenants::{TenantAddresses, TenantSettings, Tenants};

use std::fmt;
use std::ops::RangeInclusive;

use tidewatch_domain::{Location, schema};

/// Tells the value of a variable; injected, so that tests need no process of their own.
pub type Lookup = dyn Fn(&str) -> Option<String> + Send + Sync;

/// The variables of this process.
pub fn of_process(name: &str) -> Option<String> {
    std::env::var(name).ok()
}

/// One variable that cannot be used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VariableFault {
    /// Its name.
    pub variable: &'static str,
    /// What it holds, shortened; `None` when it is not set.
    pub value: Option<String>,
    /// What is wrong.
    pub problem: String,
    /// What to do.
    pub remedy: String,
}

/// `` TIDEWATCH_BUCKETS is not a power of two (`12`); use 1, 2, 4 ... 4096 ``
impl fmt::Display for VariableFault {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{} {}", self.variable, self.problem)?;
        if let Some(value) = &self.value {
            write!(formatter, " (`{value}`)")?;
        }
        write!(formatter, "; {}", self.remedy)
    }
}

/// The settings cannot be used: everything that is wrong with them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EnvironmentError {
    /// The faults, in the order in which the variables were read.
    pub faults: Vec<VariableFault>,
}

impl fmt::Display for EnvironmentError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("the environment cannot be used: ")?;
        for (index, fault) in self.faults.iter().enumerate() {
            if index > 0 {
                formatter.write_str(" | ")?;
            }
            write!(formatter, "{fault}")?;
        }
        Ok(())
    }
}

impl std::error::Error for EnvironmentError {}

/// Reads variables and collects what is wrong with them.
///
/// ```
/// # use tidewatch_aws::environment::Environment;
/// let mut environment = Environment::new(&|name| (name == "QUEUE").then(|| "q".to_owned()));
/// let queue = environment.required("QUEUE", "name the queue");
/// let size = environment.number("SIZE", 1..=10, 10);
/// let settings = environment.finish(|| Some((queue?, size?)));
/// assert_eq!(settings, Ok(("q".to_owned(), 10)));
/// ```
pub struct Environment<'l> {
    lookup: &'l Lookup,
    faults: Vec<VariableFault>,
}

impl fmt::Debug for Environment<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Environment")
            .field("faults", &self.faults)
            .finish_non_exhaustive()
    }
}

impl<'l> Environment<'l> {
    /// Reads from `lookup`, which is [`of_process`] outside of tests.
    pub fn new(lookup: &'l Lookup) -> Self {
        Environment {
            lookup,
            faults: Vec::new(),
        }
    }

    /// A text; `None` when it is not set or empty.
    pub fn text(&mut self, variable: &'static str) -> Option<String> {
        (self.lookup)(variable).filter(|value| !value.trim().is_empty())
    }

    /// A text, or `default` when it is not set.
    pub fn text_or(&mut self, variable: &'static str, default: &str) -> String {
        self.text(variable).unwrap_or_else(|| default.to_owned())
    }

    /// A text that must be set; `remedy` says what to set it to. `None` is a reported fault.
    pub fn required(&mut self, variable: &'static str, remedy: &str) -> Option<String> {
        let value = self.text(variable);
        if value.is_none() {
            self.fault(variable, None, "is not set", remedy);
        }
        value
    }

    /// What `parse` makes of the text, `None` inside when it is not set; its error is the problem
    /// and the remedy. An outer `None` is a reported fault.
    pub fn parsed<T>(
        &mut self,
        variable: &'static str,
        parse: impl FnOnce(&str) -> Result<T, (String, String)>,
    ) -> Option<Option<T>> {
        let Some(value) = self.text(variable) else {
            return Some(None);
        };
        match parse(value.trim()) {
            Ok(parsed) => Some(Some(parsed)),
            Err((problem, remedy)) => {
                self.fault(variable, Some(&value), problem, remedy);
                None
            }
        }
    }

    /// One of a few words, or `default` when it is not set. `None` is a reported fault.
    pub fn choice<T: Copy>(
        &mut self,
        variable: &'static str,
        choices: &[(&str, T)],
        default: T,
    ) -> Option<T> {
        let words: Vec<String> = choices
            .iter()
            .map(|(word, _)| format!("`{word}`"))
            .collect();
        let parse = |text: &str| {
            let found = choices.iter().find(|(word, _)| *word == text);
            found.map(|(_, value)| *value).ok_or_else(|| {
                let remedy = format!("use {}", words.join(" or "));
                ("is not one of the known words".to_owned(), remedy)
            })
        };
        self.parsed(variable, parse)
            .map(|value| value.unwrap_or(default))
    }

    /// A whole number within `range`, or `default` when it is not set. `None` is a reported fault.
    pub fn number(
        &mut self,
        variable: &'static str,
        range: RangeInclusive<u32>,
        default: u32,
    ) -> Option<u32> {
        let parse = |text: &str| {
            let number = text.parse().ok().filter(|number| range.contains(number));
            number.ok_or_else(|| {
                let (from, to) = (range.start(), range.end());
                let remedy = format!("use a whole number from {from} to {to}");
                ("is not a usable number".to_owned(), remedy)
            })
        };
        self.parsed(variable, parse)
            .map(|value| value.unwrap_or(default))
    }

    /// The URL of a server, `None` inside when it is not set. An outer `None` is a reported fault.
    pub fn url(&mut self, variable: &'static str) -> Option<Option<String>> {
        self.parsed(variable, |text| {
            let host = text
                .strip_prefix("https://")
                .or_else(|| text.strip_prefix("http://"));
            let usable = host.is_some_and(|host| {
                !host.starts_with('/') && !host.is_empty() && !host.contains(char::is_whitespace)
            });
            if usable {
                Ok(text.trim_end_matches('/').to_owned())
            } else {
                let problem = "is not a URL".to_owned();
                Err((
                    problem,
                    "write it like https://bridge.example:8086".to_owned(),
                ))
            }
        })
    }

    /// The region that the function runs in: `AWS_REGION`, which Lambda sets.
    pub fn region(&mut self) -> Option<String> {
        self.required("AWS_REGION", "set it to the region, like `eu-west-1`")
    }

    /// The name of the location: `TIDEWATCH_LOCATION`, else the region.
    pub fn location(&mut self) -> Option<Location> {
        const REMEDY: &str = "set it to the region, like `eu-west-1`, or set TIDEWATCH_LOCATION";
        let variable = match self.text("TIDEWATCH_LOCATION") {
            Some(_) => "TIDEWATCH_LOCATION",
            None => "AWS_REGION",
        };
        let name = self.required(variable, REMEDY)?;
        match Location::try_new(name.as_str()) {
            Ok(location) => Some(location),
            Err(error) => {
                self.fault(variable, Some(&name), "is not a usable name", error.rule);
                None
            }
        }
    }

    /// Where the rows of all tenants go that have nothing of their own.
    pub fn store(&mut self) -> Store {
        Store {
            database: self.text_or("TIDEWATCH_DATABASE", schema::DATABASE),
            table: self.text_or("TIDEWATCH_TABLE", schema::TABLE),
        }
    }

    /// What is set for single tenants: `TIDEWATCH_TENANTS`.
    pub fn tenants(&mut self) -> Option<Tenants> {
        let shared = self.store();
        let found = self.parsed("TIDEWATCH_TENANTS", |text| Tenants::read(text, &shared))?;
        Some(found.unwrap_or_else(|| Tenants::new(shared)))
    }

    /// Reports a variable.
    pub fn fault(
        &mut self,
        variable: &'static str,
        value: Option<&str>,
        problem: impl Into<String>,
        remedy: impl Into<String>,
    ) {
        self.faults.push(VariableFault {
            variable,
            value: value.map(shortened),
            problem: problem.into(),
            remedy: remedy.into(),
        });
    }

    /// The settings that `build` puts together, or everything that is wrong. `build` may give
    /// `None` only where a reader gave it.
    pub fn finish<T>(self, build: impl FnOnce() -> Option<T>) -> Result<T, EnvironmentError> {
        let built = build().filter(|_| self.faults.is_empty());
        built.ok_or(EnvironmentError {
            faults: self.faults,
        })
    }
}

/// A database and its main table; the attempts table is beside it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Store {
    /// Name of the database.
    pub database: String,
    /// Name of the main table.
    pub table: String,
}

fn shortened(value: &str) -> String {
    const LONGEST: usize = 80;
    let mut short: String = value.chars().take(LONGEST).collect();
    if short.len() < value.len() {
        short.push('…');
    }
    short
}

#[cfg(test)]
mod tests;
