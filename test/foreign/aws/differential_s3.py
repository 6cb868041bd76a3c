"""Further scenarios of S3: what suites for S3-compatible servers look at."""

import base64
import datetime
import json

from differential_scenarios import MIB, scenario


@scenario
def s3_more_lists(cloud):
    s3 = cloud.client("s3")
    s3.create_bucket(Bucket="more-lists")
    b = {"Bucket": "more-lists"}
    keys = ["asdf", "boo/bar", "boo/baz/xyzzy", "cquux/thud", "cquux/bla", "foo+1/bar", "quux ab/thud", "b(3).png", "b(4).png", "1999/", "1999/12", "x!y", "x'y", "x*y"]
    for key in keys:
        s3.put_object(**b, Key=key, Body=b"x")
    for inputs in (
        {"Delimiter": "/", "MaxKeys": 1},
        {"Delimiter": "/", "MaxKeys": 1, "Prefix": "boo/"},
        {"Delimiter": "/", "Prefix": "1999/"},
        {"Delimiter": "/", "Prefix": "1999"},
        {"Delimiter": "a"},
        {"Delimiter": " "},
        {"Delimiter": "(", "Prefix": "b"},
        {"Delimiter": "boo"},
        {"Delimiter": ""},
        {"Prefix": ""},
        {"Prefix": "quux ab"},
        {"Delimiter": "/", "EncodingType": "url"},
        {"EncodingType": "nonsense"},
    ):
        s3.list_objects_v2(**b, **inputs)
    marker = ""
    for _ in range(8):
        page = s3.unnoted.list_objects(**b, Delimiter="/", MaxKeys=2, Marker=marker)
        cloud.note("page", [[each["Key"] for each in page.get("Contents", [])], [each["Prefix"] for each in page.get("CommonPrefixes", [])], page.get("IsTruncated")])
        marker = page.get("NextMarker", "")
        if not marker:
            break
    token = {}
    for _ in range(8):
        page = s3.unnoted.list_objects_v2(**b, Delimiter="/", MaxKeys=2, **token)
        cloud.note("page", [[each["Key"] for each in page.get("Contents", [])], [each["Prefix"] for each in page.get("CommonPrefixes", [])], page.get("IsTruncated"), page.get("KeyCount")])
        if not page.get("IsTruncated"):
            break
        token = {"ContinuationToken": page["NextContinuationToken"]}
    s3.list_objects_v2(**b, StartAfter="zzz")
    s3.list_objects_v2(**b, StartAfter="boo/", Prefix="boo/")
    s3.list_objects_v2(**b, StartAfter="foo+1/bar", FetchOwner=False, MaxKeys=1)
    s3.list_objects(**b, Marker="zzz")
    s3.list_objects(**b, MaxKeys=5000)


@scenario
def s3_more_versions(cloud):
    s3 = cloud.client("s3")
    s3.create_bucket(Bucket="more-vers")
    b = {"Bucket": "more-vers"}
    s3.put_bucket_versioning(**b, VersioningConfiguration={"Status": "Enabled"})
    for key in ("a", "b/1", "b/2", "c"):
        for body in (b"1", b"2"):
            s3.put_object(**b, Key=key, Body=body)
    s3.delete_object(**b, Key="a")
    s3.list_object_versions(**b, Delimiter="/")
    s3.list_object_versions(**b, KeyMarker="b/1")
    s3.list_object_versions(**b, Prefix="b/", MaxKeys=1)
    marker = {}
    for _ in range(12):
        page = s3.unnoted.list_object_versions(**b, MaxKeys=2, **marker)
        cloud.note("page", [[(each["Key"], each["IsLatest"]) for each in page.get("Versions", [])], [(each["Key"], each["IsLatest"]) for each in page.get("DeleteMarkers", [])], page.get("IsTruncated")])
        if not page.get("IsTruncated"):
            break
        marker = {"KeyMarker": page["NextKeyMarker"], "VersionIdMarker": page["NextVersionIdMarker"]}
    s3.list_object_versions(**b, VersionIdMarker="x" * 32)
    version = s3.unnoted.list_object_versions(**b, Prefix="c").get("Versions", [{"VersionId": "none"}])[-1]["VersionId"]
    s3.put_object_tagging(**b, Key="c", VersionId=version, Tagging={"TagSet": [{"Key": "old", "Value": "1"}]})
    s3.get_object_tagging(**b, Key="c")
    s3.get_object_tagging(**b, Key="c", VersionId=version)
    s3.get_object_attributes(**b, Key="c", VersionId=version, ObjectAttributes=["ETag", "ObjectSize"])
    s3.copy_object(**b, Key="copy", CopySource={"Bucket": "more-vers", "Key": "c", "VersionId": version})
    s3.get_object(**b, Key="copy")
    s3.copy_object(**b, Key="copy", CopySource={"Bucket": "more-vers", "Key": "a"})
    s3.get_object(**b, Key="c", VersionId="z" * 32)
    s3.delete_object(**b, Key="c", VersionId="z" * 32)
    s3.put_bucket_versioning(**b, VersioningConfiguration={"Status": "nonsense"})
    s3.put_bucket_versioning(**b, VersioningConfiguration={})
    s3.delete_objects(**b, Delete={"Objects": [{"Key": each["Key"], "VersionId": each["VersionId"]} for page in [s3.unnoted.list_object_versions(**b)] for each in page.get("Versions", []) + page.get("DeleteMarkers", [])], "Quiet": True})
    s3.list_object_versions(**b)
    s3.delete_bucket(**b)


@scenario
def s3_more_multipart(cloud):
    s3 = cloud.client("s3")
    s3.create_bucket(Bucket="more-parts")
    made = s3.create_multipart_upload(Bucket="more-parts", Key="k", Tagging="a=1", ACL="public-read")
    at = {"Bucket": "more-parts", "Key": "k", "UploadId": made["UploadId"]}
    first = s3.upload_part(**at, PartNumber=1, Body=b"old")
    etags = {n: s3.upload_part(**at, PartNumber=n, Body=b"x" * size)["ETag"] for n, size in ((1, 5 * MIB), (3, 5 * MIB), (7, 10))}
    s3.list_parts(**at, MaxParts=2)
    s3.list_parts(**at, MaxParts=2, PartNumberMarker=3)
    s3.list_parts(**at, MaxParts=0)
    s3.complete_multipart_upload(**at, MultipartUpload={"Parts": [{"PartNumber": 1, "ETag": first.get("ETag", "")}, {"PartNumber": 7, "ETag": etags[7]}]})
    s3.complete_multipart_upload(**at, MultipartUpload={"Parts": [{"PartNumber": 1, "ETag": etags[1]}, {"PartNumber": 1, "ETag": etags[1]}]})
    s3.complete_multipart_upload(**at, MultipartUpload={"Parts": [{"PartNumber": 1, "ETag": etags[1].strip('"')}, {"PartNumber": 7, "ETag": etags[7]}]}, IfNoneMatch="*")
    s3.complete_multipart_upload(**at, MultipartUpload={"Parts": [{"PartNumber": 1, "ETag": etags[1]}, {"PartNumber": 7, "ETag": etags[7]}]})
    s3.head_object(Bucket="more-parts", Key="k")
    for part in (1, 2, 3):
        s3.head_object(Bucket="more-parts", Key="k", PartNumber=part)
    s3.get_object(Bucket="more-parts", Key="k", PartNumber=1, Range="bytes=0-1")
    s3.get_object_tagging(Bucket="more-parts", Key="k")
    s3.copy_object(Bucket="more-parts", Key="copied", CopySource="more-parts/k")
    s3.head_object(Bucket="more-parts", Key="copied")
    for key in ("p/1", "p/2", "q", "r/1"):
        s3.create_multipart_upload(Bucket="more-parts", Key=key)
    s3.list_multipart_uploads(Bucket="more-parts", Delimiter="/")
    page = s3.list_multipart_uploads(Bucket="more-parts", MaxUploads=2)
    s3.list_multipart_uploads(Bucket="more-parts", KeyMarker=page.get("NextKeyMarker", ""), UploadIdMarker=page.get("NextUploadIdMarker", ""))
    s3.list_multipart_uploads(Bucket="more-parts", KeyMarker="q")
    s3.delete_bucket(Bucket="more-parts")
    made = s3.create_multipart_upload(Bucket="more-parts", Key="cond")
    at = {"Bucket": "more-parts", "Key": "cond", "UploadId": made["UploadId"]}
    etag = s3.upload_part(**at, PartNumber=1, Body=b"x")["ETag"]
    s3.put_object(Bucket="more-parts", Key="cond", Body=b"there")
    s3.complete_multipart_upload(**at, MultipartUpload={"Parts": [{"PartNumber": 1, "ETag": etag}]}, IfNoneMatch="*")
    s3.complete_multipart_upload(**at, MultipartUpload={"Parts": [{"PartNumber": 1, "ETag": etag}]}, IfMatch='"other"')
    s3.abort_multipart_upload(**{**at, "Key": "wrong"})
    s3.abort_multipart_upload(**at)
    s3.upload_part_copy(**at, PartNumber=1, CopySource="more-parts/k")
    s3.create_multipart_upload(Bucket="more-parts", Key="class", StorageClass="NONSENSE")


@scenario
def s3_more_copies(cloud):
    s3 = cloud.client("s3")
    s3.create_bucket(Bucket="more-copies")
    etag = s3.put_object(Bucket="more-copies", Key="from", Body=b"0123456789", Metadata={"a": "1"})["ETag"]
    source = {"Bucket": "more-copies", "Key": "from"}
    at = {"Bucket": "more-copies", "Key": "to", "CopySource": source}
    past, future = "2001-01-01T00:00:00Z", "2037-01-01T00:00:00Z"
    for inputs in (
        {"CopySourceIfMatch": etag},
        {"CopySourceIfNoneMatch": etag},
        {"CopySourceIfModifiedSince": future},
        {"CopySourceIfUnmodifiedSince": future},
        {"CopySourceIfMatch": etag, "CopySourceIfUnmodifiedSince": past},
        {"IfNoneMatch": "*"},
        {"IfMatch": '"other"'},
        {"IfMatch": etag},
        {"MetadataDirective": "NONSENSE"},
        {"TaggingDirective": "NONSENSE"},
        {"MetadataDirective": "COPY", "Metadata": {"b": "2"}},
        {"StorageClass": "NONSENSE"},
        {"ExpectedSourceBucketOwner": "999999999999"},
        {"ACL": "public-read"},
    ):
        s3.copy_object(**at, **inputs)
    s3.head_object(Bucket="more-copies", Key="to")
    s3.copy_object(Bucket="more-copies", Key="to", CopySource="/more-copies/from")
    s3.copy_object(Bucket="more-copies", Key="to", CopySource="more-copies/")
    s3.copy_object(Bucket="more-copies", Key="to", CopySource="more-copies/from?versionId=nonsense")
    key = b"k" * 32
    s3.put_object(Bucket="more-copies", Key="secret", Body=b"s", SSECustomerAlgorithm="AES256", SSECustomerKey=key)
    s3.copy_object(Bucket="more-copies", Key="open", CopySource="more-copies/secret")
    s3.copy_object(Bucket="more-copies", Key="open", CopySource="more-copies/secret", CopySourceSSECustomerAlgorithm="AES256", CopySourceSSECustomerKey=key)
    s3.get_object(Bucket="more-copies", Key="open")


@scenario
def s3_more_deletes(cloud):
    s3 = cloud.client("s3")
    s3.create_bucket(Bucket="more-deletes")
    etag = s3.put_object(Bucket="more-deletes", Key="k", Body=b"x")["ETag"]
    s3.delete_objects(Bucket="more-deletes", Delete={"Objects": [{"Key": "k", "ETag": '"other"'}]})
    s3.delete_objects(Bucket="more-deletes", Delete={"Objects": [{"Key": "k", "ETag": etag}]})
    s3.delete_object(Bucket="more-deletes", Key="k", IfMatch=etag)
    s3.put_object(Bucket="more-deletes", Key="k", Body=b"x")
    s3.delete_object(Bucket="more-deletes", Key="k", IfMatch=etag)
    s3.delete_objects(Bucket="more-deletes", Delete={"Objects": [{"Key": "dup"}, {"Key": "dup"}]})
    s3.delete_objects(Bucket="more-deletes", Delete={"Objects": [{"Key": "v", "VersionId": "nonsense"}]})
    s3.delete_object(Bucket="more-deletes", Key="v", VersionId="nonsense")


@scenario
def s3_anonymous(cloud):
    from botocore import UNSIGNED

    s3 = cloud.client("s3")
    nobody = cloud.client("s3", signature_version=UNSIGNED)
    s3.create_bucket(Bucket="open", ObjectOwnership="ObjectWriter")
    s3.delete_public_access_block(Bucket="open")
    s3.put_object(Bucket="open", Key="public", Body=b"p", ACL="public-read")
    s3.put_object(Bucket="open", Key="private", Body=b"s")
    nobody.get_object(Bucket="open", Key="public")
    nobody.get_object(Bucket="open", Key="private")
    nobody.head_object(Bucket="open", Key="private")
    nobody.list_objects_v2(Bucket="open")
    nobody.put_object(Bucket="open", Key="new", Body=b"x")
    nobody.delete_object(Bucket="open", Key="public")
    nobody.get_object_acl(Bucket="open", Key="public")
    s3.put_bucket_acl(Bucket="open", ACL="public-read-write")
    nobody.list_objects_v2(Bucket="open")
    nobody.put_object(Bucket="open", Key="new", Body=b"x")
    nobody.get_object(Bucket="open", Key="none")
    s3.put_bucket_acl(Bucket="open", ACL="private")
    s3.put_bucket_policy(Bucket="open", Policy=json.dumps({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::open/*"}]}))
    nobody.get_object(Bucket="open", Key="private")
    nobody.list_buckets()
    nobody.create_bucket(Bucket="by-nobody")
    bad = cloud.client("s3", keys=("AKIAIOSFODNN7NOTHERE", "nonsense"))
    bad.list_buckets()
    wrong = cloud.client("s3", keys=("test", "wrong"))
    wrong.list_buckets()


@scenario
def s3_new_bucket(cloud):
    s3 = cloud.client("s3")
    s3.create_bucket(Bucket="new-acl", ACL="public-read")
    s3.create_bucket(Bucket="new")
    b = {"Bucket": "new"}
    s3.get_public_access_block(**b)
    s3.put_bucket_acl(**b, ACL="public-read")
    s3.put_object(**b, Key="k", Body=b"x", ACL="private")
    s3.put_object(**b, Key="k", Body=b"x", ACL="bucket-owner-full-control")
    policy = json.dumps({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::new/*"}]})
    s3.put_bucket_policy(**b, Policy=policy)
    s3.put_public_access_block(**b, PublicAccessBlockConfiguration={"BlockPublicAcls": True})
    s3.put_bucket_policy(**b, Policy=policy)
    s3.put_bucket_ownership_controls(**b, OwnershipControls={"Rules": [{"ObjectOwnership": "BucketOwnerPreferred"}]})
    s3.put_object(**b, Key="k", Body=b"x", ACL="public-read")
    s3.put_object_acl(**b, Key="k", GrantRead='emailAddress="a@example.com"')
    s3.create_bucket(Bucket="tagged-at-birth", CreateBucketConfiguration={"Tags": [{"Key": "team", "Value": "web"}]})
    s3.get_bucket_tagging(Bucket="tagged-at-birth")
    s3.create_bucket(Bucket="wrong-space", BucketNamespace="account-regional")
    s3.create_bucket(Bucket="own-000000000000-us-east-1-an")


@scenario
def s3_directory_buckets(cloud):
    s3 = cloud.client("s3")
    b = {"Bucket": "fast--use1-az4--x-s3"}
    s3.create_bucket(**b, CreateBucketConfiguration={"Location": {"Type": "AvailabilityZone", "Name": "use1-az4"}, "Bucket": {"Type": "Directory", "DataRedundancy": "SingleAvailabilityZone"}})
    s3.head_bucket(**b)
    s3.put_object(**b, Key="a/k", Body=b"fast")
    cloud.note("body", s3.unnoted.get_object(**b, Key="a/k").get("Body", b"").read().decode())
    cloud.note("listed", [each["Name"] for each in s3.unnoted.list_directory_buckets().get("Buckets", [])])
    s3.rename_object(**b, Key="b", RenameSource="a/k")
    s3.delete_object(**b, Key="b")
    s3.delete_bucket(**b)


@scenario
def s3_post(cloud):
    s3 = cloud.client("s3")
    s3.create_bucket(Bucket="posts")

    def post(fields=None, conditions=None, expires=600, change=None, body=b"hello", name="a.txt", key="up/${filename}"):
        made = s3.generate_presigned_post("posts", key, Fields=fields, Conditions=conditions, ExpiresIn=expires)
        sent = {**made["fields"], **(change or {})}
        url = f"{cloud.endpoint}/posts"
        return cloud.raw("POST", url, fields=[*sent.items(), ("file", (name, body, "text/plain"))])

    post()
    s3.get_object(Bucket="posts", Key="up/a.txt")
    post(key="status", fields={"success_action_status": "201"}, conditions=[{"success_action_status": "201"}])
    post(key="status", fields={"success_action_status": "200"}, conditions=[{"success_action_status": "200"}])
    post(key="range", conditions=[["content-length-range", 1, 3]])
    post(key="range", conditions=[["content-length-range", 10, 30]])
    post(key="range", conditions=[["content-length-range", 1, 30]])
    post(key="start/x", conditions=[["starts-with", "$key", "start/"]], change={"key": "other/x"})
    post(key="acl", fields={"acl": "public-read"}, conditions=[{"acl": "public-read"}])
    post(key="acl", change={"acl": "public-read"})
    post(key="type", fields={"Content-Type": "text/x", "x-amz-meta-a": "1"}, conditions=[{"Content-Type": "text/x"}, {"x-amz-meta-a": "1"}])
    s3.head_object(Bucket="posts", Key="type")
    post(key="expired", expires=-10)
    post(key="forged", change={"x-amz-signature": "0" * 64})
    post(key="forged", change={"policy": base64.b64encode(b"{}").decode()})
    cloud.raw("POST", f"{cloud.endpoint}/posts", fields=[("file", ("a", b"x", "text/plain"))])


@scenario
def s3_cors(cloud):
    s3 = cloud.client("s3")
    s3.create_bucket(Bucket="cors")
    url = f"{cloud.endpoint}/cors/k"
    ask = {"Origin": "https://app.example.com", "Access-Control-Request-Method": "PUT", "Access-Control-Request-Headers": "x-amz-meta-a"}

    def shown(answer):
        names = ("access-control-allow-origin", "access-control-allow-methods", "access-control-allow-headers", "access-control-expose-headers", "access-control-max-age", "access-control-allow-credentials")
        cloud.note("cors", {name: answer.headers.get(name) for name in names})

    cloud.raw("OPTIONS", url, headers=ask)
    rules = [
        {"AllowedMethods": ["GET"], "AllowedOrigins": ["*"]},
        {"AllowedMethods": ["PUT"], "AllowedOrigins": ["https://*.example.com"], "AllowedHeaders": ["x-amz-*"], "ExposeHeaders": ["ETag"], "MaxAgeSeconds": 30},
    ]
    s3.put_bucket_cors(Bucket="cors", CORSConfiguration={"CORSRules": rules})
    shown(cloud.raw("OPTIONS", url, headers=ask))
    shown(cloud.raw("OPTIONS", url, headers={**ask, "Access-Control-Request-Headers": "authorization"}))
    shown(cloud.raw("OPTIONS", url, headers={**ask, "Origin": "https://other.com"}))
    shown(cloud.raw("OPTIONS", url, headers={**ask, "Origin": "https://other.com", "Access-Control-Request-Method": "GET", "Access-Control-Request-Headers": ""}))
    cloud.raw("OPTIONS", url, headers={"Origin": "https://app.example.com"})
    cloud.raw("OPTIONS", url)
    s3.put_object(Bucket="cors", Key="k", Body=b"x")
    shown(cloud.raw("GET", s3.generate_presigned_url("get_object", Params={"Bucket": "cors", "Key": "k"}), headers={"Origin": "https://other.com"}))
    s3.put_bucket_cors(Bucket="cors", CORSConfiguration={"CORSRules": []})
    s3.put_bucket_cors(Bucket="cors", CORSConfiguration={"CORSRules": [{"AllowedMethods": ["GET"], "AllowedOrigins": ["*a*"]}] * 101})


@scenario
def s3_more_lock(cloud):
    s3 = cloud.client("s3")
    s3.create_bucket(Bucket="more-locks", ObjectLockEnabledForBucket=True)
    b = {"Bucket": "more-locks"}
    lock = lambda rule, enabled="Enabled": {"ObjectLockEnabled": enabled, "Rule": {"DefaultRetention": rule}}
    for configuration in (
        lock({"Mode": "GOVERNANCE", "Days": 1, "Years": 1}),
        lock({"Mode": "GOVERNANCE", "Days": 0}),
        lock({"Mode": "GOVERNANCE", "Days": -1}),
        lock({"Mode": "NONSENSE", "Days": 1}),
        lock({"Mode": "GOVERNANCE", "Days": 1}, "Disabled"),
        lock({"Mode": "GOVERNANCE"}),
        lock({"Mode": "GOVERNANCE", "Years": 1}),
    ):
        s3.put_object_lock_configuration(**b, ObjectLockConfiguration=configuration)
    s3.get_object_lock_configuration(**b)
    s3.put_bucket_versioning(**b, VersioningConfiguration={"Status": "Suspended"})
    s3.put_object(**b, Key="k", Body=b"x")
    s3.put_object_retention(**b, Key="k", Retention={"Mode": "NONSENSE", "RetainUntilDate": "2037-01-01T00:00:00Z"})
    s3.put_object_retention(**b, Key="k", Retention={"Mode": "GOVERNANCE", "RetainUntilDate": "2001-01-01T00:00:00Z"})
    s3.put_object_legal_hold(**b, Key="k", LegalHold={"Status": "nonsense"})
    s3.put_object_retention(**b, Key="none", Retention={"Mode": "GOVERNANCE", "RetainUntilDate": "2037-01-01T00:00:00Z"})
    until = datetime.datetime(2037, 1, 1, tzinfo=datetime.timezone.utc)
    version = s3.put_object(**b, Key="c", Body=b"x", ObjectLockMode="COMPLIANCE", ObjectLockRetainUntilDate=until, ObjectLockLegalHoldStatus="ON").get("VersionId", "none")
    s3.get_object(**b, Key="c")
    s3.put_object_retention(**b, Key="c", Retention={"Mode": "COMPLIANCE", "RetainUntilDate": until - datetime.timedelta(days=1)})
    s3.put_object_retention(**b, Key="c", Retention={"Mode": "GOVERNANCE", "RetainUntilDate": until})
    s3.delete_object(**b, Key="c", VersionId=version, BypassGovernanceRetention=True)
    s3.put_object(**b, Key="half", Body=b"x", ObjectLockMode="COMPLIANCE")
    s3.put_object(**b, Key="past", Body=b"x", ObjectLockMode="COMPLIANCE", ObjectLockRetainUntilDate="2001-01-01T00:00:00Z")
    s3.delete_object(**b, Key="c")
    s3.create_bucket(Bucket="more-nolocks")
    s3.put_object(Bucket="more-nolocks", Key="k", Body=b"x", ObjectLockMode="COMPLIANCE", ObjectLockRetainUntilDate=until)
    s3.put_object_legal_hold(Bucket="more-nolocks", Key="k", LegalHold={"Status": "ON"})
    s3.get_object_legal_hold(Bucket="more-nolocks", Key="none")


@scenario
def s3_archive(cloud):
    s3 = cloud.client("s3")
    s3.create_bucket(Bucket="archive")
    for storage in ("GLACIER", "DEEP_ARCHIVE", "GLACIER_IR", "INTELLIGENT_TIERING", "ONEZONE_IA", "REDUCED_REDUNDANCY"):
        s3.put_object(Bucket="archive", Key=storage, Body=b"x", StorageClass=storage)
        s3.head_object(Bucket="archive", Key=storage)
    s3.get_object(Bucket="archive", Key="GLACIER")
    s3.copy_object(Bucket="archive", Key="copy", CopySource="archive/GLACIER")
    s3.restore_object(Bucket="archive", Key="GLACIER", RestoreRequest={"Days": 2})
    cloud.note("restored", s3.unnoted.head_object(Bucket="archive", Key="GLACIER").get("Restore", "")[:23])
    s3.get_object(Bucket="archive", Key="GLACIER_IR")
    s3.restore_object(Bucket="archive", Key="GLACIER", RestoreRequest={"Days": 3})
    s3.restore_object(Bucket="archive", Key="ONEZONE_IA", RestoreRequest={"Days": 2})
    s3.restore_object(Bucket="archive", Key="none", RestoreRequest={"Days": 2})
    s3.list_objects_v2(Bucket="archive")


@scenario
def s3_named_settings(cloud):
    s3 = cloud.client("s3")
    s3.create_bucket(Bucket="named")
    b = {"Bucket": "named"}
    s3.list_bucket_metrics_configurations(**b)
    s3.put_bucket_metrics_configuration(**b, Id="m", MetricsConfiguration={"Id": "m", "Filter": {"Prefix": "x"}})
    s3.get_bucket_metrics_configuration(**b, Id="m")
    s3.get_bucket_metrics_configuration(**b, Id="none")
    s3.list_bucket_metrics_configurations(**b)
    s3.delete_bucket_metrics_configuration(**b, Id="m")
    s3.delete_bucket_metrics_configuration(**b, Id="m")
    analytics = {"Id": "a", "StorageClassAnalysis": {}}
    s3.put_bucket_analytics_configuration(**b, Id="a", AnalyticsConfiguration=analytics)
    s3.get_bucket_analytics_configuration(**b, Id="a")
    s3.list_bucket_analytics_configurations(**b)
    s3.delete_bucket_analytics_configuration(**b, Id="a")
    tiering = {"Id": "t", "Status": "Enabled", "Tierings": [{"Days": 90, "AccessTier": "ARCHIVE_ACCESS"}]}
    s3.put_bucket_intelligent_tiering_configuration(**b, Id="t", IntelligentTieringConfiguration=tiering)
    s3.get_bucket_intelligent_tiering_configuration(**b, Id="t")
    s3.list_bucket_intelligent_tiering_configurations(**b)
    s3.delete_bucket_intelligent_tiering_configuration(**b, Id="t")
    s3.get_bucket_intelligent_tiering_configuration(**b, Id="t")


@scenario
def s3_more_settings(cloud):
    s3 = cloud.client("s3")
    s3.create_bucket(Bucket="more-sets")
    b = {"Bucket": "more-sets"}
    tags = lambda count: {"TagSet": [{"Key": f"k{n}", "Value": "v"} for n in range(count)]}
    s3.put_bucket_tagging(**b, Tagging=tags(50))
    s3.put_bucket_tagging(**b, Tagging=tags(51))
    s3.put_bucket_tagging(Bucket="none-such", Tagging=tags(1))
    for website in (
        {},
        {"IndexDocument": {"Suffix": "a/b"}},
        {"RedirectAllRequestsTo": {"HostName": "example.com", "Protocol": "https"}},
        {"IndexDocument": {"Suffix": "i.html"}, "RoutingRules": [{"Condition": {"KeyPrefixEquals": "a/"}, "Redirect": {"ReplaceKeyPrefixWith": "b/"}}]},
    ):
        s3.put_bucket_website(**b, WebsiteConfiguration=website)
        s3.get_bucket_website(**b)
    day = {"Status": "Enabled", "Filter": {"Prefix": ""}}
    for rules in (
        [{**day, "ID": "a", "Expiration": {"Days": 1}}, {**day, "ID": "a", "Expiration": {"Days": 1}}],
        [{**day, "ID": "x" * 256, "Expiration": {"Days": 1}}],
        [{**day, "Status": "enabled", "Expiration": {"Days": 1}}],
        [{**day, "Expiration": {"Days": 0}}],
        [{**day, "Expiration": {"Date": "2037-01-01T00:00:00Z"}}],
        [{**day, "Expiration": {"Date": "2037-01-01T01:00:00Z"}}],
        [{**day, "Expiration": {"ExpiredObjectDeleteMarker": True}}],
        [{**day, "Expiration": {"ExpiredObjectDeleteMarker": True, "Days": 1}}],
        [day],
        [{"Status": "Enabled", "Prefix": "old/", "ID": "p", "Expiration": {"Days": 1}}],
        [{**day, "ID": "s", "Filter": {"ObjectSizeGreaterThan": 10}, "Expiration": {"Days": 1}}],
        [{**day, "ID": "t", "Filter": {"Tag": {"Key": "a", "Value": "b"}}, "NoncurrentVersionTransitions": [{"NoncurrentDays": 3, "StorageClass": "GLACIER"}]}],
        [{**day, "ID": "u", "Transitions": [{"Days": 3, "StorageClass": "NONSENSE"}]}],
    ):
        s3.put_bucket_lifecycle_configuration(**b, LifecycleConfiguration={"Rules": rules})
    s3.get_bucket_lifecycle_configuration(**b)
    for encryption in (
        {"Rules": []},
        {"Rules": [{"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "NONSENSE"}}]},
        {"Rules": [{"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256", "KMSMasterKeyID": "x"}}]},
        {"Rules": [{"ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "AES256"}}]},
    ):
        s3.put_bucket_encryption(**b, ServerSideEncryptionConfiguration=encryption)
        s3.get_bucket_encryption(**b)
    for controls in ({"Rules": []}, {"Rules": [{"ObjectOwnership": "NONSENSE"}]}, {"Rules": [{"ObjectOwnership": "BucketOwnerEnforced"}]}):
        s3.put_bucket_ownership_controls(**b, OwnershipControls=controls)
    s3.put_bucket_acl(**b, ACL="public-read")
    s3.put_bucket_acl(**b, ACL="private")
    s3.put_object(**b, Key="acl", Body=b"x", ACL="public-read")
    s3.put_object(**b, Key="acl", Body=b"x", ACL="bucket-owner-full-control")
    s3.put_object_acl(**b, Key="acl", ACL="public-read")
    s3.put_public_access_block(**b, PublicAccessBlockConfiguration={})
    s3.put_bucket_request_payment(**b, RequestPaymentConfiguration={"Payer": "NONSENSE"})
    s3.put_bucket_accelerate_configuration(**b, AccelerateConfiguration={"Status": "NONSENSE"})
    s3.put_bucket_notification_configuration(**b, NotificationConfiguration={"QueueConfigurations": [{"QueueArn": "arn:aws:sqs:us-east-1:123456789012:q", "Events": ["s3:Nonsense"]}]}, SkipDestinationValidation=True)
    s3.put_bucket_notification_configuration(**b, NotificationConfiguration={"EventBridgeConfiguration": {}})
    s3.get_bucket_notification_configuration(**b)
    s3.put_bucket_versioning(**b, VersioningConfiguration={"Status": "Enabled"}, ExpectedBucketOwner="999999999999")


@scenario
def s3_acl_documents(cloud):
    s3 = cloud.client("s3")
    s3.create_bucket(Bucket="acl-docs", ObjectOwnership="ObjectWriter")
    s3.delete_public_access_block(Bucket="acl-docs")
    s3.put_object(Bucket="acl-docs", Key="k", Body=b"x")
    owner = s3.unnoted.get_bucket_acl(Bucket="acl-docs")["Owner"]
    everybody = {"Type": "Group", "URI": "http://acs.amazonaws.com/groups/global/AllUsers"}
    policy = {"Owner": owner, "Grants": [{"Grantee": {"Type": "CanonicalUser", "ID": owner["ID"]}, "Permission": "FULL_CONTROL"}, {"Grantee": everybody, "Permission": "READ"}]}
    s3.put_bucket_acl(Bucket="acl-docs", AccessControlPolicy=policy)
    s3.get_bucket_acl(Bucket="acl-docs")
    s3.put_object_acl(Bucket="acl-docs", Key="k", AccessControlPolicy=policy)
    s3.get_object_acl(Bucket="acl-docs", Key="k")
    s3.put_object_acl(Bucket="acl-docs", Key="k", AccessControlPolicy={"Owner": owner, "Grants": [{"Grantee": everybody, "Permission": "NONSENSE"}]})
    s3.put_object_acl(Bucket="acl-docs", Key="k")
    s3.put_object_acl(Bucket="acl-docs", Key="k", GrantFullControl=f'id="{owner["ID"]}"', GrantRead='uri="http://acs.amazonaws.com/groups/global/AuthenticatedUsers"')
    s3.get_object_acl(Bucket="acl-docs", Key="k")
    s3.put_object_acl(Bucket="acl-docs", Key="k", GrantRead='nonsense="x"')
    s3.put_object_acl(Bucket="acl-docs", Key="k", ACL="private", GrantRead=f'id="{owner["ID"]}"')


def selected(s3, **inputs):
    """The events of a query, or its error's code."""
    given = {"ExpressionType": "SQL", "InputSerialization": {"JSON": {"Type": "DOCUMENT"}}, "OutputSerialization": {"JSON": {"RecordDelimiter": ","}}, **inputs}
    answer = s3.unnoted.select_object_content(Bucket="select", **given)
    return [{key: value["Payload"].decode() if key == "Records" else value for key, value in event.items()} for event in answer["Payload"]]


@scenario
def s3_select(cloud):
    s3 = cloud.client("s3")
    s3.create_bucket(Bucket="select")
    s3.put_object(Bucket="select", Key="json", Body=json.dumps({"a1": "b1", "a2": "b2", "a3": None}))
    s3.put_object(Bucket="select", Key="nested", Body=json.dumps([{"staff": [{"name": "J"}], "country": "USA"}]))
    s3.put_object(Bucket="select", Key="long", Body="".join(json.dumps({"a": {f"b{n}": "s"}, "c": f"d{n}"}) for n in range(5)))
    s3.put_object(Bucket="select", Key="csv", Body="a,b,c\ne,r,f\ny,u,i")
    for key, expression in (
        ("json", "SELECT * FROM S3Object"),
        ("json", "SELECT count(*) FROM S3Object"),
        ("nested", "select * from s3object[*].staff[*] s"),
        ("nested", "select * from s3object s"),
        ("long", "select * from s3object[*].a"),
        ("long", "select * from s3object[*] s where s.c = 'd2'"),
    ):
        cloud.note("select", [key, expression, selected(s3, Key=key, Expression=expression)])
    csv = {"InputSerialization": {"CSV": {}}, "OutputSerialization": {"CSV": {"FieldDelimiter": ":"}}}
    cloud.note("csv", [selected(s3, Key="csv", Expression=sql, **csv) for sql in ("SELECT * FROM S3Object", "SELECT count(*) FROM S3Object")])
