variable "name" {
  description = "Name of the topic."
  type        = string
  nullable    = false
}

variable "display_name" {
  description = "What letters and text messages of this topic say they come from; `null` leaves it out."
  type        = string
  default     = null
}

variable "region" {
  description = "Region of the topic."
  type        = string
  nullable    = false
}

variable "kms_key_arn" {
  description = "Key of the region."
  type        = string
  nullable    = false
}

variable "tags" {
  description = "Tags of the topic."
  type        = map(string)
  default     = {}
  nullable    = false
}

variable "publisher" {
  description = "Who may publish: `Sid`, `Principal` and, where needed, `Condition` of a policy's statement."
  type        = any
  nullable    = false

  validation {
    condition     = can(var.publisher.Sid) && can(var.publisher.Principal) && try(var.publisher.Principal, "*") != "*"
    error_message = "publisher has a Sid that says why and a Principal that is not everybody."
  }
}
