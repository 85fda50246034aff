"""A provider that knows the schema of AWS and nothing else, for `terraform validate` and `test`.

    serve.py PACKAGE SOCKET FOLDER...

Serves the types that the Terraform files below the folders use, and prints the value for
TF_REATTACH_PROVIDERS when it listens. Plans are made by mock providers inside Terraform.
"""

from __future__ import annotations

import json
import os
import re
import signal
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import grpc
from schema import read
from tf.gen import tfplugin_pb2 as messages
from tf.gen import tfplugin_pb2_grpc as service

USE = re.compile(r'^\s*(resource|data)\s+"(aws_\w+)"', re.M)
# `write_only = true` of Schema.Attribute: field 11, which the Python stubs are too old to know.
WRITE_ONLY = b"\x58\x01"

Nesting = messages.Schema.NestedBlock.NestingMode


def used(folders: list[Path]) -> tuple[set[str], set[str]]:
    """The types of resources and data sources in the files of the folders."""
    found: dict[str, set[str]] = {"resource": set(), "data": set()}
    for folder in folders:
        for file in folder.rglob("*.tf"):
            for kind, name in USE.findall(file.read_text()):
                found[kind].add(name)
    return found["resource"], found["data"]


def block(shape: dict) -> messages.Schema.Block:
    result = messages.Schema.Block(version=0)
    for name, attribute in sorted(shape["attributes"].items()):
        message = messages.Schema.Attribute(
            name=name,
            type=json.dumps(attribute["type"]).encode(),
            computed=attribute["computed"],
            optional=attribute["optional"],
            required=attribute["required"],
        )
        if attribute["write_only"]:
            message = messages.Schema.Attribute.FromString(message.SerializeToString() + WRITE_ONLY)
        result.attributes.append(message)
    for name, nested in sorted(shape["blocks"].items()):
        nesting = {"single": Nesting.SINGLE, "set": Nesting.SET, "list": Nesting.LIST}
        result.block_types.append(
            messages.Schema.NestedBlock(
                type_name=name,
                block=block(nested["block"]),
                nesting=nesting[nested["nesting"]],
                min_items=1 if nested["required"] and nested["nesting"] != "single" else 0,
            )
        )
    return result


def schema(shape: dict) -> messages.Schema:
    return messages.Schema(version=0, block=block(shape))


class Provider(service.ProviderServicer):
    """Answers what Terraform asks before it plans."""

    def __init__(self, shapes: dict) -> None:
        self.schemas = messages.GetProviderSchema.Response(
            provider=schema(shapes["provider"]["aws"]),
            resource_schemas={name: schema(shape) for name, shape in shapes["resources"].items()},
            data_source_schemas={
                name: schema(shape) for name, shape in shapes["data_sources"].items()
            },
            server_capabilities=messages.ServerCapabilities(get_provider_schema_optional=False),
        )

    def GetMetadata(self, request, context):
        return messages.GetMetadata.Response(
            resources=[
                messages.GetMetadata.ResourceMetadata(type_name=name)
                for name in self.schemas.resource_schemas
            ],
            data_sources=[
                messages.GetMetadata.DataSourceMetadata(type_name=name)
                for name in self.schemas.data_source_schemas
            ],
        )

    def GetProviderSchema(self, request, context):
        return self.schemas

    def ValidateProviderConfig(self, request, context):
        return messages.ValidateProviderConfig.Response()

    def ValidateResourceConfig(self, request, context):
        return messages.ValidateResourceConfig.Response()

    def ValidateDataResourceConfig(self, request, context):
        return messages.ValidateDataResourceConfig.Response()

    def ConfigureProvider(self, request, context):
        return messages.ConfigureProvider.Response()

    def StopProvider(self, request, context):
        return messages.StopProvider.Response()


def main() -> None:
    package, socket, *folders = sys.argv[1:]
    resources, data_sources = used([Path(folder) for folder in folders])
    server = grpc.server(
        ThreadPoolExecutor(4),
        options=[("grpc.max_send_message_length", -1), ("grpc.max_receive_message_length", -1)],
    )
    shapes = read(Path(package), resources, data_sources)
    service.add_ProviderServicer_to_server(Provider(shapes), server)
    server.add_insecure_port(f"unix:{socket}")
    server.start()
    address = {"Network": "unix", "String": socket}
    reattach = {
        "Protocol": "grpc",
        "ProtocolVersion": 6,
        "Pid": os.getpid(),
        "Test": True,
        "Addr": address,
    }
    print(json.dumps({"hashicorp/aws": reattach}), flush=True)
    # Whoever started this process ends it.
    signal.sigwait({signal.SIGTERM, signal.SIGINT})
    server.stop(None)


main()
