#!/usr/bin/env python3
"""Works out the expected rows of tests/sql/*.slt apart from Tidewatch's own engine.

    tests/sql/oracle/check target --write

Every `NAME.cases` in this folder becomes `tests/sql/NAME.slt`. A case is a block between empty
lines:

    # what it shows
    SELECT ...            the statement in Timestream's dialect
    -- duckdb             what DuckDB is asked instead, where its dialect differs
    SELECT ...
    -- python             or: an expression for the rows, where DuckDB has no such function
    [[1, 'x']]
    -- error              or: the text of the refusal, from the service's documentation
    line 1:8: ...

Without one of the three, DuckDB is asked the statement itself, with `measure_value::double` quoted,
interval literals such as `15m` spelt out, and the macros below for functions of another name.
`--check` (`make oracle-check`) writes nothing and fails when a file is not what it would write.
"""

import datetime
import json
import math
import pathlib
import re
import sys

import duckdb
import xxhash

HERE = pathlib.Path(__file__).parent
SQL = HERE.parent
FIXTURE = json.loads((SQL / "fixture.json").read_text())
NOW = FIXTURE["now"]
FAULTS = []

TYPES = {"double": "DOUBLE", "bigint": "BIGINT", "boolean": "BOOLEAN", "varchar": "VARCHAR"}
UNITS = {
    "ms": "MILLISECONDS", "s": "SECONDS", "m": "MINUTES", "h": "HOURS", "d": "DAYS",
    "month": "MONTHS", "y": "YEARS",
}
MACROS = f"""
CREATE MACRO ago(i) AS TIMESTAMP '{NOW}' - i;
CREATE MACRO bin(t, i) AS time_bucket(i, t, TIMESTAMP '1970-01-01');
CREATE MACRO approx_percentile(x, p) AS quantile_disc(x, p);
CREATE MACRO arbitrary(x) AS any_value(x);
CREATE MACRO every(x) AS bool_and(x);
CREATE MACRO from_milliseconds(x) AS make_timestamp(x * 1000);
CREATE MACRO to_milliseconds(t) AS epoch_ms(t);
CREATE MACRO regexp_like(x, p) AS regexp_matches(x, p);
CREATE MACRO strpos(x, y) AS instr(x, y);
CREATE MACRO codepoint(x) AS unicode(x);
CREATE MACRO bitwise_and(x, y) AS x & y;
CREATE MACRO bitwise_or(x, y) AS x | y;
CREATE MACRO bitwise_xor(x, y) AS xor(x, y);
CREATE MACRO array_join(l, d) AS array_to_string(l, d);
CREATE MACRO array_max(l) AS list_max(l);
CREATE MACRO array_min(l) AS list_min(l);
CREATE MACRO arrays_overlap(a, b) AS list_has_any(a, b);
"""


def records(database, table):
    """The rows of a table as the dialect shows them: dimensions, measure name, time, measures."""
    rows = []
    for record in FIXTURE["databases"][database][table]:
        row = dict(record["dimensions"])
        row["measure_name"] = record["measure_name"]
        row["time"] = record["time"]
        if "value" in record:
            ((kind, value),) = record["value"].items()
            row[f"measure_value::{kind}"] = value
        for name, cell in record.get("values", {}).items():
            ((_, row[name]),) = cell.items()
        rows.append(row)
    return rows


def column_types(database, table):
    types = {}
    for record in FIXTURE["databases"][database][table]:
        types.update({name: "VARCHAR" for name in record["dimensions"]})
    types.update({"measure_name": "VARCHAR", "time": "TIMESTAMP"})
    for record in FIXTURE["databases"][database][table]:
        if "value" in record:
            ((kind, _),) = record["value"].items()
            types.setdefault(f"measure_value::{kind}", TYPES[kind])
        for name, cell in record.get("values", {}).items():
            ((kind, _),) = cell.items()
            types.setdefault(name, TYPES[kind])
    return types


def connect():
    connection = duckdb.connect()
    for setting in ("default_null_order = 'nulls_last'", "integer_division = true",
                    "TimeZone = 'UTC'"):
        connection.execute(f"SET {setting}")
    connection.execute(MACROS)
    for database, tables in FIXTURE["databases"].items():
        connection.execute(f"CREATE SCHEMA {database}")
        for table in tables:
            types = column_types(database, table)
            columns = ", ".join(f'"{name}" {kind}' for name, kind in types.items())
            connection.execute(f"CREATE TABLE {database}.{table} ({columns})")
            marks = ", ".join("?" for _ in types)
            for row in records(database, table):
                values = [row.get(name) for name in types]
                connection.execute(f"INSERT INTO {database}.{table} VALUES ({marks})", values)
    return connection


def for_duckdb(sql):
    sql = re.sub(r"\bmeasure_value::(\w+)", r'"measure_value::\1"', sql)
    sql = re.sub(r"\bnow\(\)", f"TIMESTAMP '{NOW}'", sql)
    units = "|".join(sorted(UNITS, key=len, reverse=True))
    return re.sub(rf"(?<![\w'.-])(\d+)({units})\b",
                  lambda m: f"(INTERVAL {m[1]} {UNITS[m[2]]})", sql)


def java_double(x):
    """Double.toString of Java: the shortest digits, with an exponent outside 1e-3..1e7."""
    if math.isnan(x):
        return "NaN"
    if math.isinf(x):
        return "Infinity" if x > 0 else "-Infinity"
    if x == 0:
        return "-0.0" if math.copysign(1, x) < 0 else "0.0"
    text = repr(abs(x))
    mantissa, _, power = text.partition("e")
    whole, _, fraction = mantissa.partition(".")
    exponent = int(power or 0)
    all_digits = (whole + fraction).lstrip("0")
    point = len(whole) + exponent - (len(whole + fraction) - len((whole + fraction).lstrip("0")))
    all_digits = all_digits.rstrip("0") or "0"
    sign = "-" if x < 0 else ""
    if 1e-3 <= abs(x) < 1e7:
        if point <= 0:
            return f"{sign}0.{'0' * -point}{all_digits}"
        padded = all_digits.ljust(point, "0")
        return f"{sign}{padded[:point]}.{padded[point:] or '0'}"
    return f"{sign}{all_digits[0]}.{all_digits[1:] or '0'}E{point - 1}"


def checksum(values):
    """Trino's checksum: the sum of XXH64 times a prime, which stands for a null itself."""
    prime = 0x9E3779B185EBCA87
    hashes = (1 if value is None else xxhash.xxh64(value).intdigest() for value in values)
    return (sum(one * prime for one in hashes) % 2**64).to_bytes(8, "little").hex()


def instant(at):
    return at.strftime("%Y-%m-%d %H:%M:%S.") + f"{at.microsecond * 1000:09d}"


def text(cell):
    """A cell as the tests' runner writes it."""
    if cell is None:
        return "NULL"
    if isinstance(cell, bool):
        return "true" if cell else "false"
    if isinstance(cell, float):
        return java_double(cell)
    if isinstance(cell, datetime.datetime):
        return instant(cell)
    if isinstance(cell, datetime.date):
        return cell.isoformat()
    if isinstance(cell, datetime.time):
        return cell.strftime("%H:%M:%S.") + f"{cell.microsecond * 1000:09d}"
    if isinstance(cell, datetime.timedelta):
        micros = cell // datetime.timedelta(microseconds=1)
        sign, micros = ("-" if micros < 0 else ""), abs(micros)
        seconds, micros = divmod(micros, 1_000_000)
        days, seconds = divmod(seconds, 86_400)
        clock = f"{seconds // 3600:02d}:{seconds // 60 % 60:02d}:{seconds % 60:02d}"
        return f"{sign}{days} {clock}.{micros * 1000:09d}"
    if isinstance(cell, list):
        return "[" + ", ".join(map(text, cell)) + "]"
    if isinstance(cell, dict):
        return "(" + ", ".join(map(text, cell.values())) + ")"
    if isinstance(cell, tuple):
        return "(" + ", ".join(map(text, cell)) + ")"
    if cell == "":
        return "(empty)"
    return str(cell)


def blocks(path):
    for block in path.read_text().split("\n\n"):
        lines = [line for line in block.split("\n") if line.strip()]
        comments = [line for line in lines if line.startswith("#")]
        parts, kind = {"": []}, ""
        for line in lines[len(comments):]:
            marked = re.fullmatch(r"-- (duckdb|python|error)", line)
            if marked:
                kind = marked[1]
                parts[kind] = []
            else:
                parts[kind].append(line)
        if parts[""] or comments:
            yield comments, {kind: "\n".join(lines) for kind, lines in parts.items()}


def expected(connection, parts):
    if "python" in parts:
        tables = {"host": records("devops", "host"), "checks": records("monitoring", "checks")}
        return eval(parts["python"], {"math": math, "datetime": datetime, "checksum": checksum, "json": json, **tables})
    sql = parts.get("duckdb", parts[""])
    return connection.execute(for_duckdb(sql)).fetchall()


def generate(connection, path):
    out = [f"# Generated by oracle/generate.py from oracle/{path.name}: edit that, not this."]
    for comments, parts in blocks(path):
        out.append("")
        out.extend(comments)
        if not parts[""]:
            continue
        if "error" in parts:
            out.extend(["query error", parts[""], "----", parts["error"], "", ""])
            continue
        try:
            rows = expected(connection, parts)
        except Exception as error:
            FAULTS.append(f"{path.name}: {parts['']}\n{error}")
            continue
        width = len(rows[0]) if rows else len(connection.description or "T")
        out.extend(["query " + "T" * width, parts[""], "----"])
        out.extend(" ".join(map(text, row)) for row in rows)
    return "\n".join(out).rstrip("\n") + "\n" + ("\n" if "error" in parts else "")


def main():
    stale = []
    connection = connect()
    cases = sorted(HERE.glob("*.cases"))
    for path in cases:
        target = SQL / f"{path.stem}.slt"
        content = generate(connection, path)
        if "--check" in sys.argv:
            if not target.exists() or target.read_text() != content:
                stale.append(target.name)
        else:
            target.write_text(content)
    count = sum(1 for path in cases for _, parts in blocks(path) if parts[""])
    print(f"{count} cases in {len(cases)} files")
    if FAULTS:
        raise SystemExit("\n\n".join(FAULTS))
    if stale:
        raise SystemExit(f"not up to date: {', '.join(stale)}; run tests/sql/oracle/check target --write")


if __name__ == "__main__":
    main()
