mock_provider "aws" {
  source          = "../../tests/mocks"
  override_during = plan
}

variables {
  name               = "tidewatch"
  region             = "eu-west-1"
  source_dir         = "../../.."
  database           = "CPTMonitoring"
  table              = "WebsiteMonitoringData"
  webhook_url        = "https://hooks.example/grafana"
  state_interval     = "1m"
  objective_interval = "5m"
  alert_source       = "grafana"
  table_arns         = ["arn:aws:timestream:eu-west-1:111122223333:database/CPTMonitoring/table/WebsiteMonitoringData"]
}

run "nothing_is_changed_by_default" {
  command = plan

  assert {
    condition     = yamldecode(output.files["provisioning/alerting/rules.yaml"]) == yamldecode(file("../../../grafana/provisioning/alerting/rules.yaml"))
    error_message = "with the defaults the rules are the committed ones"
  }
  assert {
    condition     = output.reader_role_arns == {}
    error_message = "no reader without somebody who reads"
  }
}

run "readers" {
  command = plan

  variables {
    principals        = ["arn:aws:iam::111122223333:role/grafana"]
    external_id       = "tidewatch"
    tenant_table_arns = { acme = ["arn:aws:timestream:eu-west-1:111122223333:database/CPTMonitoring_acme/table/WebsiteMonitoringData"] }
  }

  assert {
    condition     = jsondecode(aws_iam_role_policy.reader["acme"].policy).Statement[0].Resource == ["arn:aws:timestream:eu-west-1:111122223333:database/CPTMonitoring_acme/table/WebsiteMonitoringData"]
    error_message = "a tenant's reader sees the tenant's rows only"
  }
  assert {
    condition     = alltrue([for role in aws_iam_role.reader : jsondecode(role.assume_role_policy).Statement[0].Condition.StringEquals["sts:ExternalId"] == "tidewatch"])
    error_message = "the external id is asked for"
  }
}

run "bridge" {
  command = plan

  variables {
    endpoint   = "https://10.83.0.10:8086"
    principals = ["arn:aws:iam::111122223333:role/grafana"]
  }

  assert {
    condition     = output.reader_role_arns == {} && yamldecode(output.files["provisioning/datasources/tidewatch.yaml"]).datasources[0].jsonData.authType == "keys"
    error_message = "a bridge is read with keys, not with roles"
  }
}
