"""One file up or down by boto3's s3transfer, with its defaults; prints what transfer.mjs prints."""
import json
import resource
import sys
import time

import boto3
from botocore.config import Config

direction, endpoint, path = sys.argv[1:]
s3 = boto3.client(
    "s3",
    endpoint_url=endpoint,
    region_name="eu-west-1",
    aws_access_key_id="AKIDEXAMPLE",
    aws_secret_access_key="wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY",
    config=Config(s3={"addressing_style": "path"}),
)
before = resource.getrusage(resource.RUSAGE_SELF)
start = time.perf_counter()
if direction == "upload":
    s3.upload_file(path, "bucket", "key")
else:
    s3.download_file("bucket", "key", path)
wall = time.perf_counter() - start
after = resource.getrusage(resource.RUSAGE_SELF)
cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
print(json.dumps({"wallMs": wall * 1000, "cpuMs": cpu * 1000, "rssMb": after.ru_maxrss / 1024}))
