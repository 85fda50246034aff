variable "name" {
  description = "Name of the installation; the key's alias and the log groups that it encrypts begin with it."
  type        = string
  nullable    = false
}

variable "region" {
  description = "Region of the key."
  type        = string
  nullable    = false
}

variable "account_id" {
  description = "Account that owns the key."
  type        = string
  nullable    = false
}

variable "partition" {
  description = "Partition of the account, such as `aws` or `aws-cn`."
  type        = string
  nullable    = false
}

variable "tags" {
  description = "Tags of the key."
  type        = map(string)
  default     = {}
  nullable    = false
}
