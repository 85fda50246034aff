variable "store" {
  description = "Where results are kept. `timestream`: Amazon Timestream for LiveAnalytics, for accounts that used it before 2025-06-20 (others are refused). `bridge`: Tidewatch's own server on one instance, for every account. `existing`: one of both that exists already. `tidewatch doctor --aws` tells which of them this account can use."
  type        = string
  nullable    = false

  validation {
    condition     = contains(["timestream", "bridge", "existing"], var.store)
    error_message = "store is timestream, bridge or existing; `tidewatch doctor --aws` tells what this account can use."
  }
}

variable "database" {
  description = "Database of the rows."
  type        = string
  default     = "CPTMonitoring"
  nullable    = false

  validation {
    condition     = can(regex("^[a-zA-Z0-9_.-]{3,64}$", var.database))
    error_message = "database has 3 to 64 letters, digits, underscores, points and hyphens."
  }
}

variable "table" {
  description = "Table of the rows. Attempts have a second one, with `_Attempts` after this name."
  type        = string
  default     = "WebsiteMonitoringData"
  nullable    = false

  validation {
    condition     = can(regex("^[a-zA-Z0-9_.-]{3,55}$", var.table))
    error_message = "table has 3 to 55 letters, digits, underscores, points and hyphens: `_Attempts` has to fit behind it."
  }
}

variable "retention" {
  description = "Hours in the memory store (late results are taken for as long at the price of fresh ones), days in the magnetic store, and days for rows of single attempts."
  type = object({
    memory_hours  = optional(number, 24)
    magnetic_days = optional(number, 400)
    attempt_days  = optional(number, 7)
  })
  default  = {}
  nullable = false

  validation {
    condition     = var.retention.memory_hours >= 1 && var.retention.memory_hours <= 8766
    error_message = "retention.memory_hours is 1 to 8766."
  }
  validation {
    condition     = min(var.retention.magnetic_days, var.retention.attempt_days) >= 1 && max(var.retention.magnetic_days, var.retention.attempt_days) <= 73000
    error_message = "retention.magnetic_days and retention.attempt_days are 1 to 73000."
  }
}

variable "attempt_rows" {
  description = "Single attempts that leave rows of their own: `off`, `failures` or `all`. All five attempts of every probe are six times the writes of a probe alone: on Timestream that is six times its price."
  type        = string
  default     = "off"
  nullable    = false

  validation {
    condition     = contains(["off", "failures", "all"], var.attempt_rows)
    error_message = "attempt_rows is off, failures or all."
  }
}

variable "bridge" {
  description = "The instance of the store `bridge`: type (`null` is t4g.micro or t3.micro; docs/cost.md says from when on a larger one is needed), architecture and path of the tidewatch binary (`null` is arm64 where `target/aarch64-unknown-linux-gnu/release/tidewatch` is there, else `target/release/tidewatch` for x86_64; built for glibc 2.34 or older), size of the data volume in GB (it can grow, not shrink), image (`null` is the newest Amazon Linux 2023), network of its VPC, networks that may ask it (a Grafana's, for instance, by peering), snapshot to begin with (a restore), daily snapshots kept, and endpoints for Session Manager (22 USD a month)."
  type = object({
    instance_type   = optional(string)
    architecture    = optional(string)
    binary          = optional(string)
    volume_gb       = optional(number, 10)
    image_id        = optional(string)
    cidr            = optional(string, "10.83.0.0/24")
    client_cidrs    = optional(list(string), [])
    snapshot_id     = optional(string)
    snapshots_kept  = optional(number, 14)
    session_manager = optional(bool, false)
  })
  default  = {}
  nullable = false

  validation {
    condition     = var.bridge.architecture == null ? true : contains(["x86_64", "arm64"], var.bridge.architecture)
    error_message = "bridge.architecture is x86_64 or arm64."
  }
  validation {
    condition     = var.bridge.binary == null || var.bridge.architecture != null
    error_message = "A binary of your own (bridge.binary) needs bridge.architecture, arm64 or x86_64: its name does not tell."
  }
  validation {
    condition     = var.bridge.instance_type == null || var.bridge.architecture != null
    error_message = "bridge.instance_type needs bridge.architecture beside it, arm64 (t4g ...) or x86_64 (t3 ...): the image is chosen by it."
  }
  validation {
    condition     = can(cidrhost(var.bridge.cidr, 10)) && tonumber(split("/", var.bridge.cidr)[1]) <= 28 && tonumber(split("/", var.bridge.cidr)[1]) >= 16
    error_message = "bridge.cidr is a network between /16 and /28, such as 10.83.0.0/24; the bridge has its tenth address."
  }
  validation {
    condition     = alltrue([for network in var.bridge.client_cidrs : can(cidrhost(network, 0)) && network != "0.0.0.0/0"])
    error_message = "bridge.client_cidrs has networks such as 10.0.0.0/16, and never the whole Internet."
  }
  validation {
    condition     = var.bridge.volume_gb >= 10 && var.bridge.volume_gb <= 16384
    error_message = "bridge.volume_gb is 10 to 16384; a million probe rows take about 0.1 GB."
  }
  validation {
    condition     = var.bridge.snapshots_kept >= 1 && var.bridge.snapshots_kept <= 1000
    error_message = "bridge.snapshots_kept is 1 to 1000."
  }
}

variable "existing_store" {
  description = "The store `existing`. A bridge: its URL, the secrets of its keys and its authority, and the subnets and security groups that it is reached from. Timestream: leave the endpoint out; databases and tables have to be there, as `database`, `table` and `tenants` name them."
  type = object({
    endpoint           = optional(string)
    keys_secret_arn    = optional(string)
    ca_secret_arn      = optional(string)
    subnet_ids         = optional(list(string), [])
    security_group_ids = optional(list(string), [])
  })
  default  = {}
  nullable = false

  validation {
    condition     = var.existing_store.endpoint == null ? true : startswith(var.existing_store.endpoint, "https://")
    error_message = "existing_store.endpoint begins with https://: signatures prove who asks, TLS keeps what is asked."
  }
  validation {
    condition     = (var.existing_store.endpoint == null) == (var.existing_store.keys_secret_arn == null)
    error_message = "existing_store has both an endpoint and keys_secret_arn (a bridge) or neither (Timestream)."
  }
  validation {
    condition     = var.existing_store.endpoint == null || var.store == "existing"
    error_message = "existing_store.endpoint is for store = existing; this one is not."
  }
  validation {
    condition     = (length(var.existing_store.subnet_ids) == 0) == (length(var.existing_store.security_group_ids) == 0)
    error_message = "existing_store needs subnet_ids and security_group_ids together."
  }
}
