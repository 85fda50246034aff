output "function_name" {
  description = "Name of the function."
  value       = module.function.name
}

output "alias_arn" {
  description = "ARN of the function's alias, for a reconcile by hand."
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

output "given_up_queue_name" {
  description = "Name of the queue of stream batches that were given up."
  value       = module.given_up.queue.name
}

output "dead_letter_queue_names" {
  description = "Names of the queues in which something lies when something went wrong."
  value       = { failed_config = module.given_up.failed.name }
}
