"""The schema of the AWS provider, read from a public npm package that is generated from it.

Each resource of `@cdktf/provider-aws` is one file whose source names, for every attribute, whether
it is computed, optional or required, and its type. That is enough for Terraform to find unknown
arguments, missing ones and wrong types. What it leaves out: validators inside the provider, limits
on the number of blocks, and arguments that exclude each other.
"""

from __future__ import annotations

import base64
import json
import re
import tarfile
from pathlib import Path

SCALARS = {
    "String": "string",
    "Number": "number",
    "Boolean": "bool",
    "List": ["list", "string"],
    "NumberList": ["list", "number"],
    "StringMap": ["map", "string"],
    "BooleanMap": ["map", "bool"],
    "NumberMap": ["map", "number"],
    "AnyMap": ["map", "dynamic"],
}
FIELD_TYPES = {
    "string": "string",
    "number": "number",
    "boolean | cdktf.IResolvable": "bool",
    "string[]": ["set", "string"],
    "{ [key: string]: string }": ["map", "string"],
}

CLASS = re.compile(r"^export class (\w+) extends cdktf\.(\w+)", re.M)
ATTRIBUTE = re.compile(
    r"^  // (\w+) - computed: (true|false), optional: (true|false), required: (true|false)$", re.M
)
GETTER = re.compile(r"return (cdktf\.Fn\.tolist\()?(?:cdktf\.Token\.\w+\()*this\.get(\w+)Attribute\(")
NESTED = re.compile(r"= new (\w+?)(OutputReference|List|Map)\(this, \"\w+\"(?:, (true|false))?\)")
FIELD = re.compile(r"private _\w+\?: ([^;]+);")


class UnknownResource(Exception):
    """A resource type that the provider does not have."""


def read(package: Path, resources: set[str], data_sources: set[str]) -> dict:
    """The schemas of the named types, as plain data that `serve.py` turns into messages."""
    wanted = {f"package/lib/{_folder(name)}/index.js": ("resources", name) for name in resources}
    wanted |= {
        f"package/lib/data-aws-{_folder(name)}/index.js": ("data_sources", name)
        for name in data_sources
    }
    wanted["package/lib/provider/index.js"] = ("provider", "aws")
    found: dict = {"provider": {}, "resources": {}, "data_sources": {}}
    with tarfile.open(package) as archive:
        for member in archive:
            if member.name in wanted:
                kind, name = wanted.pop(member.name)
                file = archive.extractfile(member)
                assert file is not None, member.name
                found[kind][name] = _block(_source(file.read().decode()))
    if wanted:
        names = ", ".join(name for _, name in wanted.values())
        raise UnknownResource(f"the provider has no {names}")
    return found


def _folder(name: str) -> str:
    return name.removeprefix("aws_").replace("_", "-")


def _source(compiled: str) -> str:
    """The source that the file was compiled from: it rides along for debuggers."""
    encoded = compiled.rpartition("sourceMappingURL=data:application/json;base64,")[2]
    return json.loads(base64.b64decode(encoded))["sourcesContent"][0]


def _block(source: str) -> dict:
    starts = list(CLASS.finditer(source))
    bodies = {
        start.group(1): source[start.end() : after.start() if after else len(source)]
        for start, after in zip(starts, [*starts[1:], None], strict=True)
    }
    root = next(
        start.group(1)
        for start in starts
        if start.group(2) in ("TerraformResource", "TerraformDataSource", "TerraformProvider")
    )
    return _members(root, bodies)


def _members(name: str, bodies: dict[str, str]) -> dict:
    body = bodies.get(name, "")
    marks = list(ATTRIBUTE.finditer(body))
    attributes, blocks = {}, {}
    for mark, after in zip(marks, [*marks[1:], None], strict=True):
        attribute, *flags = mark.groups()
        computed, optional, required = (flag == "true" for flag in flags)
        text = body[mark.end() : after.start() if after else len(body)]
        nested = NESTED.search(text)
        if nested:
            members = _members(nested.group(1) + "OutputReference", bodies)
            if computed:
                kind = {"List": "list", "Map": "map"}.get(nested.group(2), "list")
                kind = "set" if nested.group(3) == "true" else kind
                value = [kind, _object(members)]
            else:
                single = nested.group(2) == "OutputReference" and attribute == "timeouts"
                blocks[attribute] = {
                    "nesting": "single" if single else "set" if nested.group(3) == "true" else "list",
                    "required": required,
                    "block": members,
                }
                continue
        else:
            value = _type(text)
        attributes[attribute] = {
            "type": value,
            "computed": computed,
            "optional": optional,
            "required": required,
            # The package does not say which arguments are never stored; their names do.
            "write_only": attribute.endswith("_wo"),
        }
    return {"attributes": attributes, "blocks": blocks}


def _type(text: str):
    getter = GETTER.search(text)
    if getter:
        value = SCALARS[getter.group(2)]
        return ["set", value[1]] if getter.group(1) else value
    field = FIELD.search(text)
    return FIELD_TYPES.get(field.group(1).strip(), "dynamic") if field else "dynamic"


def _object(members: dict):
    fields = {name: attribute["type"] for name, attribute in members["attributes"].items()}
    fields |= {name: ["list", _object(block["block"])] for name, block in members["blocks"].items()}
    return ["object", fields]
