output "webhook_url" {
  description = "Address for Grafana's contact point."
  value       = "${aws_apigatewayv2_api.this.api_endpoint}/grafana"
}

output "webhook_secret_arn" {
  description = "Secret by which alerts are verified."
  value       = aws_secretsmanager_secret.webhook.arn
}

output "alert_queue" {
  description = "Queue of alerts on their way to people."
  value = {
    url = module.alerts.queue.url
    arn = module.alerts.queue.arn
  }
}

output "alert_queue_name" {
  description = "Name of that queue."
  value       = module.alerts.queue.name
}

output "topic_arns" {
  description = "Topics by severity, `team/NAME` and `tenant/NAME`."
  value       = local.topic_arns
}

output "topic_names" {
  description = "Names of these topics."
  value       = local.topics
}

output "incidents_table_name" {
  description = "Name of the table of incidents."
  value       = aws_dynamodb_table.incidents.name
}

output "functions" {
  description = "Name, newest version, alias and policy of both functions."
  value = {
    webhook-receive = {
      name      = module.receive.name
      version   = module.receive.version
      alias_arn = module.receive.alias_arn
      policy    = module.receive.policy
    }
    webhook-send = {
      name      = module.send.name
      version   = module.send.version
      alias_arn = module.send.alias_arn
      policy    = module.send.policy
    }
  }
}

output "dead_letter_queue_names" {
  description = "Names of the queues in which something lies when something went wrong."
  value       = { failed_alerts = module.alerts.failed.name }
}
