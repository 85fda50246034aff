# The judge and writer: one queue of results from all regions, one function, the judging state.

module "function" {
  source = "../function"

  deployment  = var.deployment
  part        = "writer"
  package     = "writer.zip"
  size        = var.function
  description = "Judges results and writes the rows"

  # The bridge is reached from inside a network; everything else by public endpoints.
  subnet_ids         = var.store.subnet_ids
  security_group_ids = var.store.security_group_ids

  environment = merge(
    {
      TIDEWATCH_LOCATION           = var.deployment.region
      TIDEWATCH_TENANTS            = var.tenants_json
      TIDEWATCH_DATABASE           = var.database
      TIDEWATCH_TABLE              = var.results_table
      TIDEWATCH_STATE_TABLE        = aws_dynamodb_table.state.name
      TIDEWATCH_ATTEMPT_ROWS       = var.attempt_rows
      TIDEWATCH_REJECTED_QUEUE_URL = module.rejected.queue.url
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
      { key_arn = var.deployment.kms_key_arn, service = "dynamodb", region = var.deployment.region },
      { key_arn = var.deployment.kms_key_arn, service = "sqs", region = var.deployment.region },
    ],
    length(local.store_secret_arns) == 0 ? [] : [
      { key_arn = var.deployment.kms_key_arn, service = "secretsmanager", region = var.deployment.region },
    ],
  )

  # The hourly rollup: it is idempotent, and the next one catches up.
  asynchronous = {
    retries            = 2
    max_age_s          = 3600
    failures_queue_arn = module.results.failed.arn
  }
}

# Results of all regions. They are kept for two weeks: a store that is away for a weekend loses nothing.
module "results" {
  source = "../queue"

  name         = "${var.deployment.name}-results"
  region       = var.deployment.region
  kms_key_arn  = var.deployment.kms_key_arn
  tags         = var.deployment.tags
  visibility_s = 6 * var.function.timeout_s # as AWS advises: a batch must not come back while it is still worked on
  failed       = { name = "${var.deployment.name}-results-failed", after = 5 }
}

# Single records that the store refused, each with its reason.
module "rejected" {
  source = "../queue"

  name        = "${var.deployment.name}-rejected"
  region      = var.deployment.region
  kms_key_arn = var.deployment.kms_key_arn
  tags        = var.deployment.tags
}

resource "aws_lambda_event_source_mapping" "results" {
  region           = var.deployment.region
  event_source_arn = module.results.queue.arn
  function_name    = module.function.alias_arn
  tags             = var.deployment.tags

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
  region                      = var.deployment.region
  name                        = "${var.deployment.name}-state"
  billing_mode                = "PAY_PER_REQUEST"
  hash_key                    = "bucket"
  deletion_protection_enabled = var.deletion_protection
  tags                        = var.deployment.tags

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
    kms_key_arn = var.deployment.kms_key_arn
  }
}

module "rollup" {
  source = "../schedule"

  name        = "${var.deployment.name}-rollup"
  region      = var.deployment.region
  account_id  = var.deployment.account_id
  tags        = var.deployment.tags
  description = "Writes the hourly rows that service levels are read from"
  expression  = "cron(10 * * * ? *)" # late results of the hour before have arrived by then
  alias_arn   = module.function.alias_arn
  input       = jsonencode({ v = 1, kind = "rollup" })
}
