variable "alert_source" {
  description = "Who finds outages. `grafana`: its rules ask the store; every evaluation is a query, on Timestream at least 4 compute units while it runs (docs/dashboards.md has the price of each interval). `writer`: the writer tells of changes of state itself, without a query and seconds after the result; the rules that repeat verdicts rest, the others go on."
  type        = string
  default     = "grafana"
  nullable    = false

  validation {
    condition     = contains(["grafana", "writer"], var.alert_source)
    error_message = "alert_source is grafana or writer."
  }
}

variable "evaluation_interval" {
  description = "How often Grafana evaluates the rules that page (outages, silence, fast burn). With seven rules every minute Timestream has 346,000 queries a month to answer and its compute units hardly rest; at 2m it is 194,000, at 5m 104,000. The bridge answers for nothing."
  type        = string
  default     = "1m"
  nullable    = false

  validation {
    condition     = can(regex("^([1-9][0-9]*0s|[1-9][0-9]*m|[1-9][0-9]*h)$", var.evaluation_interval))
    error_message = "evaluation_interval is a multiple of ten seconds, such as 30s, 1m or 5m."
  }
}

variable "objective_interval" {
  description = "How often Grafana evaluates the rules that can wait (latency, slow burn, certificates)."
  type        = string
  default     = "5m"
  nullable    = false

  validation {
    condition     = can(regex("^([1-9][0-9]*0s|[1-9][0-9]*m|[1-9][0-9]*h)$", var.objective_interval))
    error_message = "objective_interval is a multiple of ten seconds, such as 1m, 5m or 10m."
  }
}

variable "alert_subscriptions" {
  description = "Who is told of outages: `topic` is critical, warning, info, team/NAME or tenant/NAME; `protocol` and `endpoint` are SNS's (email, sms, https, sqs, lambda ...); `filter_policy` is JSON over the attributes of messages. E-mail addresses have to be confirmed by their owners."
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
    condition     = alltrue([for subscription in var.alert_subscriptions : contains(["email", "email-json", "sms", "http", "https", "sqs", "lambda", "application", "firehose"], subscription.protocol)])
    error_message = "A subscription's protocol is one of SNS's: email, email-json, sms, http, https, sqs, lambda, application, firehose."
  }
  validation {
    condition     = alltrue([for subscription in var.alert_subscriptions : subscription.protocol != "http"])
    error_message = "Alerts are not sent over plain http; use https."
  }
  validation {
    condition     = alltrue([for subscription in var.alert_subscriptions : subscription.filter_policy == null ? true : can(jsondecode(subscription.filter_policy))])
    error_message = "A subscription's filter_policy is JSON, such as jsonencode({ severity = [\"critical\"] })."
  }
}

variable "alert_teams" {
  description = "Teams with a topic of their own: what a monitor's `team` says."
  type        = set(string)
  default     = []
  nullable    = false

  validation {
    condition     = alltrue([for team in var.alert_teams : can(regex("^[A-Za-z0-9_-]{1,64}$", team))])
    error_message = "A team has 1 to 64 letters, digits, underscores and hyphens: the name of its topic is made of it."
  }
}

variable "sns_sources" {
  description = "ARNs of topics whose deliveries the webhook takes, where a Managed Grafana can tell nobody but SNS. The topics have to let this account subscribe."
  type        = set(string)
  default     = []
  nullable    = false
}

variable "webhook_secret" {
  description = "What senders of alerts prove themselves with, lists of `hmac` secrets (at least 32 characters, the current one first), `bearer` tokens and `basic` pairs `user:password`. Ephemeral: Terraform hands it to Secrets Manager and keeps it nowhere. `null` leaves the secret to `aws secretsmanager put-secret-value`."
  type = object({
    hmac   = optional(list(string), [])
    bearer = optional(list(string), [])
    basic  = optional(list(string), [])
  })
  default   = null
  ephemeral = true

  validation {
    condition     = var.webhook_secret == null ? true : alltrue([for secret in concat(var.webhook_secret.hmac, var.webhook_secret.bearer) : length(secret) >= 32])
    error_message = "Secrets of the webhook have at least 32 characters; make one with `openssl rand -hex 32`."
  }
}

variable "webhook_secret_version" {
  description = "Raise this number whenever `webhook_secret` changes: write-only values are not compared. `null` writes nothing."
  type        = number
  default     = null

  validation {
    condition     = var.webhook_secret_version == null ? true : var.webhook_secret_version >= 1
    error_message = "webhook_secret_version is 1 or more, and grows with each change."
  }
}

variable "runbook_base_url" {
  description = "Where runbooks are, for alerts without a link to one."
  type        = string
  default     = null
}

variable "grafana_url" {
  description = "Address of Grafana, for links to dashboards."
  type        = string
  default     = null
}

variable "grafana_principals" {
  description = "ARNs of the roles or users that Grafana runs as and that may read; empty makes no reader roles."
  type        = set(string)
  default     = []
  nullable    = false

  validation {
    condition     = alltrue([for arn in var.grafana_principals : can(regex("^arn:[a-z-]+:iam::[0-9]{12}:(role|user|root)", arn))])
    error_message = "grafana_principals has ARNs of roles or users, such as arn:aws:iam::111122223333:role/grafana."
  }
}

variable "grafana_external_id" {
  description = "External id that Grafana names when it takes a reader's role."
  type        = string
  default     = null
}

variable "expect_watchdog" {
  description = "Whether the silence of Grafana's Watchdog is an alarm; `null` is yes where alert_source is grafana. The alarm rings from the beginning until Grafana is connected, and rightly so."
  type        = bool
  default     = null
}

variable "alarm_subscriptions" {
  description = "Who is told when Tidewatch itself is in trouble, in every region: protocol and endpoint as SNS has them. Let these differ from alert_subscriptions in at least one person."
  type = list(object({
    protocol = string
    endpoint = string
  }))
  default  = []
  nullable = false
}
