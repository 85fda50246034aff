variable "name" {
  description = "Name of the schedule; its role has the region after it."
  type        = string
  nullable    = false
}

variable "region" {
  description = "Region of the schedule."
  type        = string
  nullable    = false
}

variable "account_id" {
  description = "Account of the installation."
  type        = string
  nullable    = false
}

variable "tags" {
  description = "Tags of everything in this module."
  type        = map(string)
  default     = {}
  nullable    = false
}

variable "description" {
  description = "What the call is for, in one sentence."
  type        = string
  nullable    = false
}

variable "expression" {
  description = "When to call, such as `rate(1 hour)` or `cron(10 * * * ? *)`, in UTC."
  type        = string
  nullable    = false
}

variable "alias_arn" {
  description = "Alias of the function to call."
  type        = string
  nullable    = false
}

variable "input" {
  description = "What the function is called with, as JSON."
  type        = string
  nullable    = false
}
