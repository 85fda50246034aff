mock_provider "aws" {
  source          = "../../tests/mocks"
  override_during = plan
}

variables {
  deployment = {
    name               = "tidewatch"
    region             = "eu-west-1"
    account_id         = "111122223333"
    partition          = "aws"
    kms_key_arn        = "arn:aws:kms:eu-west-1:111122223333:key/1"
    package_dir        = "../../../target/lambda"
    architecture       = "arm64"
    log_retention_days = 30
    tracing            = "Active"
    tags               = {}
  }
  part        = "writer"
  package     = "writer.zip"
  size        = { memory_mb = 256, timeout_s = 60, reserved_concurrency = null, live_version = null }
  description = "Writes"
  environment = { TIDEWATCH_TABLE = "WebsiteMonitoringData" }
}

run "plain" {
  command = plan

  assert {
    condition     = aws_lambda_function.this.runtime == "provided.al2023" && aws_lambda_function.this.handler == "bootstrap" && aws_lambda_function.this.publish
    error_message = "a published version of the packaged binary"
  }
  assert {
    condition     = aws_lambda_function.this.tracing_config[0].mode == "Active" && aws_lambda_function.this.logging_config[0].log_format == "JSON"
    error_message = "traces, and logs as JSON"
  }
  assert {
    condition     = aws_lambda_function.this.reserved_concurrent_executions == null
    error_message = "nothing is set apart unless somebody wants it"
  }
  assert {
    condition     = aws_lambda_alias.live.function_version == "7"
    error_message = "the alias points to the newest version"
  }
  assert {
    condition     = aws_cloudwatch_log_group.this.name == "/aws/lambda/tidewatch-writer" && aws_cloudwatch_log_group.this.retention_in_days == 30
    error_message = "the log has an end"
  }
  assert {
    condition     = toset([for statement in jsondecode(aws_iam_role_policy.this.policy).Statement : statement.Sid]) == toset(["WriteItsOwnLog", "SendTraces", "UseKeysThroughTheServicesItCalls"])
    error_message = "log, traces and its environment, and nothing that it does not use"
  }
  assert {
    condition     = length(aws_lambda_function_event_invoke_config.this) == 0
    error_message = "nobody calls it without waiting"
  }
}

run "rolled_back" {
  command = plan

  variables {
    size = { memory_mb = 256, timeout_s = 60, reserved_concurrency = null, live_version = "3" }
  }

  assert {
    condition     = aws_lambda_alias.live.function_version == "3"
    error_message = "the alias goes back; the newest version stays where it is"
  }
}

run "called_by_schedules" {
  command = plan

  variables {
    asynchronous = { retries = 1, max_age_s = 600, failures_queue_arn = "arn:aws:sqs:eu-west-1:111122223333:failed" }
  }

  assert {
    condition     = aws_lambda_function_event_invoke_config.this[0].qualifier == "live" && aws_lambda_function_event_invoke_config.this[0].destination_config[0].on_failure[0].destination == "arn:aws:sqs:eu-west-1:111122223333:failed"
    error_message = "failed calls of the alias are kept"
  }
  assert {
    condition     = contains([for statement in jsondecode(aws_iam_role_policy.this.policy).Statement : statement.Sid], "LetLambdaKeepCallsThatFailed")
    error_message = "Lambda keeps them with this role"
  }
}

run "keys_through_services" {
  command = plan

  variables {
    key_uses = [
      { key_arn = "arn:aws:kms:eu-west-1:111122223333:key/1", service = "sqs", region = "eu-west-1" },
      { key_arn = "arn:aws:kms:us-east-1:111122223333:key/2", service = "sqs", region = "us-east-1" },
    ]
  }

  assert {
    condition = one([
      for statement in jsondecode(aws_iam_role_policy.this.policy).Statement : statement.Condition.StringEquals["kms:ViaService"]
      if statement.Sid == "UseKeysThroughTheServicesItCalls"
    ]) == ["lambda.eu-west-1.amazonaws.com", "sqs.eu-west-1.amazonaws.com", "sqs.us-east-1.amazonaws.com"]
    error_message = "a key opens nothing but what travels through these services"
  }
}

run "without_a_package" {
  command = plan

  variables {
    package = "nowhere.zip"
  }

  expect_failures = [aws_lambda_function.this]
}

run "environment_too_large" {
  command = plan

  variables {
    environment = { TIDEWATCH_TENANTS = join("", [for number in range(800) : "acme${number} "]) }
  }

  expect_failures = [aws_lambda_function.this]
}

run "too_little_memory" {
  command = plan

  variables {
    size = { memory_mb = 64, timeout_s = 60, reserved_concurrency = null, live_version = null }
  }

  expect_failures = [var.size]
}

run "too_much_time" {
  command = plan

  variables {
    size = { memory_mb = 256, timeout_s = 1000, reserved_concurrency = null, live_version = null }
  }

  expect_failures = [var.size]
}

run "name_too_long" {
  command = plan

  variables {
    part = "a-name-that-iam-would-refuse-because-it-is-longer-than-sixty-four-letters"
  }

  expect_failures = [var.part]
}

run "name_with_a_blank" {
  command = plan

  variables {
    part = "the writer"
  }

  expect_failures = [var.part]
}
