# A queue, and beside it one for what could not be handled. Both are encrypted, keep what they hold for
# two weeks unless told otherwise, and take nothing but TLS.

locals {
  two_weeks_s = 1209600

  queues = merge(
    { queue = aws_sqs_queue.this },
    var.failed == null ? {} : { failed = aws_sqs_queue.failed[0] },
  )
}

resource "aws_sqs_queue" "this" {
  region                            = var.region
  name                              = var.name
  visibility_timeout_seconds        = var.visibility_s
  message_retention_seconds         = coalesce(var.retention_s, local.two_weeks_s)
  kms_master_key_id                 = var.kms_key_arn
  kms_data_key_reuse_period_seconds = 3600
  tags                              = var.tags

  redrive_policy = var.failed == null ? null : jsonencode({
    deadLetterTargetArn = aws_sqs_queue.failed[0].arn
    maxReceiveCount     = var.failed.after
  })
}

resource "aws_sqs_queue" "failed" {
  count = var.failed == null ? 0 : 1

  region                            = var.region
  name                              = var.failed.name
  message_retention_seconds         = local.two_weeks_s
  kms_master_key_id                 = var.kms_key_arn
  kms_data_key_reuse_period_seconds = 3600
  tags                              = var.tags
}

resource "aws_sqs_queue_redrive_allow_policy" "failed" {
  count = var.failed == null ? 0 : 1

  region    = var.region
  queue_url = aws_sqs_queue.failed[0].id
  redrive_allow_policy = jsonencode({
    redrivePermission = "byQueue"
    sourceQueueArns   = [aws_sqs_queue.this.arn]
  })
}

resource "aws_sqs_queue_policy" "tls_only" {
  for_each = local.queues

  region    = var.region
  queue_url = each.value.id
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Sid       = "RefuseAnythingButTls"
      Effect    = "Deny"
      Principal = "*" # a refusal is for everybody
      Action    = "sqs:*"
      Resource  = each.value.arn
      Condition = { Bool = { "aws:SecureTransport" = "false" } }
    }]
  })
}
