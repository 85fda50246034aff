output "rejected_bucket" {
  description = "Bucket with reports on rows that the magnetic store refused."
  value       = aws_s3_bucket.rejected.bucket
}

output "database_key_arns" {
  description = "Keys of databases that have one of their own."
  value       = { for database, key in aws_kms_key.database : database => key.arn }
}

output "tables" {
  description = "All tables, as `database/table`."
  value       = sort(keys(aws_timestreamwrite_table.this))
}
