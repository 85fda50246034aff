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

variable "tags" {
  description = "Tags of everything in this module."
  type        = map(string)
  default     = {}
  nullable    = false
}

variable "databases" {
  description = "Databases by name, and whether each has a key of its own."
  type        = map(object({ own_key = bool }))
  nullable    = false
}

variable "tables" {
  description = "All tables as `database/table`: database, table, hours in the memory store, days in the magnetic store."
  type = map(object({
    database      = string
    table         = string
    memory_hours  = number
    magnetic_days = number
  }))
  nullable = false
}

variable "settings" {
  description = "Settings of the bridge; the variable `bridge` of the root module documents each."
  type        = any
  default     = {}
  nullable    = false
}

variable "database" {
  description = "Database of tenants without one of their own."
  type        = string
  nullable    = false
}

variable "table" {
  description = "Table of tenants without one of their own."
  type        = string
  nullable    = false
}
