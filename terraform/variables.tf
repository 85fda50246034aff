# What an installation is made of. The store has variables-store.tf, alerts and Grafana
# variables-alerting.tf.

variable "name" {
  description = "Name of the installation. Names of functions, queues, roles and rules begin with it; two installations of one account need two names."
  type        = string
  default     = "tidewatch"
  nullable    = false

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{1,18}[a-z0-9]$", var.name)) && !endswith(var.name, "-rule")
    error_message = "name has 3 to 20 lower-case letters, digits and hyphens, begins with a letter, and does not end in `-rule` (that is how names of schedule rules go on)."
  }
}

variable "regions" {
  description = "Regions to probe from beside the home region, which is the provider's. Each has the monitor and config functions, a replica of the monitors table and alarms of its own; results go to the home region."
  type        = set(string)
  default     = []
  nullable    = false

  validation {
    condition     = alltrue([for region in var.regions : can(regex("^[a-z]{2}(-[a-z]+)+-[0-9]$", region))])
    error_message = "regions has names such as eu-west-1 or us-east-2."
  }
}

variable "monitors_table" {
  description = "Name of the DynamoDB table of monitor entries; `dynamo_entries.json` names this table too."
  type        = string
  default     = "tidewatch-monitors"
  nullable    = false

  validation {
    condition     = can(regex("^[a-zA-Z0-9_.-]{3,255}$", var.monitors_table))
    error_message = "monitors_table has 3 to 255 letters, digits, underscores, points and hyphens."
  }
}

variable "tenants" {
  description = "Tenants by name. `isolation`: `shared` (the default table), `table` (a table of its own in the default database, with its own retention) or `database` (a database of its own, with a key of its own). `addresses` that its monitors may talk to: `[\"public\"]`, `[\"any\"]` or networks such as `[\"10.0.0.0/8\"]`. `topic`: a topic of its own for alerts. A tenant that is not listed uses the shared table and public addresses, and has no secrets: those below `/tidewatch/<tenant>/` are readable for listed tenants only."
  type = map(object({
    isolation     = optional(string, "shared")
    memory_hours  = optional(number)
    magnetic_days = optional(number)
    addresses     = optional(list(string), ["public"])
    topic         = optional(bool, false)
  }))
  default  = {}
  nullable = false

  validation {
    condition     = alltrue([for name in keys(var.tenants) : can(regex("^[A-Za-z0-9][A-Za-z0-9_-]{0,31}$", name))])
    error_message = "A tenant's name has 1 to 32 letters, digits, underscores and hyphens, and begins with a letter or a digit: names of tables, secrets and topics are made of it."
  }
  validation {
    condition     = alltrue([for tenant in values(var.tenants) : contains(["shared", "table", "database"], tenant.isolation)])
    error_message = "A tenant's isolation is shared, table or database."
  }
  validation {
    condition     = alltrue([for tenant in values(var.tenants) : tenant.isolation != "shared" || (tenant.memory_hours == null && tenant.magnetic_days == null)])
    error_message = "Only a tenant with isolation = table or database has a retention of its own; the shared table has that of the variable retention."
  }
  validation {
    condition = alltrue([
      for tenant in values(var.tenants) :
      length(tenant.addresses) > 0 && (contains(["public", "any"], join(",", tenant.addresses)) || alltrue([for network in tenant.addresses : can(cidrhost(network, 0))]))
    ])
    error_message = "A tenant's addresses are [\"public\"], [\"any\"], or networks such as [\"10.0.0.0/8\", \"fd00::/8\"]."
  }
}

variable "package_dir" {
  description = "Folder with config.zip, monitor.zip, writer.zip and alert-webhook.zip; `null` is where `make package` puts them: `target/lambda/arm64` of this repository, or `target/lambda` for x86_64. A delivery pipeline names its own folder here."
  type        = string
  default     = null
}

variable "architecture" {
  description = "What the packages were built for: `arm64` (a fifth cheaper) or `x86_64`. `null` is arm64 where `make package` left packages for it, else x86_64; name it where more than one machine applies."
  type        = string
  default     = null

  validation {
    condition     = var.architecture == null ? true : contains(["arm64", "x86_64"], var.architecture)
    error_message = "architecture is arm64 or x86_64, as the packages were built; `make package` prints which."
  }
  validation {
    condition     = var.architecture != null || var.package_dir == null
    error_message = "Packages in a folder of your own (package_dir) need architecture, arm64 or x86_64: their names do not tell."
  }
}

variable "functions" {
  description = "Size of each function: memory in MB, time limit in seconds, and concurrency set apart for it (`null` sets nothing apart: new accounts have 10 to share, and refuse). The monitor's memory buys processor time, and with it honest latencies: see docs/aws/operations.md before lowering it."
  type = object({
    config = optional(object({
      memory_mb            = optional(number, 256)
      timeout_s            = optional(number, 300)
      reserved_concurrency = optional(number)
    }), {})
    monitor = optional(object({
      memory_mb            = optional(number, 512)
      timeout_s            = optional(number, 60)
      reserved_concurrency = optional(number)
    }), {})
    writer = optional(object({
      memory_mb            = optional(number, 256)
      timeout_s            = optional(number, 60)
      reserved_concurrency = optional(number)
    }), {})
    webhook_receive = optional(object({
      memory_mb            = optional(number, 256)
      timeout_s            = optional(number, 10)
      reserved_concurrency = optional(number)
    }), {})
    webhook_send = optional(object({
      memory_mb            = optional(number, 256)
      timeout_s            = optional(number, 30)
      reserved_concurrency = optional(number)
    }), {})
  })
  default  = {}
  nullable = false

  validation {
    condition     = var.functions.writer.timeout_s <= 900 && var.functions.webhook_send.timeout_s <= 900 && var.functions.monitor.timeout_s <= 900 && var.functions.config.timeout_s <= 900 && var.functions.webhook_receive.timeout_s <= 30
    error_message = "Time limits are at most 900 seconds; webhook_receive at most 30, because its HTTP API waits no longer."
  }
  validation {
    condition     = var.functions.monitor.timeout_s >= 30
    error_message = "The monitor needs at least 30 seconds: the longest probe of its monitors (8 by default), and twenty for what comes after."
  }
}

variable "live_versions" {
  description = "Versions that the aliases point to, for a roll-back: `{ writer = \"12\" }`, or `{ \"monitor/eu-west-1\" = \"7\" }` for one region. Functions: config, monitor, writer, webhook-receive, webhook-send. Absent ones use the newest version."
  type        = map(string)
  default     = {}
  nullable    = false

  validation {
    condition     = alltrue([for key in keys(var.live_versions) : can(regex("^(config|monitor|writer|webhook-receive|webhook-send)(/[a-z0-9-]+)?$", key))])
    error_message = "live_versions has the keys config, monitor, writer, webhook-receive and webhook-send, or one of them with a region: monitor/eu-west-1."
  }
  validation {
    condition     = alltrue([for version in values(var.live_versions) : can(regex("^[1-9][0-9]*$", version))])
    error_message = "A version is a number, as `terraform output versions` shows it."
  }
}

variable "rule_layout" {
  description = "`per-monitor`: a schedule rule for each monitor, as in the original; good to about 250 monitors in a region, at some 40 cents a month each when they are probed every minute. `buckets`: one invocation for many monitors, good to 100,000, and the cheaper one from about twenty on; an entry that an edit broke is not probed until it is repaired."
  type        = string
  default     = "per-monitor"
  nullable    = false

  validation {
    condition     = contains(["per-monitor", "buckets"], var.rule_layout)
    error_message = "rule_layout is per-monitor or buckets."
  }
}

variable "buckets" {
  description = "Buckets for each interval in the layout `buckets`: a power of two, 100 to 200 monitors in each."
  type        = number
  default     = 16
  nullable    = false

  validation {
    condition     = contains([for power in range(13) : pow(2, power)], var.buckets)
    error_message = "buckets is a power of two from 1 to 4096: 16, 32, 64 ... Going from one to the next moves the fewest monitors."
  }
}

variable "rule_limit" {
  description = "Schedule rules that a region may hold: the account's quota less the rules of others. 300 is AWS's default (100 in af-south-1 and eu-south-1)."
  type        = number
  default     = 300
  nullable    = false

  validation {
    condition     = var.rule_limit >= 1
    error_message = "rule_limit is at least 1."
  }
  validation {
    condition     = var.quota_requests.rules == null ? true : var.rule_limit <= var.quota_requests.rules
    error_message = "rule_limit cannot exceed the quota that quota_requests.rules asks for."
  }
}

variable "quota_requests" {
  description = "Quotas to ask for in the home region: concurrent executions of Lambda, rules of EventBridge. `null` asks for nothing. AWS answers in hours to days; for other regions see docs/aws/operations.md."
  type = object({
    lambda_concurrency = optional(number)
    rules              = optional(number)
  })
  default  = {}
  nullable = false
}

variable "probes_at_once" {
  description = "Probes at once in one invocation of the monitor."
  type        = number
  default     = 64
  nullable    = false

  validation {
    condition     = var.probes_at_once >= 1 && var.probes_at_once <= 512
    error_message = "probes_at_once is 1 to 512: an environment has 1024 descriptors."
  }
}

variable "writer_concurrency" {
  description = "Batches of results that are written at once, 2 to 1000. More than are set apart for the writer would only be throttled."
  type        = number
  default     = 5
  nullable    = false

  validation {
    condition     = var.writer_concurrency >= 2 && var.writer_concurrency <= 1000
    error_message = "writer_concurrency is 2 to 1000: Lambda limits a queue to no less than two invocations."
  }
  validation {
    condition     = var.functions.writer.reserved_concurrency == null ? true : var.functions.writer.reserved_concurrency >= var.writer_concurrency
    error_message = "functions.writer.reserved_concurrency is less than writer_concurrency: batches would be throttled and end in the queue of failed ones. Set at least as much apart, or nothing."
  }
}

variable "log_retention_days" {
  description = "Days for which logs are kept; CloudWatch knows 1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731 and more."
  type        = number
  default     = 30
  nullable    = false

  validation {
    condition     = contains([1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653], var.log_retention_days)
    error_message = "log_retention_days is one of CloudWatch's: 1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653."
  }
}

variable "tracing" {
  description = "`Active`: Lambda begins traces and X-Ray records them, the first of every second and 5 % of the others, at 5 USD a million after the first 100,000 a month: at most 2.35 USD for 1,000 monitors in buckets every minute, at most 13 for a rule for each of 100. `PassThrough`: only callers that trace themselves are followed."
  type        = string
  default     = "Active"
  nullable    = false

  validation {
    condition     = contains(["Active", "PassThrough"], var.tracing)
    error_message = "tracing is Active or PassThrough."
  }
}

variable "kms_key_arns" {
  description = "Keys of yours by region, in place of those that this module makes (1 USD a month each). Their policies have to let logs and cloudwatch in, as modules/encryption does."
  type        = map(string)
  default     = {}
  nullable    = false

  validation {
    condition     = alltrue([for region, arn in var.kms_key_arns : can(regex("^arn:[a-z-]+:kms:${region}:[0-9]{12}:key/", arn))])
    error_message = "kms_key_arns maps a region to the ARN of a key in that region, not of an alias."
  }
}

variable "deletion_protection" {
  description = "Whether tables of DynamoDB refuse to be deleted. Set to false only on the way of docs/aws/teardown.md."
  type        = bool
  default     = true
  nullable    = false
}

variable "tags" {
  description = "Tags of everything."
  type        = map(string)
  default     = {}
  nullable    = false
}
