output "queue" {
  description = "The queue: name, URL and ARN."
  value = {
    name = aws_sqs_queue.this.name
    url  = aws_sqs_queue.this.url
    arn  = aws_sqs_queue.this.arn
  }
}

output "failed" {
  description = "The queue for what could not be handled: name and ARN; `null` without one."
  value = var.failed == null ? null : {
    name = aws_sqs_queue.failed[0].name
    arn  = aws_sqs_queue.failed[0].arn
  }
}
