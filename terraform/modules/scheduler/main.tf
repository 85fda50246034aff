# What keeps the schedule rules of one region equal to the monitor entries: the config function,
# woken by the table's stream and once an hour.

module "function" {
  source = "../function"

  name         = "${var.name}-config"
  role_name    = "${var.name}-config-${var.region}"
  region       = var.region
  description  = "Keeps schedule rules equal to the monitor entries"
  package      = "${var.package_dir}/config.zip"
  architecture = var.architecture

  memory_mb            = var.function.memory_mb
  timeout_s            = var.function.timeout_s
  reserved_concurrency = var.function.reserved_concurrency
  live_version         = var.function.live_version
  kms_key_arn          = var.kms_key_arn
  log_retention_days   = var.log_retention_days
  tracing              = var.tracing
  tags                 = var.tags

  environment = {
    TIDEWATCH_MONITORS_TABLE       = var.table.name
    TIDEWATCH_MONITORS_INDEX       = var.table.index_name
    TIDEWATCH_LOCATION             = var.region
    TIDEWATCH_MONITOR_FUNCTION_ARN = var.monitor_alias_arn
    TIDEWATCH_RULE_PREFIX          = var.rule_prefix
    TIDEWATCH_RULE_LAYOUT          = var.rule_layout
    TIDEWATCH_BUCKETS              = tostring(var.buckets)
    TIDEWATCH_RULE_LIMIT           = tostring(var.rule_limit)
    TIDEWATCH_RESULTS_QUEUE_URL    = var.results_queue.url
    TIDEWATCH_RESULTS_QUEUE_REGION = var.results_queue.region
    TIDEWATCH_TENANTS              = var.tenants_json
    TIDEWATCH_DATABASE             = var.database
    TIDEWATCH_TABLE                = var.results_table
  }

  statements = local.statements
  key_uses = [
    { key_arn = var.kms_key_arn, service = "dynamodb", region = var.region },
    { key_arn = var.kms_key_arn, service = "sqs", region = var.region },
    { key_arn = var.results_queue.kms_key_arn, service = "sqs", region = var.results_queue.region },
  ]

  # The hourly call: the next one repairs what this one could not.
  asynchronous = {
    retries            = 1
    max_age_s          = 3600
    failures_queue_arn = aws_sqs_queue.failed.arn
  }
}

resource "aws_lambda_event_source_mapping" "stream" {
  region            = var.region
  event_source_arn  = var.stream_arn
  function_name     = module.function.alias_arn
  starting_position = "TRIM_HORIZON"
  tags              = var.tags

  batch_size                         = 100
  maximum_batching_window_in_seconds = 5
  parallelization_factor             = 1 # one plan at a time: entries share rules

  # The defaults would hold the whole stream up behind one bad record for a day.
  maximum_retry_attempts         = 5
  maximum_record_age_in_seconds  = 3600
  bisect_batch_on_function_error = true
  function_response_types        = ["ReportBatchItemFailures"]

  destination_config {
    on_failure {
      destination_arn = aws_sqs_queue.given_up.arn
    }
  }
}

# Batches of the stream that were given up. The messages say which records, not what was in them, so
# the function answers each with a comparison of everything.
resource "aws_sqs_queue" "given_up" {
  region                            = var.region
  name                              = "${var.name}-config-given-up"
  visibility_timeout_seconds        = 6 * var.function.timeout_s
  message_retention_seconds         = 1209600
  kms_master_key_id                 = var.kms_key_arn
  kms_data_key_reuse_period_seconds = 3600
  tags                              = var.tags

  redrive_policy = jsonencode({
    deadLetterTargetArn = aws_sqs_queue.failed.arn
    maxReceiveCount     = 3
  })
}

resource "aws_lambda_event_source_mapping" "given_up" {
  region                  = var.region
  event_source_arn        = aws_sqs_queue.given_up.arn
  function_name           = module.function.alias_arn
  batch_size              = 10
  function_response_types = ["ReportBatchItemFailures"]
  tags                    = var.tags

  scaling_config {
    maximum_concurrency = 2 # the least that Lambda takes
  }
}

# What that could not repair either, and hourly calls that failed.
resource "aws_sqs_queue" "failed" {
  region                            = var.region
  name                              = "${var.name}-config-failed"
  message_retention_seconds         = 1209600
  kms_master_key_id                 = var.kms_key_arn
  kms_data_key_reuse_period_seconds = 3600
  tags                              = var.tags
}

resource "aws_sqs_queue_redrive_allow_policy" "failed" {
  region    = var.region
  queue_url = aws_sqs_queue.failed.id
  redrive_allow_policy = jsonencode({
    redrivePermission = "byQueue"
    sourceQueueArns   = [aws_sqs_queue.given_up.arn]
  })
}

resource "aws_sqs_queue_policy" "tls_only" {
  for_each = {
    given_up = aws_sqs_queue.given_up
    failed   = aws_sqs_queue.failed
  }

  region    = var.region
  queue_url = each.value.id
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Sid       = "RefuseAnythingButTls"
      Effect    = "Deny"
      Principal = "*" # a refusal is for everybody
      Action    = "sqs:*"
      Resource  = each.value.arn
      Condition = { Bool = { "aws:SecureTransport" = "false" } }
    }]
  })
}

# Every deployment compares everything once, so that a new layout, a new target or a new version takes
# effect at once and says here what it cannot do.
resource "aws_lambda_invocation" "reconcile" {
  region        = var.region
  function_name = module.function.name
  qualifier     = module.function.alias_name
  input         = jsonencode({ v = 1, kind = "reconcile" })

  triggers = {
    version = module.function.live_version
    target  = var.monitor_alias_arn
    rules   = "${var.rule_prefix} ${var.rule_layout} ${var.buckets} ${var.rule_limit}"
  }

  depends_on = [aws_lambda_event_source_mapping.stream]
}

# EventBridge Scheduler and not a rule: rules with our prefix belong to the config function, which
# removes what it did not plan.
resource "aws_scheduler_schedule" "reconcile" {
  #checkov:skip=CKV_AWS_297:the payload is a constant without anything to hide
  region                       = var.region
  name                         = "${var.name}-reconcile"
  description                  = "Compares all entries with all rules and repairs what differs"
  schedule_expression          = "rate(1 hour)"
  schedule_expression_timezone = "UTC"

  flexible_time_window {
    mode                      = "FLEXIBLE"
    maximum_window_in_minutes = 5 # installations of one account need not all begin at once
  }

  target {
    arn      = module.function.alias_arn
    role_arn = aws_iam_role.schedule.arn
    input    = jsonencode({ v = 1, kind = "reconcile" })

    retry_policy {
      maximum_event_age_in_seconds = 3600
      maximum_retry_attempts       = 3
    }
  }
}
