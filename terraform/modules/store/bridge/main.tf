# The bridge on one instance. Everything about the instance can be thrown away: rows, keys and the
# certificate authority lie on the data volume, which outlives it, and so does its address.

data "aws_ssm_parameter" "image" {
  region = var.region
  name   = "/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-${local.architecture}"
}

locals {
  settings = merge({
    instance_type   = null
    architecture    = null
    binary          = null
    volume_gb       = 10
    image_id        = null
    cidr            = "10.83.0.0/24"
    client_cidrs    = []
    snapshot_id     = null
    snapshots_kept  = 14
    session_manager = false
  }, { for key, value in var.settings : key => value if value != null })

  # Where the builds of docs/aws/getting-started.md leave the program.
  target       = "${path.module}/../../../../target"
  binaries     = { arm64 = "${local.target}/aarch64-unknown-linux-gnu/release/tidewatch", x86_64 = "${local.target}/release/tidewatch" }
  architecture = coalesce(local.settings.architecture, fileexists(local.binaries["arm64"]) ? "arm64" : "x86_64")
  binary       = coalesce(local.settings.binary, local.binaries[local.architecture])

  # The smallest with 1 GiB: docs/cost.md says for how many monitors that is enough.
  instance_type = coalesce(local.settings.instance_type, local.architecture == "arm64" ? "t4g.micro" : "t3.micro")
  address       = cidrhost(local.settings.cidr, 10)
  endpoint      = "https://${local.address}:8086"

  # Databases with a key of their own are those of one tenant: each gets a reader's key that opens
  # nothing else.
  readers = merge(
    { all = null },
    { for database, own in var.databases : database => database if own.own_key },
  )

  bootstrap = templatefile("${path.module}/bootstrap.sh.tftpl", {
    region        = var.region
    home          = "/var/lib/tidewatch"
    address       = local.address
    volume_serial = replace(aws_ebs_volume.data.id, "-", "")
    binary_uri    = "s3://${aws_s3_bucket.binary.bucket}/${aws_s3_object.binary.key}"
    binary_sha256 = fileexists(local.binary) ? filesha256(local.binary) : ""
    ca_secret     = aws_secretsmanager_secret.ca.arn
    writer_secret = aws_secretsmanager_secret.writer.arn
    readers = {
      for reader, database in local.readers : reader => {
        secret   = aws_secretsmanager_secret.reader[reader].arn
        database = database
      }
    }
    database = var.database
    table    = var.table
    tables   = values(var.tables)
  })
}

resource "aws_instance" "this" {
  #checkov:skip=CKV_AWS_126:the alarm on the instance needs its status checks, which come every minute in any case; the rest is 2.10 USD a month
  region                  = var.region
  ami                     = coalesce(local.settings.image_id, data.aws_ssm_parameter.image.insecure_value)
  instance_type           = local.instance_type
  iam_instance_profile    = aws_iam_instance_profile.instance.name
  ebs_optimized           = true
  monitoring              = false
  disable_api_termination = false # it can be replaced at any time; the volume cannot be lost with it
  user_data               = local.bootstrap
  tags                    = merge(var.tags, { Name = "${var.name}-bridge" })

  # The boot script is the whole configuration: another script is another instance.
  user_data_replace_on_change = true

  primary_network_interface {
    network_interface_id = aws_network_interface.this.id
  }

  root_block_device {
    encrypted   = true
    kms_key_id  = var.kms_key_arn
    volume_type = "gp3"
    volume_size = 8 # what the image of Amazon Linux needs
  }

  metadata_options {
    http_tokens                 = "required"
    http_put_response_hop_limit = 1
  }

  lifecycle {
    # A newer image of Amazon Linux is taken on purpose (`terraform apply -replace`), not by the way.
    ignore_changes = [ami]

    precondition {
      condition     = fileexists(local.binary)
      error_message = "There is no tidewatch binary at ${local.binary}. Build it with `cargo build --release --package tidewatch` for ${local.architecture} and glibc 2.34 (docs/aws/getting-started.md), or name it with bridge.binary."
    }
    precondition {
      condition     = length(local.bootstrap) <= 16384
      error_message = "The boot script has more than the 16 KB that EC2 takes; give fewer tenants a table or database of their own."
    }
  }

  depends_on = [aws_iam_role_policy.instance, aws_vpc_endpoint.interface, aws_vpc_endpoint.gateway]
}

# The address stays when the instance goes.
resource "aws_network_interface" "this" {
  region          = var.region
  subnet_id       = aws_subnet.this.id
  private_ips     = [local.address]
  security_groups = [aws_security_group.instance.id]
  description     = "Address of the bridge"
  tags            = merge(var.tags, { Name = "${var.name}-bridge" })
}

# The binary travels through a bucket: the network has no way out.
resource "aws_s3_bucket" "binary" {
  #checkov:skip=CKV_AWS_18:one program and its earlier versions; who reads it is the instance alone
  #checkov:skip=CKV_AWS_144:the program is built again from source
  #checkov:skip=CKV2_AWS_62:nobody waits for an event here
  region        = var.region
  bucket        = "${var.name}-bridge-${var.account_id}-${var.region}"
  force_destroy = true # nothing but the program
  tags          = var.tags
}

resource "aws_s3_bucket_versioning" "binary" {
  region = var.region
  bucket = aws_s3_bucket.binary.id

  versioning_configuration {
    status = "Enabled"
  }
}

resource "aws_s3_bucket_lifecycle_configuration" "binary" {
  region = var.region
  bucket = aws_s3_bucket.binary.id

  rule {
    id     = "forget-old-programs"
    status = "Enabled"

    filter {
      prefix = ""
    }

    noncurrent_version_expiration {
      noncurrent_days = 90
    }

    abort_incomplete_multipart_upload {
      days_after_initiation = 2
    }
  }

  depends_on = [aws_s3_bucket_versioning.binary]
}

resource "aws_s3_bucket_public_access_block" "binary" {
  region                  = var.region
  bucket                  = aws_s3_bucket.binary.id
  block_public_acls       = true
  block_public_policy     = true
  ignore_public_acls      = true
  restrict_public_buckets = true
}

resource "aws_s3_bucket_server_side_encryption_configuration" "binary" {
  region = var.region
  bucket = aws_s3_bucket.binary.id

  rule {
    bucket_key_enabled = true

    apply_server_side_encryption_by_default {
      sse_algorithm     = "aws:kms"
      kms_master_key_id = var.kms_key_arn
    }
  }
}

resource "aws_s3_bucket_policy" "binary" {
  region = var.region
  bucket = aws_s3_bucket.binary.id
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Sid       = "RefuseAnythingButTls"
      Effect    = "Deny"
      Principal = "*" # a refusal is for everybody
      Action    = "s3:*"
      Resource  = [aws_s3_bucket.binary.arn, "${aws_s3_bucket.binary.arn}/*"]
      Condition = { Bool = { "aws:SecureTransport" = "false" } }
    }]
  })
}

resource "aws_s3_object" "binary" {
  region      = var.region
  bucket      = aws_s3_bucket.binary.id
  key         = "tidewatch"
  source      = local.binary
  source_hash = fileexists(local.binary) ? filesha256(local.binary) : null
  kms_key_id  = var.kms_key_arn
  tags        = var.tags
}
