"""Which calls of AWS the Lambdas make, read from their sources.

Adapters call the SDK through fluent builders (`client.put_rule()`), in files that name the SDK's
crate. A package reaches a function of an adapter when its own sources name its module and its type, and
call a function of that name and await it; a function of an implemented trait counts as reached
where the type is named. Names are enough because a false match shows: the comparison fails in one direction
or the other, and the adapter gets a clearer name.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

import botocore.session
from botocore import xform_name

# Crate of the SDK, service in the models of AWS, prefix of its actions.
SERVICES = {
    "aws_sdk_dynamodb": ("dynamodb", "dynamodb"),
    "aws_sdk_eventbridge": ("events", "events"),
    "aws_sdk_secretsmanager": ("secretsmanager", "secretsmanager"),
    "aws_sdk_sns": ("sns", "sns"),
    "aws_sdk_sqs": ("sqs", "sqs"),
    "aws_sdk_ssm": ("ssm", "ssm"),
    "aws_sdk_timestreamquery": ("timestream-query", "timestream"),
    "aws_sdk_timestreamwrite": ("timestream-write", "timestream"),
}

# Operations that IAM knows by another name.
ACTIONS = {
    "sqs:SendMessageBatch": {"sqs:SendMessage"},
    "sns:PublishBatch": {"sns:Publish"},
    "timestream:Query": {"timestream:Select"},
}

# What asks for one more permission without being a call of its own.
BESIDES = {
    r"\.with_endpoint_discovery_enabled\(": "timestream:DescribeEndpoints",
    r"\.put_rule\(\)(?s:.)*\.(set_)?tags\(": "events:TagResource",
}

FUNCTION = re.compile(r"(\basync )?\bfn (\w+)")
IMPLEMENTATION = re.compile(r"^impl(?:<[^{;]*?>)?\s+(?P<trait>[^{;]*?\bfor\s+)?(?P<owner>\w+)[^{;]*\{", re.M)


@cache
def operations(crate: str) -> dict[str, str]:
    """Builder name to operation, for one service."""
    model = botocore.session.get_session().get_service_model(SERVICES[crate][0])
    return {xform_name(name): name for name in model.operation_names}


@dataclass
class Function:
    """One function of an adapter."""

    module: str
    file: str
    name: str
    is_async: bool
    is_method: bool
    body: str
    owner: str | None  # the type that it is a function of
    of_trait: bool
    actions: set[str] = field(default_factory=set)


class Code:
    """The sources, and what follows from them."""

    def __init__(self, root: Path) -> None:
        self.root = root
        adapters = root / "crates" / "aws" / "src"
        self.modules = {file.stem for file in adapters.glob("*.rs")} - {"lib"}
        self.functions: list[Function] = []
        for file in sources(adapters):
            self._read(file, adapters)

    def _read(self, file: Path, adapters: Path) -> None:
        text = program(file)
        crates = set(re.findall(r"\baws_sdk_\w+", text)) & SERVICES.keys()
        module = file.relative_to(adapters).parts[0].removesuffix(".rs")
        if not crates:
            # A file of a folder uses the client that its module holds.
            parent = adapters / f"{module}.rs"
            crates = set(re.findall(r"\baws_sdk_\w+", program(parent))) & SERVICES.keys()
        owners = [
            (match.group("owner"), match.group("trait") is not None, *span(text, match.end() - 1))
            for match in IMPLEMENTATION.finditer(text)
        ]
        for match in FUNCTION.finditer(text):
            opening = text.find("{", match.end())
            end = text.find(";", match.end())
            if opening < 0 or 0 <= end < opening:
                continue
            start, stop = span(text, opening)
            function = Function(
                module,
                str(file.relative_to(self.root)),
                match.group(2),
                bool(match.group(1)),
                re.match(r"[^)]*\bself\b", text[match.end() :]) is not None,
                text[start:stop],
                *next(
                    (
                        (owner, of_trait)
                        for owner, of_trait, begin, finish in owners
                        if begin < match.start() < finish
                    ),
                    (None, False),
                ),
            )
            for crate in crates:
                for builder in re.findall(r"\.(\w+)\(\)", function.body):
                    if builder in operations(crate):
                        action = f"{SERVICES[crate][1]}:{operations(crate)[builder]}"
                        function.actions |= ACTIONS.get(action, {action})
            for pattern, action in BESIDES.items():
                if re.search(pattern, function.body):
                    function.actions.add(action)
            self.functions.append(function)

    def places(self, actions: set[str]) -> list[str]:
        """Where these are called."""
        return [
            f"{function.file} ({function.name}): {action}"
            for function in self.functions
            for action in sorted(function.actions & actions)
        ]

    def actions(self, package: str, without: tuple[str, ...] = ()) -> set[str]:
        """What one Lambda can call, leaving out files that belong to another role of its package."""
        folder = self.root / "lambdas" / package / "src"
        return self._reached([file for file in sources(folder) if file.name not in without])

    def _reached(self, files: list[Path]) -> set[str]:
        text = "\n".join(program(file) for file in files)
        modules = {
            module
            for module in self.modules
            if re.search(rf"\btidewatch_aws::(\{{[^}}]*\b)?{module}\b", text)
        }
        found: list[Function] = []
        waiting = [
            function
            for function in self.functions
            if function.module in modules
            and (function.owner is None or named(function.owner, text) or self._only(function))
            and (function.of_trait or calls(function, text))
        ]
        while waiting:
            function = waiting.pop()
            if any(function is known for known in found):
                continue
            found.append(function)
            file = program(self.root / function.file)
            near = {function.module} | set(re.findall(r"crate::(\w+)", file))
            waiting += [
                other
                for other in self.functions
                if other.module in near
                and (other.owner is None or named(other.owner, file))
                and (
                    calls(other, function.body)
                    or f"self.{other.name}(" in function.body
                    # Made here and handed on as a trait: whoever gets it calls it.
                    or (other.of_trait and named(str(other.owner), function.body))
                )
            ]
        return {action for function in found for action in function.actions}

    def _only(self, function: Function) -> bool:
        """Whether no other function has this name, so that the call says enough."""
        return sum(other.name == function.name for other in self.functions) == 1


def sources(folder: Path) -> list[Path]:
    """The Rust files below a folder, without tests."""
    return sorted(
        file
        for file in folder.rglob("*.rs")
        if file.stem not in ("tests", "fakes") and "tests" not in file.relative_to(folder).parts
    )


@cache
def program(file: Path) -> str:
    """The text of a file without comments and inline tests."""
    text = re.sub(r"//[^\n]*", "", file.read_text())
    return re.split(r"#\[cfg\(test\)\]\s*mod \w+ \{", text)[0]


def span(text: str, opening: int) -> tuple[int, int]:
    """From an opening bracket to behind the closing one; texts and lifetimes do not disturb it much."""
    pairs = {"{": "}", "(": ")"}
    closing = pairs[text[opening]]
    depth = 0
    for position in range(opening, len(text)):
        if text[position] == text[opening]:
            depth += 1
        elif text[position] == closing:
            depth -= 1
            if depth == 0:
                return opening, position + 1
    return opening, len(text)


def calls(function: Function, text: str) -> bool:
    """Whether a text calls a function of this name, and awaits it where it is asynchronous."""
    before = r"\." if function.is_method else r"(?<![.\w])"
    for match in re.finditer(rf"{before}{function.name}\(", text):
        _, end = span(text, match.end() - 1)
        if not function.is_async or re.match(r"\s*\.await", text[end:]):
            return True
    return False


def named(name: str, text: str) -> bool:
    """Whether a type of this name is used."""
    return re.search(rf"\b{name}\b", text) is not None
