# Three locations, three tenants of each isolation, teams, a bridge as the store, alerts without
# queries, a Grafana in another network.

provider "aws" {
  region = "eu-west-1"
}

variable "webhook_secret" {
  description = "What Grafana proves itself with, at least 32 characters: TF_VAR_webhook_secret=$(openssl rand -hex 32)."
  type        = string
  nullable    = false
  ephemeral   = true
}

module "tidewatch" {
  source = "../.."

  name    = "tidewatch-prod"
  regions = ["us-east-1", "ap-southeast-2"]

  store = "bridge"
  bridge = {
    volume_gb    = 100
    client_cidrs = ["10.20.0.0/16"] # where Grafana is, by peering
  }

  tenants = {
    acme  = { isolation = "database", topic = true, addresses = ["10.20.0.0/16"] }
    bolt  = { isolation = "table", magnetic_days = 30 }
    comet = { isolation = "shared" }
  }

  rule_layout    = "buckets"
  buckets        = 32
  rule_limit     = 500
  quota_requests = { rules = 500, lambda_concurrency = 1000 }

  functions = {
    monitor = { memory_mb = 1024, reserved_concurrency = 200 }
  }

  alert_source        = "writer"
  evaluation_interval = "2m"
  alert_teams         = ["payments", "search"]
  alert_subscriptions = [
    { topic = "critical", protocol = "https", endpoint = "https://events.pager.example/sns" },
    { topic = "team/payments", protocol = "email", endpoint = "payments@example.com" },
    {
      topic         = "warning"
      protocol      = "email"
      endpoint      = "operations@example.com"
      filter_policy = jsonencode({ tenant = ["acme", "bolt"] })
    },
  ]
  alarm_subscriptions = [{ protocol = "sms", endpoint = "+41790000000" }]

  webhook_secret         = { hmac = [var.webhook_secret] }
  webhook_secret_version = 1

  runbook_base_url = "https://wiki.example.com/tidewatch"
  grafana_url      = "https://grafana.example.com"

  tags = { owner = "operations" }
}

output "tidewatch" {
  description = "What people need afterwards."
  value = {
    webhook_url = module.tidewatch.webhook_url
    bridge      = module.tidewatch.bridge
    queues      = module.tidewatch.queues
    versions    = module.tidewatch.versions
  }
}
