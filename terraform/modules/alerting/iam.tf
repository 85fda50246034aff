locals {
  receive_statements = [
    {
      Sid      = "KeepVerifiedAlerts"
      Effect   = "Allow"
      Action   = ["sqs:SendMessage"]
      Resource = module.alerts.queue.arn
    },
    {
      Sid      = "ReadWhatSendersProveThemselvesWith"
      Effect   = "Allow"
      Action   = ["secretsmanager:GetSecretValue"]
      Resource = aws_secretsmanager_secret.webhook.arn
    },
  ]

  send_statements = [
    {
      Sid      = "LetLambdaReadTheAlerts"
      Effect   = "Allow"
      Action   = ["sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes"]
      Resource = module.alerts.queue.arn
    },
    {
      Sid      = "WakeItselfForRemindersAndHandOverItsRows"
      Effect   = "Allow"
      Action   = ["sqs:SendMessage"]
      Resource = [module.alerts.queue.arn, var.results_queue.arn]
    },
    {
      Sid      = "RememberWhatPeopleWereTold"
      Effect   = "Allow"
      Action   = ["dynamodb:GetItem", "dynamodb:PutItem"]
      Resource = aws_dynamodb_table.incidents.arn
    },
    {
      Sid      = "TellPeople"
      Effect   = "Allow"
      Action   = ["sns:Publish"]
      Resource = values(local.topic_arns)
    },
  ]
}
