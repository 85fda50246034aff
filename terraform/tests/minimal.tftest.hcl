# The common case: one region, Timestream, everything at its default.

mock_provider "aws" {
  source          = "./tests/mocks"
  override_during = plan
}

variables {
  store = "timestream"
}

run "defaults" {
  command = plan

  assert {
    condition     = output.home_region == "eu-west-1" && keys(module.monitor) == ["eu-west-1"]
    error_message = "one region, the provider's"
  }
  assert {
    condition     = output.store.database == "CPTMonitoring" && output.store.table == "WebsiteMonitoringData"
    error_message = "database and table have the original's names"
  }
  assert {
    condition     = output.monitors_table == "tidewatch-monitors"
    error_message = "the table has the name that dynamo_entries.json writes to"
  }
  assert {
    condition     = module.store.is_timestream && output.store.endpoint == null && output.bridge == null
    error_message = "Timestream, and no instance beside it"
  }
  assert {
    condition     = length(output.store.table_arns) == 1
    error_message = "one table: attempts leave no rows by default"
  }
  assert {
    condition     = length(aws_servicequotas_service_quota.rules) + length(aws_servicequotas_service_quota.lambda_concurrency) == 0
    error_message = "nothing is asked of AWS unless somebody wants it"
  }
  assert {
    condition     = endswith(output.webhook_url, "/grafana")
    error_message = "the contact point's address has the route of Grafana's webhook"
  }
  assert {
    condition     = length(output.versions) == 5 && alltrue([for version in values(output.versions) : version == "7"])
    error_message = "five functions, each with its newest version"
  }
  assert {
    condition     = contains(output.alarms["eu-west-1"], "tidewatch-no-watchdog-grafana")
    error_message = "where Grafana finds outages, its silence is an alarm"
  }
}

run "attempts" {
  command = plan

  variables {
    attempt_rows = "failures"
  }

  assert {
    condition     = length(output.store.table_arns) == 2 && endswith(output.store.table_arns[1], "/WebsiteMonitoringData_Attempts")
    error_message = "attempts have a table of their own"
  }
}

run "roll_back" {
  command = plan

  variables {
    live_versions = { writer = "3", "monitor/eu-west-1" = "4" }
  }

  assert {
    condition     = output.versions["writer/eu-west-1"] == "7"
    error_message = "the output names what could be rolled forward to, not what runs"
  }
}

run "quotas" {
  command = plan

  variables {
    quota_requests = { lambda_concurrency = 1000, rules = 1000 }
    rule_limit     = 900
  }

  assert {
    condition     = aws_servicequotas_service_quota.rules[0].quota_code == "L-244521F2" && aws_servicequotas_service_quota.lambda_concurrency[0].value == 1000
    error_message = "both quotas are asked for"
  }
}

run "existing_timestream" {
  command = plan

  variables {
    store = "existing"
  }

  assert {
    condition     = module.store.is_timestream && output.store.rejected_bucket == null && length(output.store.table_arns) == 1
    error_message = "tables that exist are written to, and none is made"
  }
}

run "existing_bridge" {
  command = plan

  variables {
    store = "existing"
    existing_store = {
      endpoint           = "https://10.1.2.3:8086"
      keys_secret_arn    = "arn:aws:secretsmanager:eu-west-1:111122223333:secret:keys"
      ca_secret_arn      = "arn:aws:secretsmanager:eu-west-1:111122223333:secret:ca"
      subnet_ids         = ["subnet-1"]
      security_group_ids = ["sg-1"]
    }
  }

  assert {
    condition     = !module.store.is_timestream && output.store.endpoint == "https://10.1.2.3:8086"
    error_message = "a bridge of somebody's own is used as it is"
  }
}

run "writer_alerts" {
  command = plan

  variables {
    alert_source        = "writer"
    evaluation_interval = "2m"
    objective_interval  = "10m"
  }

  assert {
    condition     = !contains(output.alarms["eu-west-1"], "tidewatch-no-watchdog-grafana")
    error_message = "without a Grafana that finds outages nobody waits for its Watchdog"
  }
  assert {
    condition = alltrue(flatten([
      for group in yamldecode(output.grafana_files["provisioning/alerting/rules.yaml"]).groups : [
        for rule in group.rules : rule.isPaused == contains(["tidewatch-down", "tidewatch-degraded-location"], rule.uid)
      ]
    ]))
    error_message = "rules that repeat verdicts rest, all others go on"
  }
  assert {
    condition     = toset([for group in yamldecode(output.grafana_files["provisioning/alerting/rules.yaml"]).groups : group.interval]) == toset(["2m", "10m"])
    error_message = "both intervals are in the rules"
  }
}

run "webhook_secret" {
  command = plan

  variables {
    webhook_secret         = { hmac = ["0123456789abcdef0123456789abcdef"] }
    webhook_secret_version = 3
  }

  assert {
    condition     = output.webhook_secret_arn != null
    error_message = "one secret, whoever writes it"
  }
}

run "rendered_for_grafana" {
  command = plan

  variables {
    grafana_principals  = ["arn:aws:iam::111122223333:role/grafana"]
    grafana_external_id = "tidewatch"
  }

  assert {
    condition     = length([for path in keys(output.grafana_files) : path if startswith(path, "dashboards/")]) == 4
    error_message = "all dashboards are there"
  }
  assert {
    condition     = keys(output.grafana_reader_roles) == ["all"]
    error_message = "one reader of everything"
  }
  assert {
    condition     = !strcontains(output.grafana_files["provisioning/alerting/contact-points.yaml"], "$TIDEWATCH_WEBHOOK_URL") && strcontains(output.grafana_files["provisioning/alerting/contact-points.yaml"], "$TIDEWATCH_WEBHOOK_SECRET")
    error_message = "the address is filled in, the secret stays a variable of Grafana's process"
  }
  assert {
    condition     = yamldecode(output.grafana_files["provisioning/datasources/tidewatch.yaml"]).datasources[0].jsonData.defaultTable == "\"WebsiteMonitoringData\""
    error_message = "the data source keeps names with their quotes"
  }
}
