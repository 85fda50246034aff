//! Adapters on the AWS SDK, one module for each service.
