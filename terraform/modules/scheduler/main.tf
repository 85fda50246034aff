# What keeps the schedule rules of one region equal to the monitor entries: the config function,
# woken by the table's stream and once an hour.

locals {
  reconcile = jsonencode({ v = 1, kind = "reconcile" })
}

module "function" {
  source = "../function"

  deployment  = var.deployment
  part        = "config"
  package     = "config.zip"
  size        = var.function
  description = "Keeps schedule rules equal to the monitor entries"

  environment = {
    TIDEWATCH_MONITORS_TABLE       = var.table.name
    TIDEWATCH_MONITORS_INDEX       = var.table.index_name
    TIDEWATCH_LOCATION             = var.deployment.region
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
    { key_arn = var.deployment.kms_key_arn, service = "dynamodb", region = var.deployment.region },
    { key_arn = var.deployment.kms_key_arn, service = "sqs", region = var.deployment.region },
    { key_arn = var.results_queue.kms_key_arn, service = "sqs", region = var.results_queue.region },
  ]

  # The hourly call: the next one repairs what this one could not.
  asynchronous = {
    retries            = 1
    max_age_s          = 3600
    failures_queue_arn = module.given_up.failed.arn
  }
}

resource "aws_lambda_event_source_mapping" "stream" {
  region            = var.deployment.region
  event_source_arn  = var.stream_arn
  function_name     = module.function.alias_arn
  starting_position = "TRIM_HORIZON"
  tags              = var.deployment.tags

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
      destination_arn = module.given_up.queue.arn
    }
  }
}

# Batches of the stream that were given up. The messages say which records, not what was in them, so
# the function answers each with a comparison of everything. What that could not repair either lies among
# the failed ones, with hourly calls that failed.
module "given_up" {
  source = "../queue"

  name         = "${var.deployment.name}-config-given-up"
  region       = var.deployment.region
  kms_key_arn  = var.deployment.kms_key_arn
  tags         = var.deployment.tags
  visibility_s = 6 * var.function.timeout_s
  failed       = { name = "${var.deployment.name}-config-failed", after = 3 }
}

resource "aws_lambda_event_source_mapping" "given_up" {
  region                  = var.deployment.region
  event_source_arn        = module.given_up.queue.arn
  function_name           = module.function.alias_arn
  batch_size              = 10
  function_response_types = ["ReportBatchItemFailures"]
  tags                    = var.deployment.tags

  scaling_config {
    maximum_concurrency = 2 # the least that Lambda takes
  }
}

# Every deployment compares everything once, so that a new layout, a new target or a new version takes
# effect at once and says here what it cannot do.
resource "aws_lambda_invocation" "reconcile" {
  region        = var.deployment.region
  function_name = module.function.name
  qualifier     = module.function.alias_name
  input         = local.reconcile

  triggers = {
    version = module.function.live_version
    target  = var.monitor_alias_arn
    rules   = "${var.rule_prefix} ${var.rule_layout} ${var.buckets} ${var.rule_limit}"
  }

  depends_on = [aws_lambda_event_source_mapping.stream]
}

module "reconcile" {
  source = "../schedule"

  name        = "${var.deployment.name}-reconcile"
  region      = var.deployment.region
  account_id  = var.deployment.account_id
  tags        = var.deployment.tags
  description = "Compares all entries with all rules and repairs what differs"
  expression  = "rate(1 hour)"
  alias_arn   = module.function.alias_arn
  input       = local.reconcile
}
