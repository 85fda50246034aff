# From an alert to a person: an HTTP API takes Grafana's webhook, one function verifies it and puts it
# on a queue, another gathers what belongs together and publishes to topics.

locals {
  topics = merge(
    { for severity in ["critical", "warning", "info"] : severity => "${var.deployment.name}-${severity}" },
    { for team in var.teams : "team/${team}" => "${var.deployment.name}-team-${team}" },
    { for tenant in var.tenants : "tenant/${tenant}" => "${var.deployment.name}-tenant-${tenant}" },
  )

  topic_arns = { for key, topic in module.topic : key => topic.arn }
}

module "receive" {
  source = "../function"

  deployment = var.deployment
  part       = "webhook-receive"
  package    = "alert-webhook.zip"
  size       = var.receive_function
  # The function reads its secret when it starts, so a new secret has to be a new version.
  description = "Verifies alerts and keeps them in the queue${var.webhook_secret_version == null ? "" : " (secret ${var.webhook_secret_version})"}"

  environment = merge(
    {
      TIDEWATCH_WEBHOOK_ROLE             = "receive"
      TIDEWATCH_LOCATION                 = var.deployment.region
      TIDEWATCH_ALERT_QUEUE_URL          = module.alerts.queue.url
      TIDEWATCH_WEBHOOK_SECRET           = aws_secretsmanager_secret.webhook.arn
      TIDEWATCH_WEBHOOK_TIMESTAMP_HEADER = "X-Grafana-Alerting-Timestamp"
    },
    length(var.sns_sources) == 0 ? {} : { TIDEWATCH_SNS_SOURCES = jsonencode(sort(tolist(var.sns_sources))) },
  )

  statements = local.receive_statements
  key_uses = [
    { key_arn = var.deployment.kms_key_arn, service = "sqs", region = var.deployment.region },
    { key_arn = var.deployment.kms_key_arn, service = "secretsmanager", region = var.deployment.region },
  ]
}

module "send" {
  source = "../function"

  deployment  = var.deployment
  part        = "webhook-send"
  package     = "alert-webhook.zip"
  size        = var.send_function
  description = "Makes one message of what belongs to one incident, and publishes it"

  environment = merge(
    {
      TIDEWATCH_WEBHOOK_ROLE      = "send"
      TIDEWATCH_LOCATION          = var.deployment.region
      TIDEWATCH_ALERT_QUEUE_URL   = module.alerts.queue.url
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
    { key_arn = var.deployment.kms_key_arn, service = "sqs", region = var.deployment.region },
    { key_arn = var.deployment.kms_key_arn, service = "sns", region = var.deployment.region },
    { key_arn = var.deployment.kms_key_arn, service = "dynamodb", region = var.deployment.region },
  ]
}

module "topic" {
  source   = "../topic"
  for_each = local.topics

  name        = each.value
  region      = var.deployment.region
  kms_key_arn = var.deployment.kms_key_arn
  tags        = var.deployment.tags
  publisher   = { Sid = "LetTheSenderPublish", Principal = { AWS = module.send.role_arn } }
}

resource "aws_sns_topic_subscription" "this" {
  for_each = { for subscription in var.subscriptions : "${subscription.topic} ${subscription.protocol} ${subscription.endpoint}" => subscription }

  region               = var.deployment.region
  topic_arn            = local.topic_arns[each.value.topic]
  protocol             = each.value.protocol
  endpoint             = each.value.endpoint
  filter_policy        = each.value.filter_policy
  raw_message_delivery = each.value.raw_message_delivery
}

# Alerts on their way to people. What cannot be sent stays for two weeks.
module "alerts" {
  source = "../queue"

  name         = "${var.deployment.name}-alerts"
  region       = var.deployment.region
  kms_key_arn  = var.deployment.kms_key_arn
  tags         = var.deployment.tags
  visibility_s = 6 * var.send_function.timeout_s
  failed       = { name = "${var.deployment.name}-alerts-failed", after = 10 } # topics that are away for half an hour lose nothing
}

resource "aws_lambda_event_source_mapping" "alerts" {
  region           = var.deployment.region
  event_source_arn = module.alerts.queue.arn
  function_name    = module.send.alias_arn
  tags             = var.deployment.tags

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
  region                      = var.deployment.region
  name                        = "${var.deployment.name}-incidents"
  billing_mode                = "PAY_PER_REQUEST"
  hash_key                    = "incident"
  deletion_protection_enabled = var.deletion_protection
  tags                        = var.deployment.tags

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
    kms_key_arn = var.deployment.kms_key_arn
  }
}

# What senders prove themselves with. Two values at once make a change without a gap.
resource "aws_secretsmanager_secret" "webhook" {
  #checkov:skip=CKV2_AWS_57:the other half is in Grafana's contact point, so both change together: docs/aws/operations.md
  region                  = var.deployment.region
  name                    = "${var.deployment.name}-webhook"
  description             = "Secrets by which alerts are verified: {\"hmac\":[current, former],\"bearer\":[..],\"basic\":[..]}"
  kms_key_id              = var.deployment.kms_key_arn
  recovery_window_in_days = 7
  tags                    = var.deployment.tags
}

# Written and never read back: neither the plan nor the state has the value.
resource "aws_secretsmanager_secret_version" "webhook" {
  count = var.webhook_secret_version == null ? 0 : 1

  region                   = var.deployment.region
  secret_id                = aws_secretsmanager_secret.webhook.id
  secret_string_wo         = jsonencode(var.webhook_secret)
  secret_string_wo_version = var.webhook_secret_version
}
