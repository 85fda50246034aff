mock_provider "aws" {
  source          = "../../../tests/mocks"
  override_during = plan
}

variables {
  name        = "tidewatch"
  region      = "eu-west-1"
  account_id  = "111122223333"
  partition   = "aws"
  kms_key_arn = "arn:aws:kms:eu-west-1:111122223333:key/1"
  databases   = { CPTMonitoring = { own_key = false } }
  tables = {
    "CPTMonitoring/WebsiteMonitoringData" = { database = "CPTMonitoring", table = "WebsiteMonitoringData", memory_hours = 24, magnetic_days = 400 }
  }
}

run "one" {
  command = plan

  assert {
    condition     = keys(aws_timestreamwrite_table.this) == ["CPTMonitoring/WebsiteMonitoringData"]
    error_message = "one table"
  }
  assert {
    condition     = aws_timestreamwrite_table.this["CPTMonitoring/WebsiteMonitoringData"].magnetic_store_write_properties[0].magnetic_store_rejected_data_location[0].s3_configuration[0].encryption_option == "SSE_KMS"
    error_message = "reports of refused rows are kept, encrypted"
  }
  assert {
    condition     = aws_s3_bucket.rejected.force_destroy == false && aws_s3_bucket_public_access_block.rejected.restrict_public_buckets
    error_message = "reports are nobody else's"
  }
}

run "tenants" {
  command = plan

  variables {
    databases = { CPTMonitoring = { own_key = false }, CPTMonitoring_acme = { own_key = true } }
    tables = {
      "CPTMonitoring/WebsiteMonitoringData"      = { database = "CPTMonitoring", table = "WebsiteMonitoringData", memory_hours = 24, magnetic_days = 400 }
      "CPTMonitoring_acme/WebsiteMonitoringData" = { database = "CPTMonitoring_acme", table = "WebsiteMonitoringData", memory_hours = 24, magnetic_days = 400 }
      "CPTMonitoring/WebsiteMonitoringData_bolt" = { database = "CPTMonitoring", table = "WebsiteMonitoringData_bolt", memory_hours = 12, magnetic_days = 30 }
    }
  }

  assert {
    condition     = keys(aws_kms_key.database) == ["CPTMonitoring_acme"] && output.database_key_arns["CPTMonitoring_acme"] != null
    error_message = "a key for the database of one tenant"
  }
  assert {
    condition     = aws_timestreamwrite_table.this["CPTMonitoring/WebsiteMonitoringData_bolt"].retention_properties[0].magnetic_store_retention_period_in_days == 30
    error_message = "a retention of its own"
  }
}
