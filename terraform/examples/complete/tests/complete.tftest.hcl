mock_provider "aws" {
  source          = "../../tests/mocks"
  override_during = plan
}

variables {
  webhook_secret = "0123456789abcdef0123456789abcdef"
}

run "plans" {
  command = plan

  assert {
    condition     = output.tidewatch.bridge.endpoint == "https://10.83.0.10:8086"
    error_message = "the bridge has its address"
  }
  assert {
    condition     = length(output.tidewatch.versions) == 9
    error_message = "two functions in each of three regions, and three at home"
  }
  assert {
    condition     = keys(output.tidewatch.bridge.reader_secret_arns) == ["CPTMonitoring_acme", "all"]
    error_message = "a reader's key for the tenant with a database of its own"
  }
}
