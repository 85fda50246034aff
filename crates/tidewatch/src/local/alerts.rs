//! Alerting on this machine: alerts of a Grafana or of our own, on their way to people.

use std::sync::Arc;

use tidewatch_aws::sdk;
use tidewatch_aws::topics;
use tidewatch_domain::ports::{Clock, RecordSink};
use tidewatch_notify::channel::Channel;
use tidewatch_notify::queue::AlertQueue;
use tidewatch_notify::service::{Place, Service};
use tidewatch_notify::settings::{ChannelSettings, Sources, TopicSettings};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use super::announcer::Announcer;
use super::{UpError, listen, sentence};
use crate::rules::{Desk, Heartbeat, LastCall};
use crate::settings::{AlertSettings, AlertSource, Settings};

/// The folder of the queue and of the incidents, in that of all data.
pub(crate) const FOLDER: &str = "alerts";
/// The region of the configuration from which clients of topics are made; each has its own.
const ANY_REGION: &str = "us-east-1";

/// Alerting, put together; nothing runs yet.
#[derive(Debug)]
pub(super) struct Alerts {
    service: Service,
    source: AlertSource,
    heartbeat: Option<Heartbeat>,
    /// `None` where the address is taken and nobody asked for it.
    listener: Option<TcpListener>,
}

impl Alerts {
    /// Puts alerting together.
    ///
    /// Without a word about alerts in the settings, an address that is taken is no reason not to
    /// start: then no Grafana's alerts are taken in, which `warn` is told.
    pub(super) async fn open(
        settings: &Settings,
        clock: Arc<dyn Clock>,
        rows: Arc<dyn RecordSink>,
        warn: impl Fn(String),
    ) -> Result<Self, UpError> {
        let alerts = &settings.alerts;
        let place = Place {
            folder: settings.data_dir.join(FOLDER),
            clock: Arc::clone(&clock),
            rows,
            location: settings.location.clone(),
        };
        let topics = topic_maker(alerts).await;
        let sources = Sources {
            variable: &variable,
            topic: &topics,
            clock: Arc::clone(&clock),
        };
        let service = Service::open(&alerts.telling, &sources, place).map_err(sentence)?;
        let listener = listen::bind(service.listen(), "alerts", "--alerts-listen").await;
        let listener = match listener {
            Ok(listener) => Some(listener),
            Err(error) if alerts.is_wanted => return Err(sentence(error)),
            Err(error) => {
                warn(format!("no alerts of a Grafana are taken in: {error}"));
                None
            }
        };
        let heartbeat =
            heartbeat(alerts, &service, clock).map_err(|message| UpError { message })?;
        Ok(Alerts {
            service,
            source: alerts.source,
            heartbeat,
            listener,
        })
    }

    /// Where Grafana's alerts go.
    pub(super) fn url(&self) -> Option<String> {
        let address = self.listener.as_ref()?.local_addr().ok()?;
        Some(format!("http://{address}/grafana"))
    }

    /// Where alerts go that are found in this process.
    pub(super) fn queue(&self) -> Arc<dyn AlertQueue> {
        self.service.queue()
    }

    /// The last call of the heartbeat's address, where one is set.
    pub(super) fn last_call(&self) -> Option<LastCall> {
        self.heartbeat.as_ref().map(Heartbeat::last)
    }

    /// Whoever tells of verdicts at once, where that is wanted; what `desk` has silenced waits.
    pub(super) fn announcer(&self, desk: Option<Arc<Desk>>) -> Option<Announcer> {
        (self.source == AlertSource::Writer).then(|| Announcer::new(self.service.queue(), desk))
    }

    /// Takes alerts in until `stop_serving`, and tells people until `stop_telling`.
    pub(super) fn start(
        self,
        stop_telling: CancellationToken,
        stop_serving: CancellationToken,
    ) -> Running {
        let heartbeat = self
            .heartbeat
            .map(|heartbeat| tokio::spawn(heartbeat.run(stop_telling.clone())));
        let router = self.service.router();
        let server = self
            .listener
            .map(|listener| listen::serve(listener, router, stop_serving));
        Running {
            server,
            telling: tokio::spawn(self.service.run(stop_telling)),
            heartbeat,
        }
    }
}

/// The running tasks of alerting.
#[derive(Debug)]
pub(super) struct Running {
    /// Takes alerts in.
    pub(super) server: Option<JoinHandle<()>>,
    /// Tells people.
    pub(super) telling: JoinHandle<()>,
    /// Tells the outside that alerting works, where that is wanted.
    pub(super) heartbeat: Option<JoinHandle<()>>,
}

fn heartbeat(
    alerts: &AlertSettings,
    service: &Service,
    clock: Arc<dyn Clock>,
) -> Result<Option<Heartbeat>, String> {
    let Some(place) = &alerts.heartbeat_url else {
        return Ok(None);
    };
    let url = place.read(&variable);
    let url = url.map_err(|reason| format!("`heartbeat-url`: {reason}"))?;
    Heartbeat::new(&url, service.heartbeat().to_owned(), clock).map(Some)
}

/// Makes channels to topics of SNS.
pub(crate) async fn topic_maker(
    settings: &AlertSettings,
) -> impl Fn(&TopicSettings) -> Result<Box<dyn Channel>, String> {
    let is_topic = |channel: &ChannelSettings| matches!(channel, ChannelSettings::Sns { .. });
    let config = match settings.telling.channels.iter().any(is_topic) {
        true => Some(sdk::load(ANY_REGION).await),
        false => None,
    };
    move |topic: &TopicSettings| {
        let config = config.as_ref().ok_or("no topic was among the settings")?;
        let channel = topics::channel(topic, config)?;
        Ok(Box::new(channel) as Box<dyn Channel>)
    }
}

/// A variable of this process.
pub(crate) fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok()
}
