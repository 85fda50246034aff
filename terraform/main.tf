# Who calls whom: table -> config -> rules -> monitor -> results -> writer -> store, and Grafana ->
# webhook -> topics. docs/aws/README.md has the picture. Regional parts are made once for each region.

data "aws_caller_identity" "current" {}

data "aws_region" "current" {}

data "aws_partition" "current" {}

module "encryption" {
  source   = "./modules/encryption"
  for_each = toset([for region in local.regions : region if !contains(keys(var.kms_key_arns), region)])

  name       = var.name
  region     = each.key
  account_id = local.account_id
  partition  = local.partition
  tags       = local.tags
}

module "config_table" {
  source = "./modules/config-table"

  name                = var.monitors_table
  region              = local.home
  replica_regions     = setsubtract(local.regions, [local.home])
  kms_key_arns        = local.key_arns
  deletion_protection = var.deletion_protection
  tags                = local.tags
}

module "monitor" {
  source   = "./modules/monitor"
  for_each = local.regions

  deployment     = local.deployments[each.key]
  function       = merge(var.functions.monitor, { live_version = local.live["monitor"][each.key] })
  table          = local.monitors_tables[each.key]
  results_queue  = module.writer.results_queue
  rule_prefix    = local.rule_prefix
  database       = var.database
  results_table  = var.table
  tenants_json   = local.tenants_json
  secret_tenants = toset(keys(var.tenants))
  concurrency    = var.probes_at_once
}

module "scheduler" {
  source   = "./modules/scheduler"
  for_each = local.regions

  deployment        = local.deployments[each.key]
  function          = merge(var.functions.config, { live_version = local.live["config"][each.key] })
  table             = local.monitors_tables[each.key]
  stream_arn        = module.config_table.stream_arns[each.key]
  results_queue     = module.writer.results_queue
  monitor_alias_arn = module.monitor[each.key].alias_arn
  rule_prefix       = local.rule_prefix
  rule_layout       = var.rule_layout
  buckets           = var.buckets
  rule_limit        = var.rule_limit
  database          = var.database
  results_table     = var.table
  tenants_json      = local.tenants_json
}

module "store" {
  source = "./modules/store"

  kind        = var.store
  name        = var.name
  region      = local.home
  account_id  = local.account_id
  partition   = local.partition
  kms_key_arn = local.key_arns[local.home]
  databases   = local.databases
  tables      = local.tables
  attempts    = local.attempts
  bridge      = var.bridge
  existing    = var.existing_store
  tags        = local.tags
}

module "writer" {
  source = "./modules/writer"

  deployment          = local.deployments[local.home]
  function            = merge(var.functions.writer, { live_version = local.live["writer"][local.home] })
  store               = module.store.connection
  database            = var.database
  results_table       = var.table
  tenants_json        = local.tenants_json
  attempt_rows        = var.attempt_rows
  alert_source        = var.alert_source
  alert_queue         = module.alerting.alert_queue
  concurrency         = var.writer_concurrency
  deletion_protection = var.deletion_protection
}

module "alerting" {
  source = "./modules/alerting"

  deployment       = local.deployments[local.home]
  receive_function = merge(var.functions.webhook_receive, { live_version = local.live["webhook-receive"][local.home] })
  send_function    = merge(var.functions.webhook_send, { live_version = local.live["webhook-send"][local.home] })
  results_queue = {
    url = module.writer.results_queue.url
    arn = module.writer.results_queue.arn
  }
  teams                  = var.alert_teams
  tenants                = toset([for name, tenant in var.tenants : name if tenant.topic])
  subscriptions          = var.alert_subscriptions
  sns_sources            = var.sns_sources
  webhook_secret         = var.webhook_secret
  webhook_secret_version = var.webhook_secret_version
  runbook_base_url       = var.runbook_base_url
  grafana_url            = var.grafana_url
  deletion_protection    = var.deletion_protection
}

module "grafana" {
  source = "./modules/grafana"

  name               = var.name
  region             = local.home
  source_dir         = local.source_dir
  database           = var.database
  table              = var.table
  endpoint           = module.store.connection.endpoint
  webhook_url        = module.alerting.webhook_url
  state_interval     = var.evaluation_interval
  objective_interval = var.objective_interval
  alert_source       = var.alert_source
  principals         = var.grafana_principals
  external_id        = var.grafana_external_id
  table_arns         = module.store.table_arns
  tenant_table_arns  = local.tenant_table_arns
  tags               = local.tags
}

# An alarm and its topic live where the metric is, so every region has its own.
module "observability" {
  source   = "./modules/observability"
  for_each = local.regions

  name          = var.name
  region        = each.key
  account_id    = local.account_id
  kms_key_arn   = local.key_arns[each.key]
  subscriptions = var.alarm_subscriptions
  tags          = local.tags

  dead_letter_queues = merge(
    module.monitor[each.key].dead_letter_queue_names,
    module.scheduler[each.key].dead_letter_queue_names,
    each.key != local.home ? {} : merge(
      module.writer.dead_letter_queue_names,
      module.alerting.dead_letter_queue_names,
    ),
  )
  queues = merge(
    {
      slots    = { name = module.monitor[each.key].slots_queue_name, max_age_s = 120 }
      given-up = { name = module.scheduler[each.key].given_up_queue_name, max_age_s = 3600 }
    },
    each.key != local.home ? {} : {
      results = { name = module.writer.results_queue_name, max_age_s = 120 }
      alerts  = { name = module.alerting.alert_queue_name, max_age_s = 300 }
    },
  )
  functions = merge(
    {
      monitor = module.monitor[each.key].function_name
      config  = module.scheduler[each.key].function_name
    },
    each.key != local.home ? {} : merge(
      { writer = module.writer.function_name },
      { for key, function in module.alerting.functions : key => function.name },
    ),
  )
  stream_functions = { config = module.scheduler[each.key].function_name }
  asynchronous_functions = merge(
    {
      monitor = module.monitor[each.key].function_name
      config  = module.scheduler[each.key].function_name
    },
    each.key != local.home ? {} : { writer = module.writer.function_name },
  )
  writers    = each.key != local.home ? {} : { writer = { name = module.writer.function_name, location = local.home } }
  heartbeats = each.key != local.home || !local.expect_watchdog ? {} : { grafana = { name = module.alerting.functions["webhook-send"].name, location = local.home } }
  topics     = each.key != local.home ? {} : module.alerting.topic_names
  instances  = each.key != local.home || var.store != "bridge" ? {} : { bridge = module.store.bridge.instance_id }
}

resource "aws_servicequotas_service_quota" "lambda_concurrency" {
  count = var.quota_requests.lambda_concurrency == null ? 0 : 1

  service_code = "lambda"
  quota_code   = "L-B99A9384" # concurrent executions
  value        = var.quota_requests.lambda_concurrency
}

resource "aws_servicequotas_service_quota" "rules" {
  count = var.quota_requests.rules == null ? 0 : 1

  service_code = "events"
  quota_code   = "L-244521F2" # rules of the default bus
  value        = var.quota_requests.rules
}
