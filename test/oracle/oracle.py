"""botocore's half of the oracle: one JSON line in, one out.

In:  {"kind": "call", "service", "operation", "input", "response": {"status", "headers", "body"}}
     {"kind": "presign", "service", "operation", "input"} or {"kind": "post", "service", "input"}
     Values are tagged as in values.ts.
Out: {"request": {...} | null, "output" | "error" | "exception"}; {"url"}; {"post"}.
The call never leaves the process: before-send captures the request and answers it. The clock stands still.
"""
import base64
import datetime
import importlib
import io
import json
import math
import sys
import time
import types

import botocore.auth
import botocore.session
import botocore.signers
from botocore import xform_name
from botocore.awsrequest import AWSResponse
from botocore.config import Config
from botocore.eventstream import EventStream
from botocore.exceptions import ClientError
from botocore.response import StreamingBody

# What DescribeEndpoints answers; wire.ts answers the same.
DISCOVERED = b'{"Endpoints":[{"Address":"discovered.example.com","CachePeriodInMinutes":1440}]}'
# wire.ts has the same.
NOW = datetime.datetime(2026, 1, 2, 3, 4, 5)
EXPIRES_IN_SECONDS = 600
EPOCH = datetime.datetime(1970, 1, 1, tzinfo=datetime.timezone.utc)


def stop_clock():
    """Signatures that are made at one time can be compared."""

    def now(remove_tzinfo=True):
        return NOW if remove_tzinfo else NOW.replace(tzinfo=datetime.timezone.utc)

    modules = [botocore.auth, botocore.signers]
    if botocore.compat.HAS_CRT:
        modules.append(importlib.import_module("botocore.crt.auth"))
    for module in modules:
        module.get_current_datetime = now
    seconds = now(False).timestamp()
    botocore.auth.time = types.SimpleNamespace(
        strftime=time.strftime, gmtime=lambda: time.gmtime(seconds), time=lambda: seconds
    )


class Raw(io.BytesIO):
    """What urllib3 hands on, as far as botocore reads it."""

    def stream(self, amt=1024, decode_content=None):
        while True:
            chunk = self.read(amt)
            if not chunk:
                return
            yield chunk


def untag(value):
    if isinstance(value, list):
        return [untag(each) for each in value]
    if not isinstance(value, dict):
        return value
    if "$bytes" in value:
        return base64.b64decode(value["$bytes"])
    if "$time" in value:
        return EPOCH + datetime.timedelta(milliseconds=value["$time"])
    if "$int" in value:
        return int(value["$int"])
    if "$float" in value:
        return float(value["$float"])
    return {key: untag(each) for key, each in value.items()}


def tag(value):
    if isinstance(value, datetime.datetime):
        if value.tzinfo is None:
            value = value.replace(tzinfo=datetime.timezone.utc)
        return {"$time": (value - EPOCH) // datetime.timedelta(milliseconds=1)}
    if isinstance(value, (bytes, bytearray)):
        return {"$bytes": base64.b64encode(value).decode()}
    if isinstance(value, StreamingBody):
        return {"$bytes": base64.b64encode(value.read()).decode()}
    if isinstance(value, EventStream):
        return [tag(event) for event in value]
    if isinstance(value, dict):
        return {str(key): tag(each) for key, each in value.items() if each is not None}
    if isinstance(value, (list, tuple)):
        return [tag(each) for each in value]
    if isinstance(value, bool) or value is None or isinstance(value, str):
        return value
    if isinstance(value, int):
        return value if abs(value) < 2**53 else {"$int": str(value)}
    if isinstance(value, float):
        if math.isfinite(value):
            return value
        return {"$float": "NaN" if math.isnan(value) else "Infinity" if value > 0 else "-Infinity"}
    return {"$unknown": repr(value)}


def body_bytes(body):
    if body is None:
        return b""
    if isinstance(body, str):
        return body.encode()
    if hasattr(body, "read"):
        return body.read()
    return bytes(body)


class Oracle:
    def __init__(self):
        self.session = botocore.session.Session()
        self.session.set_credentials("AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY", "token")
        self.clients = {}
        self.captured = None
        self.operation = None
        self.response = None

    def client(self, service, signature_version=None):
        key = (service, signature_version)
        if key not in self.clients:
            # One service at a time: models are large.
            if not any(name == service for name, _ in self.clients):
                self.clients.clear()
            client = self.session.create_client(
                service,
                region_name="us-east-1",
                config=Config(
                    parameter_validation=False,
                    retries={"total_max_attempts": 1, "mode": "standard"},
                    signature_version=signature_version,
                ),
            )
            client.meta.events.register("before-send.*", self.before_send)
            self.clients[key] = client
        return self.clients[key]

    def before_send(self, request, event_name, **_):
        sent = event_name.rsplit(".", 1)[-1]
        if sent == "DescribeEndpoints" and self.operation != sent:
            headers = {"content-type": "application/x-amz-json-1.0"}
            return AWSResponse(request.url, 200, headers, Raw(DISCOVERED))
        if self.captured is None:
            self.captured = {
                "method": request.method,
                "url": request.url,
                "headers": {
                    key.lower(): value.decode("latin-1") if isinstance(value, bytes) else str(value)
                    for key, value in request.headers.items()
                },
                "body": base64.b64encode(body_bytes(request.body)).decode(),
            }
        answer = self.response
        return AWSResponse(request.url, answer["status"], answer["headers"], Raw(base64.b64decode(answer["body"])))

    def presign(self, case):
        # Unless told, botocore signs URLs of S3 in the retired version 2.
        client = self.client(case["service"], "s3v4" if case["service"] == "s3" else None)
        # A form becomes a query, and whoever opens the URL sends a GET, which botocore must be told.
        is_form = client.meta.service_model.resolved_protocol in ("query", "ec2")
        url = client.generate_presigned_url(
            xform_name(case["operation"]),
            Params=untag(case["input"]),
            ExpiresIn=EXPIRES_IN_SECONDS,
            HttpMethod="GET" if is_form else None,
        )
        return {"request": None, "url": url}

    def post(self, case):
        client = self.client(case["service"], "s3v4")
        asked = untag(case["input"])
        post = client.generate_presigned_post(
            asked["Bucket"], asked["Key"], asked.get("Fields"), asked.get("Conditions"), EXPIRES_IN_SECONDS
        )
        return {"request": None, "post": post}

    def call(self, case):
        self.captured = None
        self.operation = case["operation"]
        self.response = case["response"]
        client = self.client(case["service"])
        result = {}
        try:
            output = client._make_api_call(case["operation"], untag(case["input"]))
            output.pop("ResponseMetadata", None)
            result["output"] = tag(output)
        except ClientError as error:
            response = dict(error.response)
            metadata = response.pop("ResponseMetadata", {})
            described = response.pop("Error", {})
            result["error"] = {
                "code": str(described.get("Code", "")),
                "message": described.get("Message") or "",
                "status": metadata.get("HTTPStatusCode"),
                "members": tag(response),
            }
        except Exception as error:  # pylint: disable=broad-except
            result["exception"] = f"{type(error).__name__}: {error}"[:300]
        result["request"] = self.captured
        return result


def main():
    stop_clock()
    oracle = Oracle()
    kinds = {"call": oracle.call, "presign": oracle.presign, "post": oracle.post}
    for line in sys.stdin:
        case = json.loads(line)
        try:
            result = kinds[case["kind"]](case)
        except Exception as error:  # pylint: disable=broad-except
            result = {"request": None, "exception": f"{type(error).__name__}: {error}"[:300]}
        sys.stdout.write(json.dumps(result) + "\n")
        sys.stdout.flush()


main()
