locals {
  store_secret_arns = compact([var.store.keys_secret_arn, var.store.ca_secret_arn])

  statements = concat(
    [
      {
        Sid      = "LetLambdaReadTheResults"
        Effect   = "Allow"
        Action   = ["sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes"]
        Resource = aws_sqs_queue.results.arn
      },
      {
        Sid      = "KeepTheJudgingState"
        Effect   = "Allow"
        Action   = ["dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:UpdateItem"]
        Resource = aws_dynamodb_table.state.arn
      },
      {
        Sid      = "PutRejectedRecordsAside"
        Effect   = "Allow"
        Action   = "sqs:SendMessage"
        Resource = aws_sqs_queue.rejected.arn
      },
    ],
    var.alert_source != "writer" ? [] : [
      {
        Sid      = "TellChangesOfState"
        Effect   = "Allow"
        Action   = "sqs:SendMessage"
        Resource = var.alert_queue.arn
      },
    ],
    length(local.store_secret_arns) == 0 ? [] : [
      {
        Sid      = "ReadKeysAndAuthorityOfTheBridge"
        Effect   = "Allow"
        Action   = "secretsmanager:GetSecretValue"
        Resource = local.store_secret_arns
      },
    ],
  )
}

resource "aws_iam_role" "schedule" {
  name        = "${var.name}-rollup-${var.region}"
  description = "Role of the hourly schedule ${var.name}-rollup"
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

resource "aws_iam_role_policy" "schedule" {
  name = "calls"
  role = aws_iam_role.schedule.id
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Sid      = "CallTheWriter"
      Effect   = "Allow"
      Action   = "lambda:InvokeFunction"
      Resource = module.function.alias_arn
    }]
  })
}
