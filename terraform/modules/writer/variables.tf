variable "name" {
  description = "Name of the installation; names of resources begin with it."
  type        = string
  nullable    = false
}

variable "region" {
  description = "Region of everything in this module."
  type        = string
  nullable    = false
}

variable "account_id" {
  description = "Account of the installation."
  type        = string
  nullable    = false
}

variable "kms_key_arn" {
  description = "Key of the region."
  type        = string
  nullable    = false
}

variable "package_dir" {
  description = "Folder of the packages."
  type        = string
  nullable    = false
}

variable "architecture" {
  description = "`arm64` or `x86_64`: what the packages were built for."
  type        = string
  nullable    = false
}

variable "log_retention_days" {
  description = "Days for which logs are kept."
  type        = number
  nullable    = false
}

variable "tracing" {
  description = "`Active` or `PassThrough`, see modules/function."
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

variable "function" {
  description = "Size of the function: memory in MB, time limit in seconds, concurrency set apart for it (`null` for none), and the version that the alias points to (`null` for the newest)."
  type = object({
    memory_mb            = number
    timeout_s            = number
    reserved_concurrency = number
    live_version         = string
  })
  nullable = false
}

variable "database" {
  description = "Default database of the rows."
  type        = string
  nullable    = false
}

variable "results_table" {
  description = "Default table of the rows."
  type        = string
  nullable    = false
}

variable "tenants_json" {
  description = "What the functions know of tenants: the value of TIDEWATCH_TENANTS."
  type        = string
  nullable    = false
}

variable "store" {
  description = "Where rows go: the outputs of modules/store."
  type = object({
    endpoint           = string
    keys_secret_arn    = string
    ca_secret_arn      = string
    subnet_ids         = list(string)
    security_group_ids = list(string)
    write_statements   = any
  })
  nullable = false
}

variable "attempt_rows" {
  description = "Attempts that leave rows of their own: `off`, `failures` or `all`."
  type        = string
  nullable    = false
}

variable "alert_source" {
  description = "Who tells of changes of state: `grafana`, or `writer`, the writer itself."
  type        = string
  nullable    = false
}

variable "alert_queue" {
  description = "Queue of alerts on their way to people."
  type = object({
    url = string
    arn = string
  })
  nullable = false
}

variable "batching_window_s" {
  description = "Seconds for which results are gathered before they are judged and written."
  type        = number
  default     = 5
  nullable    = false

  validation {
    # Batches above ten messages need a window of at least a second.
    condition     = var.batching_window_s >= 1 && var.batching_window_s <= 60
    error_message = "batching_window_s is 1 to 60: below a second batches stay small and dear, above a minute alerts come late."
  }
}

variable "concurrency" {
  description = "Batches that are written at once, 2 to 1000."
  type        = number
  default     = 5
  nullable    = false

  validation {
    condition     = var.concurrency >= 2 && var.concurrency <= 1000
    error_message = "The writer's concurrency is 2 to 1000: Lambda limits a queue to no less than two invocations."
  }
}

variable "deletion_protection" {
  description = "Whether the table of judging state refuses to be deleted."
  type        = bool
  default     = true
  nullable    = false
}
