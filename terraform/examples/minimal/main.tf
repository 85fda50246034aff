# Everything at its default, on Timestream: one region, one e-mail address for outages and for
# Tidewatch's own alarms.

provider "aws" {
  region = "eu-west-1"
}

variable "email" {
  description = "Who is told."
  type        = string
  nullable    = false
}

module "tidewatch" {
  source = "../.."

  store = "timestream"

  alert_subscriptions = [
    { topic = "critical", protocol = "email", endpoint = var.email },
    { topic = "warning", protocol = "email", endpoint = var.email },
  ]
  alarm_subscriptions = [{ protocol = "email", endpoint = var.email }]
}

output "webhook_url" {
  description = "Address for Grafana's contact point."
  value       = module.tidewatch.webhook_url
}
