# The front. An HTTP API and not a function URL: it has a limit on requests and a log of them, and
# provider 6.25 cannot express the condition that a public function URL needs since October 2025.

resource "aws_apigatewayv2_api" "this" {
  region                       = var.deployment.region
  name                         = "${var.deployment.name}-webhook"
  description                  = "Takes alerts of Grafana and SNS"
  protocol_type                = "HTTP"
  disable_execute_api_endpoint = false
  tags                         = var.deployment.tags
}

resource "aws_apigatewayv2_integration" "this" {
  region                 = var.deployment.region
  api_id                 = aws_apigatewayv2_api.this.id
  integration_type       = "AWS_PROXY"
  integration_method     = "POST"
  integration_uri        = module.receive.alias_invoke_arn
  payload_format_version = "2.0"
}

resource "aws_apigatewayv2_route" "this" {
  #checkov:skip=CKV_AWS_309:the function verifies a signature over the body, which an authorizer of the API never sees
  for_each = toset(["POST /grafana", "PUT /grafana", "POST /sns", "GET /healthz"])

  region             = var.deployment.region
  api_id             = aws_apigatewayv2_api.this.id
  route_key          = each.key
  authorization_type = "NONE"
  target             = "integrations/${aws_apigatewayv2_integration.this.id}"
}

resource "aws_apigatewayv2_stage" "this" {
  region      = var.deployment.region
  api_id      = aws_apigatewayv2_api.this.id
  name        = "$default"
  auto_deploy = true
  tags        = var.deployment.tags

  # Grafana sends a few requests a minute; more is somebody else. Metrics by route would be paid for, and
  # say nothing that the access log does not.
  default_route_settings {
    throttling_rate_limit  = var.requests_per_second
    throttling_burst_limit = 2 * var.requests_per_second
  }

  access_log_settings {
    destination_arn = aws_cloudwatch_log_group.api.arn
    format = jsonencode({
      time      = "$context.requestTime"
      request   = "$context.requestId"
      source    = "$context.identity.sourceIp"
      route     = "$context.routeKey"
      status    = "$context.status"
      bytes     = "$context.responseLength"
      latency   = "$context.responseLatency"
      error     = "$context.error.message"
      upstream  = "$context.integrationErrorMessage"
      userAgent = "$context.identity.userAgent"
    })
  }
}

resource "aws_cloudwatch_log_group" "api" {
  #checkov:skip=CKV_AWS_338:how long logs are worth their price is the installation's decision (log_retention_days)
  region            = var.deployment.region
  name              = "/aws/apigateway/${var.deployment.name}-webhook"
  retention_in_days = var.deployment.log_retention_days
  kms_key_id        = var.deployment.kms_key_arn
  tags              = var.deployment.tags
}

resource "aws_lambda_permission" "api" {
  region        = var.deployment.region
  statement_id  = "LetTheWebhookApiCall"
  action        = "lambda:InvokeFunction"
  function_name = module.receive.name
  qualifier     = module.receive.alias_name
  principal     = "apigateway.amazonaws.com"
  # Any stage and any route of this one API.
  source_arn = "${aws_apigatewayv2_api.this.execution_arn}/*/*"
}

# Topics whose deliveries are taken, where a Managed Grafana can tell nobody but SNS.
resource "aws_sns_topic_subscription" "sources" {
  for_each = var.sns_sources

  region    = var.deployment.region
  topic_arn = each.key
  protocol  = "https"
  endpoint  = "${aws_apigatewayv2_api.this.api_endpoint}/sns"

  depends_on = [aws_apigatewayv2_stage.this, aws_apigatewayv2_route.this, aws_lambda_permission.api]
}
