resource "aws_iam_role" "instance" {
  name        = "${var.name}-bridge-${var.region}"
  description = "Role of the instance of the bridge"
  tags        = var.tags

  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Sid       = "LetTheInstanceUseIt"
      Effect    = "Allow"
      Action    = "sts:AssumeRole"
      Principal = { Service = "ec2.amazonaws.com" }
    }]
  })
}

resource "aws_iam_instance_profile" "instance" {
  name = "${var.name}-bridge-${var.region}"
  role = aws_iam_role.instance.name
  tags = var.tags
}

resource "aws_iam_role_policy" "instance" {
  name = "calls"
  role = aws_iam_role.instance.id
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Sid      = "FetchTheProgram"
        Effect   = "Allow"
        Action   = "s3:GetObject"
        Resource = "${aws_s3_bucket.binary.arn}/tidewatch"
      },
      {
        Sid    = "PublishTheKeysAndTheCertificateThatItMade"
        Effect = "Allow"
        Action = ["secretsmanager:PutSecretValue", "secretsmanager:DescribeSecret"]
        Resource = concat(
          [aws_secretsmanager_secret.ca.arn, aws_secretsmanager_secret.writer.arn],
          [for secret in aws_secretsmanager_secret.reader : secret.arn],
        )
      },
      {
        Sid      = "UseTheKeyThroughTheServicesItCalls"
        Effect   = "Allow"
        Action   = ["kms:Decrypt", "kms:GenerateDataKey"]
        Resource = var.kms_key_arn
        Condition = {
          StringEquals = {
            "kms:ViaService" = ["s3.${var.region}.amazonaws.com", "secretsmanager.${var.region}.amazonaws.com"]
          }
        }
      },
    ]
  })
}

resource "aws_iam_role_policy_attachment" "session_manager" {
  count = local.settings.session_manager ? 1 : 0

  role       = aws_iam_role.instance.name
  policy_arn = "arn:${var.partition}:iam::aws:policy/AmazonSSMManagedInstanceCore"
}

resource "aws_iam_role" "snapshots" {
  name        = "${var.name}-snapshots-${var.region}"
  description = "Role of the daily snapshots of the bridge's volume"
  tags        = var.tags

  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Sid       = "LetTheLifecycleManagerUseIt"
      Effect    = "Allow"
      Action    = "sts:AssumeRole"
      Principal = { Service = "dlm.amazonaws.com" }
      Condition = { StringEquals = { "aws:SourceAccount" = var.account_id } }
    }]
  })
}

resource "aws_iam_role_policy" "snapshots" {
  #checkov:skip=CKV_AWS_290:snapshots have no names before they are made; the tag is the limit
  #checkov:skip=CKV_AWS_355:as above
  name = "calls"
  role = aws_iam_role.snapshots.id
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Sid      = "SnapshotTheDataVolume"
        Effect   = "Allow"
        Action   = ["ec2:CreateSnapshot", "ec2:CreateSnapshots"]
        Resource = "arn:${var.partition}:ec2:${var.region}:${var.account_id}:volume/${aws_ebs_volume.data.id}"
      },
      {
        Sid    = "MakeAndForgetSnapshots"
        Effect = "Allow"
        # The number of a snapshot is not known before; the tag says whose it is.
        Action   = ["ec2:CreateSnapshot", "ec2:CreateSnapshots", "ec2:CreateTags", "ec2:DeleteSnapshot"]
        Resource = "arn:${var.partition}:ec2:${var.region}::snapshot/*"
        Condition = {
          StringEqualsIfExists = { "aws:ResourceTag/${local.snapshot_tag}" = "daily" }
        }
      },
      {
        Sid      = "FindVolumesAndSnapshots"
        Effect   = "Allow"
        Action   = ["ec2:DescribeInstances", "ec2:DescribeVolumes", "ec2:DescribeSnapshots"]
        Resource = "*" # these calls have no resource level
      },
    ]
  })
}
