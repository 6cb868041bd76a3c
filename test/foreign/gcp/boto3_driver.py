"""boto3 on Google's buckets by an HMAC key: `boto3_driver.py <function> <url> <access id> <secret>`. Exits 1 when a case fails."""

import datetime
import hashlib
import hmac
import io
import sys
import urllib.error
import urllib.request

import boto3
from botocore.client import Config
from botocore.exceptions import ClientError

URL, ACCESS_ID, SECRET = sys.argv[2:5]


def client(access_id=ACCESS_ID, secret=SECRET, **config):
    options = Config(s3={"addressing_style": "path"}, **config)
    return boto3.client("s3", endpoint_url=URL, region_name="auto", aws_access_key_id=access_id,
                        aws_secret_access_key=secret, config=options)


def refused(code, call):
    try:
        call()
    except ClientError as error:
        assert error.response["Error"]["Code"] == code, error.response
        return
    raise AssertionError(f"{code} was not raised")


def check_objects():
    s3 = client()
    s3.put_object(Bucket="hmac", Key="dir/a b+ü.txt", Body=b"hello", ContentType="text/plain", Metadata={"k": "v"})
    got = s3.get_object(Bucket="hmac", Key="dir/a b+ü.txt")
    assert (got["Body"].read(), got["ContentType"], got["Metadata"]) == (b"hello", "text/plain", {"k": "v"})
    assert got["ETag"] == '"5d41402abc4b2a76b9719d911017c592"', got["ETag"]
    head = s3.head_object(Bucket="hmac", Key="dir/a b+ü.txt")
    assert (head["ContentLength"], head["ETag"]) == (5, got["ETag"])
    assert s3.get_object(Bucket="hmac", Key="dir/a b+ü.txt", Range="bytes=1-2")["Body"].read() == b"el"
    refused("304", lambda: s3.head_object(Bucket="hmac", Key="dir/a b+ü.txt", IfNoneMatch=got["ETag"]))
    s3.copy_object(Bucket="hmac", Key="copy", CopySource={"Bucket": "hmac", "Key": "dir/a b+ü.txt"})
    assert s3.head_object(Bucket="hmac", Key="copy")["Metadata"] == {"k": "v"}
    s3.delete_object(Bucket="hmac", Key="copy")
    refused("NoSuchKey", lambda: s3.get_object(Bucket="hmac", Key="copy"))
    refused("NoSuchBucket", lambda: s3.get_object(Bucket="hmac-none", Key="copy"))


def check_lists():
    s3 = client()
    for key in ("l/1", "l/2", "l/sub/3", "m"):
        s3.put_object(Bucket="hmac", Key=key, Body=b"x")
    page = s3.list_objects_v2(Bucket="hmac", Prefix="l/", Delimiter="/")
    assert [each["Key"] for each in page["Contents"]] == ["l/1", "l/2"], page
    assert [each["Prefix"] for each in page["CommonPrefixes"]] == ["l/sub/"]
    for operation in ("list_objects", "list_objects_v2"):
        pages = s3.get_paginator(operation).paginate(Bucket="hmac", Prefix="l/", PaginationConfig={"PageSize": 1})
        assert [each["Key"] for page in pages for each in page["Contents"]] == ["l/1", "l/2", "l/sub/3"], operation


def check_transfers():
    from boto3.s3.transfer import TransferConfig

    s3 = client()
    content = bytes(range(256)) * 50_000
    options = TransferConfig(multipart_threshold=5_242_880, multipart_chunksize=5_242_880)
    s3.upload_fileobj(io.BytesIO(content), "hmac", "large", ExtraArgs={"Metadata": {"k": "v"}}, Config=options)
    read = io.BytesIO()
    s3.download_fileobj("hmac", "large", read, Config=options)
    assert read.getvalue() == content
    assert s3.head_object(Bucket="hmac", Key="large")["Metadata"] == {"k": "v"}
    upload = s3.create_multipart_upload(Bucket="hmac", Key="left")["UploadId"]
    s3.abort_multipart_upload(Bucket="hmac", Key="left", UploadId=upload)
    refused("NoSuchUpload", lambda: s3.upload_part(Bucket="hmac", Key="left", UploadId=upload, PartNumber=1, Body=b"x"))


def check_buckets():
    s3 = client()
    s3.create_bucket(Bucket="hmac-made", CreateBucketConfiguration={"LocationConstraint": "europe-west1"})
    assert "hmac-made" in [each["Name"] for each in s3.list_buckets()["Buckets"]]
    s3.head_bucket(Bucket="hmac-made")
    refused("404", lambda: s3.head_bucket(Bucket="hmac-none"))
    s3.put_object(Bucket="hmac-made", Key="x", Body=b"x")
    refused("BucketNotEmpty", lambda: s3.delete_bucket(Bucket="hmac-made"))
    s3.delete_object(Bucket="hmac-made", Key="x")
    s3.delete_bucket(Bucket="hmac-made")
    refused("BucketAlreadyOwnedByYou", lambda: s3.create_bucket(Bucket="hmac"))


def check_what_is_not_built():
    s3 = client()
    upload = s3.create_multipart_upload(Bucket="hmac", Key="parts")["UploadId"]
    part = {"Bucket": "hmac", "Key": "parts", "UploadId": upload}
    refused("NotImplemented", lambda: s3.list_parts(**part))
    refused("NotImplemented", lambda: s3.upload_part_copy(**part, PartNumber=1, CopySource="hmac/x"))
    refused("NotImplemented", lambda: s3.get_object_acl(Bucket="hmac", Key="x"))
    refused("NotImplemented", lambda: s3.delete_objects(Bucket="hmac", Delete={"Objects": [{"Key": "x"}]}))
    refused("NotImplemented", lambda: s3.get_bucket_versioning(Bucket="hmac"))
    refused("NotImplemented", lambda: s3.put_object(Bucket="hmac", Key="x", Body=b"x", ServerSideEncryption="AES256"))


def check_signatures():
    refused("InvalidAccessKeyId", lambda: client("GOOG1E" + "A" * 55).list_objects(Bucket="hmac"))
    refused("SignatureDoesNotMatch", lambda: client(secret="other").list_objects(Bucket="hmac"))
    refused("NotImplemented", lambda: client(signature_version="s3").list_objects(Bucket="hmac"))
    s3 = client(signature_version="s3v4")
    s3.put_object(Bucket="hmac", Key="signed", Body=b"hello")
    url = s3.generate_presigned_url("get_object", Params={"Bucket": "hmac", "Key": "signed"})
    assert urllib.request.urlopen(url).read() == b"hello"
    try:
        urllib.request.urlopen(url.replace("/signed?", "/other?"))
        raise AssertionError("an altered URL was not refused")
    except urllib.error.HTTPError as error:
        assert error.code == 403 and b"SignatureDoesNotMatch" in error.read()


def check_googles_own_names():
    s3 = client()
    s3.put_object(Bucket="hmac", Key="google's", Body=b"hello")
    for altered in ("", "x"):
        request = signed_for_google("/hmac/google%27s", SECRET + altered)
        try:
            answer = urllib.request.urlopen(request)
            assert altered == "" and answer.read() == b"hello"
        except urllib.error.HTTPError as error:
            assert altered == "x" and error.code == 403 and b"SignatureDoesNotMatch" in error.read()


def signed_for_google(path, secret):
    """https://cloud.google.com/storage/docs/authentication/signatures"""
    at = datetime.datetime.now(datetime.timezone.utc).strftime("%Y%m%dT%H%M%SZ")
    scope = f"{at[:8]}/auto/storage/goog4_request"
    headers = {"host": URL.split("//")[1], "x-goog-content-sha256": "UNSIGNED-PAYLOAD", "x-goog-date": at}
    names = ";".join(headers)
    lines = "".join(f"{name}:{value}\n" for name, value in headers.items())
    canonical = f"GET\n{path}\n\n{lines}\n{names}\nUNSIGNED-PAYLOAD"
    text = f"GOOG4-HMAC-SHA256\n{at}\n{scope}\n{hashlib.sha256(canonical.encode()).hexdigest()}"
    key = f"GOOG4{secret}".encode()
    for part in (*scope.split("/"), text):
        key = hmac.new(key, part.encode(), hashlib.sha256).digest()
    authorization = f"GOOG4-HMAC-SHA256 Credential={ACCESS_ID}/{scope}, SignedHeaders={names}, Signature={key.hex()}"
    return urllib.request.Request(URL + path, headers={**headers, "authorization": authorization})


if __name__ == "__main__":
    globals()[sys.argv[1]]()
