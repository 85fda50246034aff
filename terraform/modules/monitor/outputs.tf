output "function_name" {
  description = "Name of the function."
  value       = module.function.name
}

output "alias_arn" {
  description = "ARN that schedule rules call."
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

output "slots_queue_url" {
  description = "URL of the queue of slots below a minute."
  value       = module.slots.queue.url
}

output "slots_queue_name" {
  description = "Name of that queue."
  value       = module.slots.queue.name
}

output "dead_letter_queue_names" {
  description = "Names of the queues in which something lies when something went wrong."
  value       = { failed_calls = module.failed_calls.queue.name, failed_slots = module.slots.failed.name }
}
