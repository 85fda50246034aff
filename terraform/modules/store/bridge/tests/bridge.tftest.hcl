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
  database = "CPTMonitoring"
  table    = "WebsiteMonitoringData"
}

run "instance" {
  command = plan

  assert {
    condition     = aws_instance.this.instance_type == "t4g.micro" && data.aws_ssm_parameter.image.name == "/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-arm64" && aws_instance.this.metadata_options[0].http_tokens == "required" && aws_instance.this.root_block_device[0].encrypted
    error_message = "small, guarded, encrypted; arm64, because a program for it was built"
  }
  assert {
    condition     = aws_instance.this.user_data_replace_on_change
    error_message = "the boot script is the whole configuration"
  }
  assert {
    condition     = aws_ebs_volume.data.encrypted && aws_ebs_volume.data.final_snapshot
    error_message = "a new volume, encrypted, and a snapshot whatever happens"
  }
  assert {
    condition     = aws_network_interface.this.private_ips == toset(["10.83.0.10"]) && output.endpoint == "https://10.83.0.10:8086"
    error_message = "the address outlives the instance"
  }
}

run "network" {
  command = plan

  assert {
    condition     = keys(aws_vpc_endpoint.interface) == ["secretsmanager", "sqs"] && keys(aws_vpc_endpoint.gateway) == ["dynamodb", "s3"]
    error_message = "what is called has an endpoint, and nothing else has a way out"
  }
  assert {
    condition     = length(aws_vpc_security_group_ingress_rule.clients) == 0
    error_message = "nobody but the writer is let in"
  }
  assert {
    condition     = keys(aws_vpc_security_group_egress_rule.to_gateways) == ["callers-dynamodb", "instance-s3"]
    error_message = "the writer keeps its state, the instance fetches its program"
  }
}

run "snapshots" {
  command = plan

  assert {
    condition     = aws_dlm_lifecycle_policy.daily.policy_details[0].schedule[0].retain_rule[0].count == 14
    error_message = "two weeks of days"
  }
  assert {
    condition     = aws_ebs_volume.data.tags["tidewatch-snapshots"] == "daily" && aws_dlm_lifecycle_policy.daily.policy_details[0].target_tags == tomap({ "tidewatch-snapshots" = "daily" })
    error_message = "the policy finds the volume by its tag"
  }
}

run "restore" {
  command = plan

  variables {
    settings = { snapshot_id = "snap-0123456789abcdef0", session_manager = true, architecture = "x86_64", client_cidrs = ["10.20.0.0/16"] }
  }

  assert {
    condition     = aws_ebs_volume.data.snapshot_id == "snap-0123456789abcdef0"
    error_message = "the volume begins with the snapshot"
  }
  assert {
    condition     = length(aws_vpc_endpoint.interface) == 5 && length(aws_iam_role_policy_attachment.session_manager) == 1
    error_message = "a way in for people"
  }
  assert {
    condition     = aws_instance.this.instance_type == "t3.micro" && endswith(aws_s3_object.binary.source, "/target/release/tidewatch") && length(aws_vpc_security_group_ingress_rule.clients) == 1
    error_message = "what was asked for"
  }
}

run "without_a_program" {
  command = plan

  variables {
    settings = { binary = "nowhere/tidewatch" }
  }

  expect_failures = [aws_instance.this]
}

run "reader_for_each_database_of_a_tenant" {
  command = plan

  variables {
    databases = { CPTMonitoring = { own_key = false }, CPTMonitoring_acme = { own_key = true } }
    tables = {
      "CPTMonitoring/WebsiteMonitoringData"      = { database = "CPTMonitoring", table = "WebsiteMonitoringData", memory_hours = 24, magnetic_days = 400 }
      "CPTMonitoring_acme/WebsiteMonitoringData" = { database = "CPTMonitoring_acme", table = "WebsiteMonitoringData", memory_hours = 24, magnetic_days = 400 }
    }
  }

  assert {
    condition     = keys(aws_secretsmanager_secret.reader) == ["CPTMonitoring_acme", "all"]
    error_message = "a key that opens one tenant's rows"
  }
  assert {
    condition     = strcontains(aws_instance.this.user_data, "create-database --database-name \"CPTMonitoring_acme\"")
    error_message = "the database is made at the start"
  }
}
