"""boto3's side of dynamodb.test.ts.

`serve`: moto's DynamoDB on a free port, until stdin ends. Otherwise: what boto3 makes of the values and conditions on stdin.
"""

import base64
import json
import sys
from decimal import Decimal

from boto3.dynamodb.conditions import Attr, ConditionExpressionBuilder, Key
from boto3.dynamodb.types import Binary, TypeDeserializer, TypeSerializer

serializer, deserializer = TypeSerializer(), TypeDeserializer()


def native(tagged):
    """A value from its description: JSON cannot tell numbers, bytes and sets."""
    [(kind, value)] = tagged.items()
    if kind == "number":
        return Decimal(value)
    if kind == "bytes":
        return Binary(base64.b64decode(value))
    if kind == "set":
        return {native(each) for each in value}
    if kind == "list":
        return [native(each) for each in value]
    if kind == "object":
        return {name: native(each) for name, each in value}
    return value


def plain(wire):
    """A wire form as JSON: bytes as Base64."""
    [(kind, value)] = wire.items()
    if kind in ("B", "BS"):
        return {kind: text(value) if kind == "B" else [text(each) for each in value]}
    if kind == "L":
        return {kind: [plain(each) for each in value]}
    if kind == "M":
        return {kind: {name: plain(each) for name, each in value.items()}}
    return wire


def text(value):
    return base64.b64encode(bytes(value)).decode()


def unplain(wire):
    [(kind, value)] = wire.items()
    if kind == "B":
        return {kind: base64.b64decode(value)}
    if kind == "BS":
        return {kind: [base64.b64decode(each) for each in value]}
    if kind == "L":
        return {kind: [unplain(each) for each in value]}
    if kind == "M":
        return {kind: {name: unplain(each) for name, each in value.items()}}
    return wire


def condition(node):
    kind, *given = node
    if kind == "key":
        return Key(given[0])
    if kind == "attr":
        return Attr(given[0])
    if kind == "value":
        return native(given[0])
    if kind == "is_in":
        return condition(given[0]).is_in([native(each) for each in given[1]])
    parts = [condition(each) for each in given]
    if kind == "and":
        return parts[0] & parts[1]
    if kind == "or":
        return parts[0] | parts[1]
    if kind == "not":
        return ~parts[0]
    return getattr(parts[0], kind)(*parts[1:])


def built(case):
    result = ConditionExpressionBuilder().build_expression(condition(case["condition"]), is_key_condition=case["isKey"])
    values = {name: plain(serializer.serialize(value)) for name, value in result.attribute_value_placeholders.items()}
    return [result.condition_expression, result.attribute_name_placeholders, values]


def converted(case):
    value = native(case["value"])
    return [plain(serializer.serialize(value)), deserializer.deserialize(unplain(case["wire"])) == value]


def serve():
    from moto.server import ThreadedMotoServer

    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    print(server.get_host_and_port()[1], flush=True)
    sys.stdin.read()
    server.stop()


if sys.argv[1:] == ["serve"]:
    serve()
else:
    given = json.load(sys.stdin)
    json.dump(
        {
            "values": [converted(case) for case in given["values"]],
            "conditions": [built(case) for case in given["conditions"]],
        },
        sys.stdout,
    )
