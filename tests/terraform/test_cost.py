"""The calculation of the bill counts what is made: its figures are those of the plans."""

from __future__ import annotations

import tomllib

import pytest

from planned import Plan, Plans
from workplace import ROOT

MADE = tomllib.loads((ROOT / "crates" / "aws" / "src" / "cost" / "installation.toml").read_text())
PRICES = tomllib.loads((ROOT / "crates" / "aws" / "src" / "cost" / "prices.toml").read_text())

# What the calculation has a line for.
COUNTED = {
    "aws_cloudwatch_log_group",
    "aws_cloudwatch_metric_alarm",
    "aws_dlm_lifecycle_policy",
    "aws_dynamodb_table",
    "aws_ebs_volume",
    "aws_instance",
    "aws_kms_key",
    "aws_lambda_event_source_mapping",
    "aws_lambda_function",
    "aws_secretsmanager_secret",
    "aws_sqs_queue",
    "aws_timestreamwrite_table",
    "aws_vpc_endpoint",
}

# What costs nothing, or by uses of which there are a few a day: less than a cent a month.
FREE = {
    "aws_apigatewayv2_api",
    "aws_apigatewayv2_integration",
    "aws_apigatewayv2_route",
    "aws_apigatewayv2_stage",
    "aws_default_security_group",
    "aws_iam_instance_profile",
    "aws_iam_role",
    "aws_iam_role_policy",
    "aws_iam_role_policy_attachment",
    "aws_kms_alias",
    "aws_lambda_alias",
    "aws_lambda_function_event_invoke_config",
    "aws_lambda_invocation",
    "aws_lambda_permission",
    "aws_network_interface",
    "aws_route_table",
    "aws_route_table_association",
    "aws_s3_bucket",
    "aws_s3_bucket_lifecycle_configuration",
    "aws_s3_bucket_policy",
    "aws_s3_bucket_public_access_block",
    "aws_s3_bucket_server_side_encryption_configuration",
    "aws_s3_bucket_versioning",
    "aws_s3_object",
    "aws_scheduler_schedule",
    "aws_secretsmanager_secret_version",
    "aws_security_group",
    "aws_servicequotas_service_quota",
    "aws_sns_topic",
    "aws_sns_topic_policy",
    "aws_sns_topic_subscription",
    "aws_sqs_queue_policy",
    "aws_sqs_queue_redrive_allow_policy",
    "aws_subnet",
    "aws_timestreamwrite_database",
    "aws_volume_attachment",
    "aws_vpc",
    "aws_vpc_security_group_egress_rule",
    "aws_vpc_security_group_ingress_rule",
}


def fixed(plan: Plan, part: str = "") -> dict[str, int]:
    """What is paid for by the month in a plan, where the address contains `part`."""
    mappings = plan.of("aws_lambda_event_source_mapping", part)
    return {
        "alarms": len(plan.of("aws_cloudwatch_metric_alarm", part)),
        "keys": len(plan.of("aws_kms_key", part)),
        "secrets": len(plan.of("aws_secretsmanager_secret", part)),
        "polled_queues": len([one for one in mappings if not one.address.endswith(".stream")]),
    }


def more(plan: Plan, other: Plan) -> dict[str, int]:
    """What the second plan has beyond the first."""
    before, after = fixed(plan), fixed(other)
    return {name: after[name] - before[name] for name in before if after[name] != before[name]}


def test_nothing_is_made_that_is_not_thought_of(plans: Plans) -> None:
    for name, plan in plans.items():
        unknown = {resource.type for resource in plan} - COUNTED - FREE
        assert not unknown, f"{name}: docs/cost.md does not know {unknown}; put them into COUNTED or FREE"
    assert not COUNTED & FREE


def test_the_home_region(plans: Plans) -> None:
    assert fixed(plans["minimal/writer_alerts"]) == MADE["home"]


def test_grafana(plans: Plans) -> None:
    assert more(plans["minimal/writer_alerts"], plans["minimal/defaults"]) == MADE["grafana"]


def test_a_further_region(plans: Plans) -> None:
    abroad = fixed(plans["regions/two"], '["us-east-1"]')
    assert abroad.pop("secrets") == 0
    assert abroad == MADE["region"]


def test_the_bridge(plans: Plans) -> None:
    plan, wanted = plans["bridge/connection"], MADE["bridge"]
    assert more(plans["minimal/defaults"], plan) == {name: wanted[name] for name in ("alarms", "secrets")}
    endpoints = [one for one in plan.of("aws_vpc_endpoint") if one.values["vpc_endpoint_type"] == "Interface"]
    assert len(endpoints) == wanted["interface_endpoints"]
    assert all(len(one.values["subnet_ids"]) == 1 for one in endpoints), "each is paid for in each of its zones"
    instance = plan.one("aws_instance", "module.bridge")
    assert instance.values["root_block_device"][0]["volume_size"] == wanted["root_volume_gb"]
    assert instance.values["monitoring"] is False, "metrics of an instance that are paid for"
    assert plan.one("aws_ebs_volume", "module.bridge").values["size"] == wanted["data_volume_gb"]
    [policy] = plan.one("aws_dlm_lifecycle_policy", "module.bridge").values["policy_details"]
    assert policy["schedule"][0]["retain_rule"][0]["count"] == wanted["snapshots_kept"]


@pytest.mark.parametrize(("name", "type_"), [("bridge/connection", "t4g.micro"), ("bridge/x86", "t3.micro")])
def test_the_instance_has_a_price(name: str, type_: str, plans: Plans) -> None:
    assert plans[name].one("aws_instance", "module.bridge").values["instance_type"] == type_
    assert f"ec2-{type_.replace('.', '-')}" in {price["id"] for price in PRICES["price"]}


def test_sizes_of_functions(plans: Plans) -> None:
    plan, wanted = plans["minimal/defaults"], MADE["functions"]
    monitor, writer = (plan.one("aws_lambda_function", part) for part in ("module.monitor", "module.writer"))
    assert monitor.values["memory_size"] == wanted["monitor_memory_mb"]
    assert writer.values["memory_size"] == wanted["writer_memory_mb"]
    variables = monitor.values["environment"][0]["variables"]
    assert variables["TIDEWATCH_CONCURRENCY"] == str(wanted["probes_at_once"])
    assert monitor.values["tracing_config"][0]["mode"] == "Active", "the calculation has X-Ray in it"


def test_metrics_that_are_paid_for_are_ours_alone(plans: Plans) -> None:
    """Metrics that AWS makes on request are charged like our own, and no alarm reads them."""
    for plan in plans.values():
        for stage in plan.of("aws_apigatewayv2_stage"):
            assert not stage.values["default_route_settings"][0]["detailed_metrics_enabled"], stage.address
