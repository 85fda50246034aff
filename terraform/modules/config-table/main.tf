# What is monitored: one item for each entry. Other regions get a replica with a stream of its own,
# so that each plans its rules without asking the home region.

resource "aws_dynamodb_table" "this" {
  region       = var.region
  name         = var.name
  billing_mode = "PAY_PER_REQUEST"
  hash_key     = "tenant"
  range_key    = "monitor_id"
  tags         = var.tags

  attribute {
    name = "tenant"
    type = "S"
  }

  attribute {
    name = "monitor_id"
    type = "S"
  }

  # `<interval in seconds>#<bucket>`, written by the config function: a bucket is one query.
  attribute {
    name = "schedule_bucket"
    type = "S"
  }

  global_secondary_index {
    name            = var.index_name
    hash_key        = "schedule_bucket"
    projection_type = "ALL"
  }

  stream_enabled   = true
  stream_view_type = "NEW_AND_OLD_IMAGES"

  point_in_time_recovery {
    enabled                 = true
    recovery_period_in_days = 35
  }

  server_side_encryption {
    enabled     = true
    kms_key_arn = var.kms_key_arns[var.region]
  }

  dynamic "replica" {
    for_each = var.replica_regions
    content {
      region_name            = replica.key
      kms_key_arn            = var.kms_key_arns[replica.key]
      point_in_time_recovery = true
      propagate_tags         = true

      deletion_protection_enabled = var.deletion_protection
    }
  }

  deletion_protection_enabled = var.deletion_protection

  lifecycle {
    prevent_destroy = true
  }
}
