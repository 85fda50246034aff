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

variable "partition" {
  description = "Partition of the account, such as `aws` or `aws-cn`."
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
