output "function_name" {
  description = "Name of the function."
  value       = module.function.name
}

output "alias_arn" {
  description = "ARN of the function's alias, for a rollup by hand."
  value       = module.function.alias_arn
}

output "version" {
  description = "Newest published version."
  value       = module.function.version
}

output "policy" {
  description = "Policy of the function's role, as JSON."
  value       = module.function.policy
}

output "results_queue" {
  description = "Queue of the results, for the probers of all regions."
  value = {
    url         = module.results.queue.url
    arn         = module.results.queue.arn
    region      = var.deployment.region
    kms_key_arn = var.deployment.kms_key_arn
  }
}

output "results_queue_name" {
  description = "Name of that queue."
  value       = module.results.queue.name
}

output "rejected_queue_url" {
  description = "URL of the queue of refused records."
  value       = module.rejected.queue.url
}

output "state_table_name" {
  description = "Name of the table of judging state."
  value       = aws_dynamodb_table.state.name
}

output "dead_letter_queue_names" {
  description = "Names of the queues in which something lies when something went wrong."
  value       = { failed_results = module.results.failed.name, rejected = module.rejected.queue.name }
}
