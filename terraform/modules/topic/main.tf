# A topic that one party may publish to, encrypted, over TLS only.

resource "aws_sns_topic" "this" {
  region            = var.region
  name              = var.name
  display_name      = var.display_name
  kms_master_key_id = var.kms_key_arn
  signature_version = 2
  tags              = var.tags
}

resource "aws_sns_topic_policy" "this" {
  region = var.region
  arn    = aws_sns_topic.this.arn
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      merge(var.publisher, {
        Effect   = "Allow"
        Action   = "sns:Publish"
        Resource = aws_sns_topic.this.arn
      }),
      {
        Sid       = "RefuseAnythingButTls"
        Effect    = "Deny"
        Principal = "*" # a refusal is for everybody
        Action    = "sns:Publish"
        Resource  = aws_sns_topic.this.arn
        Condition = { Bool = { "aws:SecureTransport" = "false" } }
      },
    ]
  })
}
