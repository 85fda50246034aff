# Three tenants, one of each isolation.

mock_provider "aws" {
  source          = "./tests/mocks"
  override_during = plan
}

variables {
  store = "timestream"
  tenants = {
    acme  = { isolation = "database", topic = true, addresses = ["10.0.0.0/8"] }
    bolt  = { isolation = "table", memory_hours = 12, magnetic_days = 30 }
    comet = { addresses = ["any"] }
  }
  attempt_rows       = "all"
  grafana_principals = ["arn:aws:iam::111122223333:role/grafana"]
}

run "three_isolations" {
  command = plan

  assert {
    condition = output.tenants == {
      acme  = { database = "CPTMonitoring_acme", table = "WebsiteMonitoringData" }
      bolt  = { database = "CPTMonitoring", table = "WebsiteMonitoringData_bolt" }
      comet = { database = "CPTMonitoring", table = "WebsiteMonitoringData" }
    }
    error_message = "a database, a table, or a share of both"
  }
  assert {
    condition     = length(output.store.table_arns) == 6
    error_message = "three tables and three for attempts"
  }
  assert {
    condition     = keys(output.grafana_reader_roles) == ["acme", "all", "bolt"]
    error_message = "a reader for each tenant with rows of its own, and one for the operators"
  }
  assert {
    condition     = contains(keys(output.alert_topics), "tenant/acme") && !contains(keys(output.alert_topics), "tenant/bolt")
    error_message = "a topic for the tenant that wants one"
  }
}

run "the_same_on_a_bridge" {
  command = plan

  variables {
    store = "bridge"
  }

  assert {
    condition     = keys(output.bridge.reader_secret_arns) == ["CPTMonitoring_acme", "all"]
    error_message = "a database of its own has a reader's key of its own"
  }
}
