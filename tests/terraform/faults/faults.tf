# Mistakes that the tests have to find: see test_schema.py. Each block is planted alone.

resource "aws_sqs_queue" "unknown_argument" {
  visibility_timeout = 30
}

resource "aws_lambda_function" "missing_argument" {
  function_name = "f"
}

resource "aws_cloudwatch_log_group" "wrong_type" {
  retention_in_days = "a month"
}

resource "aws_timestreamwrite_table" "unknown_block" {
  database_name = "d"
  table_name    = "t"

  retention {
  }
}

resource "aws_secretsmanager_secret_version" "secret_in_state" {
  secret_id     = "s"
  secret_string = var.secret
}
