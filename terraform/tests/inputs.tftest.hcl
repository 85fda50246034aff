# Wrong inputs are refused before anything is planned, each by the variable that has to change.

mock_provider "aws" {
  source          = "./tests/mocks"
  override_during = plan
}

variables {
  store = "timestream"
}

run "name_too_long" {
  command = plan

  variables {
    name = "a-name-that-is-far-too-long"
  }

  expect_failures = [var.name]
}

run "name_like_a_rule" {
  command = plan

  variables {
    name = "tidewatch-rule"
  }

  expect_failures = [var.name]
}

run "unknown_store" {
  command = plan

  variables {
    store = "postgres"
  }

  expect_failures = [var.store]
}

run "region_of_nowhere" {
  command = plan

  variables {
    regions = ["Ireland"]
  }

  expect_failures = [var.regions]
}

run "unknown_isolation" {
  command = plan

  variables {
    tenants = { acme = { isolation = "cluster" } }
  }

  expect_failures = [var.tenants]
}

run "retention_of_a_share" {
  command = plan

  variables {
    tenants = { acme = { magnetic_days = 30 } }
  }

  expect_failures = [var.tenants]
}

run "tenant_with_a_slash" {
  command = plan

  variables {
    tenants = { "acme/prod" = {} }
  }

  expect_failures = [var.tenants]
}

run "addresses_that_are_none" {
  command = plan

  variables {
    tenants = { acme = { addresses = ["intranet"] } }
  }

  expect_failures = [var.tenants]
}

run "unknown_architecture" {
  command = plan

  variables {
    architecture = "riscv64"
  }

  expect_failures = [var.architecture]
}

run "packages_without_architecture" {
  command = plan

  variables {
    package_dir = "dist"
  }

  expect_failures = [var.architecture]
}

run "writer_throttled_by_itself" {
  command = plan

  variables {
    functions = { writer = { reserved_concurrency = 2 } }
  }

  expect_failures = [var.writer_concurrency]
}

run "unknown_tracing" {
  command = plan

  variables {
    tracing = "On"
  }

  expect_failures = [var.tracing]
}

run "monitor_too_short" {
  command = plan

  variables {
    functions = { monitor = { timeout_s = 10 } }
  }

  expect_failures = [var.functions]
}

run "webhook_longer_than_its_api" {
  command = plan

  variables {
    functions = { webhook_receive = { timeout_s = 60 } }
  }

  expect_failures = [var.functions]
}

run "version_that_is_none" {
  command = plan

  variables {
    live_versions = { writer = "latest" }
  }

  expect_failures = [var.live_versions]
}

run "function_that_is_none" {
  command = plan

  variables {
    live_versions = { reader = "3" }
  }

  expect_failures = [var.live_versions]
}

run "unknown_layout" {
  command = plan

  variables {
    rule_layout = "lambda"
  }

  expect_failures = [var.rule_layout]
}

run "buckets_not_a_power_of_two" {
  command = plan

  variables {
    buckets = 100
  }

  expect_failures = [var.buckets]
}

run "more_rules_than_asked_for" {
  command = plan

  variables {
    rule_limit     = 600
    quota_requests = { rules = 500 }
  }

  expect_failures = [var.rule_limit]
}

run "days_that_cloudwatch_lacks" {
  command = plan

  variables {
    log_retention_days = 45
  }

  expect_failures = [var.log_retention_days]
}

run "alias_instead_of_a_key" {
  command = plan

  variables {
    kms_key_arns = { eu-west-1 = "arn:aws:kms:eu-west-1:111122223333:alias/mine" }
  }

  expect_failures = [var.kms_key_arns]
}

run "key_of_another_region" {
  command = plan

  variables {
    kms_key_arns = { eu-west-1 = "arn:aws:kms:us-east-1:111122223333:key/1" }
  }

  expect_failures = [var.kms_key_arns]
}

run "table_too_long" {
  command = plan

  variables {
    table = "tttttttttttttttttttttttttttttttttttttttttttttttttttttttttttt"
  }

  expect_failures = [var.table]
}

run "retention_beyond_timestream" {
  command = plan

  variables {
    retention = { memory_hours = 9000 }
  }

  expect_failures = [var.retention]
}

run "unknown_attempts" {
  command = plan

  variables {
    attempt_rows = "some"
  }

  expect_failures = [var.attempt_rows]
}

run "bridge_for_the_whole_internet" {
  command = plan

  variables {
    bridge = { client_cidrs = ["0.0.0.0/0"] }
  }

  expect_failures = [var.bridge]
}

run "bridge_with_a_binary_for_an_unknown_machine" {
  command = plan

  variables {
    bridge = { binary = "dist/tidewatch" }
  }

  expect_failures = [var.bridge]
}

run "bridge_of_a_type_for_an_unknown_machine" {
  command = plan

  variables {
    bridge = { instance_type = "t3.small" }
  }

  expect_failures = [var.bridge]
}

run "bridge_in_a_network_too_small" {
  command = plan

  variables {
    bridge = { cidr = "10.0.0.0/30" }
  }

  expect_failures = [var.bridge]
}

run "store_without_tls" {
  command = plan

  variables {
    store          = "existing"
    existing_store = { endpoint = "http://10.0.0.1:8086", keys_secret_arn = "arn:x" }
  }

  expect_failures = [var.existing_store]
}

run "store_without_keys" {
  command = plan

  variables {
    store          = "existing"
    existing_store = { endpoint = "https://10.0.0.1:8086" }
  }

  expect_failures = [var.existing_store]
}

run "existing_store_beside_another" {
  command = plan

  variables {
    existing_store = { endpoint = "https://10.0.0.1:8086", keys_secret_arn = "arn:x" }
  }

  expect_failures = [var.existing_store]
}

run "unknown_alert_source" {
  command = plan

  variables {
    alert_source = "prometheus"
  }

  expect_failures = [var.alert_source]
}

run "interval_that_grafana_refuses" {
  command = plan

  variables {
    evaluation_interval = "45s"
  }

  expect_failures = [var.evaluation_interval]
}

run "alerts_over_plain_http" {
  command = plan

  variables {
    alert_subscriptions = [{ topic = "critical", protocol = "http", endpoint = "http://x.example" }]
  }

  expect_failures = [var.alert_subscriptions]
}

run "filter_that_is_no_json" {
  command = plan

  variables {
    alert_subscriptions = [{ topic = "critical", protocol = "email", endpoint = "a@example.com", filter_policy = "severity=critical" }]
  }

  expect_failures = [var.alert_subscriptions]
}

run "team_with_a_blank" {
  command = plan

  variables {
    alert_teams = ["on call"]
  }

  expect_failures = [var.alert_teams]
}

run "short_secret" {
  command = plan

  variables {
    webhook_secret         = { hmac = ["too short"] }
    webhook_secret_version = 1
  }

  expect_failures = [var.webhook_secret]
}

run "version_below_one" {
  command = plan

  variables {
    webhook_secret_version = 0
  }

  expect_failures = [var.webhook_secret_version]
}

run "principal_that_is_none" {
  command = plan

  variables {
    grafana_principals = ["grafana"]
  }

  expect_failures = [var.grafana_principals]
}

run "protocol_that_sns_lacks" {
  command = plan

  variables {
    alert_subscriptions = [{ topic = "critical", protocol = "pager", endpoint = "x" }]
  }

  expect_failures = [var.alert_subscriptions]
}

run "bridge_for_an_unknown_machine" {
  command = plan

  variables {
    bridge = { architecture = "riscv64" }
  }

  expect_failures = [var.bridge]
}

run "bridge_with_a_volume_too_small" {
  command = plan

  variables {
    bridge = { volume_gb = 5 }
  }

  expect_failures = [var.bridge]
}

run "bridge_without_snapshots" {
  command = plan

  variables {
    bridge = { snapshots_kept = 0 }
  }

  expect_failures = [var.bridge]
}

run "database_with_a_blank" {
  command = plan

  variables {
    database = "my rows"
  }

  expect_failures = [var.database]
}

run "subnets_without_a_security_group" {
  command = plan

  variables {
    store          = "existing"
    existing_store = { endpoint = "https://10.0.0.1:8086", keys_secret_arn = "arn:x", subnet_ids = ["subnet-1"] }
  }

  expect_failures = [var.existing_store]
}

run "monitors_table_too_short" {
  command = plan

  variables {
    monitors_table = "m"
  }

  expect_failures = [var.monitors_table]
}

run "objectives_at_an_odd_interval" {
  command = plan

  variables {
    objective_interval = "90"
  }

  expect_failures = [var.objective_interval]
}

run "too_many_probes_at_once" {
  command = plan

  variables {
    probes_at_once = 1000
  }

  expect_failures = [var.probes_at_once]
}

run "attempts_kept_for_no_day" {
  command = plan

  variables {
    retention = { attempt_days = 0 }
  }

  expect_failures = [var.retention]
}

run "no_rule_at_all" {
  command = plan

  variables {
    rule_limit = 0
  }

  expect_failures = [var.rule_limit]
}

run "one_batch_at_once" {
  command = plan

  variables {
    writer_concurrency = 1
  }

  expect_failures = [var.writer_concurrency]
}
