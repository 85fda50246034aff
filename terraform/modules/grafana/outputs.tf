output "files" {
  description = "Provisioning files and dashboards by path, with the values of this installation."
  value       = local.files
}

output "reader_role_arns" {
  description = "Roles that may read: `all`, and one for each tenant with rows of its own."
  value       = { for key, role in aws_iam_role.reader : key => role.arn }
}
