# One key for everything of Tidewatch in one region. Functions use it through their own roles
# (modules/function: kms actions, each bound to the services that may carry the call); only the
# services that act without a role of ours are let in here.

resource "aws_kms_key" "this" {
  region                  = var.region
  description             = "Everything that ${var.name} stores in ${var.region}"
  enable_key_rotation     = true
  deletion_window_in_days = 30
  tags                    = var.tags

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        # Without this statement nobody could ever change the key again. In a key policy the
        # resource "*" means this key.
        Sid       = "LetPoliciesOfThisAccountDecide"
        Effect    = "Allow"
        Principal = { AWS = "arn:${var.partition}:iam::${var.account_id}:root" }
        Action    = "kms:*"
        Resource  = "*"
      },
      {
        Sid       = "LetLogsEncryptTheLogGroups"
        Effect    = "Allow"
        Principal = { Service = "logs.${var.region}.amazonaws.com" }
        Action = [
          "kms:Encrypt", "kms:Decrypt", "kms:ReEncryptFrom", "kms:ReEncryptTo",
          "kms:GenerateDataKey", "kms:DescribeKey",
        ]
        Resource = "*" # this key
        Condition = {
          ArnLike = {
            "kms:EncryptionContext:aws:logs:arn" = "arn:${var.partition}:logs:${var.region}:${var.account_id}:log-group:/aws/*/${var.name}*"
          }
        }
      },
      {
        Sid       = "LetAlarmsPublishToTheEncryptedTopic"
        Effect    = "Allow"
        Principal = { Service = "cloudwatch.amazonaws.com" }
        Action    = ["kms:Decrypt", "kms:GenerateDataKey"]
        Resource  = "*" # this key
        Condition = { StringEquals = { "aws:SourceAccount" = var.account_id } }
      },
    ]
  })

  lifecycle {
    # Whatever the key encrypted is lost with it. docs/aws/teardown.md has the way out.
    prevent_destroy = true
  }
}

resource "aws_kms_alias" "this" {
  region        = var.region
  name          = "alias/${var.name}"
  target_key_id = aws_kms_key.this.key_id
}
