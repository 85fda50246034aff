mock_provider "aws" {
  source          = "../../tests/mocks"
  override_during = plan
}

variables {
  name        = "tidewatch"
  region      = "eu-west-1"
  account_id  = "111122223333"
  kms_key_arn = "arn:aws:kms:eu-west-1:111122223333:key/1"

  subscriptions          = [{ protocol = "email", endpoint = "ops@example.com" }]
  dead_letter_queues     = { rejected = "tidewatch-rejected" }
  queues                 = { results = { name = "tidewatch-results", max_age_s = 120 } }
  functions              = { writer = "tidewatch-writer" }
  stream_functions       = { config = "tidewatch-config" }
  asynchronous_functions = { monitor = "tidewatch-monitor" }
  writers                = { writer = { name = "tidewatch-writer", location = "eu-west-1" } }
  heartbeats             = { grafana = { name = "tidewatch-webhook-send", location = "eu-west-1" } }
  topics                 = { "team/payments" = "tidewatch-team-payments" }
  instances              = { bridge = "i-0123456789abcdef0" }
}

run "alarms" {
  command = plan

  assert {
    condition = output.alarm_names == tolist([
      "tidewatch-dead-letters-rejected",
      "tidewatch-dropped-calls-monitor",
      "tidewatch-errors-writer",
      "tidewatch-failed-invocations",
      "tidewatch-instance-bridge",
      "tidewatch-iterator-age-config",
      "tidewatch-no-rows-writer",
      "tidewatch-no-watchdog-grafana",
      "tidewatch-not-delivered-team-payments",
      "tidewatch-oldest-message-results",
      "tidewatch-rejected-writer",
      "tidewatch-throttles-writer",
    ])
    error_message = "one alarm for each thing that can go wrong"
  }
  assert {
    condition     = alltrue([for alarm in aws_cloudwatch_metric_alarm.required : alarm.treat_missing_data == "breaching" && alarm.comparison_operator == "LessThanThreshold"])
    error_message = "silence is an alarm"
  }
  assert {
    condition     = alltrue([for alarm in aws_cloudwatch_metric_alarm.limit : alarm.treat_missing_data == "notBreaching"])
    error_message = "nothing to count is no alarm"
  }
  assert {
    condition     = module.topic.name == "tidewatch-alarms" && length(aws_sns_topic_subscription.this) == 1
    error_message = "a topic of their own"
  }
}
