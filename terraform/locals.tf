locals {
  account_id = data.aws_caller_identity.current.account_id
  partition  = data.aws_partition.current.partition
  home       = data.aws_region.current.region
  regions    = setunion([local.home], var.regions)

  tags = merge({ product = "tidewatch", installation = var.name }, var.tags)

  key_arns = merge(
    { for region, key in module.encryption : region => key.key_arn },
    var.kms_key_arns,
  )

  source_dir   = abspath("${path.module}/..")
  packages     = { arm64 = "${local.source_dir}/target/lambda/arm64", x86_64 = "${local.source_dir}/target/lambda" }
  architecture = coalesce(var.architecture, fileexists("${local.packages["arm64"]}/config.zip") ? "arm64" : "x86_64")
  package_dir  = coalesce(var.package_dir, local.packages[local.architecture])

  # What the parts of each region have in common.
  deployments = {
    for region in local.regions : region => {
      name               = var.name
      region             = region
      account_id         = local.account_id
      partition          = local.partition
      kms_key_arn        = local.key_arns[region]
      package_dir        = local.package_dir
      architecture       = local.architecture
      log_retention_days = var.log_retention_days
      tracing            = var.tracing
      tags               = local.tags
    }
  }

  # Not the bare name: rules are found by prefix, and those of an installation `tidewatch` must not
  # look like those of another called `tidewatch-dev`.
  rule_prefix = "${var.name}-rule"

  monitors_tables = {
    for region in local.regions : region => {
      name       = module.config_table.name
      arn        = module.config_table.arns[region]
      index_name = module.config_table.index_name
    }
  }

  # A version for one region goes before one for all; none is the newest.
  live = {
    for function in ["config", "monitor", "writer", "webhook-receive", "webhook-send"] : function => {
      for region in local.regions : region => try(
        var.live_versions["${function}/${region}"], var.live_versions[function], null
      )
    }
  }

  expect_watchdog = coalesce(var.expect_watchdog, var.alert_source == "grafana")
}
