mock_provider "aws" {
  source          = "../../tests/mocks"
  override_during = plan
}

variables {
  email = "ops@example.com"
}

run "plans" {
  command = plan

  assert {
    condition     = endswith(output.webhook_url, "/grafana")
    error_message = "Grafana's contact point gets its address"
  }
}
