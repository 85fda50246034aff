# The prober of one region: EventBridge rules call it, it probes, and its results go to the queue of
# the home region.

locals {
  # Room for what is after a full time limit: six of them, as AWS advises for queues of functions.
  slots_visibility_s = 6 * var.function.timeout_s
}

module "function" {
  source = "../function"

  name         = "${var.name}-monitor"
  role_name    = "${var.name}-monitor-${var.region}"
  region       = var.region
  description  = "Probes what a schedule rule hands to it"
  package      = "${var.package_dir}/monitor.zip"
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
    TIDEWATCH_RESULTS_QUEUE_URL    = var.results_queue.url
    TIDEWATCH_RESULTS_QUEUE_REGION = var.results_queue.region
    TIDEWATCH_SLOTS_QUEUE_URL      = aws_sqs_queue.slots.url
    TIDEWATCH_CONCURRENCY          = tostring(var.concurrency)
    TIDEWATCH_TENANTS              = var.tenants_json
    TIDEWATCH_DATABASE             = var.database
    TIDEWATCH_TABLE                = var.results_table
  }

  statements = local.statements
  key_uses = [
    { key_arn = var.kms_key_arn, service = "dynamodb", region = var.region },
    { key_arn = var.kms_key_arn, service = "sqs", region = var.region },
    { key_arn = var.kms_key_arn, service = "ssm", region = var.region },
    { key_arn = var.kms_key_arn, service = "secretsmanager", region = var.region },
    { key_arn = var.results_queue.kms_key_arn, service = "sqs", region = var.results_queue.region },
  ]

  # A slot that comes too late becomes a `missed` row, so an old event is worth its while for some
  # minutes, and not for the six hours of Lambda's default.
  asynchronous = {
    retries            = 2
    max_age_s          = 900
    failures_queue_arn = aws_sqs_queue.failed_calls.arn
  }
}

# One permission for all rules: a function's policy has a size limit.
resource "aws_lambda_permission" "rules" {
  region        = var.region
  statement_id  = "LetTheScheduleRulesCall"
  action        = "lambda:InvokeFunction"
  function_name = module.function.name
  qualifier     = module.function.alias_name
  principal     = "events.amazonaws.com"
  # The config function makes the rules, hence the wildcard after their prefix.
  source_arn     = "arn:${var.partition}:events:${var.region}:${var.account_id}:rule/${var.rule_prefix}-*"
  source_account = var.account_id
}

# Calls that failed three times: events in full, kept for two weeks.
resource "aws_sqs_queue" "failed_calls" {
  region                            = var.region
  name                              = "${var.name}-monitor-failed"
  message_retention_seconds         = 1209600
  kms_master_key_id                 = var.kms_key_arn
  kms_data_key_reuse_period_seconds = 3600
  tags                              = var.tags
}

# Slots below a minute: each waits here for its turn within the minute.
resource "aws_sqs_queue" "slots" {
  region                            = var.region
  name                              = "${var.name}-slots"
  visibility_timeout_seconds        = local.slots_visibility_s
  message_retention_seconds         = 3600 # an older slot says nothing that the row of a missed one does not
  kms_master_key_id                 = var.kms_key_arn
  kms_data_key_reuse_period_seconds = 3600
  tags                              = var.tags

  redrive_policy = jsonencode({
    deadLetterTargetArn = aws_sqs_queue.failed_slots.arn
    maxReceiveCount     = 3
  })
}

resource "aws_sqs_queue" "failed_slots" {
  region                            = var.region
  name                              = "${var.name}-slots-failed"
  message_retention_seconds         = 1209600
  kms_master_key_id                 = var.kms_key_arn
  kms_data_key_reuse_period_seconds = 3600
  tags                              = var.tags
}

resource "aws_sqs_queue_redrive_allow_policy" "failed_slots" {
  region    = var.region
  queue_url = aws_sqs_queue.failed_slots.id
  redrive_allow_policy = jsonencode({
    redrivePermission = "byQueue"
    sourceQueueArns   = [aws_sqs_queue.slots.arn]
  })
}

resource "aws_lambda_event_source_mapping" "slots" {
  region           = var.region
  event_source_arn = aws_sqs_queue.slots.arn
  function_name    = module.function.alias_arn
  # A slot must not wait for others: no window.
  batch_size              = 10
  function_response_types = ["ReportBatchItemFailures"]
  tags                    = var.tags

  scaling_config {
    maximum_concurrency = var.slots_concurrency
  }
}

# Nothing but TLS, on every queue of this module.
resource "aws_sqs_queue_policy" "tls_only" {
  for_each = {
    failed_calls = aws_sqs_queue.failed_calls
    slots        = aws_sqs_queue.slots
    failed_slots = aws_sqs_queue.failed_slots
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
