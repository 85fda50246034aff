variable "name" {
  description = "Name of the function."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[a-zA-Z0-9-]{1,64}$", var.name))
    error_message = "A function's name has 1 to 64 letters, digits and hyphens; shorten the name of the installation."
  }
}

variable "role_name" {
  description = "Name of the function's role; roles are global, so it carries the region where there are several."
  type        = string
  nullable    = false

  validation {
    condition     = length(var.role_name) <= 64
    error_message = "A role's name has at most 64 characters; shorten the name of the installation."
  }
}

variable "region" {
  description = "Region of the function."
  type        = string
  nullable    = false
}

variable "description" {
  description = "What the function does, in one sentence."
  type        = string
  nullable    = false
}

variable "package" {
  description = "Path of the zip with `bootstrap` at its root."
  type        = string
  nullable    = false
}

variable "architecture" {
  description = "`arm64` or `x86_64`: what the package was built for."
  type        = string
  nullable    = false
}

variable "memory_mb" {
  description = "Memory in MB. The share of a processor grows with it: 1,769 MB are one."
  type        = number
  nullable    = false

  validation {
    condition     = var.memory_mb >= 128 && var.memory_mb <= 10240
    error_message = "Lambda gives 128 to 10240 MB of memory."
  }
}

variable "timeout_s" {
  description = "Seconds after which Lambda ends an invocation."
  type        = number
  nullable    = false

  validation {
    condition     = var.timeout_s >= 1 && var.timeout_s <= 900
    error_message = "Lambda's time limit is 1 to 900 seconds."
  }
}

variable "reserved_concurrency" {
  description = "Invocations at once that are set apart for this function, and its limit; `null` sets nothing apart."
  type        = number
  default     = null
}

variable "environment" {
  description = "Environment variables."
  type        = map(string)
  default     = {}
  nullable    = false
}

variable "statements" {
  description = "Statements of the function's policy beyond log and traces: objects with `Sid`, `Effect`, `Action`, `Resource` and, where needed, `Condition`."
  type        = any
  default     = []
  nullable    = false
}

variable "key_uses" {
  description = "Keys that the function uses, each through one service in one region."
  type = list(object({
    key_arn = string
    service = string
    region  = string
  }))
  default  = []
  nullable = false
}

variable "asynchronous" {
  description = "How calls that nobody waits for are treated: retries (0 to 2), the age in seconds at which they are given up (60 to 21600), and the queue for those that failed. `null` where nothing calls the function so."
  type = object({
    retries            = number
    max_age_s          = number
    failures_queue_arn = string
  })
  default = null
}

variable "subnet_ids" {
  description = "Subnets that the function is attached to; empty for none."
  type        = list(string)
  default     = []
  nullable    = false
}

variable "security_group_ids" {
  description = "Security groups in those subnets."
  type        = list(string)
  default     = []
  nullable    = false
}

variable "live_version" {
  description = "Version that the alias points to; `null` is the newest."
  type        = string
  default     = null
}

variable "kms_key_arn" {
  description = "Key for environment variables and log."
  type        = string
  nullable    = false
}

variable "log_retention_days" {
  description = "Days for which the log is kept."
  type        = number
  nullable    = false
}

variable "log_level" {
  description = "Least severe level that Lambda keeps: TRACE, DEBUG, INFO, WARN, ERROR or FATAL."
  type        = string
  default     = "INFO"
  nullable    = false
}

variable "log_filter" {
  description = "Filter of the function's own events, in the syntax of tracing's `EnvFilter`."
  type        = string
  default     = "info"
  nullable    = false
}

variable "tracing" {
  description = "`Active`: Lambda begins traces and X-Ray records them; `PassThrough`: only callers that trace are followed."
  type        = string
  default     = "Active"
  nullable    = false
}

variable "tags" {
  description = "Tags of everything in this module."
  type        = map(string)
  default     = {}
  nullable    = false
}
