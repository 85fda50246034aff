# One Lambda function with its role, log group and alias. Everything that calls a function calls its
# alias: a deployment moves the alias, a roll-back moves it back.

locals {
  in_vpc = length(var.subnet_ids) > 0
}

resource "aws_cloudwatch_log_group" "this" {
  #checkov:skip=CKV_AWS_338:how long logs are worth their price is the installation's decision (log_retention_days); results are kept in the store, not here
  region            = var.region
  name              = "/aws/lambda/${var.name}"
  retention_in_days = var.log_retention_days
  kms_key_id        = var.kms_key_arn
  tags              = var.tags
}

resource "aws_lambda_function" "this" {
  #checkov:skip=CKV_AWS_115:new accounts have so little concurrency that reserving some is refused; reserved_concurrency sets it
  #checkov:skip=CKV_AWS_116:failed asynchronous calls go to the queue of aws_lambda_function_event_invoke_config, failed batches to those of the event source mappings
  #checkov:skip=CKV_AWS_117:only functions that call a bridge need a network of ours; the others call public AWS endpoints and public targets
  #checkov:skip=CKV_AWS_272:packages are built from source beside this configuration and pinned by their hash; a signing profile belongs to a delivery pipeline
  region        = var.region
  function_name = var.name
  description   = var.description
  role          = aws_iam_role.this.arn

  # Built by `make package`, never by Terraform.
  filename         = var.package
  source_code_hash = fileexists(var.package) ? filebase64sha256(var.package) : null
  runtime          = "provided.al2023"
  handler          = "bootstrap"
  architectures    = [var.architecture]
  publish          = true

  memory_size                    = var.memory_mb
  timeout                        = var.timeout_s
  reserved_concurrent_executions = var.reserved_concurrency
  kms_key_arn                    = var.kms_key_arn
  tags                           = var.tags

  environment {
    variables = merge(var.environment, { TIDEWATCH_LOG = var.log_filter })
  }

  tracing_config {
    mode = var.tracing
  }

  logging_config {
    log_format            = "JSON"
    application_log_level = var.log_level
    system_log_level      = "WARN"
    log_group             = aws_cloudwatch_log_group.this.name
  }

  dynamic "vpc_config" {
    for_each = local.in_vpc ? [1] : []
    content {
      subnet_ids         = var.subnet_ids
      security_group_ids = var.security_group_ids
    }
  }

  # A function must not start before it may write its log and read its queue.
  depends_on = [aws_iam_role_policy.this]

  lifecycle {
    precondition {
      condition     = fileexists(var.package)
      error_message = "There is no package at ${var.package}. Build it with `make package`, or name the folder of the packages with package_dir."
    }
    precondition {
      # Lambda allows 4 KB for all variables of a function.
      condition     = length(jsonencode(var.environment)) <= 4000
      error_message = "The environment of ${var.name} has more than the 4 KB that Lambda takes; shorten tenants or topics of teams and tenants."
    }
  }
}

resource "aws_lambda_alias" "live" {
  region           = var.region
  name             = "live"
  description      = "What schedules, queues and the webhook call"
  function_name    = aws_lambda_function.this.function_name
  function_version = coalesce(var.live_version, aws_lambda_function.this.version)
}

# Calls that nobody waits for: rules, schedules.
resource "aws_lambda_function_event_invoke_config" "this" {
  count = var.asynchronous == null ? 0 : 1

  region                       = var.region
  function_name                = aws_lambda_function.this.function_name
  qualifier                    = aws_lambda_alias.live.name
  maximum_retry_attempts       = var.asynchronous.retries
  maximum_event_age_in_seconds = var.asynchronous.max_age_s

  destination_config {
    on_failure {
      destination = var.asynchronous.failures_queue_arn
    }
  }
}
