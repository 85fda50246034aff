"""What the functions are told is what they read, and what is measured is what they tell."""

from __future__ import annotations

import json
import re

import pytest

from code_calls import program, sources
from planned import Plans, Resource
from workplace import ROOT

# The package of each function.
PACKAGES = {
    "module.scheduler": "config",
    "module.monitor": "monitor",
    "module.writer": "writer",
    "module.alerting.module.receive": "alert-webhook",
    "module.alerting.module.send": "alert-webhook",
}

# Crates whose settings every package may read.
SHARED = ("crates/aws/src", "crates/telemetry/src", "crates/notify/src")


def variables(*folders: str) -> set[str]:
    """Names of variables in the sources."""
    return {
        name
        for folder in folders
        for file in sources(ROOT / folder)
        for name in re.findall(r'"(TIDEWATCH_[A-Z_]+)"', program(file))
    }


def functions(plans: Plans, module: str) -> list[tuple[str, Resource]]:
    return [
        (name, function)
        for name, plan in plans.items()
        for function in plan.of("aws_lambda_function", module)
    ]


@pytest.mark.parametrize("module", PACKAGES)
def test_every_variable_is_read(module: str, plans: Plans) -> None:
    known = variables(f"lambdas/{PACKAGES[module]}/src", *SHARED)
    found = functions(plans, module)
    assert found
    for name, function in found:
        told = function.values["environment"][0]["variables"].keys()
        assert told <= known, f"{name}: {module} is told what nobody reads: {told - known}"


@pytest.mark.parametrize("module", [module for module in PACKAGES if "alerting" not in module])
def test_every_required_variable_is_told(module: str, plans: Plans) -> None:
    text = "\n".join(program(file) for file in sources(ROOT / "lambdas" / PACKAGES[module] / "src"))
    required = set(re.findall(r'\.required\(\s*"(TIDEWATCH_[A-Z_]+)"', text))
    for name, function in functions(plans, module):
        told = function.values["environment"][0]["variables"].keys()
        assert required <= told, f"{name}: {module} needs {required - told}"


def test_regions_hand_results_home(plans: Plans) -> None:
    plan = plans["regions/two"]
    home = plan.one("aws_lambda_function", 'module.monitor["eu-west-1"]').values["environment"][0]["variables"]
    abroad = plan.one("aws_lambda_function", 'module.monitor["us-east-1"]').values["environment"][0]["variables"]
    assert home["TIDEWATCH_RESULTS_QUEUE_URL"] == abroad["TIDEWATCH_RESULTS_QUEUE_URL"]
    assert abroad["TIDEWATCH_RESULTS_QUEUE_REGION"] == "eu-west-1"
    assert (home["TIDEWATCH_LOCATION"], abroad["TIDEWATCH_LOCATION"]) == ("eu-west-1", "us-east-1")
    assert home["TIDEWATCH_SLOTS_QUEUE_URL"] != abroad["TIDEWATCH_SLOTS_QUEUE_URL"]


def test_everything_of_a_region_is_in_it(plans: Plans) -> None:
    for resource in plans["regions/two"]:
        abroad = '"us-east-1"' in resource.address
        region = resource.values.get("region")
        if region is not None:
            assert region == ("us-east-1" if abroad else "eu-west-1"), resource.address


def test_tenants(plans: Plans) -> None:
    for part in ("module.monitor", "module.writer", "module.scheduler"):
        [function] = plans["tenants/three_isolations"].of("aws_lambda_function", part)
        assert json.loads(function.values["environment"][0]["variables"]["TIDEWATCH_TENANTS"]) == {
            "acme": {"database": "CPTMonitoring_acme", "addresses": ["10.0.0.0/8"]},
            "bolt": {"table": "WebsiteMonitoringData_bolt"},
            "comet": {"addresses": "any"},
        }


def test_a_roll_back_moves_aliases_only(plans: Plans) -> None:
    before, after = plans["minimal/defaults"], plans["minimal/roll_back"]
    versions = {
        alias.address.split(".aws_lambda")[0]: alias.values["function_version"]
        for alias in after.of("aws_lambda_alias")
    }
    assert versions == {
        "module.writer.module.function": "3",
        'module.monitor["eu-west-1"].module.function': "4",
        'module.scheduler["eu-west-1"].module.function': "7",
        "module.alerting.module.receive": "7",
        "module.alerting.module.send": "7",
    }
    assert len(before.of("aws_lambda_function")) == len(after.of("aws_lambda_function"))


def test_everything_calls_the_alias(plans: Plans) -> None:
    """What called a function itself would not be rolled back with it."""
    for name in ("minimal/defaults", "regions/two", "bridge/connection"):
        plan = plans[name]
        aliases = {alias.values["arn"] for alias in plan.of("aws_lambda_alias")}
        invoked = {alias.values["invoke_arn"] for alias in plan.of("aws_lambda_alias")}
        assert all(alias.values["name"] == "live" for alias in plan.of("aws_lambda_alias"))
        for mapping in plan.of("aws_lambda_event_source_mapping"):
            assert mapping.values["function_name"] in aliases, f"{name} {mapping.address}"
        for schedule in plan.of("aws_scheduler_schedule"):
            assert schedule.values["target"][0]["arn"] in aliases, f"{name} {schedule.address}"
        for integration in plan.of("aws_apigatewayv2_integration"):
            assert integration.values["integration_uri"] in invoked, f"{name} {integration.address}"
        for kind in ("aws_lambda_permission", "aws_lambda_invocation", "aws_lambda_function_event_invoke_config"):
            assert plan.of(kind)
            for caller in plan.of(kind):
                assert caller.values["qualifier"] == "live", f"{name} {caller.address}"
        for config in plan.of("aws_lambda_function", "module.scheduler"):
            variables = config.values["environment"][0]["variables"]
            assert variables["TIDEWATCH_MONITOR_FUNCTION_ARN"] in aliases, f"{name} {config.address}"


def test_a_new_secret_is_a_new_version(plans: Plans) -> None:
    plan = plans["minimal/webhook_secret"]
    secret = plan.one("aws_secretsmanager_secret_version", "module.alerting")
    assert secret.values["secret_string_wo_version"] == 3
    assert "0123456789abcdef" not in json.dumps([resource.values for resource in plan])
    receive = plan.one("aws_lambda_function", "module.alerting.module.receive")
    assert receive.values["description"].endswith("(secret 3)")


def test_only_callers_of_a_bridge_are_in_a_network(plans: Plans) -> None:
    for name, plan in plans.items():
        attached = {
            function.address.split(".module.function")[0]
            for function in plan.of("aws_lambda_function")
            if function.values["vpc_config"]
        }
        bridged = name.startswith("bridge/") or name in ("minimal/existing_bridge", "tenants/the_same_on_a_bridge")
        assert attached == ({"module.writer"} if bridged else set()), name


def test_alarms_ask_for_metrics_that_are_told(plans: Plans) -> None:
    telemetry = "\n".join(program(file) for file in sources(ROOT / "crates" / "telemetry" / "src"))
    names = set(re.findall(r'"([a-z_]+)"', telemetry)) | set(
        re.findall(r'[A-Z_0-9]+ "([a-z_0-9]+)" \w+;', (ROOT / "crates/domain/src/schema.rs").read_text())
    )
    assert '"Tidewatch"' in telemetry, "telemetry has another namespace"
    assert {"function", "location"} <= set(re.findall(r'"([a-z]+)"', telemetry))
    plan = plans["minimal/defaults"]
    functions = {function.values["function_name"] for function in plan.of("aws_lambda_function")}
    alarms = [alarm for alarm in plan.of("aws_cloudwatch_metric_alarm") if alarm.values["namespace"] == "Tidewatch"]
    assert {alarm.values["metric_name"] for alarm in alarms} == {"rows_written", "rows_rejected", "heartbeats"}
    for alarm in alarms:
        assert alarm.values["metric_name"] in names, alarm.address
        assert alarm.values["dimensions"]["function"] in functions, alarm.address


def test_every_queue_has_an_alarm_and_an_end(plans: Plans) -> None:
    plan = plans["minimal/defaults"]
    watched = {
        alarm.values["dimensions"]["QueueName"]
        for alarm in plan.of("aws_cloudwatch_metric_alarm")
        if alarm.values["namespace"] == "AWS/SQS"
    }
    for queue in plan.of("aws_sqs_queue"):
        assert queue.values["name"] in watched, queue.address
        assert queue.values["kms_master_key_id"], queue.address
        last = any(word in queue.values["name"] for word in ("-failed", "-rejected"))
        assert last or json.loads(queue.values["redrive_policy"])["maxReceiveCount"] >= 3, queue.address
        if last:
            assert queue.values["message_retention_seconds"] == 14 * 86400, queue.address


def test_messages_stay_hidden_for_six_time_limits(plans: Plans) -> None:
    """As AWS advises: a batch must not come back while it is still worked on."""
    readers = {
        "tidewatch-slots": "tidewatch-monitor",
        "tidewatch-config-given-up": "tidewatch-config",
        "tidewatch-results": "tidewatch-writer",
        "tidewatch-alerts": "tidewatch-webhook-send",
    }
    plan = plans["minimal/defaults"]
    limits = {
        function.values["function_name"]: function.values["timeout"] for function in plan.of("aws_lambda_function")
    }
    read = {mapping.values["event_source_arn"] for mapping in plan.of("aws_lambda_event_source_mapping")}
    queues = {queue.values["name"]: queue for queue in plan.of("aws_sqs_queue") if queue.values["arn"] in read}
    assert queues.keys() == readers.keys()
    for name, queue in queues.items():
        assert queue.values["visibility_timeout_seconds"] == 6 * limits[readers[name]], name


def test_rules_and_schedules_do_not_meet(plans: Plans) -> None:
    """The config function removes rules that it did not plan; ours must not look like its own."""
    for name, plan in plans.items():
        assert not plan.of("aws_cloudwatch_event_rule"), name
