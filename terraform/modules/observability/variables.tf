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

variable "subscriptions" {
  description = "Who is told when Tidewatch itself is in trouble: protocol and endpoint as SNS has them."
  type = list(object({
    protocol = string
    endpoint = string
  }))
  default  = []
  nullable = false
}

variable "dead_letter_queues" {
  description = "Names of queues in which nothing should ever lie."
  type        = map(string)
  default     = {}
  nullable    = false
}

variable "queues" {
  description = "Names of working queues, and the seconds that their oldest message may have waited."
  type = map(object({
    name      = string
    max_age_s = number
  }))
  default  = {}
  nullable = false
}

variable "functions" {
  description = "Names of all functions of the region."
  type        = map(string)
  default     = {}
  nullable    = false
}

variable "stream_functions" {
  description = "Names of functions that read a stream."
  type        = map(string)
  default     = {}
  nullable    = false
}

variable "asynchronous_functions" {
  description = "Names of functions that rules and schedules call."
  type        = map(string)
  default     = {}
  nullable    = false
}

variable "writers" {
  description = "Functions that write rows, with the location that their metrics carry."
  type = map(object({
    name     = string
    location = string
  }))
  default  = {}
  nullable = false
}

variable "heartbeats" {
  description = "Functions that count Grafana's Watchdog, with the location that their metrics carry; empty where no Grafana sends one."
  type = map(object({
    name     = string
    location = string
  }))
  default  = {}
  nullable = false
}

variable "topics" {
  description = "Names of topics that tell people."
  type        = map(string)
  default     = {}
  nullable    = false
}

variable "instances" {
  description = "Ids of instances."
  type        = map(string)
  default     = {}
  nullable    = false
}
