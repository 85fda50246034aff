terraform {
  required_version = ">= 1.11"

  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = "~> 6.25"
    }
  }
}

# The provider takes account, region and credentials from the environment (AWS_PROFILE, AWS_REGION),
# so that this module is both what one applies and what other configurations call. The region of the
# environment is the home region. A backend for the state goes into backend.tf: backend.tf.example.
