"""Presigned URLs of botocore at a fixed time: cases as JSON on stdin, URLs as JSON on stdout."""

import datetime
import json
import sys

import botocore.auth
import botocore.session
from botocore.config import Config

cases = json.load(sys.stdin)
at = datetime.datetime.fromisoformat(cases["at"])


class FixedClock(datetime.datetime):
    @classmethod
    def utcnow(cls):
        return at.replace(tzinfo=None)

    @classmethod
    def now(cls, tz=None):
        return at if tz else at.replace(tzinfo=None)


botocore.auth.datetime.datetime = FixedClock
if hasattr(botocore.auth, "get_current_datetime"):
    botocore.auth.get_current_datetime = lambda remove_tzinfo=True: at.replace(tzinfo=None)

session = botocore.session.Session()
session.set_credentials(*cases["credentials"])


def add_headers(client, headers):
    def add(request, **_):
        for name, value in headers.items():
            request.headers[name] = value

    client.meta.events.register("before-sign.*.*", add)


def config_of(case):
    if case["service"] != "s3":
        return None
    # Left to itself it names S3's old global endpoint, from which new regions redirect.
    style = "auto" if "." in case["input"].get("Bucket", "") else "virtual"
    return Config(signature_version="s3v4", s3={"addressing_style": style})


def url_of(case):
    config = config_of(case)
    client = session.create_client(case["service"], region_name=cases["region"], config=config)
    add_headers(client, case.get("headers", {}))
    return client.generate_presigned_url(
        case["operation"],
        Params=case["input"],
        ExpiresIn=case["expiresInSeconds"],
        HttpMethod=case.get("method"),
    )


json.dump([url_of(case) for case in cases["cases"]], sys.stdout)
