# The prober of one region: EventBridge rules call it, it probes, and its results go to the queue of
# the home region.

locals {
  # Room for what is after a full time limit: six of them, as AWS advises for queues of functions.
  slots_visibility_s = 6 * var.function.timeout_s
}

module "function" {
  source = "../function"

  deployment  = var.deployment
  part        = "monitor"
  package     = "monitor.zip"
  size        = var.function
  description = "Probes what a schedule rule hands to it"

  environment = {
    TIDEWATCH_MONITORS_TABLE       = var.table.name
    TIDEWATCH_MONITORS_INDEX       = var.table.index_name
    TIDEWATCH_LOCATION             = var.deployment.region
    TIDEWATCH_RESULTS_QUEUE_URL    = var.results_queue.url
    TIDEWATCH_RESULTS_QUEUE_REGION = var.results_queue.region
    TIDEWATCH_SLOTS_QUEUE_URL      = module.slots.queue.url
    TIDEWATCH_CONCURRENCY          = tostring(var.concurrency)
    TIDEWATCH_TENANTS              = var.tenants_json
    TIDEWATCH_DATABASE             = var.database
    TIDEWATCH_TABLE                = var.results_table
  }

  statements = local.statements
  key_uses = [
    { key_arn = var.deployment.kms_key_arn, service = "dynamodb", region = var.deployment.region },
    { key_arn = var.deployment.kms_key_arn, service = "sqs", region = var.deployment.region },
    { key_arn = var.deployment.kms_key_arn, service = "ssm", region = var.deployment.region },
    { key_arn = var.deployment.kms_key_arn, service = "secretsmanager", region = var.deployment.region },
    { key_arn = var.results_queue.kms_key_arn, service = "sqs", region = var.results_queue.region },
  ]

  # A slot that comes too late becomes a `missed` row, so an old event is worth its while for some
  # minutes, and not for the six hours of Lambda's default.
  asynchronous = {
    retries            = 2
    max_age_s          = 900
    failures_queue_arn = module.failed_calls.queue.arn
  }
}

# One permission for all rules: a function's policy has a size limit.
resource "aws_lambda_permission" "rules" {
  region        = var.deployment.region
  statement_id  = "LetTheScheduleRulesCall"
  action        = "lambda:InvokeFunction"
  function_name = module.function.name
  qualifier     = module.function.alias_name
  principal     = "events.amazonaws.com"
  # The config function makes the rules, hence the wildcard after their prefix.
  source_arn     = "arn:${var.deployment.partition}:events:${var.deployment.region}:${var.deployment.account_id}:rule/${var.rule_prefix}-*"
  source_account = var.deployment.account_id
}

# Calls that failed three times: events in full, kept for two weeks.
module "failed_calls" {
  source = "../queue"

  name        = "${var.deployment.name}-monitor-failed"
  region      = var.deployment.region
  kms_key_arn = var.deployment.kms_key_arn
  tags        = var.deployment.tags
}

# Slots below a minute: each waits here for its turn within the minute.
module "slots" {
  source = "../queue"

  name         = "${var.deployment.name}-slots"
  region       = var.deployment.region
  kms_key_arn  = var.deployment.kms_key_arn
  tags         = var.deployment.tags
  visibility_s = local.slots_visibility_s
  retention_s  = 3600 # an older slot says nothing that the row of a missed one does not
  failed       = { name = "${var.deployment.name}-slots-failed", after = 3 }
}

resource "aws_lambda_event_source_mapping" "slots" {
  region           = var.deployment.region
  event_source_arn = module.slots.queue.arn
  function_name    = module.function.alias_arn
  # A slot must not wait for others: no window.
  batch_size              = 10
  function_response_types = ["ReportBatchItemFailures"]
  tags                    = var.deployment.tags

  scaling_config {
    maximum_concurrency = var.slots_concurrency
  }
}
