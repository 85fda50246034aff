variable "name" {
  description = "Name of the installation; names of roles begin with it."
  type        = string
  nullable    = false
}

variable "region" {
  description = "Region of the store."
  type        = string
  nullable    = false
}

variable "source_dir" {
  description = "Folder with `grafana/` and `dashboards/`: the root of the repository."
  type        = string
  nullable    = false
}

variable "database" {
  description = "Database that dashboards and rules ask."
  type        = string
  nullable    = false
}

variable "table" {
  description = "Table that dashboards and rules ask."
  type        = string
  nullable    = false
}

variable "endpoint" {
  description = "URL of a bridge; `null` for Timestream."
  type        = string
  default     = null
}

variable "webhook_url" {
  description = "Where the contact point sends alerts."
  type        = string
  nullable    = false
}

variable "state_interval" {
  description = "How often rules that page are evaluated."
  type        = string
  nullable    = false
}

variable "objective_interval" {
  description = "How often rules that can wait are evaluated."
  type        = string
  nullable    = false
}

variable "alert_source" {
  description = "`grafana`, or `writer`: then rules that repeat verdicts rest."
  type        = string
  nullable    = false
}

variable "principals" {
  description = "ARNs of roles or users that Grafana runs as and that may read; empty for no reader roles."
  type        = set(string)
  default     = []
  nullable    = false
}

variable "external_id" {
  description = "External id that Grafana has to name when it takes a reader's role."
  type        = string
  default     = null
}

variable "table_arns" {
  description = "All tables."
  type        = list(string)
  nullable    = false
}

variable "tenant_table_arns" {
  description = "Tables of each tenant that has tables or a database of its own."
  type        = map(list(string))
  default     = {}
  nullable    = false
}

variable "tags" {
  description = "Tags of everything in this module."
  type        = map(string)
  default     = {}
  nullable    = false
}
