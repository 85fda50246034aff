output "name" {
  description = "Name of the table."
  value       = aws_dynamodb_table.this.name
}

output "arn" {
  description = "ARN of the table in the home region."
  value       = aws_dynamodb_table.this.arn
}

output "arns" {
  description = "ARN of the table in each region."
  value = merge(
    { (var.region) = aws_dynamodb_table.this.arn },
    { for replica in aws_dynamodb_table.this.replica : replica.region_name => replica.arn },
  )
}

output "stream_arns" {
  description = "ARN of the stream in each region."
  value = merge(
    { (var.region) = aws_dynamodb_table.this.stream_arn },
    { for replica in aws_dynamodb_table.this.replica : replica.region_name => replica.stream_arn },
  )
}

output "index_name" {
  description = "Name of the index by which the functions read a bucket."
  value       = var.index_name
}
