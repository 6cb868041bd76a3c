"""Drives the emulator with boto3, unmodified. Endpoint and keys come from the environment that the emulator prints.

Each function named check_* is one case: it raises when the emulator is not what boto3's user would expect.
Prints one line a case and exits with the number of failures. Arguments: names of cases to run (default: all).
"""

import base64
import hashlib
import io
import json
import os
import sys
import traceback
import urllib.error
import urllib.request
import uuid

import boto3
from boto3.s3.transfer import TransferConfig
from botocore.client import Config
from botocore.exceptions import ClientError, WaiterError

MIB = 1024 * 1024


def client(name, **options):
    return boto3.client(name, **options)


def new_bucket(s3, **options):
    name = f"b-{uuid.uuid4().hex[:16]}"
    s3.create_bucket(Bucket=name, **options)
    return name


def expect(code, call, status=None):
    try:
        call()
    except ClientError as error:
        assert error.response["Error"]["Code"] == code, error.response
        if status is not None:
            assert error.response["ResponseMetadata"]["HTTPStatusCode"] == status, error.response
        return error.response
    raise AssertionError(f"expected {code}, got success")


def http(url, method="GET", data=None, headers={}):
    request = urllib.request.Request(url, method=method, data=data, headers=headers)
    try:
        with urllib.request.urlopen(request) as response:
            return response.status, response.read(), response.headers
    except urllib.error.HTTPError as error:
        return error.code, error.read(), error.headers


def check_s3_buckets():
    s3 = client("s3")
    name = new_bucket(s3)
    assert name in [bucket["Name"] for bucket in s3.list_buckets()["Buckets"]]
    s3.create_bucket(Bucket=name)
    assert s3.head_bucket(Bucket=name)["BucketRegion"] == "us-east-1"
    assert s3.get_bucket_location(Bucket=name)["LocationConstraint"] is None
    expect("404", lambda: s3.head_bucket(Bucket="no-such-bucket-here"), 404)
    expect("NoSuchBucket", lambda: s3.list_objects_v2(Bucket="no-such-bucket-here"), 404)
    expect("InvalidBucketName", lambda: s3.create_bucket(Bucket="Bad_Name"), 400)
    s3.put_object(Bucket=name, Key="k", Body=b"x")
    expect("BucketNotEmpty", lambda: s3.delete_bucket(Bucket=name), 409)
    s3.delete_object(Bucket=name, Key="k")
    s3.delete_bucket(Bucket=name)
    s3.get_waiter("bucket_not_exists").wait(Bucket=name)
    far = client("s3", region_name="eu-west-1")
    other = new_bucket(far, CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
    assert far.get_bucket_location(Bucket=other)["LocationConstraint"] == "eu-west-1"
    expect(
        "BucketAlreadyOwnedByYou",
        lambda: far.create_bucket(Bucket=other, CreateBucketConfiguration={"LocationConstraint": "eu-west-1"}),
        409,
    )
    expect("IllegalLocationConstraintException", lambda: far.create_bucket(Bucket="some-other-bucket"), 400)


def check_s3_objects():
    s3 = client("s3")
    name = new_bucket(s3)
    put = s3.put_object(
        Bucket=name,
        Key="dir/ä key+&.txt",
        Body=b"hello",
        ContentType="text/plain",
        CacheControl="max-age=1",
        Metadata={"Colour": "red"},
    )
    assert put["ETag"] == '"%s"' % hashlib.md5(b"hello").hexdigest()
    assert put["ChecksumCRC32"] == "NhCmhg==", put
    got = s3.get_object(Bucket=name, Key="dir/ä key+&.txt", ChecksumMode="ENABLED")
    assert got["Body"].read() == b"hello"
    assert got["ContentType"] == "text/plain" and got["CacheControl"] == "max-age=1"
    assert got["Metadata"] == {"colour": "red"}, got["Metadata"]
    assert got["ContentLength"] == 5 and got["AcceptRanges"] == "bytes"
    head = s3.head_object(Bucket=name, Key="dir/ä key+&.txt")
    assert head["ContentLength"] == 5 and head["ETag"] == put["ETag"]
    part = s3.get_object(Bucket=name, Key="dir/ä key+&.txt", Range="bytes=1-3")
    assert part["Body"].read() == b"ell" and part["ContentRange"] == "bytes 1-3/5"
    assert part["ResponseMetadata"]["HTTPStatusCode"] == 206
    assert s3.get_object(Bucket=name, Key="dir/ä key+&.txt", Range="bytes=-2")["Body"].read() == b"lo"
    expect("InvalidRange", lambda: s3.get_object(Bucket=name, Key="dir/ä key+&.txt", Range="bytes=9-"), 416)
    error = expect("NoSuchKey", lambda: s3.get_object(Bucket=name, Key="none"), 404)
    assert error["Error"]["Key"] == "none" and error["Error"]["Message"] == "The specified key does not exist."
    expect("404", lambda: s3.head_object(Bucket=name, Key="none"), 404)
    s3.put_object(Bucket=name, Key="empty")
    assert s3.get_object(Bucket=name, Key="empty")["Body"].read() == b""
    assert s3.get_object(Bucket=name, Key="empty")["ContentType"] == "binary/octet-stream"
    try:
        s3.get_object(Bucket=name, Key="none")
    except s3.exceptions.NoSuchKey:
        pass


def check_s3_conditions():
    s3 = client("s3")
    name = new_bucket(s3)
    etag = s3.put_object(Bucket=name, Key="k", Body=b"1")["ETag"]
    expect("304", lambda: s3.get_object(Bucket=name, Key="k", IfNoneMatch=etag), 304)
    expect("PreconditionFailed", lambda: s3.get_object(Bucket=name, Key="k", IfMatch='"x"'), 412)
    modified = s3.head_object(Bucket=name, Key="k")["LastModified"]
    expect("304", lambda: s3.get_object(Bucket=name, Key="k", IfModifiedSince=modified), 304)
    expect("PreconditionFailed", lambda: s3.put_object(Bucket=name, Key="k", Body=b"2", IfNoneMatch="*"), 412)
    s3.put_object(Bucket=name, Key="new", Body=b"2", IfNoneMatch="*")
    expect("PreconditionFailed", lambda: s3.put_object(Bucket=name, Key="k", Body=b"2", IfMatch='"nope"'), 412)
    s3.put_object(Bucket=name, Key="k", Body=b"2", IfMatch=etag)


def check_s3_listing():
    s3 = client("s3")
    name = new_bucket(s3)
    keys = sorted([f"a/{n:03}" for n in range(25)] + [f"b/{n}/x" for n in range(5)] + ["c d+e", "é"], key=str.encode)
    for key in keys:
        s3.put_object(Bucket=name, Key=key, Body=b"1")
    paginator = s3.get_paginator("list_objects_v2")
    seen = [o["Key"] for page in paginator.paginate(Bucket=name, PaginationConfig={"PageSize": 7}) for o in page["Contents"]]
    assert seen == keys, seen
    page = s3.list_objects_v2(Bucket=name, Delimiter="/")
    assert [p["Prefix"] for p in page["CommonPrefixes"]] == ["a/", "b/"]
    assert [o["Key"] for o in page["Contents"]] == ["c d+e", "é"] and page["KeyCount"] == 4
    grouped = []
    for page in paginator.paginate(Bucket=name, Delimiter="/", PaginationConfig={"PageSize": 1}):
        grouped += [p["Prefix"] for p in page.get("CommonPrefixes", [])] + [o["Key"] for o in page.get("Contents", [])]
    assert grouped == ["a/", "b/", "c d+e", "é"], grouped
    page = s3.list_objects_v2(Bucket=name, Prefix="b/", Delimiter="/")
    assert len(page["CommonPrefixes"]) == 5 and "Contents" not in page
    assert s3.list_objects_v2(Bucket=name, StartAfter="b/4/x")["KeyCount"] == 2
    old = [o["Key"] for p in s3.get_paginator("list_objects").paginate(Bucket=name, PaginationConfig={"PageSize": 10}) for o in p["Contents"]]
    assert old == keys
    first = s3.list_objects(Bucket=name, Delimiter="/", MaxKeys=1)
    assert first["IsTruncated"] and first["NextMarker"] == "a/"
    expect("InvalidArgument", lambda: s3.list_objects_v2(Bucket=name, ContinuationToken="wrong"), 400)
    deleted = s3.delete_objects(Bucket=name, Delete={"Objects": [{"Key": key} for key in keys]})
    assert len(deleted["Deleted"]) == len(keys)
    assert s3.list_objects_v2(Bucket=name)["KeyCount"] == 0


def check_s3_multipart():
    s3 = client("s3")
    name = new_bucket(s3)
    body = os.urandom(12 * MIB)
    upload = s3.create_multipart_upload(Bucket=name, Key="big", ContentType="x/y", Metadata={"m": "1"})["UploadId"]
    parts = []
    for number, start in enumerate(range(0, len(body), 5 * MIB), 1):
        part = s3.upload_part(Bucket=name, Key="big", UploadId=upload, PartNumber=number, Body=body[start : start + 5 * MIB])
        parts.append({"ETag": part["ETag"], "PartNumber": number})
    listed = s3.list_parts(Bucket=name, Key="big", UploadId=upload)
    assert [part["Size"] for part in listed["Parts"]] == [5 * MIB, 5 * MIB, 2 * MIB]
    assert [u["UploadId"] for u in s3.list_multipart_uploads(Bucket=name)["Uploads"]] == [upload]
    complete = lambda list: s3.complete_multipart_upload(
        Bucket=name, Key="big", UploadId=upload, MultipartUpload={"Parts": list}
    )
    expect("InvalidPartOrder", lambda: complete(parts[::-1]), 400)
    expect("InvalidPart", lambda: complete([{"ETag": '"x"', "PartNumber": 1}]), 400)
    done = complete(parts)
    digest = hashlib.md5(b"".join(hashlib.md5(body[s : s + 5 * MIB]).digest() for s in range(0, len(body), 5 * MIB)))
    assert done["ETag"] == f'"{digest.hexdigest()}-3"'
    got = s3.get_object(Bucket=name, Key="big")
    assert got["Body"].read() == body and got["ContentType"] == "x/y" and got["Metadata"] == {"m": "1"}
    second = s3.get_object(Bucket=name, Key="big", PartNumber=2)
    assert second["Body"].read() == body[5 * MIB : 10 * MIB] and second["PartsCount"] == 3
    assert complete(parts)["ETag"] == done["ETag"]
    expect("NoSuchUpload", lambda: complete(parts[:1]), 404)
    upload = s3.create_multipart_upload(Bucket=name, Key="summed", ChecksumAlgorithm="CRC32", ChecksumType="FULL_OBJECT")["UploadId"]
    part = s3.upload_part(Bucket=name, Key="summed", UploadId=upload, PartNumber=1, Body=b"hello", ChecksumAlgorithm="CRC32")
    listed = {"Parts": [{"PartNumber": 1, "ETag": part["ETag"], "ChecksumCRC32": part["ChecksumCRC32"]}]}
    done = s3.complete_multipart_upload(
        Bucket=name, Key="summed", UploadId=upload, MultipartUpload=listed, ChecksumCRC32="NhCmhg==", ChecksumType="FULL_OBJECT"
    )
    assert done["ChecksumCRC32"] == "NhCmhg==" and done["ChecksumType"] == "FULL_OBJECT", done
    upload = s3.create_multipart_upload(Bucket=name, Key="small")["UploadId"]
    small = [
        {"PartNumber": n, "ETag": s3.upload_part(Bucket=name, Key="small", UploadId=upload, PartNumber=n, Body=b"x")["ETag"]}
        for n in (1, 2)
    ]
    expect(
        "EntityTooSmall",
        lambda: s3.complete_multipart_upload(Bucket=name, Key="small", UploadId=upload, MultipartUpload={"Parts": small}),
        400,
    )
    s3.abort_multipart_upload(Bucket=name, Key="small", UploadId=upload)
    expect("NoSuchUpload", lambda: s3.list_parts(Bucket=name, Key="small", UploadId=upload), 404)
    upload = s3.create_multipart_upload(Bucket=name, Key="copy")["UploadId"]
    one = s3.upload_part_copy(Bucket=name, Key="copy", UploadId=upload, PartNumber=1, CopySource=f"{name}/big", CopySourceRange=f"bytes=0-{6*MIB-1}")
    two = s3.upload_part_copy(Bucket=name, Key="copy", UploadId=upload, PartNumber=2, CopySource={"Bucket": name, "Key": "big"}, CopySourceRange=f"bytes={6*MIB}-{12*MIB-1}")
    s3.complete_multipart_upload(
        Bucket=name,
        Key="copy",
        UploadId=upload,
        MultipartUpload={"Parts": [{"PartNumber": n, "ETag": p["CopyPartResult"]["ETag"]} for n, p in ((1, one), (2, two))]},
    )
    assert s3.get_object(Bucket=name, Key="copy")["Body"].read() == body


def check_s3_transfer():
    s3 = client("s3")
    name = new_bucket(s3)
    body = os.urandom(20 * MIB + 7)
    s3.upload_fileobj(io.BytesIO(body), name, "f", Config=TransferConfig(multipart_threshold=8 * MIB))
    assert s3.head_object(Bucket=name, Key="f")["ETag"].endswith('-3"')
    target = io.BytesIO()
    s3.download_fileobj(name, "f", target)
    assert target.getvalue() == body
    boto3.resource("s3").meta.client.copy({"Bucket": name, "Key": "f"}, name, "g")
    assert s3.head_object(Bucket=name, Key="g")["ContentLength"] == len(body)


def check_s3_copy():
    s3 = client("s3")
    name = new_bucket(s3)
    s3.put_object(Bucket=name, Key="a b/ü", Body=b"data", Metadata={"x": "1"}, Tagging="t=1")
    copied = s3.copy_object(Bucket=name, Key="to", CopySource={"Bucket": name, "Key": "a b/ü"})
    assert copied["CopyObjectResult"]["ETag"]
    assert s3.head_object(Bucket=name, Key="to")["Metadata"] == {"x": "1"}
    assert s3.get_object_tagging(Bucket=name, Key="to")["TagSet"] == [{"Key": "t", "Value": "1"}]
    s3.copy_object(Bucket=name, Key="to", CopySource=f"{name}/to", MetadataDirective="REPLACE", Metadata={"y": "2"})
    assert s3.head_object(Bucket=name, Key="to")["Metadata"] == {"y": "2"}
    expect("InvalidRequest", lambda: s3.copy_object(Bucket=name, Key="to", CopySource=f"{name}/to"), 400)
    expect("NoSuchKey", lambda: s3.copy_object(Bucket=name, Key="to", CopySource=f"{name}/none"), 404)
    etag = copied["CopyObjectResult"]["ETag"]
    expect("PreconditionFailed", lambda: s3.copy_object(Bucket=name, Key="z", CopySource=f"{name}/to", CopySourceIfNoneMatch=etag), 412)


def check_s3_versions():
    s3 = client("s3")
    name = new_bucket(s3)
    assert "Status" not in s3.get_bucket_versioning(Bucket=name)
    s3.put_object(Bucket=name, Key="k", Body=b"0")
    s3.put_bucket_versioning(Bucket=name, VersioningConfiguration={"Status": "Enabled"})
    first = s3.put_object(Bucket=name, Key="k", Body=b"1")["VersionId"]
    second = s3.put_object(Bucket=name, Key="k", Body=b"2")["VersionId"]
    assert first != second
    assert s3.get_object(Bucket=name, Key="k", VersionId=first)["Body"].read() == b"1"
    assert s3.get_object(Bucket=name, Key="k", VersionId="null")["Body"].read() == b"0"
    marker = s3.delete_object(Bucket=name, Key="k")
    assert marker["DeleteMarker"] is True and marker["VersionId"]
    expect("NoSuchKey", lambda: s3.get_object(Bucket=name, Key="k"), 404)
    expect("MethodNotAllowed", lambda: s3.get_object(Bucket=name, Key="k", VersionId=marker["VersionId"]), 405)
    listed = s3.list_object_versions(Bucket=name)
    assert [v["VersionId"] for v in listed["Versions"]] == [second, first, "null"]
    assert listed["DeleteMarkers"][0]["IsLatest"] is True
    paged = [
        v["VersionId"]
        for page in s3.get_paginator("list_object_versions").paginate(Bucket=name, PaginationConfig={"PageSize": 1})
        for v in page.get("Versions", [])
    ]
    assert paged == [second, first, "null"], paged
    removed = s3.delete_object(Bucket=name, Key="k", VersionId=marker["VersionId"])
    assert removed["DeleteMarker"] is True
    assert s3.get_object(Bucket=name, Key="k")["Body"].read() == b"2"
    s3.put_bucket_versioning(Bucket=name, VersioningConfiguration={"Status": "Suspended"})
    s3.put_object(Bucket=name, Key="k", Body=b"3")
    versions = s3.list_object_versions(Bucket=name)["Versions"]
    assert [v["VersionId"] for v in versions] == ["null", second, first]
    boto3.resource("s3").Bucket(name).object_versions.delete()
    s3.delete_bucket(Bucket=name)


def check_s3_presigned():
    presigned(client("s3", config=Config(signature_version="s3v4")))


def check_s3_presigned_by_default():
    s3 = client("s3")
    assert "AWSAccessKeyId=" in s3.generate_presigned_url("list_buckets")
    presigned(s3)
    presigned(client("s3", config=Config(s3={"addressing_style": "virtual"})))


def presigned(s3):
    name = new_bucket(s3)
    url = s3.generate_presigned_url("put_object", Params={"Bucket": name, "Key": "p q", "ContentType": "text/x"})
    status, body, _ = http(url, "PUT", b"signed", {"Content-Type": "text/x"})
    assert status == 200, body
    url = s3.generate_presigned_url("get_object", Params={"Bucket": name, "Key": "p q", "ResponseContentType": "a/b"})
    status, body, headers = http(url)
    assert (status, body, headers["Content-Type"]) == (200, b"signed", "a/b"), (status, body)
    status, body, _ = http(url.replace("p%20q", "other"))
    assert status == 403 and b"SignatureDoesNotMatch" in body, body
    expired = s3.generate_presigned_url("get_object", Params={"Bucket": name, "Key": "p q"}, ExpiresIn=-1 + 1)
    import time

    time.sleep(1.1)
    status, body, _ = http(expired)
    assert status == 403 and b"Request has expired" in body, body
    head = s3.generate_presigned_url("head_object", Params={"Bucket": name, "Key": "p q"})
    assert http(head, "HEAD")[0] == 200
    status, _, _ = http(s3.generate_presigned_url("delete_object", Params={"Bucket": name, "Key": "p q"}), "DELETE")
    assert status == 204
    base = os.environ["AWS_ENDPOINT_URL"]
    status, body, _ = http(f"{base}/{name}/p%20q")
    assert status in (403, 404), (status, body)
    status, body, _ = http(f"{base}/{name}")
    assert status == 403 and b"AccessDenied" in body


def check_s3_post():
    post_form(client("s3", config=Config(signature_version="s3v4")), "x-amz-signature")


def check_s3_post_by_default():
    post_form(client("s3"), "signature")


def post_form(s3, signature):
    name = new_bucket(s3)
    post = s3.generate_presigned_post(
        name, "up/${filename}", Fields={"acl": "private"}, Conditions=[{"acl": "private"}, ["content-length-range", 1, 10]]
    )

    def send(fields, content):
        boundary = uuid.uuid4().hex
        lines = b""
        for key, value in fields.items():
            lines += f'--{boundary}\r\nContent-Disposition: form-data; name="{key}"\r\n\r\n{value}\r\n'.encode()
        lines += f'--{boundary}\r\nContent-Disposition: form-data; name="file"; filename="f.txt"\r\n\r\n'.encode()
        lines += content + f"\r\n--{boundary}--\r\n".encode()
        return http(post["url"], "POST", lines, {"Content-Type": f"multipart/form-data; boundary={boundary}"})

    status, body, _ = send(post["fields"], b"posted")
    assert status == 204, (status, body)
    assert s3.get_object(Bucket=name, Key="up/f.txt")["Body"].read() == b"posted"
    status, body, _ = send(post["fields"], b"much too long")
    assert status == 400 and b"EntityTooLarge" in body, body
    status, body, _ = send({**post["fields"], "x-amz-meta-extra": "1"}, b"posted")
    assert status == 403 and b"Extra input fields" in body, body
    status, body, _ = send({**post["fields"], signature: "AAAA" + post["fields"][signature][4:]}, b"posted")
    assert status == 403 and b"SignatureDoesNotMatch" in body, body
    wider = base64.b64decode(post["fields"]["policy"]).replace(b'"up/"', b'""')
    status, body, _ = send({**post["fields"], "policy": base64.b64encode(wider).decode()}, b"posted")
    assert status == 403 and b"SignatureDoesNotMatch" in body, body


def check_s3_settings():
    s3 = client("s3")
    name = new_bucket(s3)
    expect("NoSuchBucketPolicy", lambda: s3.get_bucket_policy(Bucket=name), 404)
    expect("NoSuchTagSet", lambda: s3.get_bucket_tagging(Bucket=name), 404)
    expect("NoSuchCORSConfiguration", lambda: s3.get_bucket_cors(Bucket=name), 404)
    expect("NoSuchLifecycleConfiguration", lambda: s3.get_bucket_lifecycle_configuration(Bucket=name), 404)
    expect("NoSuchWebsiteConfiguration", lambda: s3.get_bucket_website(Bucket=name), 404)
    policy = json.dumps({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": f"arn:aws:s3:::{name}/*"}]})
    s3.put_bucket_policy(Bucket=name, Policy=policy)
    assert s3.get_bucket_policy(Bucket=name)["Policy"] == policy
    s3.put_object(Bucket=name, Key="public", Body=b"open")
    assert http(f"{os.environ['AWS_ENDPOINT_URL']}/{name}/public")[:2] == (200, b"open")
    s3.delete_bucket_policy(Bucket=name)
    s3.put_bucket_tagging(Bucket=name, Tagging={"TagSet": [{"Key": "a", "Value": "b"}]})
    assert s3.get_bucket_tagging(Bucket=name)["TagSet"] == [{"Key": "a", "Value": "b"}]
    rules = [{"AllowedMethods": ["GET"], "AllowedOrigins": ["https://x.example"], "MaxAgeSeconds": 5}]
    s3.put_bucket_cors(Bucket=name, CORSConfiguration={"CORSRules": rules})
    assert s3.get_bucket_cors(Bucket=name)["CORSRules"] == rules
    lifecycle = {"Rules": [{"ID": "r", "Status": "Enabled", "Filter": {"Prefix": "x"}, "Expiration": {"Days": 3}}]}
    s3.put_bucket_lifecycle_configuration(Bucket=name, LifecycleConfiguration=lifecycle)
    assert s3.get_bucket_lifecycle_configuration(Bucket=name)["Rules"] == lifecycle["Rules"]
    assert s3.get_bucket_encryption(Bucket=name)["ServerSideEncryptionConfiguration"]["Rules"]
    assert s3.get_bucket_acl(Bucket=name)["Grants"][0]["Permission"] == "FULL_CONTROL"
    s3.put_object_tagging(Bucket=name, Key="public", Tagging={"TagSet": [{"Key": "k", "Value": "v"}]})
    assert s3.get_object_tagging(Bucket=name, Key="public")["TagSet"] == [{"Key": "k", "Value": "v"}]
    block = {"BlockPublicAcls": True, "IgnorePublicAcls": True, "BlockPublicPolicy": False, "RestrictPublicBuckets": False}
    s3.put_public_access_block(Bucket=name, PublicAccessBlockConfiguration=block)
    assert s3.get_public_access_block(Bucket=name)["PublicAccessBlockConfiguration"] == block


def check_s3_checksums():
    s3 = client("s3")
    name = new_bucket(s3)
    for algorithm in ("CRC32", "SHA1", "SHA256"):
        put = s3.put_object(Bucket=name, Key=algorithm, Body=b"hello", ChecksumAlgorithm=algorithm)
        assert put[f"Checksum{algorithm}"]
        got = s3.get_object(Bucket=name, Key=algorithm, ChecksumMode="ENABLED")
        assert got["Body"].read() == b"hello" and got[f"Checksum{algorithm}"] == put[f"Checksum{algorithm}"]
    expect("BadDigest", lambda: s3.put_object(Bucket=name, Key="bad", Body=b"hello", ChecksumSHA256="A" * 43 + "="), 400)
    expect("BadDigest", lambda: s3.put_object(Bucket=name, Key="bad", Body=b"hello", ContentMD5="1B2M2Y8AsgTpgAmY7PhCfg=="), 400)
    wrong = lambda request, **_: request.headers.replace_header("x-amz-checksum-crc32", "AAAAAA==")
    s3.meta.events.register("before-sign.s3.DeleteObjects", wrong)
    expect("BadDigest", lambda: s3.delete_objects(Bucket=name, Delete={"Objects": [{"Key": "SHA1"}]}), 400)
    s3.meta.events.unregister("before-sign.s3.DeleteObjects", wrong)
    attributes = s3.get_object_attributes(Bucket=name, Key="SHA256", ObjectAttributes=["ETag", "Checksum", "ObjectSize"])
    assert attributes["ObjectSize"] == 5 and attributes["Checksum"]["ChecksumSHA256"]


def check_s3_resource():
    s3 = boto3.resource("s3")
    bucket = s3.create_bucket(Bucket=f"b-{uuid.uuid4().hex[:16]}")
    bucket.wait_until_exists()
    bucket.put_object(Key="one", Body=b"1")
    s3.Object(bucket.name, "two").put(Body=b"22")
    assert [(o.key, o.size) for o in bucket.objects.all()] == [("one", 1), ("two", 2)]
    assert s3.Object(bucket.name, "two").content_length == 2
    bucket.objects.delete()
    bucket.delete()
    bucket.wait_until_not_exists()


def check_signatures():
    wrong = client("s3", aws_access_key_id="test", aws_secret_access_key="wrong")
    expect("SignatureDoesNotMatch", wrong.list_buckets, 403)
    expect("InvalidAccessKeyId", client("s3", aws_access_key_id="nobody", aws_secret_access_key="x").list_buckets, 403)
    sts = client("sts", aws_access_key_id="nobody", aws_secret_access_key="x")
    expect("InvalidClientTokenId", sts.get_caller_identity, 403)
    expect("SignatureDoesNotMatch", client("sts", aws_access_key_id="test", aws_secret_access_key="x").get_caller_identity, 403)
    expect("AuthFailure", client("ec2", aws_access_key_id="nobody", aws_secret_access_key="x").describe_regions, 401)


def check_sts():
    sts = client("sts")
    identity = sts.get_caller_identity()
    assert identity["Account"] == "000000000000" and identity["Arn"] == "arn:aws:iam::000000000000:root"
    role = sts.assume_role(RoleArn="arn:aws:iam::222222222222:role/path/Reader", RoleSessionName="me")
    assert role["AssumedRoleUser"]["Arn"] == "arn:aws:sts::222222222222:assumed-role/Reader/me"
    keys = role["Credentials"]
    session = boto3.Session(keys["AccessKeyId"], keys["SecretAccessKey"], keys["SessionToken"])
    assert session.client("sts").get_caller_identity()["Arn"] == role["AssumedRoleUser"]["Arn"]
    session.client("s3").list_buckets()
    bad = boto3.Session(keys["AccessKeyId"], keys["SecretAccessKey"], "tampered")
    expect("InvalidClientTokenId", bad.client("sts").get_caller_identity, 403)
    expect("InvalidToken", bad.client("s3").list_buckets, 400)
    expect("ValidationError", lambda: sts.assume_role(RoleArn="arn:aws:iam::222222222222:role/R", RoleSessionName="a:b"), 400)
    expect("ValidationError", lambda: sts.assume_role(RoleArn="x" * 30, RoleSessionName="ab"), 400)
    web = sts.assume_role_with_web_identity(RoleArn="arn:aws:iam::000000000000:role/W", RoleSessionName="me", WebIdentityToken="token")
    assert web["Credentials"]["SessionToken"]
    token = sts.get_session_token()["Credentials"]
    assert boto3.Session(token["AccessKeyId"], token["SecretAccessKey"], token["SessionToken"]).client("sts").get_caller_identity()["Account"] == "000000000000"
    assert sts.get_federation_token(Name="bob")["FederatedUser"]["Arn"].endswith(":federated-user/bob")


def check_iam():
    iam = client("iam")
    name = f"u-{uuid.uuid4().hex[:8]}"
    user = iam.create_user(UserName=name, Path="/team/", Tags=[{"Key": "a", "Value": "b"}])["User"]
    assert user["Arn"] == f"arn:aws:iam::000000000000:user/team/{name}"
    expect("EntityAlreadyExists", lambda: iam.create_user(UserName=name), 409)
    error = expect("NoSuchEntity", lambda: iam.get_user(UserName="non-existent-user"), 404)
    assert error["Error"]["Message"] == "The user with name non-existent-user cannot be found."
    assert iam.get_user(UserName=name)["User"]["Tags"] == [{"Key": "a", "Value": "b"}]
    key = iam.create_access_key(UserName=name)["AccessKey"]
    mine = boto3.Session(key["AccessKeyId"], key["SecretAccessKey"])
    assert mine.client("sts").get_caller_identity()["Arn"] == user["Arn"]
    assert mine.client("iam").get_user()["User"]["UserName"] == name
    iam.update_access_key(UserName=name, AccessKeyId=key["AccessKeyId"], Status="Inactive")
    expect("InvalidClientTokenId", mine.client("sts").get_caller_identity, 403)
    expect("DeleteConflict", lambda: iam.delete_user(UserName=name), 409)
    iam.delete_access_key(UserName=name, AccessKeyId=key["AccessKeyId"])
    trust = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "sts:AssumeRole"}]}
    role = iam.create_role(RoleName=f"r-{name}", AssumeRolePolicyDocument=json.dumps(trust))["Role"]
    assert role["AssumeRolePolicyDocument"] == trust
    expect("MalformedPolicyDocument", lambda: iam.create_role(RoleName="bad", AssumeRolePolicyDocument="{"), 400)
    assert "MaxSessionDuration" not in role and iam.get_role(RoleName=role["RoleName"])["Role"]["MaxSessionDuration"] == 3600
    error = expect("ValidationError", lambda: iam.attach_role_policy(RoleName=role["RoleName"], PolicyArn="long-enough-but-no-arn"), 400)
    assert error["Error"]["Message"] == "Invalid ARN:  Could not be parsed!"
    policy = iam.create_policy(PolicyName=f"p-{name}", PolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}))["Policy"]
    iam.attach_role_policy(RoleName=role["RoleName"], PolicyArn=policy["Arn"])
    iam.attach_role_policy(RoleName=role["RoleName"], PolicyArn="arn:aws:iam::aws:policy/ReadOnlyAccess")
    attached = iam.list_attached_role_policies(RoleName=role["RoleName"])["AttachedPolicies"]
    assert [p["PolicyName"] for p in attached] == [f"p-{name}", "ReadOnlyAccess"]
    assert iam.get_policy(PolicyArn=policy["Arn"])["Policy"]["AttachmentCount"] == 1
    assert iam.get_policy_version(PolicyArn=policy["Arn"], VersionId="v1")["PolicyVersion"]["Document"]["Statement"]
    allow = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:*", "Resource": "*"}]}
    iam.put_role_policy(RoleName=role["RoleName"], PolicyName="in", PolicyDocument=json.dumps(allow))
    assert iam.get_role_policy(RoleName=role["RoleName"], PolicyName="in")["PolicyDocument"] == allow
    iam.create_instance_profile(InstanceProfileName=f"i-{name}")
    iam.add_role_to_instance_profile(InstanceProfileName=f"i-{name}", RoleName=role["RoleName"])
    assert iam.get_instance_profile(InstanceProfileName=f"i-{name}")["InstanceProfile"]["Roles"][0]["RoleName"] == role["RoleName"]
    iam.create_group(GroupName=f"g-{name}")
    iam.add_user_to_group(GroupName=f"g-{name}", UserName=name)
    assert iam.get_group(GroupName=f"g-{name}")["Users"][0]["UserName"] == name
    for n in range(5):
        iam.create_user(UserName=f"{name}-{n}", Path="/paged/")
    pages = list(iam.get_paginator("list_users").paginate(PathPrefix="/paged/", PaginationConfig={"PageSize": 2}))
    assert [len(page["Users"]) for page in pages] == [2, 2, 1]
    assert [u.name for u in boto3.resource("iam").users.filter(PathPrefix="/paged/")] == [f"{name}-{n}" for n in range(5)]



def check_iam_policies_weighed():
    iam, sts = client("iam"), client("sts")
    name = f"weighed-{os.getpid()}"
    document = {
        "Version": "2012-10-17",
        "Statement": [{"Effect": "Allow", "Action": "s3:Get*", "Resource": "arn:aws:s3:::b/${aws:username}/*", "Condition": {"Bool": {"aws:SecureTransport": "true"}}}],
    }
    arn = iam.create_user(UserName=name)["User"]["Arn"]
    iam.put_user_policy(UserName=name, PolicyName="own", PolicyDocument=json.dumps(document))
    assert iam.get_context_keys_for_principal_policy(PolicySourceArn=arn)["ContextKeyNames"] == ["aws:username", "aws:SecureTransport"]
    entries = [{"ContextKeyName": key, "ContextKeyValues": [value], "ContextKeyType": kind} for key, value, kind in (("aws:username", name, "string"), ("aws:SecureTransport", "true", "boolean"))]
    run = {"PolicySourceArn": arn, "ActionNames": ["s3:GetObject", "s3:PutObject"], "ResourceArns": [f"arn:aws:s3:::b/{name}/1"]}
    results = iam.simulate_principal_policy(**run, ContextEntries=entries)["EvaluationResults"]
    assert [each["EvalDecision"] for each in results] == ["allowed", "implicitDeny"]
    matched = results[0]["ResourceSpecificResults"][0]["MatchedStatements"][0]
    assert matched["SourcePolicyId"] == f"user_{name}_own" and matched["StartPosition"] == {"Line": 1, "Column": 41}
    missing = iam.simulate_principal_policy(**run)["EvaluationResults"][0]["ResourceSpecificResults"][0]
    assert missing["EvalResourceDecision"] == "implicitDeny"
    expect("InvalidInput", lambda: iam.simulate_custom_policy(PolicyInputList=[json.dumps(document)], ActionNames=["nonsense"]), 400)
    job = iam.generate_service_last_accessed_details(Arn=arn)["JobId"]
    assert [each["ServiceNamespace"] for each in iam.get_service_last_accessed_details(JobId=job)["ServicesLastAccessed"]] == ["s3"]
    granting = iam.list_policies_granting_service_access(Arn=arn, ServiceNamespaces=["s3", "ec2"])["PoliciesGrantingServiceAccess"]
    assert [len(each.get("Policies", [])) for each in granting] == [1, 0]
    expect("AccessDenied", lambda: sts.assume_root(TargetPrincipal="222222222222", TaskPolicyArn={"arn": "arn:aws:iam::aws:policy/root-task/S3UnlockBucketPolicy"}), 403)
    assert iam.enable_organizations_root_sessions()["EnabledFeatures"] == ["RootSessions"]
    member = sts.assume_root(TargetPrincipal="222222222222", TaskPolicyArn={"arn": "arn:aws:iam::aws:policy/root-task/S3UnlockBucketPolicy"})
    assert member["Credentials"]["SessionToken"]
    issuer = iam.enable_outbound_web_identity_federation()["IssuerIdentifier"]
    token = sts.get_web_identity_token(Audience=["them"], SigningAlgorithm="ES384")["WebIdentityToken"]
    claims = json.loads(base64.urlsafe_b64decode(token.split(".")[1] + "=="))
    assert claims["iss"] == issuer and claims["aud"] == "them"


def check_ec2_instances():
    ec2 = client("ec2")
    image = ec2.describe_images(Owners=["amazon"])["Images"][0]["ImageId"]
    expect("DryRunOperation", lambda: ec2.run_instances(ImageId=image, MinCount=1, MaxCount=1, DryRun=True), 412)
    error = expect("InvalidAMIID.NotFound", lambda: ec2.run_instances(ImageId="ami-00000000000000000", MinCount=1, MaxCount=1), 400)
    assert error["Error"]["Message"] == "The image id '[ami-00000000000000000]' does not exist"
    expect("InvalidAMIID.Malformed", lambda: ec2.run_instances(ImageId="nonsense", MinCount=1, MaxCount=1), 400)
    name = f"n-{uuid.uuid4().hex[:8]}"
    run = ec2.run_instances(
        ImageId=image,
        InstanceType="t3.micro",
        MinCount=2,
        MaxCount=3,
        TagSpecifications=[{"ResourceType": "instance", "Tags": [{"Key": "Name", "Value": name}]}],
    )
    ids = [i["InstanceId"] for i in run["Instances"]]
    assert len(ids) == 3 and run["Instances"][0]["State"] == {"Code": 0, "Name": "pending"}
    filters = [{"Name": "tag:Name", "Values": [name]}]
    pending = ec2.describe_instances(Filters=filters + [{"Name": "instance-state-name", "Values": ["pending", "running"]}])
    assert sum(len(r["Instances"]) for r in pending["Reservations"]) == 3
    ec2.get_waiter("instance_running").wait(InstanceIds=ids, WaiterConfig={"Delay": 1})
    found = ec2.describe_instances(InstanceIds=ids[:1])["Reservations"][0]["Instances"][0]
    assert found["State"] == {"Code": 16, "Name": "running"} and found["InstanceType"] == "t3.micro"
    assert found["PrivateIpAddress"].startswith("172.31.") and found["SubnetId"].startswith("subnet-")
    assert found["Tags"] == [{"Key": "Name", "Value": name}]
    assert found["SecurityGroups"][0]["GroupName"] == "default"
    assert found["BlockDeviceMappings"][0]["Ebs"]["VolumeId"].startswith("vol-")
    ec2.get_waiter("instance_status_ok").wait(InstanceIds=ids, WaiterConfig={"Delay": 1})
    change = ec2.stop_instances(InstanceIds=ids[:1])["StoppingInstances"][0]
    assert (change["PreviousState"]["Name"], change["CurrentState"]["Name"]) == ("running", "stopping")
    ec2.get_waiter("instance_stopped").wait(InstanceIds=ids[:1], WaiterConfig={"Delay": 1})
    ec2.modify_instance_attribute(InstanceId=ids[0], InstanceType={"Value": "t3.large"})
    assert ec2.describe_instance_attribute(InstanceId=ids[0], Attribute="instanceType")["InstanceType"]["Value"] == "t3.large"
    ec2.start_instances(InstanceIds=ids[:1])
    ec2.reboot_instances(InstanceIds=ids[1:2])
    error = expect("InvalidInstanceID.NotFound", lambda: ec2.describe_instances(InstanceIds=["i-00000000000000000"]), 400)
    assert error["Error"]["Message"] == "The instance ID 'i-00000000000000000' does not exist"
    expect("InvalidInstanceID.Malformed", lambda: ec2.describe_instances(InstanceIds=["nonsense"]), 400)
    expect("InvalidParameterValue", lambda: ec2.describe_instances(Filters=[{"Name": "no-such", "Values": ["x"]}]), 400)
    ec2.terminate_instances(InstanceIds=ids)
    ec2.get_waiter("instance_terminated").wait(InstanceIds=ids, WaiterConfig={"Delay": 1})
    expect("IncorrectInstanceState", lambda: ec2.start_instances(InstanceIds=ids[:1]), 400)
    for _ in range(7):
        ec2.run_instances(ImageId=image, MinCount=1, MaxCount=1, TagSpecifications=[{"ResourceType": "instance", "Tags": [{"Key": "Name", "Value": name + "p"}]}])
    pages = ec2.get_paginator("describe_instances").paginate(Filters=[{"Name": "tag:Name", "Values": [name + "*"]}, {"Name": "instance-state-name", "Values": ["pending", "running"]}], PaginationConfig={"PageSize": 5})
    assert [len(page["Reservations"]) for page in pages] == [5, 2]


def check_ec2_places():
    ec2 = client("ec2")
    regions = [r["RegionName"] for r in ec2.describe_regions()["Regions"]]
    assert "us-east-1" in regions and "eu-west-1" in regions and "af-south-1" not in regions
    assert "af-south-1" in [r["RegionName"] for r in ec2.describe_regions(AllRegions=True)["Regions"]]
    zones = ec2.describe_availability_zones()["AvailabilityZones"]
    assert zones[0]["ZoneName"] == "us-east-1a" and zones[0]["State"] == "available"
    vpc = ec2.describe_vpcs(Filters=[{"Name": "is-default", "Values": ["true"]}])["Vpcs"][0]
    subnets = ec2.describe_subnets(Filters=[{"Name": "vpc-id", "Values": [vpc["VpcId"]]}])["Subnets"]
    assert len(subnets) == len(zones)
    types = ec2.describe_instance_types(InstanceTypes=["t3.micro"])["InstanceTypes"][0]
    assert types["VCpuInfo"]["DefaultVCpus"] == 2 and types["MemoryInfo"]["SizeInMiB"] == 1024


def check_ec2_network():
    ec2 = boto3.resource("ec2")
    vpc = ec2.create_vpc(CidrBlock="10.0.0.0/16")
    vpc.wait_until_available()
    subnet = vpc.create_subnet(CidrBlock="10.0.1.0/24")
    group = ec2.create_security_group(GroupName="web", Description="web", VpcId=vpc.id)
    group.authorize_ingress(IpPermissions=[{"IpProtocol": "tcp", "FromPort": 80, "ToPort": 80, "IpRanges": [{"CidrIp": "0.0.0.0/0"}]}])
    expect("InvalidPermission.Duplicate", lambda: group.authorize_ingress(IpProtocol="tcp", FromPort=80, ToPort=80, CidrIp="0.0.0.0/0"), 400)
    group.reload()
    assert group.ip_permissions[0]["FromPort"] == 80
    key = ec2.create_key_pair(KeyName=f"k-{uuid.uuid4().hex[:8]}")
    assert key.key_material.startswith("-----BEGIN RSA PRIVATE KEY-----")
    expect("InvalidKeyPair.Duplicate", lambda: ec2.create_key_pair(KeyName=key.name), 400)
    image = client("ec2").describe_images()["Images"][0]["ImageId"]
    expect("InvalidKeyPair.NotFound", lambda: ec2.create_instances(ImageId=image, MinCount=1, MaxCount=1, KeyName="none"), 400)
    [instance] = ec2.create_instances(ImageId=image, MinCount=1, MaxCount=1, SubnetId=subnet.id, SecurityGroupIds=[group.id], KeyName=key.name)
    assert instance.private_ip_address.startswith("10.0.1.")
    instance.create_tags(Tags=[{"Key": "a", "Value": "b"}])
    instance.reload()
    assert instance.tags == [{"Key": "a", "Value": "b"}] and instance.vpc.id == vpc.id
    assert [i.id for i in subnet.instances.all()] == [instance.id]
    tags = client("ec2").describe_tags(Filters=[{"Name": "resource-id", "Values": [instance.id]}])["Tags"]
    assert tags == [{"Key": "a", "ResourceId": instance.id, "ResourceType": "instance", "Value": "b"}]
    instance.delete_tags(Tags=[{"Key": "a"}])
    assert [v.size for v in instance.volumes.all()] == [8]
    expect("DependencyViolation", vpc.delete, 400)
    instance.terminate()


def check_ec2_gateways():
    ec2 = client("ec2")
    vpc = ec2.create_vpc(CidrBlock="10.9.0.0/16")["Vpc"]["VpcId"]
    subnet = ec2.create_subnet(VpcId=vpc, CidrBlock="10.9.1.0/24")["Subnet"]["SubnetId"]
    igw = ec2.create_internet_gateway()["InternetGateway"]["InternetGatewayId"]
    ec2.attach_internet_gateway(InternetGatewayId=igw, VpcId=vpc)
    table = ec2.create_route_table(VpcId=vpc)["RouteTable"]["RouteTableId"]
    ec2.create_route(RouteTableId=table, DestinationCidrBlock="0.0.0.0/0", GatewayId=igw)
    association = ec2.associate_route_table(RouteTableId=table, SubnetId=subnet)["AssociationId"]
    found = ec2.describe_route_tables(Filters=[{"Name": "association.subnet-id", "Values": [subnet]}])["RouteTables"][0]
    assert [route.get("GatewayId") for route in found["Routes"]] == ["local", igw]
    image = ec2.describe_images()["Images"][0]["ImageId"]
    instance = ec2.run_instances(ImageId=image, MinCount=1, MaxCount=1, SubnetId=subnet)["Instances"][0]["InstanceId"]
    eip = ec2.allocate_address(Domain="vpc")
    ec2.associate_address(AllocationId=eip["AllocationId"], InstanceId=instance)
    ec2.get_waiter("instance_running").wait(InstanceIds=[instance], WaiterConfig={"Delay": 1})
    described = ec2.describe_instances(InstanceIds=[instance])["Reservations"][0]["Instances"][0]
    assert described["PublicIpAddress"] == eip["PublicIp"]
    interfaces = ec2.describe_network_interfaces(Filters=[{"Name": "attachment.instance-id", "Values": [instance]}])
    assert interfaces["NetworkInterfaces"][0]["SubnetId"] == subnet
    ec2.terminate_instances(InstanceIds=[instance])
    ec2.get_waiter("instance_terminated").wait(InstanceIds=[instance], WaiterConfig={"Delay": 1})
    ec2.release_address(AllocationId=eip["AllocationId"])
    expect("DependencyViolation", lambda: ec2.delete_vpc(VpcId=vpc), 400)
    ec2.disassociate_route_table(AssociationId=association)
    ec2.delete_route_table(RouteTableId=table)
    ec2.detach_internet_gateway(InternetGatewayId=igw, VpcId=vpc)
    ec2.delete_internet_gateway(InternetGatewayId=igw)
    ec2.delete_subnet(SubnetId=subnet)
    ec2.delete_vpc(VpcId=vpc)


def check_metadata():
    base = os.environ["AWS_ENDPOINT_URL"]
    assert http(f"{base}/latest/meta-data/")[0] == 401
    status, token, _ = http(f"{base}/latest/api/token", "PUT", None, {"X-aws-ec2-metadata-token-ttl-seconds": "60"})
    assert status == 200
    from botocore.utils import InstanceMetadataFetcher, InstanceMetadataRegionFetcher

    keys = InstanceMetadataFetcher(base_url=base).retrieve_iam_role_credentials()
    session = boto3.Session(keys["access_key"], keys["secret_key"], keys["token"])
    assert ":assumed-role/" in session.client("sts").get_caller_identity()["Arn"]
    status, body, _ = http(f"{base}/latest/dynamic/instance-identity/document", headers={"X-aws-ec2-metadata-token": token.decode()})
    assert json.loads(body)["region"] == "us-east-1"
    from botocore.utils import ContainerMetadataFetcher

    keys = ContainerMetadataFetcher().retrieve_full_uri(f"{base}/v2/credentials/task")
    session = boto3.Session(keys["AccessKeyId"], keys["SecretAccessKey"], keys["Token"])
    assert session.client("sts").get_caller_identity()["Account"] == "000000000000"


def check_sso():
    from botocore import UNSIGNED

    oidc = client("sso-oidc", config=Config(signature_version=UNSIGNED))
    registered = oidc.register_client(clientName="cli", clientType="public")
    device = oidc.start_device_authorization(
        clientId=registered["clientId"], clientSecret=registered["clientSecret"], startUrl="https://d.awsapps.com/start"
    )
    create = lambda: oidc.create_token(
        clientId=registered["clientId"],
        clientSecret=registered["clientSecret"],
        grantType="urn:ietf:params:oauth:grant-type:device_code",
        deviceCode=device["deviceCode"],
    )
    expect("AuthorizationPendingException", create, 400)
    assert http(device["verificationUriComplete"])[0] == 200
    token = create()["accessToken"]
    sso = client("sso", config=Config(signature_version=UNSIGNED))
    expect("UnauthorizedException", lambda: sso.list_accounts(accessToken="wrong"), 401)
    account = sso.list_accounts(accessToken=token)["accountList"][0]["accountId"]
    role = sso.list_account_roles(accessToken=token, accountId=account)["roleList"][0]["roleName"]
    keys = sso.get_role_credentials(accessToken=token, accountId=account, roleName=role)["roleCredentials"]
    session = boto3.Session(keys["accessKeyId"], keys["secretAccessKey"], keys["sessionToken"])
    assert session.client("sts").get_caller_identity()["Account"] == account
    sso.logout(accessToken=token)
    expect("UnauthorizedException", lambda: sso.list_accounts(accessToken=token), 401)


def check_not_implemented():
    response = expect("NotImplemented", lambda: client("s3").get_object_torrent(Bucket="b", Key="k"), 501)
    assert "GetObjectTorrent" in response["Error"]["Message"]
    quiet = Config(retries={"total_max_attempts": 1})
    response = expect("NotImplemented", lambda: client("ec2", config=quiet).describe_capacity_reservations(), 501)
    assert "DescribeCapacityReservations" in response["Error"]["Message"]
    expect("NotImplemented", lambda: client("sqs", config=quiet).list_queues(), 501)
    expect("NotImplemented", lambda: client("sns", config=quiet).list_topics(), 501)


def main():
    chosen = sys.argv[1:]
    failures = 0
    for name, check in list(globals().items()):
        if not name.startswith("check_") or (chosen and name[6:] not in chosen):
            continue
        try:
            check()
            print(f"ok {name[6:]}", flush=True)
        except Exception:
            failures += 1
            print(f"not ok {name[6:]}\n{traceback.format_exc()}", flush=True)
    sys.exit(failures)


if __name__ == "__main__":
    main()
