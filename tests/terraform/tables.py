"""The tables of variables and outputs in the READMEs: `tables.py --write` brings them up to date."""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path

import hcl2

from workplace import CONFIGURATION, modules


def blocks(folder: Path, kind: str) -> dict[str, dict]:
    """The blocks of a kind in the files of a folder, by name, in alphabetical order."""
    found = {}
    for file in sorted(folder.glob("*.tf")):
        with file.open() as text:
            for block in hcl2.load(text).get(kind, []):
                for name, body in block.items():
                    if name != "__is_block__":
                        found[json.loads(name)] = body
    return dict(sorted(found.items()))


def text(value: object) -> str:
    """A description as it reads."""
    return json.loads(value) if isinstance(value, str) else ""


def cell(value: str) -> str:
    """A text that keeps to its cell."""
    return " ".join(value.replace("|", "\\|").split())


def kind(value: str) -> str:
    """A type, without what an object has inside: its description says that."""
    value = re.sub(r"^\$\{(.*)\}$", r"\1", " ".join(str(value).split()), flags=re.S)
    return re.sub(r"object\(.*\)", lambda _: "object", value, flags=re.S) if "object(" in value else value


def default(body: dict) -> str:
    """What holds when nothing is said."""
    if "default" not in body:
        return "must be given"
    value = body["default"]
    if value is None or value == "null":
        return "`null`"
    if isinstance(value, str) and value.startswith('"'):
        return f"`{value}`"
    return f"`{json.dumps(value)}`" if not isinstance(value, str) else f"`{value}`"


def variables(folder: Path) -> str:
    """The table of variables."""
    rows = ["| variable | type | default | what |", "|---|---|---|---|"]
    for name, body in blocks(folder, "variable").items():
        what = cell(text(body.get("description")))
        rows.append(f"| `{name}` | {cell(kind(body['type']))} | {default(body)} | {what} |")
    return "\n".join(rows)


def outputs(folder: Path) -> str:
    """The table of outputs."""
    rows = ["| output | what |", "|---|---|"]
    rows += [
        f"| `{name}` | {cell(text(body.get('description')))} |"
        for name, body in blocks(folder, "output").items()
    ]
    return "\n".join(rows)


def refreshed(folder: Path) -> str:
    """The README of a folder with its tables as they should be."""
    page = (folder / "README.md").read_text()
    for mark, table in (("variables", variables(folder)), ("outputs", outputs(folder))):
        page = re.sub(
            rf"<!-- {mark} -->.*<!-- /{mark} -->",
            lambda _, mark=mark, table=table: f"<!-- {mark} -->\n{table}\n<!-- /{mark} -->",
            page,
            flags=re.S,
        )
    return page


def main() -> None:
    for module in modules():
        folder = CONFIGURATION / module
        if (folder / "README.md").exists():
            page = refreshed(folder)
            if sys.argv[1:] == ["--write"]:
                (folder / "README.md").write_text(page)
            elif page != (folder / "README.md").read_text():
                sys.exit(f"{folder / 'README.md'} is stale; run tests/terraform/tables.py --write")


if __name__ == "__main__":
    main()
