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

  function      = { memory_mb = 256, timeout_s = 60, reserved_concurrency = null, live_version = null }
  database      = "CPTMonitoring"
  results_table = "WebsiteMonitoringData"
  tenants_json  = "{}"
  attempt_rows  = "off"
  alert_source  = "grafana"
  alert_queue   = { url = "https://sqs.us-east-1.amazonaws.com/111122223333/tidewatch-alerts", arn = "arn:aws:sqs:us-east-1:111122223333:tidewatch-alerts" }
  store = {
    endpoint           = null
    keys_secret_arn    = null
    ca_secret_arn      = null
    subnet_ids         = []
    security_group_ids = []
    write_statements   = []
  }
}

run "queue" {
  command = plan

  assert {
    condition     = output.results_queue_name == "tidewatch-results" && output.dead_letter_queue_names == { failed_results = "tidewatch-results-failed", rejected = "tidewatch-rejected" }
    error_message = "results, and two places for what went wrong"
  }
  assert {
    condition = (
      aws_lambda_event_source_mapping.results.batch_size == 100
      && aws_lambda_event_source_mapping.results.maximum_batching_window_in_seconds == 5
      && aws_lambda_event_source_mapping.results.scaling_config[0].maximum_concurrency == 5
      && aws_lambda_event_source_mapping.results.function_response_types == toset(["ReportBatchItemFailures"])
    )
    error_message = "large batches, few at once, and only failed messages come again"
  }
}

run "state" {
  command = plan

  assert {
    condition     = aws_dynamodb_table.state.hash_key == "bucket" && aws_dynamodb_table.state.billing_mode == "PAY_PER_REQUEST"
    error_message = "one item for each bucket"
  }
}

run "grafana_finds_outages" {
  command = plan

  assert {
    condition     = !contains([for statement in local.statements : statement.Sid], "TellChangesOfState")
    error_message = "without alerts of its own the writer may not send any"
  }
}

run "writer_finds_outages" {
  command = plan

  variables {
    alert_source = "writer"
  }

  assert {
    condition     = contains([for statement in local.statements : statement.Sid], "TellChangesOfState")
    error_message = "the writer may put alerts on their way"
  }
}

run "bridge" {
  command = plan

  variables {
    store = {
      endpoint           = "https://10.83.0.10:8086"
      keys_secret_arn    = "arn:aws:secretsmanager:us-east-1:111122223333:secret:keys"
      ca_secret_arn      = "arn:aws:secretsmanager:us-east-1:111122223333:secret:ca"
      subnet_ids         = ["subnet-1"]
      security_group_ids = ["sg-1"]
      write_statements   = []
    }
  }

  assert {
    condition     = contains([for statement in local.statements : statement.Sid], "ReadKeysAndAuthorityOfTheBridge")
    error_message = "keys and authority are readable"
  }
}

run "one_batch_at_once" {
  command = plan

  variables {
    concurrency = 1
  }

  expect_failures = [var.concurrency]
}

run "no_window" {
  command = plan

  variables {
    batching_window_s = 0
  }

  expect_failures = [var.batching_window_s]
}
