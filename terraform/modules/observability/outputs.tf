output "topic_arn" {
  description = "Topic of the alarms."
  value       = module.topic.arn
}

output "alarm_names" {
  description = "Names of all alarms."
  value = sort(concat(
    [for alarm in aws_cloudwatch_metric_alarm.limit : alarm.alarm_name],
    [for alarm in aws_cloudwatch_metric_alarm.required : alarm.alarm_name],
    [aws_cloudwatch_metric_alarm.failed_invocations.alarm_name],
  ))
}
