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
  tables      = var.tables
  attempts    = var.attempts
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
  tables      = var.tables
  attempts    = var.attempts
  settings    = var.bridge
  tags        = var.tags
}

locals {
  is_timestream = var.kind == "timestream" || (var.kind == "existing" && var.existing.endpoint == null)

  table_arns = sort(distinct(flatten([
    for table in values(var.tables) : [
      for suffix in compact(["-", var.attempts == null ? "" : "-${var.attempts.suffix}"]) :
      "arn:${var.partition}:timestream:${var.region}:${var.account_id}:database/${table.database}/table/${table.table}${trimprefix(suffix, "-")}"
    ]
  ])))

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
