# The rows. Neither a plan nor a replaced instance may take this volume away.

resource "aws_ebs_volume" "data" {
  region            = var.region
  availability_zone = aws_subnet.this.availability_zone
  type              = "gp3"
  size              = local.settings.volume_gb
  encrypted         = true
  kms_key_id        = var.kms_key_arn
  snapshot_id       = local.settings.snapshot_id
  final_snapshot    = true
  tags              = merge(var.tags, { Name = "${var.name}-bridge-data", (local.snapshot_tag) = "daily" })

  lifecycle {
    prevent_destroy = true
    # Names the snapshot that a restored volume began with, and is of no meaning afterwards.
    ignore_changes = [snapshot_id]
  }
}

resource "aws_volume_attachment" "data" {
  region                         = var.region
  device_name                    = "/dev/sdf"
  volume_id                      = aws_ebs_volume.data.id
  instance_id                    = aws_instance.this.id
  stop_instance_before_detaching = true
}

locals {
  snapshot_tag = "${var.name}-snapshots"
}

# A snapshot is what a power loss would leave; the store is made to open after one (tests/e2e).
resource "aws_dlm_lifecycle_policy" "daily" {
  region             = var.region
  description        = "Daily snapshots of the rows of ${var.name}"
  execution_role_arn = aws_iam_role.snapshots.arn
  state              = "ENABLED"
  tags               = var.tags

  policy_details {
    resource_types = ["VOLUME"]
    target_tags    = { (local.snapshot_tag) = "daily" }

    schedule {
      name      = "daily"
      copy_tags = true

      create_rule {
        interval      = 24
        interval_unit = "HOURS"
        times         = ["03:00"]
      }

      retain_rule {
        count = local.settings.snapshots_kept
      }
    }
  }
}
