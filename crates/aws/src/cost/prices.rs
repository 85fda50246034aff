//! The price data file.

use std::sync::LazyLock;

use serde::Deserialize;

/// Everything that the calculation needs to know about AWS's prices.
static PRICES: LazyLock<Prices> = LazyLock::new(|| {
    toml::from_str(include_str!("prices.toml")).expect("a test reads the file that is built in")
});

/// The prices that are built in.
pub fn prices() -> &'static Prices {
    &PRICES
}

/// List prices of one region at one time.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Prices {
    /// Year and month of the prices.
    pub as_of: String,
    /// The region that they hold for.
    pub region: String,
    /// One price for each thing that is charged for.
    #[serde(rename = "price")]
    pub list: Vec<Price>,
}

/// What one thing costs.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Price {
    /// Which price it is.
    pub id: PriceId,
    /// The service and the unit, for people.
    pub what: String,
    /// US dollars for `per` units.
    pub usd: f64,
    /// Units that `usd` buys.
    pub per: f64,
    /// Units that every account has for nothing each month.
    #[serde(default)]
    pub free: f64,
    /// The page that says so.
    pub source: String,
}

impl Price {
    /// US dollars for `quantity` units, allowances left out.
    pub fn of(&self, quantity: f64) -> f64 {
        self.usd * quantity / self.per
    }
}

/// The things that are charged for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[expect(missing_docs, reason = "the file says what each is, with its unit")]
pub enum PriceId {
    LambdaRequests,
    #[serde(rename = "lambda-x86")]
    LambdaX86,
    LambdaArm,
    SqsRequests,
    DynamodbWrites,
    DynamodbReads,
    TimestreamWrites,
    TimestreamMemory,
    TimestreamMagnetic,
    TimestreamCompute,
    #[serde(rename = "ec2-t3-micro")]
    Ec2T3Micro,
    #[serde(rename = "ec2-t3-small")]
    Ec2T3Small,
    #[serde(rename = "ec2-t3-medium")]
    Ec2T3Medium,
    #[serde(rename = "ec2-t4g-micro")]
    Ec2T4gMicro,
    #[serde(rename = "ec2-t4g-small")]
    Ec2T4gSmall,
    #[serde(rename = "ec2-t4g-medium")]
    Ec2T4gMedium,
    VpcEndpoint,
    Ebs,
    EbsSnapshots,
    TransferOut,
    TransferRegions,
    Logs,
    Metrics,
    Alarms,
    Traces,
    Secrets,
    KmsKeys,
    KmsRequests,
}

impl Prices {
    /// The price of a thing.
    pub fn price(&self, id: PriceId) -> &Price {
        self.list
            .iter()
            .find(|price| price.id == id)
            .expect("a test looks every price up")
    }
}
