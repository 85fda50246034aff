"""Tables have the properties that the code gives them wherever it creates them itself."""

from __future__ import annotations

import re

import pytest

from planned import Plan, Plans
from workplace import ROOT

SCHEMA = (ROOT / "crates" / "domain" / "src" / "schema.rs").read_text()


def constant(name: str) -> str:
    """The text of a constant of the schema."""
    match = re.search(rf'pub const {name}: &str = "([^"]*)"', SCHEMA)
    assert match, f"schema.rs has no {name}"
    return match.group(1)


def number(pattern: str) -> int:
    """A figure of `TableProperties::of`."""
    body = SCHEMA.split("pub const fn of(destination", 1)[1].split("\n    }\n", 1)[0]
    match = re.search(pattern, body)
    assert match, f"TableProperties::of has no {pattern}"
    return int(match.group(1))


MAIN_DAYS = number(r"Destination::Main => (\d+)")
ATTEMPT_DAYS = number(r"Destination::Attempts => (\d+)")
HOURS = number(r"memory_hours: (\d+)")


@pytest.fixture
def plan(plans: Plans) -> Plan:
    return plans["minimal/attempts"]


def test_names(plan: Plan) -> None:
    names = {(table.values["database_name"], table.values["table_name"]) for table in plan.of("aws_timestreamwrite_table")}
    table = constant("TABLE")
    assert names == {
        (constant("DATABASE"), table),
        (constant("DATABASE"), table + constant("ATTEMPTS_SUFFIX")),
    }


def test_properties(plan: Plan) -> None:
    key = constant("MONITOR_ID")
    assert "partition_key: dimension::MONITOR_ID" in SCHEMA and "magnetic_writes: true" in SCHEMA
    for table in plan.of("aws_timestreamwrite_table"):
        attempts = table.values["table_name"].endswith(constant("ATTEMPTS_SUFFIX"))
        [retention] = table.values["retention_properties"]
        assert retention["memory_store_retention_period_in_hours"] == HOURS
        assert retention["magnetic_store_retention_period_in_days"] == (ATTEMPT_DAYS if attempts else MAIN_DAYS)
        [magnetic] = table.values["magnetic_store_write_properties"]
        assert magnetic["enable_magnetic_store_writes"] is True
        [schema] = table.values["schema"]
        [partition] = schema["composite_partition_key"]
        assert (partition["type"], partition["name"]) == ("DIMENSION", key)
        assert partition["enforcement_in_record"] == "REQUIRED"


def test_the_bridge_gets_the_same(plans: Plans) -> None:
    script = plans["bridge/connection"].one("aws_instance", "module.bridge").values["user_data"]
    creation = re.search(r"create-table (?:.*\\\n)*.*", script)
    assert creation, script
    text = creation.group(0)
    assert f'--database-name "{constant("DATABASE")}" --table-name "{constant("TABLE")}"' in text
    assert f"MemoryStoreRetentionPeriodInHours={HOURS},MagneticStoreRetentionPeriodInDays={MAIN_DAYS}" in text
    assert "EnableMagneticStoreWrites=true" in text
    assert f"Type=DIMENSION,Name={constant('MONITOR_ID')},EnforcementInRecord=REQUIRED" in text
