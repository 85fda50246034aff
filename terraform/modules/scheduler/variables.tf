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

variable "table" {
  description = "Table of the monitor entries in this region."
  type = object({
    name       = string
    arn        = string
    index_name = string
  })
  nullable = false
}

variable "results_queue" {
  description = "Queue of the results, in the home region."
  type = object({
    url         = string
    arn         = string
    region      = string
    kms_key_arn = string
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

variable "stream_arn" {
  description = "Stream of the table in this region."
  type        = string
  nullable    = false
}

variable "monitor_alias_arn" {
  description = "What the rules call."
  type        = string
  nullable    = false
}

variable "rule_prefix" {
  description = "What the names of schedule rules begin with."
  type        = string
  nullable    = false
}

variable "rule_layout" {
  description = "`per-monitor`: a rule for each monitor, or `buckets`: a rule for many."
  type        = string
  nullable    = false
}

variable "buckets" {
  description = "Buckets for each interval in the layout `buckets`, a power of two."
  type        = number
  nullable    = false
}

variable "rule_limit" {
  description = "Rules that the region may hold: the account's quota."
  type        = number
  nullable    = false
}
