variable "name" {
  description = "Name of the table, in every region."
  type        = string
  nullable    = false
}

variable "index_name" {
  description = "Name of the index by which the functions read a bucket."
  type        = string
  default     = "schedule_bucket"
  nullable    = false
}

variable "region" {
  description = "Home region."
  type        = string
  nullable    = false
}

variable "replica_regions" {
  description = "Other regions that get a replica."
  type        = set(string)
  default     = []
  nullable    = false

  validation {
    condition     = !contains(var.replica_regions, var.region)
    error_message = "The home region has the table itself; leave it out of replica_regions."
  }
}

variable "kms_key_arns" {
  description = "Key of each region, the home region included."
  type        = map(string)
  nullable    = false

  validation {
    condition     = alltrue([for region in setunion([var.region], var.replica_regions) : contains(keys(var.kms_key_arns), region)])
    error_message = "kms_key_arns needs a key for the home region and for every replica."
  }
}

variable "tags" {
  description = "Tags of the table and its replicas."
  type        = map(string)
  default     = {}
  nullable    = false
}

variable "deletion_protection" {
  description = "Whether the table and its replicas refuse to be deleted."
  type        = bool
  default     = true
  nullable    = false
}
