locals {
  # All rules that the function makes, and no others: their names begin with the prefix.
  rules_arn = "arn:${var.partition}:events:${var.region}:${var.account_id}:rule/${var.rule_prefix}-*"

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
      Resource = aws_sqs_queue.given_up.arn
    },
    {
      Sid      = "LetLambdaPutBatchesAside"
      Effect   = "Allow"
      Action   = "sqs:SendMessage"
      Resource = aws_sqs_queue.given_up.arn
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

resource "aws_iam_role" "schedule" {
  name        = "${var.name}-reconcile-${var.region}"
  description = "Role of the hourly schedule ${var.name}-reconcile in ${var.region}"
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
      Sid      = "CallTheConfigFunction"
      Effect   = "Allow"
      Action   = "lambda:InvokeFunction"
      Resource = module.function.alias_arn
    }]
  })
}
