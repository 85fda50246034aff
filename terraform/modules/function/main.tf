# One Lambda function with its role, log group and alias. Everything that calls a function calls its
# alias: a deployment moves the alias, a roll-back moves it back.

locals {
  name    = "${var.deployment.name}-${var.part}"
  package = "${var.deployment.package_dir}/${var.package}"
  in_vpc  = length(var.subnet_ids) > 0
}

resource "aws_cloudwatch_log_group" "this" {
  #checkov:skip=CKV_AWS_338:how long logs are worth their price is the installation's decision (log_retention_days); results are kept in the store, not here
  region            = var.deployment.region
  name              = "/aws/lambda/${local.name}"
  retention_in_days = var.deployment.log_retention_days
  kms_key_id        = var.deployment.kms_key_arn
  tags              = var.deployment.tags
}

resource "aws_lambda_function" "this" {
  #checkov:skip=CKV_AWS_115:new accounts have so little concurrency that reserving some is refused; reserved_concurrency sets it
  #checkov:skip=CKV_AWS_116:failed asynchronous calls go to the queue of aws_lambda_function_event_invoke_config, failed batches to those of the event source mappings
  #checkov:skip=CKV_AWS_117:only functions that call a bridge need a network of ours; the others call public AWS endpoints and public targets
  #checkov:skip=CKV_AWS_272:packages are built from source beside this configuration and pinned by their hash; a signing profile belongs to a delivery pipeline
  region        = var.deployment.region
  function_name = local.name
  description   = var.description
  role          = aws_iam_role.this.arn

  # Built by `make package`, never by Terraform.
  filename         = local.package
  source_code_hash = fileexists(local.package) ? filebase64sha256(local.package) : null
  runtime          = "provided.al2023"
  handler          = "bootstrap"
  architectures    = [var.deployment.architecture]
  publish          = true

  memory_size                    = var.size.memory_mb
  timeout                        = var.size.timeout_s
  reserved_concurrent_executions = var.size.reserved_concurrency
  kms_key_arn                    = var.deployment.kms_key_arn
  tags                           = var.deployment.tags

  environment {
    variables = merge(var.environment, { TIDEWATCH_LOG = var.log_filter })
  }

  tracing_config {
    mode = var.deployment.tracing
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
      condition     = fileexists(local.package)
      error_message = "There is no package at ${local.package}. Run `make package` in the root of the repository (`packaging/package --arch arm64` for arm64), or name the folder that has the packages with package_dir."
    }
    precondition {
      # Lambda allows 4 KB for all variables of a function.
      condition     = length(jsonencode(var.environment)) <= 4000
      error_message = "The environment of ${local.name} has more than the 4 KB that Lambda takes; shorten tenants or topics of teams and tenants."
    }
  }
}

resource "aws_lambda_alias" "live" {
  region           = var.deployment.region
  name             = "live"
  description      = "What schedules, queues and the webhook call"
  function_name    = aws_lambda_function.this.function_name
  function_version = coalesce(var.size.live_version, aws_lambda_function.this.version)
}

# Calls that nobody waits for: rules, schedules.
resource "aws_lambda_function_event_invoke_config" "this" {
  count = var.asynchronous == null ? 0 : 1

  region                       = var.deployment.region
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
