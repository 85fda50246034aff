# A network of one subnet without a way out: no gateway to the Internet, no NAT. What is called from
# inside has an endpoint by name.

data "aws_availability_zones" "available" {
  #checkov:skip=CKV_AWS_394:asked once, when the subnet is made; the subnet keeps its zone whatever the list says later
  region = var.region
  state  = "available"

  filter {
    name   = "opt-in-status"
    values = ["opt-in-not-required"]
  }
}

resource "aws_vpc" "this" {
  #checkov:skip=CKV2_AWS_11:the network has no way out and every allowed flow is one rule of a security group
  region               = var.region
  cidr_block           = local.settings.cidr
  enable_dns_support   = true
  enable_dns_hostnames = true
  tags                 = merge(var.tags, { Name = "${var.name}-bridge" })
}

# Whatever is put here without a security group may talk to nobody.
resource "aws_default_security_group" "this" {
  region = var.region
  vpc_id = aws_vpc.this.id
  tags   = var.tags
}

resource "aws_subnet" "this" {
  region                  = var.region
  vpc_id                  = aws_vpc.this.id
  cidr_block              = local.settings.cidr
  availability_zone       = sort(data.aws_availability_zones.available.names)[0]
  map_public_ip_on_launch = false
  tags                    = merge(var.tags, { Name = "${var.name}-bridge" })

  lifecycle {
    # The volume lives in this zone.
    ignore_changes = [availability_zone]
  }
}

resource "aws_route_table" "this" {
  region = var.region
  vpc_id = aws_vpc.this.id
  tags   = merge(var.tags, { Name = "${var.name}-bridge" })
}

resource "aws_route_table_association" "this" {
  region         = var.region
  subnet_id      = aws_subnet.this.id
  route_table_id = aws_route_table.this.id
}

# Free of charge: the judging state, and the bucket of the program.
resource "aws_vpc_endpoint" "gateway" {
  for_each = toset(["dynamodb", "s3"])

  region            = var.region
  vpc_id            = aws_vpc.this.id
  service_name      = "com.amazonaws.${var.region}.${each.key}"
  vpc_endpoint_type = "Gateway"
  route_table_ids   = [aws_route_table.this.id]
  tags              = merge(var.tags, { Name = "${var.name}-${each.key}" })
}

# About 7 USD a month each.
resource "aws_vpc_endpoint" "interface" {
  for_each = toset(concat(
    ["sqs", "secretsmanager"],
    local.settings.session_manager ? ["ssm", "ssmmessages", "ec2messages"] : [],
  ))

  region              = var.region
  vpc_id              = aws_vpc.this.id
  service_name        = "com.amazonaws.${var.region}.${each.key}"
  vpc_endpoint_type   = "Interface"
  private_dns_enabled = true
  subnet_ids          = [aws_subnet.this.id]
  security_group_ids  = [aws_security_group.endpoints.id]
  tags                = merge(var.tags, { Name = "${var.name}-${each.key}" })
}

# Three groups: the functions that call, the instance, and the endpoints.
resource "aws_security_group" "callers" {
  #checkov:skip=CKV2_AWS_5:attached to the writer by modules/writer, which the check does not follow
  region      = var.region
  name        = "${var.name}-bridge-callers"
  description = "Functions that write to the bridge"
  vpc_id      = aws_vpc.this.id
  tags        = var.tags
}

resource "aws_security_group" "instance" {
  region      = var.region
  name        = "${var.name}-bridge"
  description = "The bridge"
  vpc_id      = aws_vpc.this.id
  tags        = var.tags
}

resource "aws_security_group" "endpoints" {
  region      = var.region
  name        = "${var.name}-bridge-endpoints"
  description = "Endpoints of AWS services"
  vpc_id      = aws_vpc.this.id
  tags        = var.tags
}

resource "aws_vpc_security_group_ingress_rule" "callers" {
  region                       = var.region
  security_group_id            = aws_security_group.instance.id
  referenced_security_group_id = aws_security_group.callers.id
  description                  = "The writer"
  ip_protocol                  = "tcp"
  from_port                    = 8086
  to_port                      = 8086
  tags                         = var.tags
}

resource "aws_vpc_security_group_ingress_rule" "clients" {
  for_each = toset(local.settings.client_cidrs)

  region            = var.region
  security_group_id = aws_security_group.instance.id
  cidr_ipv4         = each.key
  description       = "Readers, such as a Grafana"
  ip_protocol       = "tcp"
  from_port         = 8086
  to_port           = 8086
  tags              = var.tags
}

resource "aws_vpc_security_group_ingress_rule" "endpoints" {
  for_each = {
    callers  = aws_security_group.callers.id
    instance = aws_security_group.instance.id
  }

  region                       = var.region
  security_group_id            = aws_security_group.endpoints.id
  referenced_security_group_id = each.value
  description                  = "Calls of AWS services by ${each.key}"
  ip_protocol                  = "tcp"
  from_port                    = 443
  to_port                      = 443
  tags                         = var.tags
}

resource "aws_vpc_security_group_egress_rule" "caller_to_bridge" {
  region                       = var.region
  security_group_id            = aws_security_group.callers.id
  referenced_security_group_id = aws_security_group.instance.id
  description                  = "The bridge"
  ip_protocol                  = "tcp"
  from_port                    = 8086
  to_port                      = 8086
  tags                         = var.tags
}

resource "aws_vpc_security_group_egress_rule" "to_endpoints" {
  for_each = {
    callers  = aws_security_group.callers.id
    instance = aws_security_group.instance.id
  }

  region                       = var.region
  security_group_id            = each.value
  referenced_security_group_id = aws_security_group.endpoints.id
  description                  = "AWS services with an endpoint of their own"
  ip_protocol                  = "tcp"
  from_port                    = 443
  to_port                      = 443
  tags                         = var.tags
}

resource "aws_vpc_security_group_egress_rule" "to_gateways" {
  for_each = {
    for pair in setproduct(["callers", "instance"], ["dynamodb", "s3"]) : join("-", pair) => {
      group   = pair[0] == "callers" ? aws_security_group.callers.id : aws_security_group.instance.id
      service = pair[1]
    } if join("-", pair) != "callers-s3" && join("-", pair) != "instance-dynamodb"
  }

  region            = var.region
  security_group_id = each.value.group
  prefix_list_id    = aws_vpc_endpoint.gateway[each.value.service].prefix_list_id
  description       = "The gateway of ${each.value.service}"
  ip_protocol       = "tcp"
  from_port         = 443
  to_port           = 443
  tags              = var.tags
}
