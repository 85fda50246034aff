use super::*;

fn endpoint(
    setting: Option<&str>,
    service: TimestreamService,
    variables: &'static [(&'static str, &'static str)],
) -> TimestreamEndpoint {
    let lookup = move |name: &str| {
        variables
            .iter()
            .find(|(found, _)| *found == name)
            .map(|(_, value)| (*value).to_owned())
    };
    timestream_endpoint(setting, service, &lookup)
}

fn fixed(url: &str) -> TimestreamEndpoint {
    TimestreamEndpoint::Fixed(url.to_owned())
}

#[test]
fn without_an_endpoint_timestream_is_discovered() {
    for service in [TimestreamService::Write, TimestreamService::Query] {
        let discovered = TimestreamEndpoint::Discovered;
        assert_eq!(endpoint(None, service, &[]), discovered);
        assert_eq!(
            endpoint(None, service, &[("AWS_ENDPOINT_URL", "")]),
            discovered
        );
        assert_eq!(
            endpoint(
                None,
                service,
                &[
                    ("AWS_ENDPOINT_URL", "http://127.0.0.1:8086"),
                    ("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", "true"),
                ]
            ),
            discovered
        );
    }
}

#[test]
fn the_nearest_setting_names_the_endpoint() {
    const VARIABLES: &[(&str, &str)] = &[
        ("AWS_ENDPOINT_URL", "http://all"),
        ("AWS_ENDPOINT_URL_TIMESTREAM_WRITE", "http://write"),
    ];
    use TimestreamService::{Query, Write};
    assert_eq!(endpoint(None, Write, VARIABLES), fixed("http://write"));
    assert_eq!(endpoint(None, Query, VARIABLES), fixed("http://all"));
    assert_eq!(
        endpoint(Some("https://bridge"), Write, VARIABLES),
        fixed("https://bridge")
    );
}

#[tokio::test]
async fn clients_have_region_limits_and_retries() {
    let config = load("eu-west-1").await;
    assert_eq!(config.region().unwrap().as_ref(), "eu-west-1");
    assert_eq!(config.retry_config().unwrap().max_attempts(), ATTEMPTS);
    let timeouts = config.timeout_config().unwrap();
    assert_eq!(timeouts.operation_timeout(), Some(OPERATION));
    assert_eq!(timeouts.connect_timeout(), Some(CONNECT));
}
