# The judge and writer: one queue of results from all regions, one function, the judging state.

locals {
  # Six time limits, as AWS advises: a batch must not come back while it is still worked on.
  visibility_s = 6 * var.function.timeout_s
}

module "function" {
  source = "../function"

  name         = "${var.name}-writer"
  role_name    = "${var.name}-writer-${var.region}"
  region       = var.region
  description  = "Judges results and writes the rows"
  package      = "${var.package_dir}/writer.zip"
  architecture = var.architecture

  memory_mb            = var.function.memory_mb
  timeout_s            = var.function.timeout_s
  reserved_concurrency = var.function.reserved_concurrency
  live_version         = var.function.live_version
  kms_key_arn          = var.kms_key_arn
  log_retention_days   = var.log_retention_days
  tracing              = var.tracing
  tags                 = var.tags

  # The bridge is reached from inside a network; everything else by public endpoints.
  subnet_ids         = var.store.subnet_ids
  security_group_ids = var.store.security_group_ids

  environment = merge(
    {
      TIDEWATCH_LOCATION           = var.region
      TIDEWATCH_TENANTS            = var.tenants_json
      TIDEWATCH_DATABASE           = var.database
      TIDEWATCH_TABLE              = var.results_table
      TIDEWATCH_STATE_TABLE        = aws_dynamodb_table.state.name
      TIDEWATCH_ATTEMPT_ROWS       = var.attempt_rows
      TIDEWATCH_REJECTED_QUEUE_URL = aws_sqs_queue.rejected.url
      TIDEWATCH_ALERT_SOURCE       = var.alert_source
      TIDEWATCH_ALERT_QUEUE_URL    = var.alert_queue.url
    },
    var.store.endpoint == null ? {} : { TIDEWATCH_STORE_ENDPOINT = var.store.endpoint },
    var.store.keys_secret_arn == null ? {} : { TIDEWATCH_STORE_KEYS_SECRET = var.store.keys_secret_arn },
    var.store.ca_secret_arn == null ? {} : { TIDEWATCH_STORE_CA_SECRET = var.store.ca_secret_arn },
  )

  statements = concat(local.statements, var.store.write_statements)
  key_uses = concat(
    [
      { key_arn = var.kms_key_arn, service = "dynamodb", region = var.region },
      { key_arn = var.kms_key_arn, service = "sqs", region = var.region },
    ],
    length(local.store_secret_arns) == 0 ? [] : [
      { key_arn = var.kms_key_arn, service = "secretsmanager", region = var.region },
    ],
  )

  # The hourly rollup: it is idempotent, and the next one catches up.
  asynchronous = {
    retries            = 2
    max_age_s          = 3600
    failures_queue_arn = aws_sqs_queue.failed_results.arn
  }
}

# Results of all regions.
resource "aws_sqs_queue" "results" {
  region                            = var.region
  name                              = "${var.name}-results"
  visibility_timeout_seconds        = local.visibility_s
  message_retention_seconds         = 1209600 # a store that is away for a weekend loses nothing
  receive_wait_time_seconds         = 20
  kms_master_key_id                 = var.kms_key_arn
  kms_data_key_reuse_period_seconds = 3600
  tags                              = var.tags

  redrive_policy = jsonencode({
    deadLetterTargetArn = aws_sqs_queue.failed_results.arn
    maxReceiveCount     = 5
  })
}

resource "aws_sqs_queue" "failed_results" {
  region                            = var.region
  name                              = "${var.name}-results-failed"
  message_retention_seconds         = 1209600
  kms_master_key_id                 = var.kms_key_arn
  kms_data_key_reuse_period_seconds = 3600
  tags                              = var.tags
}

resource "aws_sqs_queue_redrive_allow_policy" "failed_results" {
  region    = var.region
  queue_url = aws_sqs_queue.failed_results.id
  redrive_allow_policy = jsonencode({
    redrivePermission = "byQueue"
    sourceQueueArns   = [aws_sqs_queue.results.arn]
  })
}

# Single records that the store refused, each with its reason.
resource "aws_sqs_queue" "rejected" {
  region                            = var.region
  name                              = "${var.name}-rejected"
  message_retention_seconds         = 1209600
  kms_master_key_id                 = var.kms_key_arn
  kms_data_key_reuse_period_seconds = 3600
  tags                              = var.tags
}

resource "aws_sqs_queue_policy" "tls_only" {
  for_each = {
    results        = aws_sqs_queue.results
    failed_results = aws_sqs_queue.failed_results
    rejected       = aws_sqs_queue.rejected
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

resource "aws_lambda_event_source_mapping" "results" {
  region           = var.region
  event_source_arn = aws_sqs_queue.results.arn
  function_name    = module.function.alias_arn
  tags             = var.tags

  # Few large batches: the judging state is written once, and the store bills requests by size.
  batch_size                         = 100
  maximum_batching_window_in_seconds = var.batching_window_s
  function_response_types            = ["ReportBatchItemFailures"]

  # Two batches of one bucket at once only make one of them judge anew.
  scaling_config {
    maximum_concurrency = var.concurrency
  }
}

# The judging state: one item for each bucket of monitors.
resource "aws_dynamodb_table" "state" {
  region                      = var.region
  name                        = "${var.name}-state"
  billing_mode                = "PAY_PER_REQUEST"
  hash_key                    = "bucket"
  deletion_protection_enabled = var.deletion_protection
  tags                        = var.tags

  attribute {
    name = "bucket"
    type = "S"
  }

  point_in_time_recovery {
    enabled                 = true
    recovery_period_in_days = 7
  }

  server_side_encryption {
    enabled     = true
    kms_key_arn = var.kms_key_arn
  }
}

resource "aws_scheduler_schedule" "rollup" {
  #checkov:skip=CKV_AWS_297:the payload is a constant without anything to hide
  region                       = var.region
  name                         = "${var.name}-rollup"
  description                  = "Writes the hourly rows that service levels are read from"
  schedule_expression          = "cron(10 * * * ? *)" # late results of the hour before have arrived by then
  schedule_expression_timezone = "UTC"

  flexible_time_window {
    mode                      = "FLEXIBLE"
    maximum_window_in_minutes = 5
  }

  target {
    arn      = module.function.alias_arn
    role_arn = aws_iam_role.schedule.arn
    input    = jsonencode({ v = 1, kind = "rollup" })

    retry_policy {
      maximum_event_age_in_seconds = 3600
      maximum_retry_attempts       = 3
    }
  }
}
