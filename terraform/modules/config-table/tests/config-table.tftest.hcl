mock_provider "aws" {
  source          = "../../tests/mocks"
  override_during = plan
}

variables {
  name         = "tidewatch-monitors"
  region       = "eu-west-1"
  kms_key_arns = { eu-west-1 = "arn:aws:kms:eu-west-1:111122223333:key/1", us-east-1 = "arn:aws:kms:us-east-1:111122223333:key/2" }
}

run "one_region" {
  command = plan

  assert {
    condition     = aws_dynamodb_table.this.hash_key == "tenant" && aws_dynamodb_table.this.range_key == "monitor_id"
    error_message = "the key of an entry is tenant and monitor_id"
  }
  assert {
    condition     = aws_dynamodb_table.this.stream_enabled && aws_dynamodb_table.this.stream_view_type == "NEW_AND_OLD_IMAGES"
    error_message = "the config function compares old and new"
  }
  assert {
    condition     = one(aws_dynamodb_table.this.global_secondary_index).hash_key == "schedule_bucket" && one(aws_dynamodb_table.this.global_secondary_index).projection_type == "ALL"
    error_message = "a bucket is one query that has everything"
  }
  assert {
    condition     = aws_dynamodb_table.this.deletion_protection_enabled && aws_dynamodb_table.this.point_in_time_recovery[0].enabled && aws_dynamodb_table.this.server_side_encryption[0].enabled
    error_message = "protected, recoverable, encrypted"
  }
  assert {
    condition     = length(aws_dynamodb_table.this.replica) == 0
    error_message = "no replica"
  }
}

run "two_regions" {
  command = plan

  variables {
    replica_regions = ["us-east-1"]
  }

  assert {
    condition     = one(aws_dynamodb_table.this.replica).region_name == "us-east-1" && one(aws_dynamodb_table.this.replica).kms_key_arn == "arn:aws:kms:us-east-1:111122223333:key/2"
    error_message = "a replica with the key of its region"
  }
  assert {
    condition     = one(aws_dynamodb_table.this.replica).point_in_time_recovery && one(aws_dynamodb_table.this.replica).deletion_protection_enabled
    error_message = "as safe as the table itself"
  }
  assert {
    condition     = keys(output.stream_arns) == ["eu-west-1", "us-east-1"]
    error_message = "a stream in each region"
  }
}

run "home_as_replica" {
  command = plan

  variables {
    replica_regions = ["eu-west-1"]
  }

  expect_failures = [var.replica_regions]
}

run "replica_without_key" {
  command = plan

  variables {
    replica_regions = ["ap-southeast-2"]
  }

  expect_failures = [var.kms_key_arns]
}
