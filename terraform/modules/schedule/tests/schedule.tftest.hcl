mock_provider "aws" {
  source          = "../../tests/mocks"
  override_during = plan
}

variables {
  name        = "tidewatch-rollup"
  region      = "eu-west-1"
  account_id  = "111122223333"
  description = "Writes the hourly rows"
  expression  = "cron(10 * * * ? *)"
  alias_arn   = "arn:aws:lambda:eu-west-1:111122223333:function:tidewatch-writer:live"
  input       = "{\"v\":1,\"kind\":\"rollup\"}"
}

run "calls" {
  command = plan

  assert {
    condition     = aws_scheduler_schedule.this.schedule_expression == "cron(10 * * * ? *)" && aws_scheduler_schedule.this.target[0].arn == var.alias_arn && jsondecode(aws_scheduler_schedule.this.target[0].input).kind == "rollup"
    error_message = "the alias is called with its input"
  }
  assert {
    condition = jsondecode(aws_iam_role_policy.this.policy).Statement == [{
      Sid      = "CallTheFunction"
      Effect   = "Allow"
      Action   = "lambda:InvokeFunction"
      Resource = var.alias_arn
    }]
    error_message = "the schedule may call this function and do nothing else"
  }
  assert {
    condition     = jsondecode(aws_iam_role.this.assume_role_policy).Statement[0].Condition.StringEquals["aws:SourceAccount"] == "111122223333"
    error_message = "schedules of other accounts cannot use the role"
  }
}
