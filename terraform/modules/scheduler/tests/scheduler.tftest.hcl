mock_provider "aws" {
  source          = "../../tests/mocks"
  override_during = plan
}

variables {
  deployment = {
    name               = "tidewatch"
    region             = "us-east-1"
    account_id         = "111122223333"
    partition          = "aws"
    kms_key_arn        = "arn:aws:kms:us-east-1:111122223333:key/1"
    package_dir        = "../../../target/lambda"
    architecture       = "arm64"
    log_retention_days = 30
    tracing            = "Active"
    tags               = {}
  }
  table = {
    name       = "tidewatch-monitors"
    arn        = "arn:aws:dynamodb:us-east-1:111122223333:table/tidewatch-monitors"
    index_name = "schedule_bucket"
  }
  results_queue = {
    url         = "https://sqs.eu-west-1.amazonaws.com/111122223333/tidewatch-results"
    arn         = "arn:aws:sqs:eu-west-1:111122223333:tidewatch-results"
    region      = "eu-west-1"
    kms_key_arn = "arn:aws:kms:eu-west-1:111122223333:key/2"
  }
  function      = { memory_mb = 512, timeout_s = 60, reserved_concurrency = null, live_version = null }
  rule_prefix   = "tidewatch-rule"
  database      = "CPTMonitoring"
  results_table = "WebsiteMonitoringData"
  tenants_json  = "{}"

  stream_arn        = "arn:aws:dynamodb:us-east-1:111122223333:table/tidewatch-monitors/stream/1"
  monitor_alias_arn = "arn:aws:lambda:us-east-1:111122223333:function:tidewatch-monitor:live"
  rule_layout       = "per-monitor"
  buckets           = 16
  rule_limit        = 300
}

run "stream" {
  command = plan

  assert {
    condition = (
      aws_lambda_event_source_mapping.stream.maximum_retry_attempts == 5
      && aws_lambda_event_source_mapping.stream.maximum_record_age_in_seconds == 3600
      && aws_lambda_event_source_mapping.stream.bisect_batch_on_function_error
      && aws_lambda_event_source_mapping.stream.function_response_types == toset(["ReportBatchItemFailures"])
    )
    error_message = "one bad record does not hold up the stream for a day"
  }
  assert {
    condition     = length(aws_lambda_event_source_mapping.stream.destination_config[0].on_failure) == 1
    error_message = "what failed to the last is put aside"
  }
  assert {
    condition     = output.given_up_queue_name == "tidewatch-config-given-up" && output.dead_letter_queue_names == { failed_config = "tidewatch-config-failed" }
    error_message = "what was put aside is answered with a comparison of everything, and put aside again where that fails"
  }
}

run "reconcile" {
  command = plan

  assert {
    condition     = jsondecode(aws_lambda_invocation.reconcile.input).kind == "reconcile" && aws_lambda_invocation.reconcile.triggers.version == "7" && aws_lambda_invocation.reconcile.qualifier == "live"
    error_message = "every deployment compares everything"
  }
}

run "rules_of_this_installation_only" {
  command = plan

  assert {
    condition     = one([for statement in local.statements : statement.Resource if statement.Sid == "MakeChangeAndRemoveItsRules"]) == "arn:aws:events:us-east-1:111122223333:rule/tidewatch-rule-*"
    error_message = "rules of others cannot be touched"
  }
}
