output "home_region" {
  description = "Region of store, writer and webhook."
  value       = local.home
}

output "monitors_table" {
  description = "Table of monitor entries: `aws dynamodb batch-write-item`, `tidewatch monitors push`."
  value       = module.config_table.name
}

output "store" {
  description = "Where rows are: kind, endpoint (`null` for Timestream), database, table, all tables, and the bucket of rejected rows."
  value = {
    kind            = var.store
    endpoint        = module.store.connection.endpoint
    database        = var.database
    table           = var.table
    table_arns      = module.store.table_arns
    rejected_bucket = module.store.rejected_bucket
  }
}

output "bridge" {
  description = "The bridge: endpoint, instance, volume, network, secrets of its keys and authority; `null` with another store."
  value       = module.store.bridge
}

output "tenants" {
  description = "Database and table of each tenant."
  value       = local.tenant_stores
}

output "functions" {
  description = "ARNs of the aliases by function and region, for calls by hand."
  value = merge(
    { for region, function in module.scheduler : "config/${region}" => function.alias_arn },
    { for region, function in module.monitor : "monitor/${region}" => function.alias_arn },
    { "writer/${local.home}" = module.writer.alias_arn },
    { for key, function in module.alerting.functions : "${key}/${local.home}" => function.alias_arn },
  )
}

output "versions" {
  description = "Newest published version of each function and region. Write them down before an upgrade: live_versions takes them for a roll-back."
  value = merge(
    { for region, function in module.scheduler : "config/${region}" => function.version },
    { for region, function in module.monitor : "monitor/${region}" => function.version },
    { "writer/${local.home}" = module.writer.version },
    { for key, function in module.alerting.functions : "${key}/${local.home}" => function.version },
  )
}

output "policies" {
  description = "Policy of each function's role as JSON, for reviews."
  value = merge(
    { for region, function in module.scheduler : "config/${region}" => function.policy },
    { for region, function in module.monitor : "monitor/${region}" => function.policy },
    { "writer/${local.home}" = module.writer.policy },
    { for key, function in module.alerting.functions : "${key}/${local.home}" => function.policy },
  )
}

output "queues" {
  description = "URLs of the queues that people look into: results, rejected records, alerts, slots by region."
  value = merge(
    {
      results  = module.writer.results_queue.url
      rejected = module.writer.rejected_queue_url
      alerts   = module.alerting.alert_queue.url
    },
    { for region, monitor in module.monitor : "slots/${region}" => monitor.slots_queue_url },
  )
}

output "dead_letter_queues" {
  description = "Names of the queues of what went wrong, by region."
  value = {
    for region in local.regions : region => merge(
      module.monitor[region].dead_letter_queue_names,
      module.scheduler[region].dead_letter_queue_names,
      region != local.home ? {} : merge(module.writer.dead_letter_queue_names, module.alerting.dead_letter_queue_names),
    )
  }
}

output "webhook_url" {
  description = "Address for Grafana's contact point."
  value       = module.alerting.webhook_url
}

output "webhook_secret_arn" {
  description = "Secret by which the webhook verifies alerts."
  value       = module.alerting.webhook_secret_arn
}

output "alert_topics" {
  description = "Topics that tell people, by severity, `team/NAME` and `tenant/NAME`."
  value       = module.alerting.topic_arns
}

output "alarm_topics" {
  description = "Topics of the alarms about Tidewatch itself, by region."
  value       = { for region, alarms in module.observability : region => alarms.topic_arn }
}

output "alarms" {
  description = "Names of the alarms, by region."
  value       = { for region, alarms in module.observability : region => alarms.alarm_names }
}

output "grafana_files" {
  description = "Provisioning files and dashboards for an existing Grafana by path: docs/aws/getting-started.md writes them to a folder."
  value       = module.grafana.files
}

output "grafana_reader_roles" {
  description = "Roles that Grafana takes to read: `all`, and one for each tenant with rows of its own."
  value       = module.grafana.reader_role_arns
}

output "kms_keys" {
  description = "Keys in use, by region."
  value       = local.key_arns
}
