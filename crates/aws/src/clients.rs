//! Clients of the services, made in one place so that every call of theirs can be seen in traces.

use aws_config::SdkConfig;

use crate::calls::Calls;

macro_rules! clients {
    ($($(#[doc = $doc:literal])+ $name:ident $sdk:ident;)*) => {$(
        $(#[doc = $doc])+
        pub fn $name(config: &SdkConfig) -> $sdk::Client {
            let config = $sdk::config::Builder::from(config).interceptor(Calls).build();
            $sdk::Client::from_conf(config)
        }
    )*};
}

clients! {
    /// DynamoDB.
    dynamodb aws_sdk_dynamodb;
    /// EventBridge, the service of schedule rules.
    eventbridge aws_sdk_eventbridge;
    /// Secrets Manager.
    secretsmanager aws_sdk_secretsmanager;
    /// SNS.
    sns aws_sdk_sns;
    /// SQS.
    sqs aws_sdk_sqs;
    /// Systems Manager, the service of parameters.
    ssm aws_sdk_ssm;
    /// Queries of Timestream. It asks where `config` says, or where the SDK's variables say; for
    /// Timestream itself the caller must enable endpoint discovery.
    timestream_query aws_sdk_timestreamquery;
    /// Writes to Timestream; the same holds as for queries.
    timestream_write aws_sdk_timestreamwrite;
}
