mock_provider "aws" {
  source          = "../../tests/mocks"
  override_during = plan
}

variables {
  name        = "tidewatch-results"
  region      = "eu-west-1"
  kms_key_arn = "arn:aws:kms:eu-west-1:111122223333:key/1"
}

run "worked_on_by_a_function" {
  command = plan

  variables {
    visibility_s = 360
    failed       = { name = "tidewatch-results-failed", after = 5 }
  }

  assert {
    condition     = aws_sqs_queue.this.visibility_timeout_seconds == 360 && jsondecode(aws_sqs_queue.this.redrive_policy).maxReceiveCount == 5
    error_message = "five tries, each with its time, then aside"
  }
  assert {
    condition     = alltrue([for queue in local.queues : queue.kms_master_key_id == var.kms_key_arn && queue.message_retention_seconds == 1209600])
    error_message = "both are encrypted and keep for two weeks"
  }
  assert {
    condition     = keys(aws_sqs_queue_policy.tls_only) == ["failed", "queue"] && alltrue([for policy in aws_sqs_queue_policy.tls_only : jsondecode(policy.policy).Statement[0].Effect == "Deny"])
    error_message = "both refuse anything but TLS"
  }
  assert {
    condition     = jsondecode(aws_sqs_queue_redrive_allow_policy.failed[0].redrive_allow_policy).redrivePermission == "byQueue"
    error_message = "no other queue may put its failures here"
  }
}

run "read_by_people" {
  command = plan

  variables {
    retention_s = 3600
  }

  assert {
    condition     = length(aws_sqs_queue.failed) == 0 && output.failed == null && keys(aws_sqs_queue_policy.tls_only) == ["queue"]
    error_message = "one queue, and nothing beside it"
  }
  assert {
    condition     = aws_sqs_queue.this.message_retention_seconds == 3600
    error_message = "what is old says nothing here"
  }
}

run "aside_too_soon" {
  command = plan

  variables {
    failed = { name = "tidewatch-results-failed", after = 1 }
  }

  expect_failures = [var.failed]
}
