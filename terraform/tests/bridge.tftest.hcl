# The store for every account: the bridge on one instance.

mock_provider "aws" {
  source          = "./tests/mocks"
  override_during = plan
}

variables {
  store = "bridge"
}

run "connection" {
  command = plan

  assert {
    condition     = output.store.endpoint == "https://10.83.0.10:8086" && output.store.kind == "bridge"
    error_message = "an address that stays"
  }
  assert {
    condition     = output.bridge.endpoint == output.store.endpoint
    error_message = "one endpoint"
  }
  assert {
    condition     = keys(output.bridge.reader_secret_arns) == ["all"]
    error_message = "one reader"
  }
  assert {
    condition     = yamldecode(output.grafana_files["provisioning/datasources/tidewatch.yaml"]).datasources[0].jsonData.endpoint == "https://10.83.0.10:8086"
    error_message = "Grafana asks the bridge"
  }
  assert {
    condition     = contains(output.alarms["eu-west-1"], "tidewatch-instance-bridge")
    error_message = "the instance is watched"
  }
}

run "x86" {
  command = plan

  variables {
    architecture = "x86_64"
    alert_source = "writer"
    bridge       = { architecture = "x86_64" }
  }

  assert {
    condition     = output.bridge.endpoint == output.store.endpoint
    error_message = "the same on the other machines"
  }
}
