mock_provider "aws" {
  source          = "../../tests/mocks"
  override_during = plan
}

variables {
  name       = "tidewatch"
  region     = "eu-west-1"
  account_id = "111122223333"
  partition  = "aws"
}

run "key" {
  command = plan

  assert {
    condition     = aws_kms_key.this.enable_key_rotation && aws_kms_key.this.deletion_window_in_days == 30
    error_message = "rotated every year, and a month to change one's mind"
  }
  assert {
    condition = toset([
      for statement in jsondecode(aws_kms_key.this.policy).Statement : try(statement.Principal.Service, "account")
    ]) == toset(["account", "logs.eu-west-1.amazonaws.com", "cloudwatch.amazonaws.com"])
    error_message = "the account's policies, logs and alarms, and nobody else"
  }
  assert {
    condition     = alltrue([for statement in jsondecode(aws_kms_key.this.policy).Statement : can(statement.Condition) if can(statement.Principal.Service)])
    error_message = "a service is let in for this account only"
  }
  assert {
    condition     = aws_kms_key.this.region == "eu-west-1"
    error_message = "the key is in its region"
  }
}
