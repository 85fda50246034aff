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
