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
  description = "Tables of rows; the key `shared` is the one of tenants without a table of their own: database, table, hours in the memory store, days in the magnetic store."
  type = map(object({
    database      = string
    table         = string
    memory_hours  = number
    magnetic_days = number
  }))
  nullable = false

  validation {
    condition     = contains(keys(var.tables), "shared")
    error_message = "tables needs the key `shared`: the table of tenants without one of their own."
  }
  validation {
    condition     = alltrue([for table in values(var.tables) : table.memory_hours >= 1 && table.memory_hours <= 8766])
    error_message = "Timestream keeps rows in the memory store for 1 to 8766 hours."
  }
  validation {
    condition     = alltrue([for table in values(var.tables) : table.magnetic_days >= 1 && table.magnetic_days <= 73000])
    error_message = "Timestream keeps rows in the magnetic store for 1 to 73000 days."
  }
}

variable "attempts" {
  description = "What an attempts table adds to the name of its table, and its days in the magnetic store; `null` for none."
  type = object({
    suffix        = string
    magnetic_days = number
  })
  default = null
}

variable "settings" {
  description = "Settings of the bridge; the variable `bridge` of the root module documents each."
  type        = any
  default     = {}
  nullable    = false
}
