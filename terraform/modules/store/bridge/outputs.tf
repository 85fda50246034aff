output "endpoint" {
  description = "URL of the bridge."
  value       = local.endpoint
}

output "writer_keys_secret_arn" {
  description = "Secret with the writer's keys."
  value       = aws_secretsmanager_secret.writer.arn
}

output "ca_secret_arn" {
  description = "Secret with the certificate of the bridge's authority."
  value       = aws_secretsmanager_secret.ca.arn
}

output "caller_subnet_ids" {
  description = "Subnets of functions that call the bridge."
  value       = [aws_subnet.this.id]
}

output "caller_security_group_ids" {
  description = "Security groups of functions that call the bridge."
  value       = [aws_security_group.callers.id]
}

output "summary" {
  description = "What people need: endpoint, instance, data volume, network, secrets of readers."
  value = {
    endpoint            = local.endpoint
    instance_id         = aws_instance.this.id
    volume_id           = aws_ebs_volume.data.id
    vpc_id              = aws_vpc.this.id
    route_table_id      = aws_route_table.this.id
    ca_secret_arn       = aws_secretsmanager_secret.ca.arn
    writer_secret_arn   = aws_secretsmanager_secret.writer.arn
    reader_secret_arns  = { for reader, secret in aws_secretsmanager_secret.reader : reader => secret.arn }
    snapshot_policy_arn = aws_dlm_lifecycle_policy.daily.arn
  }
}
