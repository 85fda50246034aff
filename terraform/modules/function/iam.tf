# The role of one function. What every function does is here; what this one does comes from the
# module that declares it, statement by statement, each with a sid that says why.

locals {
  # Lambda itself opens the environment with the function's key.
  key_uses = concat([{ key_arn = var.deployment.kms_key_arn, service = "lambda", region = var.deployment.region }], var.key_uses)

  common_statements = concat(
    [
      {
        Sid      = "WriteItsOwnLog"
        Effect   = "Allow"
        Action   = ["logs:CreateLogStream", "logs:PutLogEvents"]
        Resource = "${aws_cloudwatch_log_group.this.arn}:*" # all streams of this one group
      },
      {
        Sid      = "SendTraces"
        Effect   = "Allow"
        Action   = ["xray:PutTraceSegments", "xray:PutTelemetryRecords"]
        Resource = "*" # X-Ray has no resources to name
      },
    ],
    local.in_vpc ? [
      {
        Sid    = "LetLambdaAttachItToTheNetwork"
        Effect = "Allow"
        Action = [
          "ec2:CreateNetworkInterface", "ec2:DeleteNetworkInterface", "ec2:DescribeNetworkInterfaces",
          "ec2:DescribeSubnets", "ec2:AssignPrivateIpAddresses", "ec2:UnassignPrivateIpAddresses",
        ]
        Resource = "*" # Lambda asks for these on everything, before the interface exists
      },
    ] : [],
    [
      {
        Sid      = "UseKeysThroughTheServicesItCalls"
        Effect   = "Allow"
        Action   = ["kms:Decrypt", "kms:GenerateDataKey"]
        Resource = distinct([for use in local.key_uses : use.key_arn])
        Condition = {
          StringEquals = {
            "kms:ViaService" = distinct([for use in local.key_uses : "${use.service}.${use.region}.amazonaws.com"])
          }
        }
      },
    ],
    var.asynchronous == null ? [] : [
      {
        Sid      = "LetLambdaKeepCallsThatFailed"
        Effect   = "Allow"
        Action   = "sqs:SendMessage"
        Resource = var.asynchronous.failures_queue_arn
      },
    ],
  )
}

resource "aws_iam_role" "this" {
  name        = "${local.name}-${var.deployment.region}" # roles are global
  description = "Role of the function ${local.name} in ${var.deployment.region}"
  tags        = var.deployment.tags

  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Sid       = "LetLambdaRunIt"
      Effect    = "Allow"
      Action    = "sts:AssumeRole"
      Principal = { Service = "lambda.amazonaws.com" }
    }]
  })
}

resource "aws_iam_role_policy" "this" {
  name = "calls"
  role = aws_iam_role.this.id

  policy = jsonencode({
    Version   = "2012-10-17"
    Statement = concat(local.common_statements, var.statements)
  })
}
