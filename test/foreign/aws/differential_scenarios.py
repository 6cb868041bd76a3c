"""What differential.py calls. Each scenario makes its own buckets and names, and takes a Cloud."""

import base64
import datetime
import json

MIB = 1024 * 1024
SCENARIOS = {}


def scenario(function):
    SCENARIOS[function.__name__] = function
    return function


@scenario
def s3_buckets(cloud):
    s3 = cloud.client("s3")
    west = cloud.client("s3", "eu-west-1")
    for name in ("alpha-one", "alpha-two", "beta-one"):
        s3.create_bucket(Bucket=name)
    s3.create_bucket(Bucket="alpha-one")
    for name in ("ab", "Upper", "under_score", "dots..two", "-start", "end-", "192.168.0.1", "x" * 64):
        s3.create_bucket(Bucket=name)
    s3.create_bucket(Bucket="loc-eu", CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
    west.create_bucket(Bucket="loc-eu", CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
    west.create_bucket(Bucket="loc-none")
    west.create_bucket(Bucket="loc-other", CreateBucketConfiguration={"LocationConstraint": "us-west-2"})
    s3.create_bucket(Bucket="loc-east", CreateBucketConfiguration={"LocationConstraint": "us-east-1"})
    s3.create_bucket(Bucket="loc-bad", CreateBucketConfiguration={"LocationConstraint": "nowhere"})
    for name in ("alpha-one", "loc-eu", "none-such"):
        s3.get_bucket_location(Bucket=name)
        s3.head_bucket(Bucket=name)
    s3.list_buckets()
    s3.list_buckets(Prefix="alpha-")
    page = s3.list_buckets(MaxBuckets=2)
    s3.list_buckets(MaxBuckets=2, ContinuationToken=page.get("ContinuationToken", "none"))
    s3.list_buckets(BucketRegion="eu-west-1")
    s3.put_object(Bucket="alpha-one", Key="k", Body=b"1")
    s3.delete_bucket(Bucket="alpha-one")
    s3.delete_object(Bucket="alpha-one", Key="k")
    s3.delete_bucket(Bucket="alpha-one")
    s3.delete_bucket(Bucket="alpha-one")
    s3.create_bucket(Bucket="owned", ObjectOwnership="BucketOwnerEnforced")
    s3.get_bucket_ownership_controls(Bucket="owned")
    s3.create_bucket(Bucket="locked-new", ObjectLockEnabledForBucket=True)
    s3.get_bucket_versioning(Bucket="locked-new")
    s3.get_object_lock_configuration(Bucket="locked-new")
    s3.head_bucket(Bucket="owned", ExpectedBucketOwner="999999999999")


@scenario
def s3_objects(cloud):
    s3 = cloud.client("s3")
    s3.create_bucket(Bucket="objects")
    s3.put_object(Bucket="objects", Key="plain", Body=b"hello")
    s3.put_object(
        Bucket="objects",
        Key="full",
        Body=b"0123456789",
        CacheControl="max-age=60",
        ContentDisposition='attachment; filename="a.txt"',
        ContentEncoding="gzip",
        ContentLanguage="de",
        ContentType="text/x-test",
        Expires="Wed, 21 Oct 2037 07:28:00 GMT",
        Metadata={"One": "1", "two-words": "with spaces"},
        StorageClass="STANDARD_IA",
        Tagging="a=1&b=two%20words",
        WebsiteRedirectLocation="/elsewhere",
        ACL="public-read",
    )
    for key in ("plain", "full", "none"):
        s3.head_object(Bucket="objects", Key=key)
        s3.get_object(Bucket="objects", Key=key)
    s3.get_object(Bucket="none-such", Key="k")
    s3.put_object(Bucket="none-such", Key="k", Body=b"")
    s3.delete_object(Bucket="none-such", Key="k")
    s3.head_object(Bucket="none-such", Key="k")
    s3.list_objects_v2(Bucket="none-such")
    s3.put_object(Bucket="objects", Key="bad-class", Body=b"", StorageClass="NONSENSE")
    s3.put_object(Bucket="objects", Key="bad-acl", Body=b"", ACL="nonsense")
    s3.put_object(Bucket="objects", Key="bad-md5", Body=b"x", ContentMD5=base64.b64encode(b"0" * 16).decode())
    s3.put_object(Bucket="objects", Key="bad-md5", Body=b"x", ContentMD5="nonsense")
    s3.put_object(Bucket="objects", Key="x" * 1025, Body=b"")
    s3.put_object(Bucket="objects", Key="meta", Body=b"", Metadata={"big": "x" * 2100})
    s3.put_object(Bucket="objects", Key="tags", Body=b"", Tagging="&".join(f"k{n}=v" for n in range(11)))
    s3.put_object(Bucket="objects", Key="empty")
    s3.get_object(Bucket="objects", Key="empty")
    s3.get_object(
        Bucket="objects",
        Key="full",
        ResponseCacheControl="no-store",
        ResponseContentDisposition="inline",
        ResponseContentEncoding="br",
        ResponseContentLanguage="fr",
        ResponseContentType="text/html",
        ResponseExpires="Wed, 21 Oct 2037 07:28:00 GMT",
    )
    for part in ("bytes=0-0", "bytes=2-4", "bytes=5-", "bytes=-3", "bytes=-100", "bytes=8-100", "bytes=10-", "bytes=100-200", "bytes=4-2", "nonsense", "bytes=0-1,3-4", "bytes=-0"):
        s3.get_object(Bucket="objects", Key="full", Range=part)
        s3.head_object(Bucket="objects", Key="full", Range=part)
    s3.get_object(Bucket="objects", Key="empty", Range="bytes=0-1")
    s3.get_object(Bucket="objects", Key="full", PartNumber=1)
    s3.get_object(Bucket="objects", Key="full", PartNumber=2)
    s3.get_object(Bucket="objects", Key="full", VersionId="null")
    s3.get_object(Bucket="objects", Key="full", VersionId="nonsense")
    s3.delete_object(Bucket="objects", Key="none")
    s3.delete_object(Bucket="objects", Key="plain")
    s3.get_object(Bucket="objects", Key="plain")


@scenario
def s3_encryption(cloud):
    s3 = cloud.client("s3")
    s3.create_bucket(Bucket="sse")
    s3.put_object(Bucket="sse", Key="aes", Body=b"x", ServerSideEncryption="AES256")
    s3.put_object(Bucket="sse", Key="kms", Body=b"x", ServerSideEncryption="aws:kms", SSEKMSKeyId="arn:aws:kms:us-east-1:123456789012:key/k", BucketKeyEnabled=True)
    key = b"k" * 32
    s3.put_object(Bucket="sse", Key="customer", Body=b"x", SSECustomerAlgorithm="AES256", SSECustomerKey=key)
    s3.get_object(Bucket="sse", Key="customer", SSECustomerAlgorithm="AES256", SSECustomerKey=key)
    s3.get_object(Bucket="sse", Key="customer")
    s3.get_object(Bucket="sse", Key="customer", SSECustomerAlgorithm="AES256", SSECustomerKey=b"z" * 32)
    s3.head_object(Bucket="sse", Key="kms")
    s3.get_bucket_encryption(Bucket="sse")
    rule = {"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": "kid"}, "BucketKeyEnabled": True}
    s3.put_bucket_encryption(Bucket="sse", ServerSideEncryptionConfiguration={"Rules": [rule]})
    s3.get_bucket_encryption(Bucket="sse")
    s3.put_object(Bucket="sse", Key="default", Body=b"x")
    s3.delete_bucket_encryption(Bucket="sse")
    s3.get_bucket_encryption(Bucket="sse")


@scenario
def s3_checksums(cloud):
    s3 = cloud.client("s3")
    quiet = cloud.client("s3", request_checksum_calculation="when_required", response_checksum_validation="when_required")
    s3.create_bucket(Bucket="sums")
    for algorithm in ("CRC32", "SHA1", "SHA256"):
        s3.put_object(Bucket="sums", Key=algorithm, Body=b"hello", ChecksumAlgorithm=algorithm)
        s3.head_object(Bucket="sums", Key=algorithm, ChecksumMode="ENABLED")
        s3.get_object(Bucket="sums", Key=algorithm, ChecksumMode="ENABLED")
        s3.get_object_attributes(Bucket="sums", Key=algorithm, ObjectAttributes=["Checksum", "ETag", "ObjectSize", "StorageClass", "ObjectParts"])
    quiet.put_object(Bucket="sums", Key="quiet", Body=b"hello")
    s3.head_object(Bucket="sums", Key="quiet", ChecksumMode="ENABLED")
    quiet.put_object(Bucket="sums", Key="wrong", Body=b"hello", ChecksumSHA256=base64.b64encode(b"0" * 32).decode())
    quiet.put_object(Bucket="sums", Key="wrong", Body=b"hello", ChecksumCRC32="AAAAAA==")
    quiet.put_object(Bucket="sums", Key="wrong", Body=b"hello", ChecksumCRC32="nonsense")
    s3.get_object_attributes(Bucket="sums", Key="none", ObjectAttributes=["ETag"])


@scenario
def s3_conditions(cloud):
    s3 = cloud.client("s3")
    s3.create_bucket(Bucket="cond")
    etag = s3.put_object(Bucket="cond", Key="k", Body=b"1")["ETag"]
    past, future = "2001-01-01T00:00:00Z", "2037-01-01T00:00:00Z"
    for read in (s3.get_object, s3.head_object):
        for inputs in (
            {"IfMatch": etag},
            {"IfMatch": '"other"'},
            {"IfMatch": "*"},
            {"IfNoneMatch": etag},
            {"IfNoneMatch": '"other"'},
            {"IfModifiedSince": past},
            {"IfModifiedSince": datetime.datetime.now(datetime.timezone.utc) - datetime.timedelta(days=1)},
            {"IfUnmodifiedSince": past},
            {"IfUnmodifiedSince": future},
            {"IfMatch": etag, "IfUnmodifiedSince": past},
            {"IfNoneMatch": '"other"', "IfModifiedSince": past},
        ):
            read(Bucket="cond", Key="k", **inputs)
    s3.put_object(Bucket="cond", Key="k", Body=b"2", IfNoneMatch="*")
    s3.put_object(Bucket="cond", Key="new", Body=b"2", IfNoneMatch="*")
    s3.put_object(Bucket="cond", Key="k", Body=b"2", IfMatch='"other"')
    s3.put_object(Bucket="cond", Key="k", Body=b"2", IfMatch=etag)
    s3.put_object(Bucket="cond", Key="none", Body=b"2", IfMatch=etag)
    s3.put_object(Bucket="cond", Key="k", Body=b"2", IfNoneMatch=etag)
    for inputs in (
        {"CopySourceIfMatch": '"other"'},
        {"CopySourceIfNoneMatch": '"other"'},
        {"CopySourceIfModifiedSince": past},
        {"CopySourceIfUnmodifiedSince": past},
    ):
        s3.copy_object(Bucket="cond", Key="copy", CopySource={"Bucket": "cond", "Key": "k"}, **inputs)
    s3.delete_object(Bucket="cond", Key="k", IfMatch='"other"')


@scenario
def s3_versions(cloud):
    s3 = cloud.client("s3")
    s3.create_bucket(Bucket="vers")
    s3.get_bucket_versioning(Bucket="vers")
    s3.put_object(Bucket="vers", Key="k", Body=b"0")
    s3.put_bucket_versioning(Bucket="vers", VersioningConfiguration={"Status": "Enabled"})
    s3.get_bucket_versioning(Bucket="vers")
    one = s3.put_object(Bucket="vers", Key="k", Body=b"1")["VersionId"]
    s3.put_object(Bucket="vers", Key="k", Body=b"2")
    s3.get_object(Bucket="vers", Key="k", VersionId=one)
    s3.get_object(Bucket="vers", Key="k", VersionId="null")
    marker = s3.delete_object(Bucket="vers", Key="k").get("VersionId", "none")
    s3.get_object(Bucket="vers", Key="k")
    s3.head_object(Bucket="vers", Key="k")
    s3.get_object(Bucket="vers", Key="k", VersionId=marker)
    s3.head_object(Bucket="vers", Key="k", VersionId=marker)
    s3.list_object_versions(Bucket="vers")
    s3.list_objects_v2(Bucket="vers")
    s3.delete_object(Bucket="vers", Key="k", VersionId=marker)
    s3.get_object(Bucket="vers", Key="k")
    s3.delete_object(Bucket="vers", Key="k", VersionId=one)
    s3.get_object(Bucket="vers", Key="k", VersionId=one)
    s3.delete_object(Bucket="vers", Key="none")
    s3.put_bucket_versioning(Bucket="vers", VersioningConfiguration={"Status": "Suspended"})
    s3.put_object(Bucket="vers", Key="k", Body=b"3")
    s3.delete_object(Bucket="vers", Key="k")
    s3.list_object_versions(Bucket="vers", Prefix="k")
    page = s3.list_object_versions(Bucket="vers", MaxKeys=1)
    s3.list_object_versions(Bucket="vers", MaxKeys=1, KeyMarker=page.get("NextKeyMarker", ""), VersionIdMarker=page.get("NextVersionIdMarker", ""))
    s3.delete_bucket(Bucket="vers")
    s3.put_object_tagging(Bucket="vers", Key="k2", Tagging={"TagSet": []})


@scenario
def s3_lists(cloud):
    s3 = cloud.client("s3")
    s3.create_bucket(Bucket="lists")
    for key in ("a", "a/1", "a/2", "a/b/1", "b/1", "c d", "c+d", "ä", "z%20z", "~"):
        s3.put_object(Bucket="lists", Key=key, Body=b"x")
    for inputs in (
        {},
        {"Prefix": "a"},
        {"Prefix": "a/"},
        {"Delimiter": "/"},
        {"Prefix": "a/", "Delimiter": "/"},
        {"Prefix": "none"},
        {"MaxKeys": 0},
        {"MaxKeys": 3},
        {"MaxKeys": 3, "Delimiter": "/"},
        {"EncodingType": "url"},
        {"Delimiter": "1"},
    ):
        s3.list_objects(Bucket="lists", **inputs)
        s3.list_objects_v2(Bucket="lists", **inputs)
        s3.list_object_versions(Bucket="lists", **inputs)
    s3.list_objects_v2(Bucket="lists", StartAfter="a/2")
    s3.list_objects_v2(Bucket="lists", StartAfter="a/2", Delimiter="/")
    s3.list_objects_v2(Bucket="lists", FetchOwner=True, MaxKeys=1)
    s3.list_objects(Bucket="lists", Marker="a/2")
    s3.list_objects(Bucket="lists", Marker="a/", Delimiter="/", MaxKeys=1)
    s3.list_objects_v2(Bucket="lists", MaxKeys=2000)
    s3.list_objects_v2(Bucket="lists", ContinuationToken="nonsense")
    page = s3.list_objects_v2(Bucket="lists", MaxKeys=4)
    s3.list_objects_v2(Bucket="lists", MaxKeys=4, ContinuationToken=page.get("NextContinuationToken", ""))
    s3.list_objects_v2(Bucket="lists", MaxKeys=-1)


@scenario
def s3_keys(cloud):
    s3 = cloud.client("s3")
    s3.create_bucket(Bucket="keys")
    for key in ("/lead", "a//b", "plus+plus", "per%cent", "%41", "sp ace", "trail/", "ünï/çødé", "日本", "q?x=1", "hash#1", "amp&", "semi;", "quote'\"", "tilde~", "star*", "new\nline", "<tag>", "back\\slash", "(paren)", "!", ":@$,="):
        s3.put_object(Bucket="keys", Key=key, Body=key.encode())
        s3.get_object(Bucket="keys", Key=key)
    s3.list_objects_v2(Bucket="keys")
    s3.delete_objects(Bucket="keys", Delete={"Objects": [{"Key": "<tag>"}, {"Key": "amp&"}, {"Key": "日本"}]})


@scenario
def s3_multipart(cloud):
    s3 = cloud.client("s3")
    s3.create_bucket(Bucket="parts")
    big = b"a" * (5 * MIB)
    made = s3.create_multipart_upload(Bucket="parts", Key="k", ContentType="text/plain", Metadata={"m": "1"}, StorageClass="STANDARD_IA")
    at = {"Bucket": "parts", "Key": "k", "UploadId": made["UploadId"]}
    one = s3.upload_part(**at, PartNumber=1, Body=big)
    two = s3.upload_part(**at, PartNumber=2, Body=b"tail")
    s3.upload_part(**at, PartNumber=0, Body=b"x")
    s3.upload_part(**at, PartNumber=10001, Body=b"x")
    s3.upload_part(**{**at, "UploadId": "nonsense"}, PartNumber=1, Body=b"x")
    s3.list_parts(**at)
    s3.list_parts(**at, MaxParts=1)
    s3.list_parts(**at, PartNumberMarker=1)
    s3.list_parts(**{**at, "UploadId": "nonsense"})
    s3.list_multipart_uploads(Bucket="parts")
    parts = [{"PartNumber": 1, "ETag": one["ETag"]}, {"PartNumber": 2, "ETag": two["ETag"]}]
    s3.complete_multipart_upload(**at, MultipartUpload={"Parts": parts[::-1]})
    s3.complete_multipart_upload(**at, MultipartUpload={"Parts": [parts[0], {"PartNumber": 2, "ETag": '"' + "0" * 32 + '"'}]})
    s3.complete_multipart_upload(**at, MultipartUpload={"Parts": [*parts, {"PartNumber": 3, "ETag": one["ETag"]}]})
    s3.complete_multipart_upload(**at, MultipartUpload={"Parts": []})
    s3.complete_multipart_upload(**at)
    s3.complete_multipart_upload(**at, MultipartUpload={"Parts": parts})
    s3.complete_multipart_upload(**{**at, "UploadId": "nonsense"}, MultipartUpload={"Parts": parts})
    s3.head_object(Bucket="parts", Key="k")
    s3.head_object(Bucket="parts", Key="k", PartNumber=2)
    s3.get_object(Bucket="parts", Key="k", PartNumber=2)
    s3.get_object_attributes(Bucket="parts", Key="k", ObjectAttributes=["ObjectParts", "ETag"])
    s3.abort_multipart_upload(**at)
    made = s3.create_multipart_upload(Bucket="parts", Key="small")
    at = {"Bucket": "parts", "Key": "small", "UploadId": made["UploadId"]}
    small = [{"PartNumber": n, "ETag": s3.upload_part(**at, PartNumber=n, Body=b"x")["ETag"]} for n in (1, 2)]
    s3.complete_multipart_upload(**at, MultipartUpload={"Parts": small})
    s3.abort_multipart_upload(**at)
    s3.abort_multipart_upload(**at)
    s3.upload_part(**at, PartNumber=1, Body=b"x")
    made = s3.create_multipart_upload(Bucket="parts", Key="zero")
    at = {"Bucket": "parts", "Key": "zero", "UploadId": made["UploadId"]}
    etag = s3.upload_part(**at, PartNumber=1, Body=b"")["ETag"]
    s3.complete_multipart_upload(**at, MultipartUpload={"Parts": [{"PartNumber": 1, "ETag": etag}]})
    s3.get_object(Bucket="parts", Key="zero")
    made = s3.create_multipart_upload(Bucket="parts", Key="copied")
    at = {"Bucket": "parts", "Key": "copied", "UploadId": made["UploadId"]}
    source = {"Bucket": "parts", "Key": "k"}
    one = s3.upload_part_copy(**at, PartNumber=1, CopySource=source, CopySourceRange="bytes=0-5242879")
    two = s3.upload_part_copy(**at, PartNumber=2, CopySource=source, CopySourceRange="bytes=5242880-5242883")
    s3.upload_part_copy(**at, PartNumber=3, CopySource=source, CopySourceRange="bytes=0-99999999")
    s3.upload_part_copy(**at, PartNumber=3, CopySource=source, CopySourceRange="nonsense")
    s3.upload_part_copy(**at, PartNumber=3, CopySource={"Bucket": "parts", "Key": "none"})
    copied = [{"PartNumber": n, "ETag": each["CopyPartResult"]["ETag"]} for n, each in ((1, one), (2, two))]
    s3.complete_multipart_upload(**at, MultipartUpload={"Parts": copied})
    for key in ("up/1", "up/1", "up/2", "up/x/1"):
        s3.create_multipart_upload(Bucket="parts", Key=key)
    s3.list_multipart_uploads(Bucket="parts", Prefix="up/")
    s3.list_multipart_uploads(Bucket="parts", Prefix="up/", Delimiter="/")
    s3.create_multipart_upload(Bucket="none-such", Key="k")
    s3.list_multipart_uploads(Bucket="none-such")


@scenario
def s3_multipart_sums(cloud):
    s3 = cloud.client("s3")
    s3.create_bucket(Bucket="part-sums")
    for algorithm in ("CRC32", "SHA256"):
        made = s3.create_multipart_upload(Bucket="part-sums", Key=algorithm, ChecksumAlgorithm=algorithm)
        at = {"Bucket": "part-sums", "Key": algorithm, "UploadId": made["UploadId"]}
        part = s3.upload_part(**at, PartNumber=1, Body=b"hello", ChecksumAlgorithm=algorithm)
        member = f"Checksum{algorithm}"
        s3.list_parts(**at)
        s3.complete_multipart_upload(**at, MultipartUpload={"Parts": [{"PartNumber": 1, "ETag": part["ETag"], member: part.get(member, "")}]})
        s3.head_object(Bucket="part-sums", Key=algorithm, ChecksumMode="ENABLED")
        s3.get_object_attributes(Bucket="part-sums", Key=algorithm, ObjectAttributes=["Checksum", "ObjectParts"])


@scenario
def s3_copy(cloud):
    s3 = cloud.client("s3")
    s3.create_bucket(Bucket="copies")
    s3.put_object(Bucket="copies", Key="from", Body=b"x", ContentType="text/x", Metadata={"m": "1"}, Tagging="t=1", StorageClass="STANDARD_IA", CacheControl="c")
    source = {"Bucket": "copies", "Key": "from"}
    s3.copy_object(Bucket="copies", Key="same", CopySource=source)
    s3.head_object(Bucket="copies", Key="same")
    s3.get_object_tagging(Bucket="copies", Key="same")
    s3.copy_object(Bucket="copies", Key="new", CopySource=source, MetadataDirective="REPLACE", Metadata={"n": "2"}, ContentType="text/y", TaggingDirective="REPLACE", Tagging="u=2")
    s3.head_object(Bucket="copies", Key="new")
    s3.get_object_tagging(Bucket="copies", Key="new")
    s3.copy_object(Bucket="copies", Key="from", CopySource=source)
    s3.copy_object(Bucket="copies", Key="from", CopySource=source, MetadataDirective="REPLACE", Metadata={"z": "1"})
    s3.copy_object(Bucket="copies", Key="from", CopySource=source, StorageClass="STANDARD")
    s3.head_object(Bucket="copies", Key="from")
    s3.copy_object(Bucket="copies", Key="x", CopySource={"Bucket": "copies", "Key": "none"})
    s3.copy_object(Bucket="copies", Key="x", CopySource={"Bucket": "none-such", "Key": "none"})
    s3.copy_object(Bucket="none-such", Key="x", CopySource=source)
    s3.copy_object(Bucket="copies", Key="x", CopySource="nonsense")
    s3.put_object(Bucket="copies", Key="od d+ä", Body=b"o")
    s3.copy_object(Bucket="copies", Key="odd2", CopySource="copies/od%20d%2B%C3%A4")
    s3.put_bucket_versioning(Bucket="copies", VersioningConfiguration={"Status": "Enabled"})
    one = s3.put_object(Bucket="copies", Key="v", Body=b"1")["VersionId"]
    s3.put_object(Bucket="copies", Key="v", Body=b"2")
    s3.copy_object(Bucket="copies", Key="v", CopySource={"Bucket": "copies", "Key": "v", "VersionId": one})
    s3.get_object(Bucket="copies", Key="v")
    s3.copy_object(Bucket="copies", Key="sum", CopySource=source, ChecksumAlgorithm="SHA256")


@scenario
def s3_delete_many(cloud):
    s3 = cloud.client("s3")
    s3.create_bucket(Bucket="many")
    for key in "abcd":
        s3.put_object(Bucket="many", Key=key, Body=b"x")
    s3.delete_objects(Bucket="many", Delete={"Objects": [{"Key": "a"}, {"Key": "none"}]})
    s3.delete_objects(Bucket="many", Delete={"Objects": [{"Key": "b"}], "Quiet": True})
    s3.delete_objects(Bucket="many", Delete={"Objects": []})
    s3.delete_objects(Bucket="many", Delete={"Objects": [{"Key": f"k{n}"} for n in range(1001)]})
    s3.put_bucket_versioning(Bucket="many", VersioningConfiguration={"Status": "Enabled"})
    version = s3.put_object(Bucket="many", Key="c", Body=b"2")["VersionId"]
    s3.delete_objects(Bucket="many", Delete={"Objects": [{"Key": "c", "VersionId": version}, {"Key": "d"}]})
    s3.list_object_versions(Bucket="many")
    s3.delete_objects(Bucket="none-such", Delete={"Objects": [{"Key": "a"}]})


@scenario
def s3_tagging_acl(cloud):
    s3 = cloud.client("s3")
    s3.create_bucket(Bucket="tags", ObjectOwnership="ObjectWriter")
    s3.put_object(Bucket="tags", Key="k", Body=b"x")
    s3.get_object_tagging(Bucket="tags", Key="k")
    tag = lambda k, v="v": {"Key": k, "Value": v}
    s3.put_object_tagging(Bucket="tags", Key="k", Tagging={"TagSet": [tag("a"), tag("b", "")]})
    s3.get_object_tagging(Bucket="tags", Key="k")
    s3.head_object(Bucket="tags", Key="k")
    s3.get_object(Bucket="tags", Key="k")
    s3.put_object_tagging(Bucket="tags", Key="k", Tagging={"TagSet": [tag("a"), tag("a")]})
    s3.put_object_tagging(Bucket="tags", Key="k", Tagging={"TagSet": [tag(f"k{n}") for n in range(11)]})
    s3.put_object_tagging(Bucket="tags", Key="k", Tagging={"TagSet": [tag("k" * 129)]})
    s3.put_object_tagging(Bucket="tags", Key="k", Tagging={"TagSet": [tag("k", "v" * 257)]})
    s3.put_object_tagging(Bucket="tags", Key="k", Tagging={"TagSet": [tag("aws:x")]})
    s3.put_object_tagging(Bucket="tags", Key="none", Tagging={"TagSet": [tag("a")]})
    s3.get_object_tagging(Bucket="tags", Key="none")
    s3.delete_object_tagging(Bucket="tags", Key="k")
    s3.get_object_tagging(Bucket="tags", Key="k")
    s3.get_bucket_tagging(Bucket="tags")
    s3.put_bucket_tagging(Bucket="tags", Tagging={"TagSet": [tag("x"), tag("y")]})
    s3.get_bucket_tagging(Bucket="tags")
    s3.put_bucket_tagging(Bucket="tags", Tagging={"TagSet": [tag("x"), tag("x")]})
    s3.put_bucket_tagging(Bucket="tags", Tagging={"TagSet": [tag("aws:x")]})
    s3.delete_bucket_tagging(Bucket="tags")
    s3.get_bucket_tagging(Bucket="tags")
    s3.get_bucket_acl(Bucket="tags")
    s3.get_object_acl(Bucket="tags", Key="k")
    for acl in ("public-read", "public-read-write", "authenticated-read", "private", "log-delivery-write"):
        s3.put_bucket_acl(Bucket="tags", ACL=acl)
        s3.get_bucket_acl(Bucket="tags")
    for acl in ("public-read", "bucket-owner-full-control", "bucket-owner-read", "nonsense"):
        s3.put_object_acl(Bucket="tags", Key="k", ACL=acl)
        s3.get_object_acl(Bucket="tags", Key="k")
    s3.get_object_acl(Bucket="tags", Key="none")
    s3.put_object_acl(Bucket="tags", Key="none", ACL="private")
    s3.put_bucket_acl(Bucket="tags", GrantRead='uri="http://acs.amazonaws.com/groups/global/AllUsers"')
    s3.get_bucket_acl(Bucket="tags")


@scenario
def s3_settings(cloud):
    s3 = cloud.client("s3")
    s3.create_bucket(Bucket="sets")
    b = {"Bucket": "sets"}
    policy = json.dumps({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::sets/*"}]})
    for get in ("policy", "policy_status", "cors", "lifecycle_configuration", "website", "logging", "notification_configuration", "replication", "ownership_controls", "request_payment", "accelerate_configuration", "versioning"):
        getattr(s3, f"get_bucket_{get}")(**b)
        getattr(s3, f"get_bucket_{get}")(Bucket="none-such")
    s3.get_public_access_block(**b)
    s3.get_object_lock_configuration(**b)
    s3.delete_public_access_block(**b)
    s3.get_public_access_block(**b)
    s3.put_bucket_policy(**b, Policy=policy)
    s3.get_bucket_policy(**b)
    s3.get_bucket_policy_status(**b)
    s3.put_bucket_policy(**b, Policy="nonsense")
    s3.delete_bucket_policy(**b)
    s3.delete_bucket_policy(**b)
    s3.get_bucket_policy(**b)
    rule = {"AllowedMethods": ["GET", "PUT"], "AllowedOrigins": ["*"], "AllowedHeaders": ["x-*"], "ExposeHeaders": ["ETag"], "MaxAgeSeconds": 30, "ID": "r"}
    s3.put_bucket_cors(**b, CORSConfiguration={"CORSRules": [rule]})
    s3.get_bucket_cors(**b)
    s3.put_bucket_cors(**b, CORSConfiguration={"CORSRules": [{**rule, "AllowedMethods": ["NOPE"]}]})
    s3.delete_bucket_cors(**b)
    s3.get_bucket_cors(**b)
    life = {"ID": "l", "Status": "Enabled", "Filter": {"Prefix": "x/"}, "Expiration": {"Days": 3}, "Transitions": [{"Days": 1, "StorageClass": "GLACIER"}]}
    s3.put_bucket_lifecycle_configuration(**b, LifecycleConfiguration={"Rules": [life]})
    s3.get_bucket_lifecycle_configuration(**b)
    more = {"ID": "m", "Status": "Disabled", "Filter": {"And": {"Prefix": "p", "Tags": [{"Key": "a", "Value": "b"}]}}, "NoncurrentVersionExpiration": {"NoncurrentDays": 2}, "AbortIncompleteMultipartUpload": {"DaysAfterInitiation": 7}}
    s3.put_bucket_lifecycle_configuration(**b, LifecycleConfiguration={"Rules": [more]})
    s3.get_bucket_lifecycle_configuration(**b)
    s3.put_bucket_lifecycle_configuration(**b, LifecycleConfiguration={"Rules": []})
    s3.delete_bucket_lifecycle(**b)
    s3.get_bucket_lifecycle_configuration(**b)
    s3.put_bucket_website(**b, WebsiteConfiguration={"IndexDocument": {"Suffix": "i.html"}, "ErrorDocument": {"Key": "e.html"}})
    s3.get_bucket_website(**b)
    s3.delete_bucket_website(**b)
    s3.get_bucket_website(**b)
    s3.create_bucket(Bucket="logs", ACL="log-delivery-write", ObjectOwnership="ObjectWriter")
    s3.put_bucket_logging(**b, BucketLoggingStatus={"LoggingEnabled": {"TargetBucket": "logs", "TargetPrefix": "p/"}})
    s3.get_bucket_logging(**b)
    s3.put_bucket_logging(**b, BucketLoggingStatus={"LoggingEnabled": {"TargetBucket": "none-such", "TargetPrefix": "p/"}})
    s3.put_bucket_logging(**b, BucketLoggingStatus={})
    s3.get_bucket_logging(**b)
    s3.put_bucket_notification_configuration(**b, NotificationConfiguration={"QueueConfigurations": [{"Id": "q", "QueueArn": "arn:aws:sqs:us-east-1:123456789012:q", "Events": ["s3:ObjectCreated:*"], "Filter": {"Key": {"FilterRules": [{"Name": "prefix", "Value": "x"}]}}}]}, SkipDestinationValidation=True)
    s3.get_bucket_notification_configuration(**b)
    s3.put_bucket_ownership_controls(**b, OwnershipControls={"Rules": [{"ObjectOwnership": "BucketOwnerPreferred"}]})
    s3.get_bucket_ownership_controls(**b)
    s3.delete_bucket_ownership_controls(**b)
    s3.get_bucket_ownership_controls(**b)
    s3.put_public_access_block(**b, PublicAccessBlockConfiguration={"BlockPublicAcls": True})
    s3.get_public_access_block(**b)
    s3.put_bucket_request_payment(**b, RequestPaymentConfiguration={"Payer": "Requester"})
    s3.get_bucket_request_payment(**b)
    s3.put_bucket_accelerate_configuration(**b, AccelerateConfiguration={"Status": "Enabled"})
    s3.get_bucket_accelerate_configuration(**b)
    replication = {"Role": "arn:aws:iam::123456789012:role/r", "Rules": [{"ID": "r", "Status": "Enabled", "Priority": 1, "Filter": {"Prefix": ""}, "DeleteMarkerReplication": {"Status": "Disabled"}, "Destination": {"Bucket": "arn:aws:s3:::logs"}}]}
    s3.put_bucket_replication(**b, ReplicationConfiguration=replication)
    s3.put_bucket_versioning(**b, VersioningConfiguration={"Status": "Enabled"})
    s3.put_bucket_versioning(Bucket="logs", VersioningConfiguration={"Status": "Enabled"})
    s3.put_bucket_replication(**b, ReplicationConfiguration=replication)
    s3.get_bucket_replication(**b)
    s3.delete_bucket_replication(**b)
    s3.get_bucket_replication(**b)
    inventory = {"Id": "inv", "IsEnabled": True, "IncludedObjectVersions": "All", "Schedule": {"Frequency": "Daily"}, "Destination": {"S3BucketDestination": {"Bucket": "arn:aws:s3:::logs", "Format": "CSV"}}}
    s3.put_bucket_inventory_configuration(**b, Id="inv", InventoryConfiguration=inventory)
    s3.get_bucket_inventory_configuration(**b, Id="inv")
    s3.list_bucket_inventory_configurations(**b)
    s3.delete_bucket_inventory_configuration(**b, Id="inv")
    s3.get_bucket_inventory_configuration(**b, Id="inv")


@scenario
def s3_lock(cloud):
    s3 = cloud.client("s3")
    s3.create_bucket(Bucket="locks", ObjectLockEnabledForBucket=True)
    s3.create_bucket(Bucket="nolocks")
    at = {"Bucket": "locks", "Key": "k"}
    version = s3.put_object(**at, Body=b"x")["VersionId"]
    s3.get_object_lock_configuration(Bucket="locks")
    s3.get_object_retention(**at)
    s3.get_object_legal_hold(**at)
    s3.put_object_legal_hold(**at, LegalHold={"Status": "ON"})
    s3.get_object_legal_hold(**at)
    s3.head_object(**at)
    s3.delete_object(**at, VersionId=version)
    s3.put_object_legal_hold(**at, LegalHold={"Status": "OFF"})
    s3.put_object_retention(**at, Retention={"Mode": "GOVERNANCE", "RetainUntilDate": "2037-01-01T00:00:00Z"})
    s3.get_object_retention(**at)
    s3.delete_object(**at, VersionId=version)
    s3.delete_objects(Bucket="locks", Delete={"Objects": [{"Key": "k", "VersionId": version}]})
    s3.delete_object(**at, VersionId=version, BypassGovernanceRetention=True)
    s3.put_object_lock_configuration(Bucket="locks", ObjectLockConfiguration={"ObjectLockEnabled": "Enabled", "Rule": {"DefaultRetention": {"Mode": "COMPLIANCE", "Days": 1}}})
    s3.get_object_lock_configuration(Bucket="locks")
    s3.put_object(**at, Body=b"y")
    s3.head_object(**at)
    s3.put_object(Bucket="nolocks", Key="k", Body=b"x")
    s3.get_object_retention(Bucket="nolocks", Key="k")
    s3.put_object_retention(Bucket="nolocks", Key="k", Retention={"Mode": "GOVERNANCE", "RetainUntilDate": "2037-01-01T00:00:00Z"})
    s3.put_object_lock_configuration(Bucket="nolocks", ObjectLockConfiguration={"ObjectLockEnabled": "Enabled"})


@scenario
def s3_presigned(cloud):
    plain = {"Bucket": "signed", "Key": "dir/ö k+.txt"}
    cloud.client("s3").create_bucket(Bucket="signed")
    for version in ("s3v4", "s3"):
        s3 = cloud.client("s3", signature_version=version)
        url = lambda operation, inputs, **options: s3.generate_presigned_url(operation, Params=inputs, **options)
        cloud.raw("PUT", url("put_object", plain), body=b"hello")
        cloud.raw("GET", url("get_object", plain))
        cloud.raw("HEAD", url("head_object", plain))
        got = cloud.raw("GET", url("get_object", {**plain, "ResponseContentType": "text/x"}))
        cloud.note("content_type", got.headers.get("content-type"))
        made = cloud.client("s3").create_multipart_upload(Bucket="signed", Key="mp")
        cloud.raw("PUT", url("upload_part", {"Bucket": "signed", "Key": "mp", "UploadId": made["UploadId"], "PartNumber": 1}), body=b"part")
        cloud.raw("GET", url("list_objects_v2", {"Bucket": "signed", "Prefix": "none"}))
        cloud.raw("DELETE", url("delete_object", plain))
        cloud.raw("GET", url("get_object", plain))


@scenario
def sts(cloud):
    sts = cloud.client("sts")
    iam = cloud.client("iam")
    sts.get_caller_identity()
    trust = json.dumps({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "sts:AssumeRole"}]})
    arn = iam.create_role(RoleName="assumed", AssumeRolePolicyDocument=trust)["Role"]["Arn"]
    found = sts.assume_role(RoleArn=arn, RoleSessionName="session")["Credentials"]
    mine = cloud.client("sts", keys=(found["AccessKeyId"], found["SecretAccessKey"]), token=found["SessionToken"])
    mine.get_caller_identity()
    sts.assume_role(RoleArn=arn, RoleSessionName="bad name!")
    sts.assume_role(RoleArn=arn, RoleSessionName="session", DurationSeconds=43201)
    sts.get_session_token()
    sts.get_session_token(DurationSeconds=900)
    sts.get_federation_token(Name="fed", Policy=json.dumps({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}))
    sts.get_access_key_info(AccessKeyId=found["AccessKeyId"])
    sts.assume_role_with_web_identity(RoleArn=arn, RoleSessionName="web", WebIdentityToken="nonsense")


@scenario
def iam_users(cloud):
    iam = cloud.client("iam")
    iam.create_user(UserName="ann", Path="/team/", Tags=[{"Key": "a", "Value": "1"}])
    iam.create_user(UserName="ann")
    iam.create_user(UserName="bad name")
    iam.create_user(UserName="bob")
    iam.get_user(UserName="ann")
    iam.get_user(UserName="none")
    iam.list_users()
    iam.list_users(PathPrefix="/team/")
    page = iam.list_users(MaxItems=1)
    iam.list_users(MaxItems=1, Marker=page.get("Marker", "none"))
    iam.tag_user(UserName="ann", Tags=[{"Key": "b", "Value": "2"}])
    iam.list_user_tags(UserName="ann")
    iam.untag_user(UserName="ann", TagKeys=["a"])
    iam.list_user_tags(UserName="ann")
    iam.list_user_tags(UserName="none")
    iam.update_user(UserName="bob", NewUserName="rob", NewPath="/x/")
    iam.update_user(UserName="none", NewUserName="rob")
    iam.get_user(UserName="rob")
    key = iam.create_access_key(UserName="ann")["AccessKey"]["AccessKeyId"]
    iam.create_access_key(UserName="none")
    iam.list_access_keys(UserName="ann")
    iam.get_access_key_last_used(AccessKeyId=key)
    iam.get_access_key_last_used(AccessKeyId="AKIAIOSFODNN7EXAMPLE")
    iam.update_access_key(UserName="ann", AccessKeyId=key, Status="Inactive")
    iam.list_access_keys(UserName="ann")
    iam.create_access_key(UserName="ann")
    iam.create_access_key(UserName="ann")
    iam.delete_user(UserName="ann")
    iam.delete_access_key(UserName="ann", AccessKeyId=key)
    iam.delete_access_key(UserName="ann", AccessKeyId=key)
    iam.create_login_profile(UserName="rob", Password="Secret-123!")
    iam.create_login_profile(UserName="rob", Password="Secret-123!")
    iam.get_login_profile(UserName="rob")
    iam.update_login_profile(UserName="rob", PasswordResetRequired=True)
    iam.get_login_profile(UserName="ann")
    iam.delete_login_profile(UserName="rob")
    iam.delete_login_profile(UserName="rob")
    iam.create_group(GroupName="devs", Path="/g/")
    iam.create_group(GroupName="devs")
    iam.get_group(GroupName="devs")
    iam.get_group(GroupName="none")
    iam.add_user_to_group(GroupName="devs", UserName="rob")
    iam.add_user_to_group(GroupName="none", UserName="rob")
    iam.add_user_to_group(GroupName="devs", UserName="none")
    iam.get_group(GroupName="devs")
    iam.list_groups()
    iam.list_groups_for_user(UserName="rob")
    iam.remove_user_from_group(GroupName="devs", UserName="rob")
    iam.remove_user_from_group(GroupName="none", UserName="rob")
    iam.update_group(GroupName="devs", NewGroupName="ops")
    iam.delete_group(GroupName="ops")
    iam.delete_group(GroupName="ops")
    iam.create_account_alias(AccountAlias="my-alias")
    iam.list_account_aliases()
    iam.delete_account_alias(AccountAlias="my-alias")
    iam.list_account_aliases()
    iam.get_account_summary()
    iam.get_account_password_policy()
    iam.update_account_password_policy(MinimumPasswordLength=12, RequireSymbols=True)
    iam.get_account_password_policy()
    iam.delete_account_password_policy()
    iam.delete_account_password_policy()
    iam.delete_user(UserName="rob")
    iam.delete_user(UserName="rob")


@scenario
def iam_policies(cloud):
    iam = cloud.client("iam")
    doc = json.dumps({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:*", "Resource": "*"}]})
    trust = json.dumps({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": {"Service": "ec2.amazonaws.com"}, "Action": "sts:AssumeRole"}]})
    arn = iam.create_policy(PolicyName="pol", PolicyDocument=doc, Description="d", Path="/p/", Tags=[{"Key": "a", "Value": "1"}])["Policy"]["Arn"]
    iam.create_policy(PolicyName="pol", PolicyDocument=doc, Path="/p/")
    iam.create_policy(PolicyName="bad", PolicyDocument="nonsense")
    iam.create_policy(PolicyName="bad", PolicyDocument="{}")
    iam.get_policy(PolicyArn=arn)
    iam.get_policy(PolicyArn=arn + "x")
    iam.list_policies(Scope="Local")
    iam.list_policies(Scope="Local", OnlyAttached=True)
    iam.create_policy_version(PolicyArn=arn, PolicyDocument=doc, SetAsDefault=True)
    iam.create_policy_version(PolicyArn=arn, PolicyDocument=doc)
    iam.list_policy_versions(PolicyArn=arn)
    iam.get_policy_version(PolicyArn=arn, VersionId="v1")
    iam.get_policy_version(PolicyArn=arn, VersionId="v9")
    iam.delete_policy_version(PolicyArn=arn, VersionId="v2")
    iam.delete_policy_version(PolicyArn=arn, VersionId="v9")
    iam.delete_policy_version(PolicyArn=arn, VersionId="v1")
    iam.set_default_policy_version(PolicyArn=arn, VersionId="v3")
    iam.get_policy(PolicyArn=arn)
    iam.tag_policy(PolicyArn=arn, Tags=[{"Key": "b", "Value": "2"}])
    iam.list_policy_tags(PolicyArn=arn)
    iam.untag_policy(PolicyArn=arn, TagKeys=["a"])
    iam.create_role(RoleName="role", AssumeRolePolicyDocument=trust, Description="d", MaxSessionDuration=7200, Path="/r/", Tags=[{"Key": "a", "Value": "1"}])
    iam.create_role(RoleName="role", AssumeRolePolicyDocument=trust)
    iam.create_role(RoleName="bad", AssumeRolePolicyDocument="nonsense")
    iam.create_role(RoleName="bad", AssumeRolePolicyDocument=trust, MaxSessionDuration=10)
    iam.get_role(RoleName="role")
    iam.get_role(RoleName="none")
    iam.list_roles(PathPrefix="/r/")
    iam.update_role(RoleName="role", Description="e", MaxSessionDuration=3600)
    iam.update_role_description(RoleName="role", Description="f")
    iam.update_assume_role_policy(RoleName="role", PolicyDocument=trust)
    iam.update_assume_role_policy(RoleName="none", PolicyDocument=trust)
    iam.tag_role(RoleName="role", Tags=[{"Key": "b", "Value": "2"}])
    iam.list_role_tags(RoleName="role")
    iam.untag_role(RoleName="role", TagKeys=["a"])
    iam.attach_role_policy(RoleName="role", PolicyArn=arn)
    iam.attach_role_policy(RoleName="role", PolicyArn="arn:aws:iam::aws:policy/AdministratorAccess")
    iam.attach_role_policy(RoleName="role", PolicyArn=arn + "x")
    iam.attach_role_policy(RoleName="none", PolicyArn=arn)
    iam.list_attached_role_policies(RoleName="role")
    iam.list_entities_for_policy(PolicyArn=arn)
    iam.get_policy(PolicyArn=arn)
    iam.delete_policy(PolicyArn=arn)
    iam.delete_role(RoleName="role")
    iam.put_role_policy(RoleName="role", PolicyName="inline", PolicyDocument=doc)
    iam.put_role_policy(RoleName="role", PolicyName="inline", PolicyDocument="nonsense")
    iam.get_role_policy(RoleName="role", PolicyName="inline")
    iam.get_role_policy(RoleName="role", PolicyName="none")
    iam.list_role_policies(RoleName="role")
    iam.delete_role_policy(RoleName="role", PolicyName="inline")
    iam.delete_role_policy(RoleName="role", PolicyName="inline")
    iam.detach_role_policy(RoleName="role", PolicyArn=arn)
    iam.detach_role_policy(RoleName="role", PolicyArn=arn)
    iam.create_instance_profile(InstanceProfileName="prof", Tags=[{"Key": "a", "Value": "1"}])
    iam.create_instance_profile(InstanceProfileName="prof")
    iam.add_role_to_instance_profile(InstanceProfileName="prof", RoleName="role")
    iam.add_role_to_instance_profile(InstanceProfileName="prof", RoleName="none")
    iam.get_instance_profile(InstanceProfileName="prof")
    iam.get_instance_profile(InstanceProfileName="none")
    iam.list_instance_profiles()
    iam.list_instance_profiles_for_role(RoleName="role")
    iam.delete_instance_profile(InstanceProfileName="prof")
    iam.remove_role_from_instance_profile(InstanceProfileName="prof", RoleName="role")
    iam.remove_role_from_instance_profile(InstanceProfileName="prof", RoleName="role")
    iam.delete_instance_profile(InstanceProfileName="prof")
    iam.put_role_permissions_boundary(RoleName="role", PermissionsBoundary=arn)
    iam.get_role(RoleName="role")
    iam.delete_role_permissions_boundary(RoleName="role")
    iam.create_user(UserName="pu")
    iam.attach_user_policy(UserName="pu", PolicyArn=arn)
    iam.list_attached_user_policies(UserName="pu")
    iam.put_user_policy(UserName="pu", PolicyName="in", PolicyDocument=doc)
    iam.get_user_policy(UserName="pu", PolicyName="in")
    iam.get_user_policy(UserName="pu", PolicyName="none")
    iam.list_user_policies(UserName="pu")
    iam.delete_user(UserName="pu")
    iam.detach_user_policy(UserName="pu", PolicyArn=arn)
    iam.delete_user_policy(UserName="pu", PolicyName="in")
    iam.create_group(GroupName="pg")
    iam.attach_group_policy(GroupName="pg", PolicyArn=arn)
    iam.list_attached_group_policies(GroupName="pg")
    iam.put_group_policy(GroupName="pg", PolicyName="in", PolicyDocument=doc)
    iam.get_group_policy(GroupName="pg", PolicyName="in")
    iam.list_group_policies(GroupName="pg")
    iam.delete_group(GroupName="pg")
    for managed in ("AdministratorAccess", "ReadOnlyAccess", "AmazonS3ReadOnlyAccess", "service-role/AWSLambdaBasicExecutionRole"):
        iam.get_policy(PolicyArn=f"arn:aws:iam::aws:policy/{managed}")
    iam.get_policy_version(PolicyArn="arn:aws:iam::aws:policy/AdministratorAccess", VersionId="v1")


@scenario
def iam_providers(cloud):
    iam = cloud.client("iam")
    iam.create_service_linked_role(AWSServiceName="autoscaling.amazonaws.com", Description="d")
    iam.create_service_linked_role(AWSServiceName="lex.amazonaws.com", CustomSuffix="x")
    iam.delete_service_linked_role(RoleName="AWSServiceRoleForAutoScaling")
    arn = iam.create_open_id_connect_provider(Url="https://issuer.example", ClientIDList=["a"], ThumbprintList=["0" * 40]).get("OpenIDConnectProviderArn", "arn:aws:iam::123456789012:oidc-provider/none")
    iam.create_open_id_connect_provider(Url="https://issuer.example", ClientIDList=["a"], ThumbprintList=["0" * 40])
    iam.get_open_id_connect_provider(OpenIDConnectProviderArn=arn)
    iam.list_open_id_connect_providers()
    iam.update_open_id_connect_provider_thumbprint(OpenIDConnectProviderArn=arn, ThumbprintList=["1" * 40])
    iam.add_client_id_to_open_id_connect_provider(OpenIDConnectProviderArn=arn, ClientID="b")
    iam.get_open_id_connect_provider(OpenIDConnectProviderArn=arn)
    iam.delete_open_id_connect_provider(OpenIDConnectProviderArn=arn)
    iam.get_open_id_connect_provider(OpenIDConnectProviderArn=arn)
    document = "<EntityDescriptor>" + "x" * 1000 + "</EntityDescriptor>"
    saml = iam.create_saml_provider(Name="idp", SAMLMetadataDocument=document).get("SAMLProviderArn", "arn:aws:iam::123456789012:saml-provider/none")
    iam.get_saml_provider(SAMLProviderArn=saml)
    iam.list_saml_providers()
    iam.delete_saml_provider(SAMLProviderArn=saml)
    iam.get_saml_provider(SAMLProviderArn=saml)
    iam.create_user(UserName="mfa")
    serial = iam.create_virtual_mfa_device(VirtualMFADeviceName="dev").get("VirtualMFADevice", {}).get("SerialNumber", "arn:aws:iam::123456789012:mfa/dev")
    iam.list_virtual_mfa_devices()
    iam.enable_mfa_device(UserName="mfa", SerialNumber=serial, AuthenticationCode1="123456", AuthenticationCode2="654321")
    iam.list_mfa_devices(UserName="mfa")
    iam.deactivate_mfa_device(UserName="mfa", SerialNumber=serial)
    iam.delete_virtual_mfa_device(SerialNumber=serial)
    iam.list_mfa_devices(UserName="mfa")


@scenario
def ec2_network(cloud):
    ec2 = cloud.client("ec2")
    ec2.describe_regions(RegionNames=["us-east-1"])
    ec2.describe_regions(RegionNames=["nowhere"])
    ec2.describe_availability_zones(ZoneNames=["us-east-1a"])
    ec2.describe_vpcs(Filters=[{"Name": "is-default", "Values": ["true"]}])
    ec2.create_vpc(CidrBlock="10.0.0.0/16", DryRun=True)
    ec2.create_vpc(CidrBlock="nonsense")
    ec2.create_vpc(CidrBlock="10.0.0.0/8")
    vpc = ec2.create_vpc(CidrBlock="10.0.0.0/16", TagSpecifications=[{"ResourceType": "vpc", "Tags": [{"Key": "Name", "Value": "v"}]}])["Vpc"]["VpcId"]
    ec2.describe_vpcs(VpcIds=[vpc])
    ec2.describe_vpcs(VpcIds=["vpc-00000000000000000"])
    ec2.describe_vpcs(Filters=[{"Name": "tag:Name", "Values": ["v"]}])
    ec2.describe_vpcs(Filters=[{"Name": "cidr", "Values": ["10.0.*"]}])
    ec2.describe_vpc_attribute(VpcId=vpc, Attribute="enableDnsSupport")
    ec2.describe_vpc_attribute(VpcId=vpc, Attribute="enableDnsHostnames")
    ec2.modify_vpc_attribute(VpcId=vpc, EnableDnsHostnames={"Value": True})
    ec2.describe_vpc_attribute(VpcId=vpc, Attribute="enableDnsHostnames")
    subnet = ec2.create_subnet(VpcId=vpc, CidrBlock="10.0.1.0/24", AvailabilityZone="us-east-1a")["Subnet"]["SubnetId"]
    ec2.create_subnet(VpcId=vpc, CidrBlock="10.0.1.0/24")
    ec2.create_subnet(VpcId=vpc, CidrBlock="192.168.0.0/24")
    ec2.create_subnet(VpcId="vpc-00000000000000000", CidrBlock="10.0.1.0/24")
    ec2.create_subnet(VpcId=vpc, CidrBlock="10.0.2.0/24", AvailabilityZone="nowhere-1a")
    ec2.describe_subnets(SubnetIds=[subnet])
    ec2.describe_subnets(SubnetIds=["subnet-00000000000000000"])
    ec2.describe_subnets(Filters=[{"Name": "vpc-id", "Values": [vpc]}])
    ec2.modify_subnet_attribute(SubnetId=subnet, MapPublicIpOnLaunch={"Value": True})
    group = ec2.create_security_group(GroupName="sg", Description="d", VpcId=vpc)["GroupId"]
    ec2.create_security_group(GroupName="sg", Description="d", VpcId=vpc)
    ec2.create_security_group(GroupName="sg2", Description="d", VpcId="vpc-00000000000000000")
    permission = {"IpProtocol": "tcp", "FromPort": 22, "ToPort": 22, "IpRanges": [{"CidrIp": "10.0.0.0/8", "Description": "x"}]}
    ec2.authorize_security_group_ingress(GroupId=group, IpPermissions=[permission])
    ec2.authorize_security_group_ingress(GroupId=group, IpPermissions=[permission])
    ec2.authorize_security_group_ingress(GroupId="sg-00000000000000000", IpPermissions=[permission])
    ec2.authorize_security_group_egress(GroupId=group, IpPermissions=[permission])
    ec2.describe_security_groups(GroupIds=[group])
    ec2.describe_security_groups(GroupIds=["sg-00000000000000000"])
    ec2.describe_security_group_rules(Filters=[{"Name": "group-id", "Values": [group]}])
    ec2.revoke_security_group_ingress(GroupId=group, IpPermissions=[permission])
    ec2.revoke_security_group_ingress(GroupId=group, IpPermissions=[permission])
    gateway = ec2.create_internet_gateway()["InternetGateway"]["InternetGatewayId"]
    ec2.attach_internet_gateway(InternetGatewayId=gateway, VpcId=vpc)
    ec2.attach_internet_gateway(InternetGatewayId=gateway, VpcId=vpc)
    ec2.describe_internet_gateways(InternetGatewayIds=[gateway])
    ec2.describe_internet_gateways(InternetGatewayIds=["igw-00000000000000000"])
    ec2.delete_internet_gateway(InternetGatewayId=gateway)
    table = ec2.create_route_table(VpcId=vpc)["RouteTable"]["RouteTableId"]
    ec2.create_route(RouteTableId=table, DestinationCidrBlock="0.0.0.0/0", GatewayId=gateway)
    ec2.create_route(RouteTableId=table, DestinationCidrBlock="0.0.0.0/0", GatewayId=gateway)
    ec2.replace_route(RouteTableId=table, DestinationCidrBlock="0.0.0.0/0", GatewayId=gateway)
    association = ec2.associate_route_table(RouteTableId=table, SubnetId=subnet)["AssociationId"]
    ec2.describe_route_tables(RouteTableIds=[table])
    ec2.describe_route_tables(RouteTableIds=["rtb-00000000000000000"])
    ec2.delete_route_table(RouteTableId=table)
    ec2.disassociate_route_table(AssociationId=association)
    ec2.delete_route(RouteTableId=table, DestinationCidrBlock="0.0.0.0/0")
    ec2.delete_route(RouteTableId=table, DestinationCidrBlock="0.0.0.0/0")
    ec2.delete_route_table(RouteTableId=table)
    ec2.delete_vpc(VpcId=vpc)
    address = ec2.allocate_address(Domain="vpc")["AllocationId"]
    ec2.describe_addresses(AllocationIds=[address])
    ec2.describe_addresses(AllocationIds=["eipalloc-00000000000000000"])
    nat = ec2.create_nat_gateway(SubnetId=subnet, AllocationId=address).get("NatGateway", {}).get("NatGatewayId", "nat-00000000000000000")
    ec2.describe_nat_gateways(NatGatewayIds=[nat])
    ec2.delete_nat_gateway(NatGatewayId=nat)
    ec2.describe_network_acls(Filters=[{"Name": "vpc-id", "Values": [vpc]}])
    acl = ec2.create_network_acl(VpcId=vpc).get("NetworkAcl", {}).get("NetworkAclId", "acl-00000000000000000")
    ec2.create_network_acl_entry(NetworkAclId=acl, RuleNumber=100, Protocol="-1", RuleAction="allow", Egress=False, CidrBlock="0.0.0.0/0")
    ec2.describe_network_acls(NetworkAclIds=[acl])
    ec2.delete_network_acl_entry(NetworkAclId=acl, RuleNumber=100, Egress=False)
    ec2.delete_network_acl(NetworkAclId=acl)
    eni = ec2.create_network_interface(SubnetId=subnet, Description="d", Groups=[group]).get("NetworkInterface", {}).get("NetworkInterfaceId", "eni-00000000000000000")
    ec2.describe_network_interfaces(NetworkInterfaceIds=[eni])
    ec2.delete_network_interface(NetworkInterfaceId=eni)
    ec2.describe_network_interfaces(NetworkInterfaceIds=[eni])
    ec2.release_address(AllocationId=address)
    ec2.release_address(AllocationId=address)
    ec2.detach_internet_gateway(InternetGatewayId=gateway, VpcId=vpc)
    ec2.detach_internet_gateway(InternetGatewayId=gateway, VpcId=vpc)
    ec2.delete_internet_gateway(InternetGatewayId=gateway)
    ec2.delete_security_group(GroupId=group)
    ec2.delete_security_group(GroupId=group)
    ec2.delete_subnet(SubnetId=subnet)
    ec2.delete_subnet(SubnetId=subnet)
    ec2.delete_vpc(VpcId=vpc)
    ec2.delete_vpc(VpcId=vpc)


@scenario
def ec2_instances(cloud):
    ec2 = cloud.client("ec2")
    image = ec2.client.describe_images()["Images"][0]["ImageId"]
    ec2.run_instances(ImageId=image, MinCount=1, MaxCount=1, DryRun=True)
    ec2.run_instances(ImageId="ami-00000000000000000", MinCount=1, MaxCount=1)
    ec2.run_instances(ImageId="nonsense", MinCount=1, MaxCount=1)
    ec2.run_instances(ImageId=image, MinCount=1, MaxCount=1, InstanceType="x9.nonsense")
    ec2.run_instances(ImageId=image, MinCount=2, MaxCount=1)
    ec2.run_instances(ImageId=image, MinCount=1, MaxCount=1, KeyName="none")
    ec2.run_instances(ImageId=image, MinCount=1, MaxCount=1, SubnetId="subnet-00000000000000000")
    made = ec2.run_instances(ImageId=image, MinCount=2, MaxCount=2, InstanceType="t3.micro", TagSpecifications=[{"ResourceType": "instance", "Tags": [{"Key": "Name", "Value": "i"}]}], UserData="hi")
    one, two = (each["InstanceId"] for each in made["Instances"])
    cloud.wait(ec2, "instance_running", [one, two])
    ec2.describe_instances(InstanceIds=[one])
    ec2.describe_instances(InstanceIds=["i-00000000000000000"])
    ec2.describe_instances(InstanceIds=["nonsense"])
    for name, value in (("instance-state-name", "running"), ("tag:Name", "i"), ("instance-type", "t3.*"), ("tag-key", "Name"), ("image-id", image), ("instance-state-code", "16"), ("availability-zone", "us-east-1?"), ("private-ip-address", "1.2.3.4"), ("vpc-id", "none")):
        found = ec2.unnoted.describe_instances(Filters=[{"Name": name, "Values": [value]}])
        cloud.note("filter", {"name": name, "found": sum(len(each["Instances"]) for each in found.get("Reservations", []))})
    ec2.describe_instances(Filters=[{"Name": "nonsense", "Values": ["x"]}])
    ec2.describe_instance_status(InstanceIds=[one])
    for attribute in ("instanceType", "userData", "disableApiTermination", "instanceInitiatedShutdownBehavior", "sourceDestCheck", "ebsOptimized", "groupSet", "rootDeviceName", "blockDeviceMapping", "kernel", "disableApiStop"):
        ec2.describe_instance_attribute(InstanceId=one, Attribute=attribute)
    ec2.modify_instance_attribute(InstanceId=one, DisableApiTermination={"Value": True})
    ec2.terminate_instances(InstanceIds=[one])
    ec2.modify_instance_attribute(InstanceId=one, DisableApiTermination={"Value": False})
    ec2.stop_instances(InstanceIds=[one], DryRun=True)
    ec2.stop_instances(InstanceIds=[one])
    cloud.wait(ec2, "instance_stopped", [one])
    ec2.modify_instance_attribute(InstanceId=one, InstanceType={"Value": "t3.small"})
    ec2.modify_instance_attribute(InstanceId=two, InstanceType={"Value": "t3.small"})
    ec2.start_instances(InstanceIds=[one])
    ec2.reboot_instances(InstanceIds=[one])
    ec2.start_instances(InstanceIds=["i-00000000000000000"])
    ec2.create_tags(Resources=[one], Tags=[{"Key": "k", "Value": "v"}])
    ec2.create_tags(Resources=["i-00000000000000000"], Tags=[{"Key": "k", "Value": "v"}])
    ec2.describe_tags(Filters=[{"Name": "resource-id", "Values": [one]}])
    ec2.delete_tags(Resources=[one], Tags=[{"Key": "k"}])
    ec2.describe_tags(Filters=[{"Name": "key", "Values": ["k"]}])
    ec2.monitor_instances(InstanceIds=[one])
    cloud.wait(ec2, "instance_running", [one])
    ec2.terminate_instances(InstanceIds=[one, two])
    cloud.wait(ec2, "instance_terminated", [one])
    ec2.start_instances(InstanceIds=[one])
    ec2.create_key_pair(KeyName="kp")
    ec2.create_key_pair(KeyName="kp")
    ec2.describe_key_pairs(KeyNames=["kp"])
    ec2.describe_key_pairs(KeyNames=["none"])
    ec2.delete_key_pair(KeyName="kp")
    ec2.delete_key_pair(KeyName="kp")
    ec2.import_key_pair(KeyName="bad", PublicKeyMaterial=b"nonsense")
    ec2.describe_instance_types(InstanceTypes=["t3.micro"])
    ec2.describe_instance_types(InstanceTypes=["nonsense"])


@scenario
def ec2_volumes(cloud):
    ec2 = cloud.client("ec2")
    volume = ec2.create_volume(AvailabilityZone="us-east-1a", Size=8, VolumeType="gp3")["VolumeId"]
    ec2.create_volume(AvailabilityZone="us-east-1a", Size=8, DryRun=True)
    ec2.create_volume(AvailabilityZone="us-east-1a")
    ec2.describe_volumes(VolumeIds=[volume])
    ec2.describe_volumes(VolumeIds=["vol-00000000000000000"])
    snapshot = ec2.create_snapshot(VolumeId=volume, Description="d", TagSpecifications=[{"ResourceType": "snapshot", "Tags": [{"Key": "a", "Value": "b"}]}]).get("SnapshotId", "snap-00000000000000000")
    ec2.create_snapshot(VolumeId="vol-00000000000000000")
    ec2.describe_snapshots(SnapshotIds=[snapshot])
    ec2.describe_snapshots(OwnerIds=["self"], Filters=[{"Name": "tag:a", "Values": ["b"]}])
    ec2.describe_snapshots(SnapshotIds=["snap-00000000000000000"])
    ec2.create_volume(AvailabilityZone="us-east-1a", SnapshotId=snapshot)
    ec2.delete_snapshot(SnapshotId=snapshot)
    ec2.delete_snapshot(SnapshotId=snapshot)
    ec2.delete_volume(VolumeId=volume)
    ec2.delete_volume(VolumeId=volume)


@scenario
def ec2_templates(cloud):
    ec2 = cloud.client("ec2")
    data = {"ImageId": "ami-12345678", "InstanceType": "t3.micro"}
    ec2.create_launch_template(LaunchTemplateName="template", LaunchTemplateData=data, VersionDescription="one")
    ec2.create_launch_template(LaunchTemplateName="template", LaunchTemplateData=data)
    ec2.create_launch_template_version(LaunchTemplateName="template", LaunchTemplateData={"InstanceType": "t3.small"}, SourceVersion="1")
    ec2.describe_launch_templates(LaunchTemplateNames=["template"])
    ec2.describe_launch_templates(LaunchTemplateNames=["none"])
    ec2.describe_launch_template_versions(LaunchTemplateName="template")
    ec2.describe_launch_template_versions(LaunchTemplateName="template", Versions=["$Latest"])
    ec2.modify_launch_template(LaunchTemplateName="template", DefaultVersion="2")
    ec2.delete_launch_template(LaunchTemplateName="template")
    ec2.delete_launch_template(LaunchTemplateName="template")
