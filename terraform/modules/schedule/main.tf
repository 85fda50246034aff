# One call that is repeated. EventBridge Scheduler and not a rule: rules with the prefix of the
# installation belong to the config function, which removes what it did not plan.

resource "aws_iam_role" "this" {
  name        = "${var.name}-${var.region}" # roles are global
  description = "Role of the schedule ${var.name} in ${var.region}"
  tags        = var.tags

  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Sid       = "LetTheSchedulerOfThisAccountCall"
      Effect    = "Allow"
      Action    = "sts:AssumeRole"
      Principal = { Service = "scheduler.amazonaws.com" }
      Condition = { StringEquals = { "aws:SourceAccount" = var.account_id } }
    }]
  })
}

resource "aws_iam_role_policy" "this" {
  name = "calls"
  role = aws_iam_role.this.id
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Sid      = "CallTheFunction"
      Effect   = "Allow"
      Action   = "lambda:InvokeFunction"
      Resource = var.alias_arn
    }]
  })
}

resource "aws_scheduler_schedule" "this" {
  #checkov:skip=CKV_AWS_297:the payload is a constant without anything to hide
  region                       = var.region
  name                         = var.name
  description                  = var.description
  schedule_expression          = var.expression
  schedule_expression_timezone = "UTC"

  flexible_time_window {
    mode                      = "FLEXIBLE"
    maximum_window_in_minutes = 5 # installations of one account need not all begin at once
  }

  target {
    arn      = var.alias_arn
    role_arn = aws_iam_role.this.arn
    input    = var.input

    retry_policy {
      maximum_event_age_in_seconds = 3600
      maximum_retry_attempts       = 3
    }
  }
}
