locals {
  # All rules that the function makes, and no others: their names begin with the prefix.
  rules_arn = "arn:${var.deployment.partition}:events:${var.deployment.region}:${var.deployment.account_id}:rule/${var.rule_prefix}-*"

  statements = [
    {
      Sid    = "LetLambdaReadTheStream"
      Effect = "Allow"
      Action = [
        "dynamodb:GetRecords", "dynamodb:GetShardIterator", "dynamodb:DescribeStream",
      ]
      Resource = var.stream_arn
    },
    {
      Sid      = "LetLambdaFindTheStream"
      Effect   = "Allow"
      Action   = "dynamodb:ListStreams"
      Resource = "${var.table.arn}/stream/*" # the call lists, so it cannot name one
    },
    {
      Sid      = "LetLambdaReadGivenUpBatches"
      Effect   = "Allow"
      Action   = ["sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes"]
      Resource = module.given_up.queue.arn
    },
    {
      Sid      = "LetLambdaPutBatchesAside"
      Effect   = "Allow"
      Action   = "sqs:SendMessage"
      Resource = module.given_up.queue.arn
    },
    {
      Sid      = "ReadEntriesAndNoteTheirStatus"
      Effect   = "Allow"
      Action   = ["dynamodb:BatchGetItem", "dynamodb:Query", "dynamodb:Scan", "dynamodb:UpdateItem"]
      Resource = var.table.arn
    },
    {
      Sid    = "MakeChangeAndRemoveItsRules"
      Effect = "Allow"
      Action = [
        "events:PutRule", "events:DeleteRule", "events:PutTargets", "events:RemoveTargets",
        "events:ListTargetsByRule",
      ]
      Resource = local.rules_arn
    },
    {
      Sid      = "FindRulesThatNobodyPlanned"
      Effect   = "Allow"
      Action   = "events:ListRules"
      Resource = "*" # the call has no resource level
    },
    {
      Sid      = "HandOverMonitorRows"
      Effect   = "Allow"
      Action   = "sqs:SendMessage"
      Resource = var.results_queue.arn
    },
  ]
}
