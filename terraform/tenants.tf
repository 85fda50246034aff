# From the map of tenants to databases, tables and what the functions know of them.

locals {
  # Where the rows of each tenant go.
  tenant_stores = {
    for name, tenant in var.tenants : name => {
      database = tenant.isolation == "database" ? "${var.database}_${name}" : var.database
      table    = tenant.isolation == "table" ? "${var.table}_${name}" : var.table
    }
  }

  tables = merge(
    {
      shared = {
        database      = var.database
        table         = var.table
        memory_hours  = var.retention.memory_hours
        magnetic_days = var.retention.magnetic_days
      }
    },
    {
      for name, tenant in var.tenants : "tenant/${name}" => {
        database      = local.tenant_stores[name].database
        table         = local.tenant_stores[name].table
        memory_hours  = coalesce(tenant.memory_hours, var.retention.memory_hours)
        magnetic_days = coalesce(tenant.magnetic_days, var.retention.magnetic_days)
      } if tenant.isolation != "shared"
    },
  )

  databases = merge(
    { (var.database) = { own_key = false } },
    { for name, tenant in var.tenants : local.tenant_stores[name].database => { own_key = true } if tenant.isolation == "database" },
  )

  attempts = var.attempt_rows == "off" ? null : { suffix = "_Attempts", magnetic_days = var.retention.attempt_days }

  tenant_table_arns = {
    for name, tenant in var.tenants : name => [
      for suffix in local.attempts == null ? [""] : ["", local.attempts.suffix] :
      "arn:${local.partition}:timestream:${local.home}:${local.account_id}:database/${local.tenant_stores[name].database}/table/${local.tenant_stores[name].table}${suffix}"
    ] if tenant.isolation != "shared"
  }

  # Only what differs from the defaults: a function's environment is small.
  tenants_json = jsonencode({
    for name, tenant in var.tenants : name => merge(
      tenant.isolation == "database" ? { database = local.tenant_stores[name].database } : {},
      tenant.isolation == "table" ? { table = local.tenant_stores[name].table } : {},
      tenant.addresses == tolist(["any"]) ? { addresses = "any" } : {},
      contains(["public", "any"], join(",", tenant.addresses)) ? {} : { addresses = tenant.addresses },
    )
  })
}
