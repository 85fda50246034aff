# Who watches the watcher: alarms of CloudWatch on a topic of its own. Neither Grafana nor the webhook
# nor the store is needed for any of them.

locals {
  # One description for each kind: what is known, and where to read on.
  runbook = "docs/aws/operations.md of Tidewatch"

  dead_letters = {
    for key, name in var.dead_letter_queues : "dead-letters-${key}" => {
      description = "Something could not be handled and lies in the queue ${name}. See \"Dead letters\" in ${local.runbook}."
      namespace   = "AWS/SQS"
      metric      = "ApproximateNumberOfMessagesVisible"
      dimensions  = { QueueName = name }
      statistic   = "Maximum"
      period      = 60
      periods     = 1
      above       = 0
    }
  }

  waiting = {
    for key, queue in var.queues : "oldest-message-${key}" => {
      description = "Messages of the queue ${queue.name} wait for more than ${queue.max_age_s} s. See \"Late results\" in ${local.runbook}."
      namespace   = "AWS/SQS"
      metric      = "ApproximateAgeOfOldestMessage"
      dimensions  = { QueueName = queue.name }
      statistic   = "Maximum"
      period      = 60
      periods     = 3
      above       = queue.max_age_s
    }
  }

  errors = {
    for key, name in var.functions : "errors-${key}" => {
      description = "The function ${name} fails. See \"Functions that fail\" in ${local.runbook}."
      namespace   = "AWS/Lambda"
      metric      = "Errors"
      dimensions  = { FunctionName = name }
      statistic   = "Sum"
      period      = 300
      periods     = 1
      above       = 0
    }
  }

  throttles = {
    for key, name in var.functions : "throttles-${key}" => {
      description = "The function ${name} is not started because the account or its own limit has no room. See \"Throttles\" in ${local.runbook}."
      namespace   = "AWS/Lambda"
      metric      = "Throttles"
      dimensions  = { FunctionName = name }
      statistic   = "Sum"
      period      = 300
      periods     = 1
      above       = 0
    }
  }

  streams = {
    for key, name in var.stream_functions : "iterator-age-${key}" => {
      description = "Changes of monitor entries wait for more than ten minutes to become rules. See \"Changes without effect\" in ${local.runbook}."
      namespace   = "AWS/Lambda"
      metric      = "IteratorAge"
      dimensions  = { FunctionName = name }
      statistic   = "Maximum"
      period      = 60
      periods     = 3
      above       = 600000
    }
  }

  lost_calls = {
    for key, name in var.asynchronous_functions : "dropped-calls-${key}" => {
      description = "Calls of ${name} were given up and could not even be put aside. See \"Dead letters\" in ${local.runbook}."
      namespace   = "AWS/Lambda"
      metric      = "DestinationDeliveryFailures"
      dimensions  = { FunctionName = name }
      statistic   = "Sum"
      period      = 300
      periods     = 1
      above       = 0
    }
  }

  topics = {
    for key, name in var.topics : "not-delivered-${replace(key, "/", "-")}" => {
      description = "SNS could not deliver a message of the topic ${name}: somebody was not told. See \"Messages that do not arrive\" in ${local.runbook}."
      namespace   = "AWS/SNS"
      metric      = "NumberOfNotificationsFailed"
      dimensions  = { TopicName = name }
      statistic   = "Sum"
      period      = 300
      periods     = 1
      above       = 0
    }
  }

  rejected = {
    for key, function in var.writers : "rejected-${key}" => {
      description = "The store refused rows; each lies with its reason in the queue of rejected records. See \"Rejected records\" in ${local.runbook}."
      namespace   = "Tidewatch"
      metric      = "rows_rejected"
      dimensions  = { function = function.name, location = function.location }
      statistic   = "Sum"
      period      = 300
      periods     = 1
      above       = 0
    }
  }

  instances = {
    for key, id in var.instances : "instance-${key}" => {
      description = "The instance ${id} of the bridge does not answer its checks. See \"The bridge is away\" in ${local.runbook}."
      namespace   = "AWS/EC2"
      metric      = "StatusCheckFailed"
      dimensions  = { InstanceId = id }
      statistic   = "Maximum"
      period      = 60
      periods     = 3
      above       = 0
    }
  }

  # What must be there: its absence is the alarm.
  required = merge(
    {
      for key, function in var.writers : "no-rows-${key}" => {
        description = "No rows were written for ten minutes: nothing is known of any monitor. See \"No rows\" in ${local.runbook}."
        dimensions  = { function = function.name, location = function.location }
        metric      = "rows_written"
        periods     = 2
      }
    },
    {
      for key, function in var.heartbeats : "no-watchdog-${key}" => {
        description = "Grafana's Watchdog has been silent for fifteen minutes: alerts do not arrive. See \"The Watchdog is silent\" in ${local.runbook}."
        dimensions  = { function = function.name, location = function.location }
        metric      = "heartbeats"
        periods     = 3
      }
    },
  )

  limits = merge(
    local.dead_letters, local.waiting, local.errors, local.throttles, local.streams,
    local.lost_calls, local.topics, local.rejected, local.instances,
  )
}

module "topic" {
  source = "../topic"

  name         = "${var.name}-alarms"
  display_name = "Tidewatch watches itself"
  region       = var.region
  kms_key_arn  = var.kms_key_arn
  tags         = var.tags
  publisher = {
    Sid       = "LetTheAlarmsOfThisAccountPublish"
    Principal = { Service = "cloudwatch.amazonaws.com" }
    Condition = { StringEquals = { "aws:SourceAccount" = var.account_id } }
  }
}

resource "aws_sns_topic_subscription" "this" {
  for_each = { for subscription in var.subscriptions : "${subscription.protocol} ${subscription.endpoint}" => subscription }

  region    = var.region
  topic_arn = module.topic.arn
  protocol  = each.value.protocol
  endpoint  = each.value.endpoint
}

resource "aws_cloudwatch_metric_alarm" "limit" {
  for_each = local.limits

  region              = var.region
  alarm_name          = "${var.name}-${each.key}"
  alarm_description   = each.value.description
  namespace           = each.value.namespace
  metric_name         = each.value.metric
  dimensions          = each.value.dimensions
  statistic           = each.value.statistic
  period              = each.value.period
  evaluation_periods  = each.value.periods
  comparison_operator = "GreaterThanThreshold"
  threshold           = each.value.above
  treat_missing_data  = "notBreaching" # these metrics say nothing when there is nothing
  alarm_actions       = [module.topic.arn]
  ok_actions          = [module.topic.arn]
  tags                = var.tags
}

resource "aws_cloudwatch_metric_alarm" "required" {
  for_each = local.required

  region              = var.region
  alarm_name          = "${var.name}-${each.key}"
  alarm_description   = each.value.description
  namespace           = "Tidewatch"
  metric_name         = each.value.metric
  dimensions          = each.value.dimensions
  statistic           = "Sum"
  period              = 300
  evaluation_periods  = each.value.periods
  comparison_operator = "LessThanThreshold"
  threshold           = 1
  treat_missing_data  = "breaching"
  alarm_actions       = [module.topic.arn]
  ok_actions          = [module.topic.arn]
  tags                = var.tags
}

# Rules that could not call their function. CloudWatch has this metric for each rule only, and the
# rules come and go, so the alarm asks for the sum over all rules of the region, ours or not. The
# metric exists only while something fails, so the query, billed by metric, costs next to nothing.
resource "aws_cloudwatch_metric_alarm" "failed_invocations" {
  region              = var.region
  alarm_name          = "${var.name}-failed-invocations"
  alarm_description   = "Schedule rules cannot call their function: probes are missing. See \"Rules that call nobody\" in ${local.runbook}."
  evaluation_periods  = 1
  comparison_operator = "GreaterThanThreshold"
  threshold           = 0
  treat_missing_data  = "notBreaching"
  alarm_actions       = [module.topic.arn]
  ok_actions          = [module.topic.arn]
  tags                = var.tags

  metric_query {
    id          = "failed"
    expression  = "SELECT SUM(FailedInvocations) FROM SCHEMA(\"AWS/Events\", RuleName)"
    label       = "Failed invocations of all rules"
    period      = 300
    return_data = true
  }
}
