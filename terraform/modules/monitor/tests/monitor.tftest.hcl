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
}

run "abroad" {
  command = plan

  assert {
    condition     = aws_lambda_permission.rules.source_arn == "arn:aws:events:us-east-1:111122223333:rule/tidewatch-rule-*" && aws_lambda_permission.rules.qualifier == "live"
    error_message = "one permission for all rules of this installation, on the alias"
  }
  assert {
    condition     = aws_lambda_event_source_mapping.slots.scaling_config[0].maximum_concurrency == 10 && aws_lambda_event_source_mapping.slots.function_response_types == toset(["ReportBatchItemFailures"])
    error_message = "slots cannot take all concurrency, and only failed ones come again"
  }
  assert {
    condition     = length(local.statements) == 4
    error_message = "without listed tenants no secrets are readable"
  }
}

run "secrets_of_listed_tenants" {
  command = plan

  variables {
    secret_tenants = ["acme", "bolt"]
  }

  assert {
    condition = one([for statement in local.statements : statement.Resource if statement.Sid == "ReadSecretsOfTheTenants"]) == [
      "arn:aws:secretsmanager:us-east-1:111122223333:secret:/tidewatch/acme/*",
      "arn:aws:secretsmanager:us-east-1:111122223333:secret:/tidewatch/bolt/*",
    ]
    error_message = "secrets below /tidewatch/<tenant>/ and nowhere else"
  }
}
