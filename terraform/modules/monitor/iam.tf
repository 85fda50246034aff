locals {
  statements = concat(
    [
      {
        Sid      = "ReadABucketOfEntries"
        Effect   = "Allow"
        Action   = "dynamodb:Query"
        Resource = "${var.table.arn}/index/${var.table.index_name}"
      },
      {
        Sid      = "ReadAnEntryThatIsTooLongForARule"
        Effect   = "Allow"
        Action   = "dynamodb:BatchGetItem"
        Resource = var.table.arn
      },
      {
        Sid      = "HandOverResultsAndKeepSlotsOfTheMinute"
        Effect   = "Allow"
        Action   = "sqs:SendMessage"
        Resource = [var.results_queue.arn, module.slots.queue.arn]
      },
      {
        Sid      = "LetLambdaReadTheSlots"
        Effect   = "Allow"
        Action   = ["sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes"]
        Resource = module.slots.queue.arn
      },
    ],
    # Tenants by name: the editor of an entry reaches secrets of the entry's own tenant only (the
    # validator sees to that), and nobody those of a tenant that is not set up.
    length(var.secret_tenants) == 0 ? [] : [
      {
        Sid    = "ReadParametersOfTheTenants"
        Effect = "Allow"
        Action = "ssm:GetParameter"
        Resource = [
          for tenant in var.secret_tenants :
          "arn:${var.deployment.partition}:ssm:${var.deployment.region}:${var.deployment.account_id}:parameter/tidewatch/${tenant}/*" # all of this tenant
        ]
      },
      {
        Sid    = "ReadSecretsOfTheTenants"
        Effect = "Allow"
        Action = "secretsmanager:GetSecretValue"
        Resource = [
          for tenant in var.secret_tenants :
          "arn:${var.deployment.partition}:secretsmanager:${var.deployment.region}:${var.deployment.account_id}:secret:/tidewatch/${tenant}/*" # all of this tenant
        ]
      },
    ],
  )
}
