mock_provider "aws" {
  source          = "../../tests/mocks"
  override_during = plan
}

variables {
  name        = "tidewatch-critical"
  region      = "eu-west-1"
  kms_key_arn = "arn:aws:kms:eu-west-1:111122223333:key/1"
  publisher   = { Sid = "LetTheSenderPublish", Principal = { AWS = "arn:aws:iam::111122223333:role/sender" } }
}

run "one_publisher" {
  command = plan

  assert {
    condition     = aws_sns_topic.this.kms_master_key_id == var.kms_key_arn && aws_sns_topic.this.signature_version == 2
    error_message = "encrypted, signed with SHA-256"
  }
  assert {
    condition = [for statement in jsondecode(aws_sns_topic_policy.this.policy).Statement : [statement.Sid, statement.Effect, statement.Action]] == [
      ["LetTheSenderPublish", "Allow", "sns:Publish"],
      ["RefuseAnythingButTls", "Deny", "sns:Publish"],
    ]
    error_message = "one party publishes, over TLS"
  }
}

run "open_to_everybody" {
  command = plan

  variables {
    publisher = { Sid = "LetAnybodyPublish", Principal = "*" }
  }

  expect_failures = [var.publisher]
}
