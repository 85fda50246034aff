variable "name" {
  description = "Name of the queue."
  type        = string
  nullable    = false
}

variable "region" {
  description = "Region of the queues."
  type        = string
  nullable    = false
}

variable "kms_key_arn" {
  description = "Key of the region."
  type        = string
  nullable    = false
}

variable "tags" {
  description = "Tags of everything in this module."
  type        = map(string)
  default     = {}
  nullable    = false
}

variable "visibility_s" {
  description = "Seconds for which a message that somebody works on is hidden from others: six time limits of the function that reads the queue. `null` where no function does."
  type        = number
  default     = null
}

variable "retention_s" {
  description = "Seconds for which messages are kept; `null` is two weeks, the most."
  type        = number
  default     = null
}

variable "failed" {
  description = "The queue for what could not be handled: its name, and after how many receipts a message goes there. `null` for none, where nothing reads the queue but people."
  type = object({
    name  = string
    after = number
  })
  default = null

  validation {
    condition     = var.failed == null ? true : var.failed.after >= 3
    error_message = "failed.after is 3 or more: one bad moment of a service must not put a message aside."
  }
}
