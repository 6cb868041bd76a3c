"""Makes the calls of differential_scenarios.py through boto3 on one cloud and prints what it answered, as JSON.

    differential.py ENDPOINT [scenario ...]

Each answer is noted as `scenario/operation#n`: the parsed output, or the error's code, message and status. Identifiers and
dates stand as what they are (`<i>`, `<date>`), so that the notes of two clouds can be compared.
"""

import datetime
import hashlib
import json
import re
import sys

import boto3
import urllib3
from botocore.client import Config
from botocore.exceptions import ClientError

import differential_ec2  # noqa: F401: adds its scenarios
import differential_identity  # noqa: F401
import differential_s3  # noqa: F401
import differential_transit  # noqa: F401
from differential_scenarios import SCENARIOS

VOLATILE = {
    "UploadId": "<upload>",
    "UploadIdMarker": "<upload>",
    "NextUploadIdMarker": "<upload>",
    "NextContinuationToken": "<token>",
    "ContinuationToken": "<token>",
    "NextToken": "<token>",
    "Marker": "<token>",
    "RequestId": None,
    "HostId": None,
    "SecretAccessKey": "<secret>",
    "SessionToken": "<secret>",
    "KeyMaterial": "<secret>",
    "KeyFingerprint": "<fingerprint>",
    "MacAddress": "<mac>",
    "PublicIp": "<ip>",
    "PrivateIpAddress": "<ip>",
    "PrivateIp": "<ip>",
    "PublicIpAddress": "<ip>",
    "Base32StringSeed": "<secret>",
    "QRCodePNG": "<image>",
    "PublicDnsName": "<dns>",
    "PrivateDnsName": "<dns>",
    "PackedPolicySize": "<number>",
    "EncodedAuthorizationFailureMessage": None,
    "ContinuationTokenMarker": None,
    "Location": "<location>",
}
PATTERNS = (
    (re.compile(r"\b(?:123456789012|000000000000)\b"), "<account>"),
    (re.compile(r"\b([a-z]{1,12})-(?:[0-9a-f]{17}|[0-9a-f]{8})\b"), r"<\1>"),
    (re.compile(r"\b(A[A-Z]{3})[A-Z0-9]{12,28}\b"), r"<\1>"),
    (re.compile(r"^[0-9a-f]{64}$"), "<canonical>"),
    (re.compile(r"^[a-z0-9]{20}$|^A[A-Z0-9]{20}$"), "<id>"),
    (re.compile(r"\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b"), "<uuid>"),
    (re.compile(r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$"), "<date>"),
)
VERSION_KEYS = {"VersionId", "VersionIdMarker", "NextVersionIdMarker", "CopySourceVersionId", "DeleteMarkerVersionId"}


def normal(value, key=""):
    if key in VOLATILE:
        return VOLATILE[key]
    if isinstance(value, dict):
        return {
            name: normal(each, name)
            for name, each in value.items()
            if name not in ("ResponseMetadata", "HostId", "RequestId")
        }
    if isinstance(value, list):
        return [normal(each, key) for each in value]
    if isinstance(value, datetime.datetime):
        return "<date>" if abs(value.year - datetime.datetime.now().year) <= 1 else value.isoformat()
    if isinstance(value, bytes):
        return "sha256:" + hashlib.sha256(value).hexdigest() if len(value) > 64 else repr(value)
    if isinstance(value, str):
        if key in VERSION_KEYS and not re.fullmatch(r"null|v\d+|", value):
            return "<version>"
        for pattern, text in PATTERNS:
            value = pattern.sub(text, value)
    return value


class Cloud:
    """Clients of one endpoint whose calls are noted."""

    def __init__(self, endpoint):
        self.endpoint = endpoint
        self.notes = {}
        self.scenario = ""
        self.counts = {}
        self.account = self.client("sts").unnoted.get_caller_identity()["Account"]

    def client(self, name, region="us-east-1", keys=("test", "test"), token=None, **config):
        # Nothing is tried again, and nothing refused by the client itself: that would say nothing of the cloud.
        options = {
            "retries": {"total_max_attempts": 1},
            "s3": {"addressing_style": "path"},
            "parameter_validation": False,
        }
        client = boto3.client(
            name,
            region_name=region,
            endpoint_url=self.endpoint,
            aws_access_key_id=keys[0],
            aws_secret_access_key=keys[1],
            aws_session_token=token,
            config=Config(**{**options, **config}),
        )
        return Noting(self, client)

    def raw(self, method, url, **options):
        """One plain request: status, some headers, and the body or the error's code."""
        answer = urllib3.PoolManager(retries=False).request(method, url, **options)
        code = re.search(rb"<Code>(.*?)</Code>", answer.data)
        text = re.sub(r"^<\?xml.*?\?>\s*", "", answer.data.decode("utf8", "replace")).replace(self.endpoint, "<endpoint>")
        self.note(f"raw_{method}", {"status": answer.status, "body": code[1].decode() if code else text[:200]})
        return answer

    def wait(self, client, name, ids):
        """For some seconds at most, noting whether the state came."""
        try:
            client.client.get_waiter(name).wait(InstanceIds=ids, WaiterConfig={"Delay": 1, "MaxAttempts": 8})
            self.note("waited", [name, True])
        except Exception:
            self.note("waited", [name, False])

    def note(self, name, value):
        n = self.counts[name] = self.counts.get(name, 0) + 1
        self.notes[f"{self.scenario}/{name}#{n}"] = value


class Unnoted:
    """Calls whose answers are looked at and not noted; {} for an error."""

    def __init__(self, client):
        self.client = client

    def __getattr__(self, name):
        def call(**inputs):
            try:
                return getattr(self.client, name)(**inputs)
            except Exception:
                return {}

        return call


class Noting:
    def __init__(self, cloud, client):
        self.cloud = cloud
        self.client = client
        self.unnoted = Unnoted(client)

    def __getattr__(self, name):
        attribute = getattr(self.client, name)
        if name in ("meta", "get_paginator", "get_waiter", "generate_presigned_url", "generate_presigned_post"):
            return attribute

        def call(**inputs):
            try:
                output = attribute(**inputs)
            except ClientError as error:
                response = error.response
                status = response["ResponseMetadata"]["HTTPStatusCode"]
                self.cloud.note(name, {"status": status, "error": normal(response["Error"])})
                return response
            except Exception as error:
                self.cloud.note(name, {"raised": type(error).__name__, "text": str(error)[:200]})
                return {}
            shown = dict(output)
            if hasattr(shown.get("Body"), "read"):
                try:
                    shown["Body"] = output["bytes"] = shown["Body"].read()
                except Exception as error:
                    shown["Body"] = type(error).__name__
            self.cloud.note(name, {"status": output["ResponseMetadata"]["HTTPStatusCode"], "output": normal(shown)})
            return output

        return call


def record(endpoint, chosen):
    cloud = Cloud(endpoint)
    for name, scenario in SCENARIOS.items():
        if chosen and name not in chosen:
            continue
        cloud.scenario = name
        cloud.counts = {}
        try:
            scenario(cloud)
        except Exception as error:
            import traceback

            cloud.note("ended", {"raised": type(error).__name__, "text": traceback.format_exc()[-600:]})
    return cloud.notes


if __name__ == "__main__":
    json.dump(record(sys.argv[1], sys.argv[2:]), sys.stdout, default=str)
