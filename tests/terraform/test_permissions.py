"""What the policies allow is what the code calls: no more, no less.

The calls are read from the sources of the adapters: which functions of `crates/aws` call which
operation of which service, which of those functions each Lambda reaches, by name, and from there the
actions that IAM knows them by.
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from code_calls import Code
from planned import Plans
from workplace import CONFIGURATION, ROOT

# Statements of every function, and those that let Lambda itself act for it.
COMMON = ("WriteItsOwnLog", "SendTraces", "UseKeysThroughTheServicesItCalls")
FOR_LAMBDA = "LetLambda"

# Each function: where it is planned, its package, and files of the package that it never runs.
FUNCTIONS = {
    "config": ("module.scheduler", "config", ()),
    "monitor": ("module.monitor", "monitor", ()),
    "writer": ("module.writer", "writer", ()),
    "webhook-receive": ("module.alerting.module.receive", "alert-webhook", ("send.rs", "rows.rs", "service.rs")),
    "webhook-send": ("module.alerting.module.send", "alert-webhook", ("receive.rs", "service.rs")),
}

# Calls that a function can make and never makes in this installation, with the reason.
SWITCHED_OFF = {
    ("config", "timestream:WriteRecords"): "rows go through the queue of results",
    ("config", "timestream:DescribeEndpoints"): "rows go through the queue of results",
    ("config", "secretsmanager:GetSecretValue"): "keys of a store are of no use without writing to one",
    ("monitor", "timestream:WriteRecords"): "results go through the queue",
    ("monitor", "timestream:DescribeEndpoints"): "results go through the queue",
}


@pytest.fixture(scope="module")
def code() -> Code:
    return Code(ROOT)


@pytest.mark.parametrize("function", FUNCTIONS)
def test_actions_are_the_calls(function: str, plans: Plans, code: Code) -> None:
    role, package, without = FUNCTIONS[function]
    policies = [
        policy
        for plan in plans.values()
        for policy in plan.of("aws_iam_role_policy", role)
        if re.search(r"\.module\.(function|receive|send)\.aws_iam_role_policy\.this$", policy.address)
    ]
    assert policies, f"no plan has a role for {function}"
    allowed = {
        action
        for policy in policies
        for statement in policy.policy
        if statement["Sid"] not in COMMON and not statement["Sid"].startswith(FOR_LAMBDA)
        for action in statement["Action"]
    }
    called = code.actions(package, without)
    off = {action for name, action in SWITCHED_OFF if name == function}

    assert not off - called, f"SWITCHED_OFF names calls that {function} cannot make: {off - called}"
    missing = called - allowed - off
    assert not missing, f"{function} calls these and may not: {missing}; made in {code.places(missing)}"
    unused = allowed - called
    assert not unused, f"{function} may do these and never does: {unused}"


def test_a_call_without_a_permission_is_found(tmp_path: Path) -> None:
    """The reading of the sources itself: a package reaches what it calls, and nothing else."""
    adapter = tmp_path / "crates" / "aws" / "src" / "rules.rs"
    adapter.parent.mkdir(parents=True)
    adapter.write_text(
        "use aws_sdk_eventbridge::Client;\n"
        "impl Rules {\n"
        "    pub async fn apply(&self) { self.one().await }\n"
        "    async fn one(&self) { self.client.put_rule().name(name).send().await }\n"
        "    pub async fn forget(&self) { self.client.delete_rule().send().await }\n"
        "}\n"
    )
    package = tmp_path / "lambdas" / "config" / "src" / "main.rs"
    package.parent.mkdir(parents=True)
    package.write_text("use tidewatch_aws::rules::Rules;\nasync fn run() { rules.apply().await }\n")
    assert Code(tmp_path).actions("config") == {"events:PutRule"}

    other = tmp_path / "lambdas" / "writer" / "src" / "main.rs"
    other.parent.mkdir(parents=True)
    other.write_text("use tidewatch_aws::rules::Rules;\nasync fn run() { rules.forget().await }\n")
    assert Code(tmp_path).actions("writer") == {"events:DeleteRule"}


def test_queues_and_streams_are_read_by_lambda(plans: Plans) -> None:
    queue = {"sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes"}
    plan = plans["minimal/defaults"]
    for mapping in plan.of("aws_lambda_event_source_mapping"):
        source = mapping.values["event_source_arn"]
        module = mapping.address.rpartition(".aws_lambda")[0]
        statements = [
            statement
            for policy in plan.of("aws_iam_role_policy", module)
            if policy.address.startswith(module)
            for statement in policy.policy
            if source in statement["Resource"]
        ]
        actions = {action for statement in statements for action in statement["Action"]}
        wanted = {"dynamodb:GetRecords", "dynamodb:GetShardIterator", "dynamodb:DescribeStream"}
        assert (wanted if mapping.address.endswith(".stream") else queue) <= actions, mapping.address


def test_statements_say_why(plans: Plans) -> None:
    for name, plan in plans.items():
        for resource in plan.of("aws_iam_role_policy"):
            sids = [statement["Sid"] for statement in resource.policy]
            assert len(sids) == len(set(sids)), f"{name} {resource.address}: {sids}"
            assert all(re.fullmatch(r"([A-Z][a-z]*){2,}", sid) for sid in sids), sids
            assert all(
                re.fullmatch(r"[a-z0-9]+:[A-Za-z]+", action)
                for statement in resource.policy
                for action in statement["Action"]
            ), f"{name} {resource.address} has an action with a wildcard"


def test_wildcards_are_explained() -> None:
    """A resource or principal with `*` has a comment beside it, or in the lines of its statement above."""
    for file in CONFIGURATION.rglob("*.tf"):
        lines = file.read_text().splitlines()
        for number, line in enumerate(lines):
            if re.search(r'^\s*(Resource|Principal|source_arn|Action)\b.*\*["\]]|^\s*"arn:.*\*"', line):
                first = max(
                    (above for above in range(number) if re.search(r"Sid|Statement|source_account|resource ", lines[above])),
                    default=0,
                )
                near = lines[first - 6 if "Sid" in lines[first] else first : number + 1]
                assert any("#" in text for text in near), f"{file.relative_to(CONFIGURATION)}:{number + 1}"


def test_secrets_are_those_of_listed_tenants(plans: Plans) -> None:
    for name, plan in plans.items():
        for resource in plan.of("aws_iam_role_policy", "module.monitor"):
            for statement in resource.policy:
                if statement["Sid"] in ("ReadParametersOfTheTenants", "ReadSecretsOfTheTenants"):
                    assert "tenants" in name, f"{name}: no tenant is listed, and secrets are readable"
                    assert all(
                        re.search(r":(secret:|parameter)/tidewatch/(acme|bolt|comet)/\*$", arn)
                        for arn in statement["Resource"]
                    ), statement["Resource"]
