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

variable "receive_function" {
  description = "Size of the function that verifies: memory in MB, time limit in seconds, concurrency set apart for it (`null` for none), and the version that the alias points to (`null` for the newest)."
  type = object({
    memory_mb            = number
    timeout_s            = number
    reserved_concurrency = number
    live_version         = string
  })
  nullable = false
}

variable "send_function" {
  description = "Size of the function that sends: memory in MB, time limit in seconds, concurrency set apart for it (`null` for none), and the version that the alias points to (`null` for the newest)."
  type = object({
    memory_mb            = number
    timeout_s            = number
    reserved_concurrency = number
    live_version         = string
  })
  nullable = false
}

variable "results_queue" {
  description = "Queue of the results: rows about notifications go there."
  type = object({
    url = string
    arn = string
  })
  nullable = false
}

variable "teams" {
  description = "Teams with a topic of their own."
  type        = set(string)
  default     = []
  nullable    = false
}

variable "tenants" {
  description = "Tenants with a topic of their own."
  type        = set(string)
  default     = []
  nullable    = false
}

variable "subscriptions" {
  description = "Who is told: `topic` is `critical`, `warning`, `info`, `team/NAME` or `tenant/NAME`; protocol and endpoint as SNS has them; a filter policy as JSON over the attributes of messages."
  type = list(object({
    topic                = string
    protocol             = string
    endpoint             = string
    filter_policy        = optional(string)
    raw_message_delivery = optional(bool, false)
  }))
  default  = []
  nullable = false

  validation {
    condition = alltrue([
      for subscription in var.subscriptions :
      contains(["critical", "warning", "info"], subscription.topic)
      || contains([for team in var.teams : "team/${team}"], subscription.topic)
      || contains([for tenant in var.tenants : "tenant/${tenant}"], subscription.topic)
    ])
    error_message = "A subscription's topic is critical, warning, info, team/NAME or tenant/NAME, where the team is in teams and the tenant in tenant_topics."
  }
}

variable "sns_sources" {
  description = "ARNs of topics whose deliveries the webhook takes."
  type        = set(string)
  default     = []
  nullable    = false

  validation {
    condition     = alltrue([for arn in var.sns_sources : can(regex("^arn:[a-z-]+:sns:[a-z0-9-]+:[0-9]{12}:[A-Za-z0-9_-]+$", arn))])
    error_message = "Each of sns_sources is the ARN of a topic, such as arn:aws:sns:eu-west-1:111122223333:grafana-alerts."
  }
}

variable "webhook_secret" {
  description = "What senders prove themselves with: lists `hmac`, `bearer` and `basic` (`user:password`). Passed on to Secrets Manager and stored nowhere else."
  type = object({
    hmac   = optional(list(string), [])
    bearer = optional(list(string), [])
    basic  = optional(list(string), [])
  })
  default   = null
  ephemeral = true
}

variable "webhook_secret_version" {
  description = "Raise this number to write `webhook_secret` anew; `null` leaves the value to a person or to a rotation."
  type        = number
  default     = null
}

variable "runbook_base_url" {
  description = "Where runbooks are, for alerts without a link to one."
  type        = string
  default     = null
}

variable "grafana_url" {
  description = "Address of Grafana, for links to dashboards where an alert has none."
  type        = string
  default     = null
}

variable "requests_per_second" {
  description = "Requests a second that the webhook takes before it refuses."
  type        = number
  default     = 20
  nullable    = false
}

variable "deletion_protection" {
  description = "Whether the table of incidents refuses to be deleted."
  type        = bool
  default     = true
  nullable    = false
}
