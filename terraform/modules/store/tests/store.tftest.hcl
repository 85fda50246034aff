mock_provider "aws" {
  source          = "../../tests/mocks"
  override_during = plan
}

variables {
  name        = "tidewatch"
  region      = "eu-west-1"
  account_id  = "111122223333"
  partition   = "aws"
  kms_key_arn = "arn:aws:kms:eu-west-1:111122223333:key/1"
  databases   = { CPTMonitoring = { own_key = false } }
  tables = {
    shared = { database = "CPTMonitoring", table = "WebsiteMonitoringData", memory_hours = 24, magnetic_days = 400 }
  }
  kind = "timestream"
}

run "timestream" {
  command = plan

  assert {
    condition     = output.is_timestream && output.connection.endpoint == null && length(output.connection.subnet_ids) == 0
    error_message = "public endpoints, found by discovery"
  }
  assert {
    condition     = output.table_arns == tolist(["arn:aws:timestream:eu-west-1:111122223333:database/CPTMonitoring/table/WebsiteMonitoringData"])
    error_message = "one table"
  }
  assert {
    condition     = [for statement in output.connection.write_statements : statement.Sid] == ["WriteRows", "ReadRowsForTheHourlyRollup", "FindTheEndpointOfTimestream"]
    error_message = "write, read for the rollup, discover"
  }
}

run "attempts" {
  command = plan

  variables {
    attempts = { suffix = "_Attempts", magnetic_days = 7 }
  }

  assert {
    condition     = length(output.table_arns) == 2 && local.tables["CPTMonitoring/WebsiteMonitoringData_Attempts"] == { database = "CPTMonitoring", table = "WebsiteMonitoringData_Attempts", memory_hours = 24, magnetic_days = 7 }
    error_message = "attempts have a table of their own, and are forgotten after a week"
  }
}

run "no_memory" {
  command = plan

  variables {
    tables = { shared = { database = "D", table = "T", memory_hours = 0, magnetic_days = 400 } }
  }

  expect_failures = [var.tables]
}

run "bridge" {
  command = plan

  variables {
    kind = "bridge"
  }

  assert {
    condition     = !output.is_timestream && length(output.connection.write_statements) == 0 && length(output.connection.subnet_ids) == 1
    error_message = "reached from inside a network, by keys and not by IAM"
  }
}

run "existing" {
  command = plan

  variables {
    kind     = "existing"
    existing = { endpoint = "https://10.0.0.1:8086", keys_secret_arn = "arn:aws:secretsmanager:eu-west-1:111122223333:secret:keys" }
  }

  assert {
    condition     = output.connection.endpoint == "https://10.0.0.1:8086" && output.rejected_bucket == null && output.bridge == null
    error_message = "nothing is made"
  }
}

run "unknown" {
  command = plan

  variables {
    kind = "postgres"
  }

  expect_failures = [var.kind]
}

run "without_the_shared_table" {
  command = plan

  variables {
    tables = {}
  }

  expect_failures = [var.tables]
}

run "kept_for_no_day" {
  command = plan

  variables {
    tables = { shared = { database = "D", table = "T", memory_hours = 24, magnetic_days = 0 } }
  }

  expect_failures = [var.tables]
}
