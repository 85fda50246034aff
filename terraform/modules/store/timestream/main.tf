# Timestream for LiveAnalytics, for accounts that had it before 2025-06-20. The properties of the
# tables are those of `TableProperties` in crates/domain/src/schema.rs; a test compares them.

locals {
  own_key_databases = toset([for database, own in var.databases : database if own.own_key])
}

# A tenant with a database of its own has a key of its own: what the key opens is that tenant's.
resource "aws_kms_key" "database" {
  for_each = local.own_key_databases

  region                  = var.region
  description             = "Rows of the database ${each.key}"
  enable_key_rotation     = true
  deletion_window_in_days = 30
  tags                    = var.tags

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      # Without this statement nobody could ever change the key again. In a key policy the resource
      # "*" means this key. Timestream uses it through a grant that it makes when the database is made.
      Sid       = "LetPoliciesOfThisAccountDecide"
      Effect    = "Allow"
      Principal = { AWS = "arn:${var.partition}:iam::${var.account_id}:root" }
      Action    = "kms:*"
      Resource  = "*"
    }]
  })

  lifecycle {
    prevent_destroy = true
  }
}

resource "aws_timestreamwrite_database" "this" {
  for_each = var.databases

  region        = var.region
  database_name = each.key
  kms_key_id    = each.value.own_key ? aws_kms_key.database[each.key].arn : var.kms_key_arn
  tags          = var.tags

  lifecycle {
    prevent_destroy = true
  }
}

resource "aws_timestreamwrite_table" "this" {
  for_each = var.tables

  region        = var.region
  database_name = aws_timestreamwrite_database.this[each.value.database].database_name
  table_name    = each.value.table
  tags          = var.tags

  retention_properties {
    memory_store_retention_period_in_hours  = each.value.memory_hours
    magnetic_store_retention_period_in_days = each.value.magnetic_days
  }

  magnetic_store_write_properties {
    enable_magnetic_store_writes = true

    magnetic_store_rejected_data_location {
      s3_configuration {
        bucket_name       = aws_s3_bucket.rejected.bucket
        object_key_prefix = "${each.value.database}/${each.value.table}"
        encryption_option = "SSE_KMS"
        kms_key_id        = var.kms_key_arn
      }
    }
  }

  # Can never be changed: every question names a monitor or all of them.
  schema {
    composite_partition_key {
      type                  = "DIMENSION"
      name                  = "monitor_id"
      enforcement_in_record = "REQUIRED"
    }
  }

  lifecycle {
    prevent_destroy = true
  }
}

# Reports on late rows that the magnetic store refused after it had taken the request.
resource "aws_s3_bucket" "rejected" {
  #checkov:skip=CKV_AWS_18:reports of refused rows, written by Timestream alone; a log of readers would outgrow them
  #checkov:skip=CKV_AWS_144:reports are looked at within days and can be made again from the dead letters
  #checkov:skip=CKV_AWS_21:nothing is ever overwritten: every report has a name of its own
  #checkov:skip=CKV2_AWS_62:nobody waits for an event here; refused rows raise the alarm rows_rejected
  region        = var.region
  bucket        = "${var.name}-rejected-${var.account_id}-${var.region}"
  force_destroy = false
  tags          = var.tags
}

resource "aws_s3_bucket_public_access_block" "rejected" {
  region                  = var.region
  bucket                  = aws_s3_bucket.rejected.id
  block_public_acls       = true
  block_public_policy     = true
  ignore_public_acls      = true
  restrict_public_buckets = true
}

resource "aws_s3_bucket_server_side_encryption_configuration" "rejected" {
  region = var.region
  bucket = aws_s3_bucket.rejected.id

  rule {
    bucket_key_enabled = true

    apply_server_side_encryption_by_default {
      sse_algorithm     = "aws:kms"
      kms_master_key_id = var.kms_key_arn
    }
  }
}

resource "aws_s3_bucket_lifecycle_configuration" "rejected" {
  region = var.region
  bucket = aws_s3_bucket.rejected.id

  rule {
    id     = "forget"
    status = "Enabled"

    filter {
      prefix = ""
    }

    expiration {
      days = 90
    }

    abort_incomplete_multipart_upload {
      days_after_initiation = 2
    }
  }
}

resource "aws_s3_bucket_policy" "rejected" {
  region = var.region
  bucket = aws_s3_bucket.rejected.id
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Sid       = "RefuseAnythingButTls"
      Effect    = "Deny"
      Principal = "*" # a refusal is for everybody
      Action    = "s3:*"
      Resource  = [aws_s3_bucket.rejected.arn, "${aws_s3_bucket.rejected.arn}/*"]
      Condition = { Bool = { "aws:SecureTransport" = "false" } }
    }]
  })
}
