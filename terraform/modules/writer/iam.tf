locals {
  store_secret_arns = compact([var.store.keys_secret_arn, var.store.ca_secret_arn])

  statements = concat(
    [
      {
        Sid      = "LetLambdaReadTheResults"
        Effect   = "Allow"
        Action   = ["sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes"]
        Resource = module.results.queue.arn
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
        Resource = module.rejected.queue.arn
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
