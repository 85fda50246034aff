output "connection" {
  description = "How the writer reaches the store: endpoint and secrets (`null` for Timestream), network (empty for none), and the statements of its policy."
  value = {
    endpoint           = var.kind == "bridge" ? one(module.bridge[*].endpoint) : var.kind == "existing" ? var.existing.endpoint : null
    keys_secret_arn    = var.kind == "bridge" ? one(module.bridge[*].writer_keys_secret_arn) : var.kind == "existing" ? var.existing.keys_secret_arn : null
    ca_secret_arn      = var.kind == "bridge" ? one(module.bridge[*].ca_secret_arn) : var.kind == "existing" ? var.existing.ca_secret_arn : null
    subnet_ids         = var.kind == "bridge" ? module.bridge[0].caller_subnet_ids : var.kind == "existing" ? var.existing.subnet_ids : []
    security_group_ids = var.kind == "bridge" ? module.bridge[0].caller_security_group_ids : var.kind == "existing" ? var.existing.security_group_ids : []
    write_statements   = local.write_statements
  }
}

output "is_timestream" {
  description = "Whether the store is Timestream itself."
  value       = local.is_timestream
}

output "table_arns" {
  description = "ARNs of all tables, in Timestream's form."
  value       = local.table_arns
}

output "rejected_bucket" {
  description = "Bucket with reports on rows that Timestream's magnetic store refused; `null` without Timestream."
  value       = one(module.timestream[*].rejected_bucket)
}

output "bridge" {
  description = "What people need of the bridge: endpoint, instance, volume, secrets; `null` without one."
  value       = one(module.bridge[*].summary)
}
