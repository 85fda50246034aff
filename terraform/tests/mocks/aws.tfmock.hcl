# What a real provider would compute and other resources take apart again.

mock_data "aws_caller_identity" {
  defaults = { account_id = "111122223333" }
}

mock_data "aws_region" {
  defaults = { region = "eu-west-1" }
}

mock_data "aws_partition" {
  defaults = { partition = "aws", dns_suffix = "amazonaws.com" }
}

mock_data "aws_availability_zones" {
  defaults = { names = ["eu-west-1b", "eu-west-1a", "eu-west-1c"] }
}

mock_data "aws_ssm_parameter" {
  defaults = { insecure_value = "ami-0123456789abcdef0" }
}

# A resource has computed values in a plan only when it is named here.

mock_resource "aws_apigatewayv2_api" {
  defaults = {
    api_endpoint  = "https://a1b2c3.execute-api.eu-west-1.amazonaws.com"
    execution_arn = "arn:aws:execute-api:eu-west-1:111122223333:a1b2c3"
  }
}

mock_resource "aws_apigatewayv2_integration" {
  defaults = {}
}

mock_resource "aws_apigatewayv2_route" {
  defaults = {}
}

mock_resource "aws_apigatewayv2_stage" {
  defaults = {}
}

mock_resource "aws_cloudwatch_log_group" {
  defaults = {}
}

mock_resource "aws_cloudwatch_metric_alarm" {
  defaults = {}
}

mock_resource "aws_default_security_group" {
  defaults = {}
}

mock_resource "aws_dlm_lifecycle_policy" {
  defaults = {}
}

mock_resource "aws_dynamodb_table" {
  defaults = {}
}

mock_resource "aws_ebs_volume" {
  defaults = { id = "vol-0123456789abcdef0" }
}

mock_resource "aws_iam_instance_profile" {
  defaults = {}
}

mock_resource "aws_iam_role" {
  defaults = {}
}

mock_resource "aws_iam_role_policy" {
  defaults = {}
}

mock_resource "aws_iam_role_policy_attachment" {
  defaults = {}
}

mock_resource "aws_instance" {
  defaults = { id = "i-0123456789abcdef0" }
}

mock_resource "aws_kms_alias" {
  defaults = {}
}

mock_resource "aws_kms_key" {
  defaults = {}
}

mock_resource "aws_lambda_alias" {
  defaults = {}
}

mock_resource "aws_lambda_event_source_mapping" {
  defaults = {}
}

mock_resource "aws_lambda_function" {
  defaults = { version = "7" }
}

mock_resource "aws_lambda_function_event_invoke_config" {
  defaults = {}
}

mock_resource "aws_lambda_invocation" {
  defaults = {}
}

mock_resource "aws_lambda_permission" {
  defaults = {}
}

mock_resource "aws_network_interface" {
  defaults = {}
}

mock_resource "aws_route_table" {
  defaults = {}
}

mock_resource "aws_route_table_association" {
  defaults = {}
}

mock_resource "aws_s3_bucket" {
  defaults = {}
}

mock_resource "aws_s3_bucket_lifecycle_configuration" {
  defaults = {}
}

mock_resource "aws_s3_bucket_policy" {
  defaults = {}
}

mock_resource "aws_s3_bucket_public_access_block" {
  defaults = {}
}

mock_resource "aws_s3_bucket_server_side_encryption_configuration" {
  defaults = {}
}

mock_resource "aws_s3_bucket_versioning" {
  defaults = {}
}

mock_resource "aws_s3_object" {
  defaults = {}
}

mock_resource "aws_scheduler_schedule" {
  defaults = {}
}

mock_resource "aws_secretsmanager_secret" {
  defaults = {}
}

mock_resource "aws_secretsmanager_secret_version" {
  defaults = {}
}

mock_resource "aws_security_group" {
  defaults = {}
}

mock_resource "aws_servicequotas_service_quota" {
  defaults = {}
}

mock_resource "aws_sns_topic" {
  defaults = {}
}

mock_resource "aws_sns_topic_policy" {
  defaults = {}
}

mock_resource "aws_sns_topic_subscription" {
  defaults = {}
}

mock_resource "aws_sqs_queue" {
  defaults = {}
}

mock_resource "aws_sqs_queue_policy" {
  defaults = {}
}

mock_resource "aws_sqs_queue_redrive_allow_policy" {
  defaults = {}
}

mock_resource "aws_subnet" {
  defaults = {}
}

mock_resource "aws_timestreamwrite_database" {
  defaults = {}
}

mock_resource "aws_timestreamwrite_table" {
  defaults = {}
}

mock_resource "aws_volume_attachment" {
  defaults = {}
}

mock_resource "aws_vpc" {
  defaults = {}
}

mock_resource "aws_vpc_endpoint" {
  defaults = {}
}

mock_resource "aws_vpc_security_group_egress_rule" {
  defaults = {}
}

mock_resource "aws_vpc_security_group_ingress_rule" {
  defaults = {}
}
