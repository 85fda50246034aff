variable "deployment" {
  description = "What all parts of a region have in common: `name` of the installation, which names of resources begin with; `region`, `account_id`, `partition`; `kms_key_arn`, the key of the region; `package_dir`, the folder of the packages, and the `architecture` that they were built for (`arm64` or `x86_64`); `log_retention_days`; `tracing` (`Active`: Lambda begins traces and X-Ray records them; `PassThrough`: only callers that trace are followed); `tags` of everything."
  type = object({
    name               = string
    region             = string
    account_id         = string
    partition          = string
    kms_key_arn        = string
    package_dir        = string
    architecture       = string
    log_retention_days = number
    tracing            = string
    tags               = map(string)
  })
  nullable = false
}

variable "part" {
  description = "What the function is in the installation, such as `writer`: its name is that of the installation and this one."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[a-zA-Z0-9-]+$", var.part)) && length("${var.deployment.name}-${var.part}-${var.deployment.region}") <= 64
    error_message = "A function's name has letters, digits and hyphens, and at most 64 of them with the region, because the role has all that in its name; shorten the name of the installation."
  }
}

variable "size" {
  description = "Size of the function: memory in MB, of which the share of a processor grows (1,769 MB are one); time limit in seconds; concurrency set apart for it, which is its limit too (`null` for none); and the version that the alias points to (`null` for the newest)."
  type = object({
    memory_mb            = number
    timeout_s            = number
    reserved_concurrency = number
    live_version         = string
  })
  nullable = false

  validation {
    condition     = var.size.memory_mb >= 128 && var.size.memory_mb <= 10240
    error_message = "Lambda gives 128 to 10240 MB of memory."
  }
  validation {
    condition     = var.size.timeout_s >= 1 && var.size.timeout_s <= 900
    error_message = "Lambda's time limit is 1 to 900 seconds."
  }
}

variable "description" {
  description = "What the function does, in one sentence."
  type        = string
  nullable    = false
}

variable "package" {
  description = "Name of the zip in the folder of the packages."
  type        = string
  nullable    = false
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

