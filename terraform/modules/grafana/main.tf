# What an existing Grafana needs: the files of grafana/ and dashboards/ with the values of this
# installation in them, and roles that may read and nothing else. Secrets stay variables of Grafana's
# process: nothing here knows one.

locals {
  provisioning = "${var.source_dir}/grafana/provisioning"

  rules = yamldecode(file("${local.provisioning}/alerting/rules.yaml"))

  # These repeat verdicts of the judge, and rest where the writer tells of them itself.
  rules_of_verdicts = ["tidewatch-down", "tidewatch-degraded-location"]

  rendered_rules = merge(local.rules, {
    groups = [
      for group in local.rules.groups : merge(group, {
        interval = group.interval == "1m" ? var.state_interval : var.objective_interval
        rules = [
          for rule in group.rules : merge(rule, {
            isPaused = rule.isPaused || (var.alert_source == "writer" && contains(local.rules_of_verdicts, rule.uid))
          })
        ]
      })
    ]
  })

  data_source = {
    apiVersion = 1
    datasources = [{
      name      = "Tidewatch"
      uid       = "tidewatch"
      type      = "grafana-timestream-datasource"
      access    = "proxy"
      orgId     = 1
      isDefault = false
      editable  = false
      version   = 1
      jsonData = merge(
        {
          defaultRegion   = var.region
          defaultDatabase = "\"${var.database}\""
          defaultTable    = "\"${var.table}\""
          defaultMeasure  = "probe"
        },
        # Timestream is read as a role of this account; a bridge by its reader's keys.
        var.endpoint == null ? {
          authType      = "default"
          assumeRoleArn = one([for key, role in aws_iam_role.reader : role.arn if key == "all"])
          externalId    = var.external_id
          } : {
          authType      = "keys"
          assumeRoleArn = null
          externalId    = null
        },
        { endpoint = var.endpoint },
      )
      secureJsonData = var.endpoint == null ? {} : {
        accessKey = "$TIDEWATCH_ACCESS_KEY"
        secretKey = "$TIDEWATCH_SECRET_KEY"
      }
    }]
  }

  contact_points = replace(
    file("${local.provisioning}/alerting/contact-points.yaml"),
    "$TIDEWATCH_WEBHOOK_URL",
    var.webhook_url,
  )

  dashboards = { for name in fileset("${var.source_dir}/dashboards", "*.json") : name => file("${var.source_dir}/dashboards/${name}") }

  files = merge(
    {
      "provisioning/datasources/tidewatch.yaml"   = yamlencode(local.data_source)
      "provisioning/alerting/rules.yaml"          = yamlencode(local.rendered_rules)
      "provisioning/alerting/contact-points.yaml" = local.contact_points
      "provisioning/alerting/templates.yaml"      = file("${local.provisioning}/alerting/templates.yaml")
      "provisioning/dashboards/tidewatch.yaml"    = file("${local.provisioning}/dashboards/tidewatch.yaml")
    },
    { for name, text in local.dashboards : "dashboards/${name}" => text },
  )

  # A reader of everything, and one for each tenant that has rows of its own.
  readers = length(var.principals) == 0 || var.endpoint != null ? {} : merge(
    { all = var.table_arns },
    var.tenant_table_arns,
  )
}

resource "aws_iam_role" "reader" {
  for_each = local.readers

  name        = "${var.name}-grafana-${each.key}"
  description = each.key == "all" ? "Reads all rows of Tidewatch" : "Reads the rows of the tenant ${each.key}"
  tags        = var.tags

  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Sid       = "LetGrafanaUseIt"
      Effect    = "Allow"
      Action    = "sts:AssumeRole"
      Principal = { AWS = sort(tolist(var.principals)) }
      # Whoever is tricked into using a role of somebody else does not know this word.
      Condition = var.external_id == null ? {} : { StringEquals = { "sts:ExternalId" = var.external_id } }
    }]
  })
}

resource "aws_iam_role_policy" "reader" {
  #checkov:skip=CKV_AWS_355:the calls with "*" have no resource level, and none of them returns a row
  for_each = local.readers

  name = "reads"
  role = aws_iam_role.reader[each.key].id
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Sid      = "ReadRows"
        Effect   = "Allow"
        Action   = ["timestream:Select", "timestream:DescribeTable", "timestream:ListMeasures"]
        Resource = each.value
      },
      {
        Sid    = "ConnectAndFindNames"
        Effect = "Allow"
        Action = [
          "timestream:DescribeEndpoints", "timestream:SelectValues", "timestream:CancelQuery",
          "timestream:ListDatabases", "timestream:ListTables",
        ]
        Resource = "*" # these calls have no resource level
      },
    ]
  })
}
