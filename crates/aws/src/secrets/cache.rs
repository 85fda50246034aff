//! Values of secrets, kept for a while: a thousand probes a minute must not be a thousand calls.

use std::collections::HashMap;
use std::fmt;
use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use aws_sdk_ssm::error::DisplayErrorContext;
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::client::result::SdkError;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;
use parking_lot::Mutex;
use tidewatch_domain::monitor::SecretRef;
use tokio::time::Instant;

/// How long a value is used before it is read again: a new value of a rotated secret is in use
/// everywhere after so long.
const FRESH: Duration = Duration::from_secs(5 * 60);
/// How long a failure is taken for granted.
const FAILED: Duration = Duration::from_secs(15);
/// How long an old value is used when the service does not answer.
const STALE: Duration = Duration::from_secs(60 * 60);

/// Why a secret could not be read; the text never has the value in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Fault {
    pub(super) reason: String,
    /// Whether a second call may succeed although nobody does anything.
    passes: bool,
}

impl Fault {
    /// A fault that somebody has to repair.
    pub(super) fn lasting(reason: impl Into<String>) -> Self {
        Fault {
            reason: reason.into(),
            passes: false,
        }
    }

    /// The fault behind a failed call of `action`.
    pub(super) fn of_call<E>(error: &SdkError<E, HttpResponse>, missing: bool, action: &str) -> Self
    where
        E: std::error::Error + ProvideErrorMetadata + Send + Sync + 'static,
    {
        if missing {
            return Fault::lasting("it does not exist in this region; create it there");
        }
        if error
            .code()
            .is_some_and(|code| code.starts_with("AccessDenied"))
        {
            let reason = format!(
                "the function's role may not call {action} on it, or not use the key that it is \
                 encrypted with; allow both"
            );
            return Fault::lasting(reason);
        }
        Fault {
            reason: DisplayErrorContext(error).to_string(),
            passes: true,
        }
    }
}

/// Values of secrets. Each is read by one caller while the others wait for it.
#[derive(Default)]
pub(super) struct Cache {
    slots: Mutex<HashMap<SecretRef, Arc<tokio::sync::Mutex<Slot>>>>,
}

/// What is known of one secret.
#[derive(Default)]
struct Slot {
    value: Option<(String, Instant)>,
    failure: Option<(String, Instant)>,
}

impl Cache {
    /// The value of `reference`, from `read` where it is not known. The error is for people.
    pub(super) async fn get<F>(
        &self,
        reference: &SecretRef,
        read: impl FnOnce() -> F,
    ) -> Result<String, String>
    where
        F: Future<Output = Result<String, Fault>>,
    {
        let slot = Arc::clone(self.slots.lock().entry(reference.clone()).or_default());
        let mut slot = slot.lock().await;
        let younger = |since: &Instant, age: Duration| since.elapsed() < age;
        if let Some((value, _)) = slot.value.as_ref().filter(|(_, at)| younger(at, FRESH)) {
            return Ok(value.clone());
        }
        let failure = slot.failure.as_ref().filter(|(_, at)| younger(at, FAILED));
        let fault = match failure {
            Some((reason, _)) => Fault {
                reason: reason.clone(),
                passes: true,
            },
            None => match read().await {
                Ok(value) => {
                    *slot = Slot {
                        value: Some((value.clone(), Instant::now())),
                        failure: None,
                    };
                    return Ok(value);
                }
                Err(fault) => {
                    slot.failure = Some((fault.reason.clone(), Instant::now()));
                    fault
                }
            },
        };
        if !fault.passes {
            slot.value = None;
        }
        match slot.value.as_ref().filter(|(_, at)| younger(at, STALE)) {
            Some((value, _)) => Ok(value.clone()),
            None => Err(fault.reason),
        }
    }
}

/// How many, and none of what they are.
impl fmt::Debug for Cache {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Cache")
            .field("secrets", &self.slots.lock().len())
            .finish()
    }
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use tidewatch_domain::monitor::SecretSource;
    use tokio::time::advance;

    use super::*;

    fn reference() -> SecretRef {
        SecretRef {
            source: SecretSource::Ssm,
            name: "/tidewatch/acme/token".to_owned(),
        }
    }

    /// A service that answers as it is told, and counts.
    #[derive(Default)]
    struct Service {
        calls: Cell<u32>,
    }

    impl Service {
        async fn answer(&self, answer: Result<&str, Fault>) -> Result<String, Fault> {
            self.calls.set(self.calls.get() + 1);
            answer.map(str::to_owned)
        }
    }

    fn passing() -> Fault {
        Fault {
            reason: "throttled".to_owned(),
            passes: true,
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_value_is_read_once_until_it_is_old() {
        let (cache, service) = (Cache::default(), Service::default());
        for (wait, wanted, calls) in [(0, "one", 1), (299, "one", 1), (2, "two", 2)] {
            advance(Duration::from_secs(wait)).await;
            let answer = if calls == 1 { "one" } else { "two" };
            let value = cache.get(&reference(), || service.answer(Ok(answer))).await;
            assert_eq!(value.as_deref(), Ok(wanted));
            assert_eq!(service.calls.get(), calls);
        }
    }

    #[tokio::test(start_paused = true)]
    async fn an_old_value_helps_over_an_outage_of_the_service_but_not_over_a_deletion() {
        let (cache, service) = (Cache::default(), Service::default());
        let get = async |answer: Result<&'static str, Fault>| {
            cache.get(&reference(), || service.answer(answer)).await
        };
        assert_eq!(get(Ok("one")).await.as_deref(), Ok("one"));
        advance(FRESH).await;
        assert_eq!(get(Err(passing())).await.as_deref(), Ok("one"));
        // Within the next seconds nobody asks again.
        assert_eq!(get(Ok("two")).await.as_deref(), Ok("one"));
        assert_eq!(service.calls.get(), 2);
        advance(FAILED).await;
        assert_eq!(get(Err(Fault::lasting("gone"))).await.unwrap_err(), "gone");
        assert_eq!(get(Ok("two")).await.unwrap_err(), "gone");
        advance(FAILED).await;
        assert_eq!(get(Ok("two")).await.as_deref(), Ok("two"));
        advance(STALE).await;
        assert_eq!(get(Err(passing())).await.unwrap_err(), "throttled");
    }

    #[tokio::test(start_paused = true)]
    async fn many_who_ask_at_once_are_one_call() {
        let (cache, service) = (Cache::default(), Service::default());
        let slow = || async {
            tokio::task::yield_now().await;
            service.answer(Ok("one")).await
        };
        let wanted = reference();
        let (first, second) = tokio::join!(cache.get(&wanted, slow), cache.get(&wanted, slow));
        assert_eq!(
            (first.as_deref(), second.as_deref()),
            (Ok("one"), Ok("one"))
        );
        assert_eq!(service.calls.get(), 1);
        assert!(!format!("{cache:?}").contains("one"));
    }
}
