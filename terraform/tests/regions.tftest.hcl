# Two regions: each probes and plans for itself, results come home.

mock_provider "aws" {
  source          = "./tests/mocks"
  override_during = plan
}

override_resource {
  target          = module.config_table.aws_dynamodb_table.this
  override_during = plan
  values = {
    arn        = "arn:aws:dynamodb:eu-west-1:111122223333:table/tidewatch-monitors"
    stream_arn = "arn:aws:dynamodb:eu-west-1:111122223333:table/tidewatch-monitors/stream/1"
    replica = {
      arn        = "arn:aws:dynamodb:us-east-1:111122223333:table/tidewatch-monitors"
      stream_arn = "arn:aws:dynamodb:us-east-1:111122223333:table/tidewatch-monitors/stream/1"
    }
  }
}

variables {
  store   = "timestream"
  regions = ["us-east-1"]
}

run "two" {
  command = plan

  assert {
    condition     = keys(module.monitor) == ["eu-west-1", "us-east-1"] && keys(module.scheduler) == ["eu-west-1", "us-east-1"]
    error_message = "each region has its own monitor and config function"
  }
  assert {
    condition     = module.writer.results_queue.region == "eu-west-1"
    error_message = "results come home"
  }
  assert {
    condition     = keys(output.kms_keys) == ["eu-west-1", "us-east-1"] && keys(output.alarm_topics) == ["eu-west-1", "us-east-1"]
    error_message = "each region has its own key, and its own alarms"
  }
  assert {
    condition     = strcontains(module.config_table.stream_arns["us-east-1"], "us-east-1") && strcontains(module.config_table.stream_arns["eu-west-1"], "eu-west-1")
    error_message = "each region reads its own replica's stream"
  }
  assert {
    condition     = !contains(keys(output.dead_letter_queues["us-east-1"]), "failed_results") && contains(keys(output.dead_letter_queues["eu-west-1"]), "failed_results")
    error_message = "the writer is at home only"
  }
}

run "keys_of_ones_own" {
  command = plan

  variables {
    kms_key_arns = { us-east-1 = "arn:aws:kms:us-east-1:111122223333:key/11111111-2222-3333-4444-555555555555" }
  }

  assert {
    condition     = keys(module.encryption) == ["eu-west-1"] && output.kms_keys["us-east-1"] == "arn:aws:kms:us-east-1:111122223333:key/11111111-2222-3333-4444-555555555555"
    error_message = "a key that is given is used, and none is made beside it"
  }
}

run "home_is_not_doubled" {
  command = plan

  variables {
    regions = ["eu-west-1"]
  }

  assert {
    condition     = keys(module.monitor) == ["eu-west-1"]
    error_message = "naming the home region changes nothing"
  }
}
