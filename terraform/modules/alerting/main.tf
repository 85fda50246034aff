# From an alert to a person: an HTTP API takes Grafana's webhook, one function verifies it and puts it
# on a queue, another gathers what belongs together and publishes to topics.

locals {
  send_visibility_s = 6 * var.send_function.timeout_s

  topics = merge(
    { for severity in ["critical", "warning", "info"] : severity => "${var.name}-${severity}" },
    { for team in var.teams : "team/${team}" => "${var.name}-team-${team}" },
    { for tenant in var.tenants : "tenant/${tenant}" => "${var.name}-tenant-${tenant}" },
  )

  topic_arns = { for key, topic in aws_sns_topic.this : key => topic.arn }
}

module "receive" {
  source = "../function"

  name      = "${var.name}-webhook-receive"
  role_name = "${var.name}-webhook-receive-${var.region}"
  region    = var.region
  # The function reads its secret when it starts, so a new secret has to be a new version.
  description  = "Verifies alerts and keeps them in the queue${var.webhook_secret_version == null ? "" : " (secret ${var.webhook_secret_version})"}"
  package      = "${var.package_dir}/alert-webhook.zip"
  architecture = var.architecture

  memory_mb            = var.receive_function.memory_mb
  timeout_s            = var.receive_function.timeout_s
  reserved_concurrency = var.receive_function.reserved_concurrency
  live_version         = var.receive_function.live_version
  kms_key_arn          = var.kms_key_arn
  log_retention_days   = var.log_retention_days
  tracing              = var.tracing
  tags                 = var.tags

  environment = merge(
    {
      TIDEWATCH_WEBHOOK_ROLE             = "receive"
      TIDEWATCH_LOCATION                 = var.region
      TIDEWATCH_ALERT_QUEUE_URL          = aws_sqs_queue.alerts.url
      TIDEWATCH_WEBHOOK_SECRET           = aws_secretsmanager_secret.webhook.arn
      TIDEWATCH_WEBHOOK_TIMESTAMP_HEADER = "X-Grafana-Alerting-Timestamp"
    },
    length(var.sns_sources) == 0 ? {} : { TIDEWATCH_SNS_SOURCES = jsonencode(sort(tolist(var.sns_sources))) },
  )

  statements = local.receive_statements
  key_uses = [
    { key_arn = var.kms_key_arn, service = "sqs", region = var.region },
    { key_arn = var.kms_key_arn, service = "secretsmanager", region = var.region },
  ]
}

module "send" {
  source = "../function"

  name         = "${var.name}-webhook-send"
  role_name    = "${var.name}-webhook-send-${var.region}"
  region       = var.region
  description  = "Makes one message of what belongs to one incident, and publishes it"
  package      = "${var.package_dir}/alert-webhook.zip"
  architecture = var.architecture

  memory_mb            = var.send_function.memory_mb
  timeout_s            = var.send_function.timeout_s
  reserved_concurrency = var.send_function.reserved_concurrency
  live_version         = var.send_function.live_version
  kms_key_arn          = var.kms_key_arn
  log_retention_days   = var.log_retention_days
  tracing              = var.tracing
  tags                 = var.tags

  environment = merge(
    {
      TIDEWATCH_WEBHOOK_ROLE      = "send"
      TIDEWATCH_LOCATION          = var.region
      TIDEWATCH_ALERT_QUEUE_URL   = aws_sqs_queue.alerts.url
      TIDEWATCH_RESULTS_QUEUE_URL = var.results_queue.url
      TIDEWATCH_INCIDENTS_TABLE   = aws_dynamodb_table.incidents.name
      TIDEWATCH_TOPICS = jsonencode({
        critical = local.topic_arns["critical"]
        warning  = local.topic_arns["warning"]
        info     = local.topic_arns["info"]
        teams    = { for team in var.teams : team => local.topic_arns["team/${team}"] }
        tenants  = { for tenant in var.tenants : tenant => local.topic_arns["tenant/${tenant}"] }
      })
    },
    var.runbook_base_url == null ? {} : { TIDEWATCH_RUNBOOK_BASE_URL = var.runbook_base_url },
    var.grafana_url == null ? {} : { TIDEWATCH_GRAFANA_URL = var.grafana_url },
  )

  statements = local.send_statements
  key_uses = [
    { key_arn = var.kms_key_arn, service = "sqs", region = var.region },
    { key_arn = var.kms_key_arn, service = "sns", region = var.region },
    { key_arn = var.kms_key_arn, service = "dynamodb", region = var.region },
  ]
}

resource "aws_sns_topic" "this" {
  for_each = local.topics

  region            = var.region
  name              = each.value
  kms_master_key_id = var.kms_key_arn
  signature_version = 2
  tags              = var.tags
}

resource "aws_sns_topic_policy" "this" {
  for_each = aws_sns_topic.this

  region = var.region
  arn    = each.value.arn
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Sid       = "LetTheSenderPublish"
        Effect    = "Allow"
        Principal = { AWS = module.send.role_arn }
        Action    = "sns:Publish"
        Resource  = each.value.arn
      },
      {
        Sid       = "RefuseAnythingButTls"
        Effect    = "Deny"
        Principal = "*" # a refusal is for everybody
        Action    = "sns:Publish"
        Resource  = each.value.arn
        Condition = { Bool = { "aws:SecureTransport" = "false" } }
      },
    ]
  })
}

resource "aws_sns_topic_subscription" "this" {
  for_each = { for subscription in var.subscriptions : "${subscription.topic} ${subscription.protocol} ${subscription.endpoint}" => subscription }

  region               = var.region
  topic_arn            = local.topic_arns[each.value.topic]
  protocol             = each.value.protocol
  endpoint             = each.value.endpoint
  filter_policy        = each.value.filter_policy
  raw_message_delivery = each.value.raw_message_delivery
}

# Alerts on their way to people. What cannot be sent stays for two weeks.
resource "aws_sqs_queue" "alerts" {
  region                            = var.region
  name                              = "${var.name}-alerts"
  visibility_timeout_seconds        = local.send_visibility_s
  message_retention_seconds         = 1209600
  receive_wait_time_seconds         = 20
  kms_master_key_id                 = var.kms_key_arn
  kms_data_key_reuse_period_seconds = 3600
  tags                              = var.tags

  redrive_policy = jsonencode({
    deadLetterTargetArn = aws_sqs_queue.failed_alerts.arn
    maxReceiveCount     = 10 # topics that are away for half an hour lose nothing
  })
}

resource "aws_sqs_queue" "failed_alerts" {
  region                            = var.region
  name                              = "${var.name}-alerts-failed"
  message_retention_seconds         = 1209600
  kms_master_key_id                 = var.kms_key_arn
  kms_data_key_reuse_period_seconds = 3600
  tags                              = var.tags
}

resource "aws_sqs_queue_redrive_allow_policy" "failed_alerts" {
  region    = var.region
  queue_url = aws_sqs_queue.failed_alerts.id
  redrive_allow_policy = jsonencode({
    redrivePermission = "byQueue"
    sourceQueueArns   = [aws_sqs_queue.alerts.arn]
  })
}

resource "aws_sqs_queue_policy" "tls_only" {
  for_each = {
    alerts        = aws_sqs_queue.alerts
    failed_alerts = aws_sqs_queue.failed_alerts
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

resource "aws_lambda_event_source_mapping" "alerts" {
  region           = var.region
  event_source_arn = aws_sqs_queue.alerts.arn
  function_name    = module.send.alias_arn
  tags             = var.tags

  # What comes within ten seconds is looked at together: one outage is one message.
  batch_size                         = 100
  maximum_batching_window_in_seconds = 10
  function_response_types            = ["ReportBatchItemFailures"]

  scaling_config {
    maximum_concurrency = 2 # the least that Lambda takes; incidents are guarded by conditional writes
  }
}

# What people were told of each incident; forgotten by itself.
resource "aws_dynamodb_table" "incidents" {
  region                      = var.region
  name                        = "${var.name}-incidents"
  billing_mode                = "PAY_PER_REQUEST"
  hash_key                    = "incident"
  deletion_protection_enabled = var.deletion_protection
  tags                        = var.tags

  attribute {
    name = "incident"
    type = "S"
  }

  ttl {
    enabled        = true
    attribute_name = "expires"
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

# What senders prove themselves with. Two values at once make a change without a gap.
resource "aws_secretsmanager_secret" "webhook" {
  #checkov:skip=CKV2_AWS_57:the other half is in Grafana's contact point, so both change together: docs/aws/operations.md
  region                  = var.region
  name                    = "${var.name}-webhook"
  description             = "Secrets by which alerts are verified: {\"hmac\":[current, former],\"bearer\":[..],\"basic\":[..]}"
  kms_key_id              = var.kms_key_arn
  recovery_window_in_days = 7
  tags                    = var.tags
}

# Written and never read back: neither the plan nor the state has the value.
resource "aws_secretsmanager_secret_version" "webhook" {
  count = var.webhook_secret_version == null ? 0 : 1

  region                   = var.region
  secret_id                = aws_secretsmanager_secret.webhook.id
  secret_string_wo         = jsonencode(var.webhook_secret)
  secret_string_wo_version = var.webhook_secret_version
}
