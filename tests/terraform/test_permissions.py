"""What the policies allow is what the code calls: no more, no less.

The calls are read from the sources of the adapters: which functions of `crates/aws` call which
operation of which service, which of those functions each Lambda reaches, by name, and from there the
actions that IAM knows them by.
"""

from __future__ import annotations

import re

import pytest

from code_calls import Code
from planned import Plans, Resource
from workplace import CONFIGURATION, ROOT

# Statements of every function, and those that let Lambda itself act for it.
COMMON = ("WriteItsOwnLog", "SendTraces", "UseKeysThroughTheServicesItCalls")
FOR_LAMBDA = "LetLambda"

# Functions by the package that they run, and the roles that it has.
ROLES = {
    "config": ("module.scheduler",),
    "monitor": ("module.monitor",),
    "writer": ("module.writer",),
    "alert-webhook": ("module.alerting.module.receive", "module.alerting.module.send"),
}

# Calls that a package can make and never makes in this installation, with the reason.
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


def roles(plans: Plans, package: str) -> list[Resource]:
    return [
        resource
        for plan in plans.values()
        for role in ROLES[package]
        for resource in plan.of("aws_iam_role_policy", role)
        if "aws_iam_role_policy.this" in resource.address
    ]


@pytest.mark.parametrize("package", ROLES)
def test_actions_are_the_calls(package: str, plans: Plans, code: Code) -> None:
    policies = roles(plans, package)
    assert policies, f"no plan has a role for {package}"
    allowed = {
        action
        for policy in policies
        for statement in policy.policy
        if statement["Sid"] not in COMMON and not statement["Sid"].startswith(FOR_LAMBDA)
        for action in statement["Action"]
    }
    called = code.actions(package)
    off = {action for name, action in SWITCHED_OFF if name == package}

    assert not off - called, f"SWITCHED_OFF names calls that {package} cannot make: {off - called}"
    missing = called - allowed - off
    assert not missing, f"{package} calls these and may not: {missing}; made in {code.places(missing)}"
    unused = allowed - called
    assert not unused, f"{package} may do these and never does: {unused}"


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
        assert (wanted if "stream" in mapping.address else queue) <= actions, mapping.address


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
    """A resource or principal that ends in `*` has a comment beside it or above its statement."""
    for file in CONFIGURATION.rglob("*.tf"):
        lines = file.read_text().splitlines()
        for number, line in enumerate(lines):
            if re.search(r'^\s*(Resource|Principal|source_arn|Action)\b.*\*["\]]', line) or re.search(
                r'^\s*"arn:.*\*"', line
            ):
                near = lines[max(0, number - 8) : number + 1]
                explained = any("#" in text for text in near)
                assert explained, f"{file.relative_to(CONFIGURATION)}:{number + 1}: {line.strip()}"


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
