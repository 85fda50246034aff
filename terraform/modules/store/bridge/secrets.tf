# The instance makes authority and keys itself, on its encrypted volume, and writes here what others
# need: the authority's certificate (not its key) and the keys of those who call. Nobody sees them on
# the way, and Terraform's state has none of them.

resource "aws_secretsmanager_secret" "ca" {
  #checkov:skip=CKV2_AWS_57:a certificate for everybody to know; the instance renews what is below it
  region                  = var.region
  name                    = "${var.name}-bridge-ca"
  description             = "Certificate of the authority of the bridge, as PEM"
  kms_key_id              = var.kms_key_arn
  recovery_window_in_days = 7
  tags                    = var.tags
}

resource "aws_secretsmanager_secret" "writer" {
  #checkov:skip=CKV2_AWS_57:the instance makes the keys, so it changes them: docs/aws/operations.md
  region                  = var.region
  name                    = "${var.name}-bridge-writer"
  description             = "Keys with which the writer signs its requests to the bridge"
  kms_key_id              = var.kms_key_arn
  recovery_window_in_days = 7
  tags                    = var.tags
}

resource "aws_secretsmanager_secret" "reader" {
  #checkov:skip=CKV2_AWS_57:the instance makes the keys, so it changes them: docs/aws/operations.md
  for_each = local.readers

  region                  = var.region
  name                    = "${var.name}-bridge-reader-${each.key}"
  description             = each.value == null ? "Keys of a reader of everything, such as the operator's Grafana" : "Keys of a reader of the database ${each.key}"
  kms_key_id              = var.kms_key_arn
  recovery_window_in_days = 7
  tags                    = var.tags
}
