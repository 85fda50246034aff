# Where rows go, behind one shape: Timestream, a bridge on an instance, or something that exists.

module "timestream" {
  source = "./timestream"
  count  = var.kind == "timestream" ? 1 : 0

  name        = var.name
  region      = var.region
  account_id  = var.account_id
  partition   = var.partition
  kms_key_arn = var.kms_key_arn
  databases   = var.databases
  tables      = local.tables
  tags        = var.tags
}

module "bridge" {
  source = "./bridge"
  count  = var.kind == "bridge" ? 1 : 0

  name        = var.name
  region      = var.region
  account_id  = var.account_id
  partition   = var.partition
  kms_key_arn = var.kms_key_arn
  databases   = var.databases
  tables      = local.tables
  settings    = var.bridge
  database    = var.tables["shared"].database
  table       = var.tables["shared"].table
  tags        = var.tags
}

locals {
  # All tables, `database/table`, those for single attempts included: one row for each attempt is a lot,
  # so that they are kept for a shorter time.
  tables = merge(
    { for table in values(var.tables) : "${table.database}/${table.table}" => table },
    var.attempts == null ? {} : {
      for table in values(var.tables) : "${table.database}/${table.table}${var.attempts.suffix}" => merge(table, {
        table         = "${table.table}${var.attempts.suffix}"
        magnetic_days = var.attempts.magnetic_days
      })
    },
  )

  is_timestream = var.kind == "timestream" || (var.kind == "existing" && var.existing.endpoint == null)

  table_arns = sort([
    for table in values(local.tables) :
    "arn:${var.partition}:timestream:${var.region}:${var.account_id}:database/${table.database}/table/${table.table}"
  ])

  write_statements = local.is_timestream ? [
    {
      Sid      = "WriteRows"
      Effect   = "Allow"
      Action   = ["timestream:WriteRecords"]
      Resource = local.table_arns
    },
    {
      Sid      = "ReadRowsForTheHourlyRollup"
      Effect   = "Allow"
      Action   = ["timestream:Select"]
      Resource = local.table_arns
    },
    {
      Sid      = "FindTheEndpointOfTimestream"
      Effect   = "Allow"
      Action   = ["timestream:DescribeEndpoints"]
      Resource = ["*"] # the call has no resource level
    },
  ] : []
}
