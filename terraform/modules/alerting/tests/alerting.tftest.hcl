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

  receive_function = { memory_mb = 256, timeout_s = 10, reserved_concurrency = null, live_version = null }
  send_function    = { memory_mb = 256, timeout_s = 30, reserved_concurrency = null, live_version = null }
  results_queue    = { url = "https://sqs.us-east-1.amazonaws.com/111122223333/tidewatch-results", arn = "arn:aws:sqs:us-east-1:111122223333:tidewatch-results" }
}

run "topics" {
  command = plan

  variables {
    teams   = ["payments"]
    tenants = ["acme"]
    subscriptions = [
      { topic = "critical", protocol = "email", endpoint = "a@example.com" },
      { topic = "team/payments", protocol = "email", endpoint = "b@example.com" },
      { topic = "tenant/acme", protocol = "https", endpoint = "https://acme.example/sns", filter_policy = "{\"severity\":[\"critical\"]}" },
    ]
  }

  assert {
    condition     = keys(output.topic_arns) == ["critical", "info", "team/payments", "tenant/acme", "warning"]
    error_message = "by severity, team and tenant"
  }
  assert {
    condition     = length(aws_sns_topic_subscription.this) == 3
    error_message = "everybody is subscribed"
  }
}

run "webhook" {
  command = plan

  assert {
    condition     = keys(aws_apigatewayv2_route.this) == ["GET /healthz", "POST /grafana", "POST /sns", "PUT /grafana"]
    error_message = "these routes and no others"
  }
  assert {
    condition     = aws_apigatewayv2_stage.this.default_route_settings[0].throttling_rate_limit == 20 && aws_apigatewayv2_integration.this.payload_format_version == "2.0"
    error_message = "a limit on requests"
  }
  assert {
    condition     = length(aws_secretsmanager_secret_version.webhook) == 0
    error_message = "the value of the secret is a person's to write"
  }
}

run "secret" {
  command = plan

  variables {
    webhook_secret         = { hmac = ["0123456789abcdef0123456789abcdef"] }
    webhook_secret_version = 2
  }

  assert {
    condition     = aws_secretsmanager_secret_version.webhook[0].secret_string_wo_version == 2 && aws_secretsmanager_secret_version.webhook[0].secret_string == null
    error_message = "written, and kept nowhere else"
  }
}

run "alerts_are_gathered" {
  command = plan

  assert {
    condition     = aws_lambda_event_source_mapping.alerts.maximum_batching_window_in_seconds == 10
    error_message = "ten seconds"
  }
  assert {
    condition     = one(aws_dynamodb_table.incidents.ttl).attribute_name == "expires"
    error_message = "incidents are forgotten by themselves"
  }
}

run "deliveries_of_sns" {
  command = plan

  variables {
    sns_sources = ["arn:aws:sns:us-east-1:111122223333:grafana"]
  }

  assert {
    condition     = one(values(aws_sns_topic_subscription.sources)).endpoint == "https://a1b2c3.execute-api.eu-west-1.amazonaws.com/sns"
    error_message = "the webhook subscribes"
  }
}

run "topic_of_nobody" {
  command = plan

  variables {
    subscriptions = [{ topic = "team/search", protocol = "email", endpoint = "a@example.com" }]
  }

  expect_failures = [var.subscriptions]
}

run "source_that_is_no_topic" {
  command = plan

  variables {
    sns_sources = ["grafana"]
  }

  expect_failures = [var.sns_sources]
}
