"""Azure's Python clients against the emulator: `python_driver.py <case> <url> <key>`. Exits 1 when a case fails."""

import datetime
import os
import sys
import uuid

from azure.core import MatchConditions
from azure.core.exceptions import (
    ClientAuthenticationError,
    HttpResponseError,
    ResourceExistsError,
    ResourceModifiedError,
    ResourceNotFoundError,
)
from azure.storage import blob as storage

URL, KEY = sys.argv[2], sys.argv[3]
ACCOUNT = "devstoreaccount1"
CONNECTION = f"DefaultEndpointsProtocol=http;AccountName={ACCOUNT};AccountKey={KEY};BlobEndpoint={URL}/{ACCOUNT};"


def service(**options):
    return storage.BlobServiceClient.from_connection_string(CONNECTION, retry_total=0, **options)


def container(name=None):
    client = service().get_container_client(name or f"py-{uuid.uuid4()}")
    client.create_container()
    return client


def refused(error, call, code=None):
    try:
        call()
    except error as problem:
        assert code is None or problem.error_code == code, problem.error_code
        return problem
    raise AssertionError("not refused")


def check_upload_and_download():
    client = container()
    blob = client.upload_blob("dir/a b+ü.txt", "hello", metadata={"a": "1"}, tags={"t": "x"})
    assert blob.download_blob().readall() == b"hello"
    assert blob.download_blob(offset=1, length=3, encoding="utf-8").readall() == "ell"
    refused(ResourceExistsError, lambda: client.upload_blob("dir/a b+ü.txt", "again"), "BlobAlreadyExists")
    settings = storage.ContentSettings(content_type="text/plain", cache_control="no-store")
    client.upload_blob("dir/a b+ü.txt", b"again", overwrite=True, content_settings=settings)
    properties = blob.get_blob_properties()
    assert properties.content_settings.content_type == "text/plain" and properties.size == 5
    assert properties.content_settings.content_md5 is not None and properties.metadata == {}
    refused(ResourceNotFoundError, client.get_blob_client("none").download_blob, "BlobNotFound")
    assert not client.get_blob_client("none").exists() and blob.exists()


def check_chunks():
    client = container()
    data = os.urandom(5_000_000)
    small = service(max_single_put_size=1_000_000, max_block_size=700_000, max_single_get_size=600_000,
                    max_chunk_get_size=300_000)
    blob = small.get_blob_client(client.container_name, "big")
    blob.upload_blob(data, max_concurrency=3, validate_content=True)
    assert len(blob.get_block_list("committed")[0]) == 8
    assert blob.download_blob(max_concurrency=3, validate_content=True).readall() == data
    parts = [part for part in blob.download_blob().chunks()]
    assert b"".join(parts) == data and len(parts) > 10
    assert blob.download_blob(offset=1_234_567, length=1_000_000).readall() == data[1_234_567:2_234_567]
    blob.upload_blob((data[at:at + 100_000] for at in range(0, len(data), 100_000)), overwrite=True)
    assert blob.download_blob().readall() == data


def check_blocks():
    blob = container().get_blob_client("blocks")
    for index in range(3):
        blob.stage_block(f"{index:04}", f"part {index};")
    blob.commit_block_list([storage.BlobBlock("0002"), storage.BlobBlock("0000")])
    blob.stage_block("0009", "new;")
    mixed = [
        storage.BlobBlock("0009", state=storage.BlockState.UNCOMMITTED),
        storage.BlobBlock("0000", state=storage.BlockState.COMMITTED),
        storage.BlobBlock("0009", state=storage.BlockState.LATEST),
        storage.BlobBlock("0002", state=storage.BlockState.COMMITTED),
    ]
    blob.commit_block_list(mixed)
    assert blob.download_blob().readall() == b"new;part 0;new;part 2;"
    committed, uncommitted = blob.get_block_list("all")
    assert [block.id for block in committed] == ["0009", "0000", "0009", "0002"] and uncommitted == []


def check_listing():
    client = container()
    for name in ("a/1", "a/2", "a/b/3", "c"):
        client.upload_blob(name, name, metadata={"own": "1"})
    assert list(client.list_blob_names()) == ["a/1", "a/2", "a/b/3", "c"]
    pages = [[blob.name for blob in page] for page in client.list_blobs(results_per_page=3).by_page()]
    assert pages == [["a/1", "a/2", "a/b/3"], ["c"]]
    walked = [item.name for item in client.walk_blobs(name_starts_with="a/", delimiter="/")]
    assert sorted(walked) == ["a/1", "a/2", "a/b/"]
    assert next(iter(client.list_blobs(include=["metadata"]))).metadata == {"own": "1"}
    assert client.container_name in [each.name for each in service().list_containers(name_starts_with="py-")]


def check_conditions():
    client = container()
    blob = client.upload_blob("x", "1")
    etag = blob.get_blob_properties().etag
    refused(ResourceModifiedError, lambda: blob.set_blob_metadata(
        {"a": "b"}, etag='"0x0"', match_condition=MatchConditions.IfNotModified))
    blob.set_blob_metadata({"Owner_Of": "b", "lower": "c"}, etag=etag, match_condition=MatchConditions.IfNotModified)
    assert blob.get_blob_properties().metadata == {"Owner_Of": "b", "lower": "c"}
    assert next(iter(client.list_blobs(include=["metadata"]))).metadata == {"Owner_Of": "b", "lower": "c"}
    refused(ResourceModifiedError, lambda: blob.upload_blob(
        "2", overwrite=True, etag=etag, match_condition=MatchConditions.IfNotModified))
    refused(ResourceExistsError, lambda: blob.upload_blob("2", match_condition=MatchConditions.IfMissing))
    future = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(hours=1)
    problem = refused(HttpResponseError, lambda: blob.download_blob(if_modified_since=future))
    assert problem.status_code == 304


def check_leases_and_snapshots():
    client = container()
    blob = client.upload_blob("x", "old")
    lease = blob.acquire_lease(lease_duration=15)
    refused(HttpResponseError, lambda: blob.delete_blob(), "LeaseIdMissing")
    blob.upload_blob("older", overwrite=True, lease=lease)
    lease.renew()
    lease.break_lease(lease_break_period=0)
    snapshot = blob.create_snapshot()
    blob.upload_blob("new", overwrite=True)
    kept = client.get_blob_client("x", snapshot=snapshot["snapshot"])
    assert kept.download_blob().readall() == b"older"
    refused(HttpResponseError, blob.delete_blob, "SnapshotsPresent")
    blob.delete_blob(delete_snapshots="include")


def check_batches():
    client = container()
    for index in range(4):
        client.upload_blob(str(index), "x")
    answers = list(client.set_standard_blob_tier_blobs("Cool", "0", "1"))
    assert [each.status_code for each in answers] == [200, 200]
    assert client.get_blob_client("0").get_blob_properties().blob_tier == "Cool"
    assert [each.status_code for each in client.delete_blobs("0", "1")] == [202, 202]
    answers = list(client.delete_blobs("2", "none", raise_on_any_failure=False))
    assert [each.status_code for each in answers] == [202, 404]
    assert list(client.list_blob_names()) == ["3"]


def check_append_and_pages():
    client = container()
    log = client.get_blob_client("log")
    log.create_append_blob()
    log.append_block("one")
    log.append_block("two", appendpos_condition=3)
    refused(HttpResponseError, lambda: log.append_block("x", appendpos_condition=3), "AppendPositionConditionNotMet")
    assert log.download_blob().readall() == b"onetwo"
    log.seal_append_blob()
    refused(HttpResponseError, lambda: log.append_block("x"), "BlobIsSealed")
    disk = client.get_blob_client("disk")
    disk.create_page_blob(2048)
    disk.upload_page(b"a" * 512, offset=512, length=512)
    filled, cleared = disk.get_page_ranges()
    assert [(each["start"], each["end"]) for each in filled] == [(512, 1023)]
    disk.clear_page(512, 512)
    assert disk.get_page_ranges()[0] == []
    client.upload_blob("pages", b"b" * 1024, blob_type="PageBlob")
    assert client.get_blob_client("pages").download_blob().readall() == b"b" * 1024


def check_copies_and_tags():
    client = container()
    source = client.upload_blob("source", "copied", tags={"k": "v", "two": "2"})
    target = client.get_blob_client("target")
    assert target.start_copy_from_url(source.url)["copy_status"] == "success"
    assert target.get_blob_properties().copy.status == "success"
    sas = storage.generate_blob_sas(ACCOUNT, client.container_name, "source", account_key=KEY, permission="r",
                                    expiry=datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(minutes=1))
    client.get_blob_client("url").upload_blob_from_url(f"{source.url}?{sas}")
    client.get_blob_client("sync").start_copy_from_url(f"{source.url}?{sas}", requires_sync=True)
    assert client.get_blob_client("sync").download_blob().readall() == b"copied"
    assert source.get_blob_tags() == {"k": "v", "two": "2"}
    found = [each.name for each in service().find_blobs_by_tags(
        f"@container='{client.container_name}' AND \"k\"='v'")]
    assert found == ["source"]
    staged = client.get_blob_client("staged")
    staged.stage_block_from_url("1", f"{source.url}?{sas}", source_offset=1, source_length=3)
    staged.commit_block_list([storage.BlobBlock("1")])
    assert staged.download_blob().readall() == b"opi"


def check_signatures():
    client = container()
    client.upload_blob("x", "shared")
    soon = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(minutes=1)
    sas = storage.generate_container_sas(ACCOUNT, client.container_name, account_key=KEY, permission="rl", expiry=soon)
    shared = storage.ContainerClient.from_container_url(f"{client.url}?{sas}")
    assert [each.name for each in shared.list_blobs()] == ["x"]
    refused(HttpResponseError, lambda: shared.upload_blob("y", "1"), "AuthorizationPermissionMismatch")
    late = storage.generate_container_sas(ACCOUNT, client.container_name, account_key=KEY, permission="rl",
                                          expiry=soon - datetime.timedelta(hours=1))
    expired = storage.ContainerClient.from_container_url(f"{client.url}?{late}")
    refused(ClientAuthenticationError, lambda: list(expired.list_blobs()), "AuthenticationFailed")
    account = storage.generate_account_sas(ACCOUNT, KEY, "sco", "rwlac", soon)
    whole = storage.BlobServiceClient(f"{URL}/{ACCOUNT}", credential=account)
    whole.get_blob_client(client.container_name, "z").upload_blob("by account")
    policy = storage.AccessPolicy(permission="r", expiry=soon, start=soon - datetime.timedelta(hours=1))
    client.set_container_access_policy({"p": policy}, public_access="blob")
    assert client.get_container_access_policy()["public_access"] == "blob"
    by_policy = storage.generate_blob_sas(ACCOUNT, client.container_name, "x", account_key=KEY, policy_id="p")
    blob = storage.BlobClient.from_blob_url(f"{client.url}/x?{by_policy}")
    assert blob.download_blob().readall() == b"shared"


def check_service():
    client = service()
    rule = storage.CorsRule(["http://a"], ["GET"], max_age_in_seconds=5)
    client.set_service_properties(cors=[rule], delete_retention_policy=storage.RetentionPolicy(True, 3),
                                  static_website=storage.StaticWebsite(enabled=True, index_document="index.html"))
    properties = client.get_service_properties()
    assert properties["cors"][0].allowed_origins == "http://a" and properties["delete_retention_policy"].days == 3
    assert properties["static_website"].index_document == "index.html"
    client.set_service_properties(cors=[], delete_retention_policy=storage.RetentionPolicy(False))
    assert client.get_account_information()["account_kind"] == "StorageV2"
    wrong = storage.BlobServiceClient(f"{URL}/{ACCOUNT}", credential={"account_name": ACCOUNT, "account_key": "AAAA"},
                                      retry_total=0)
    refused(ClientAuthenticationError, wrong.get_service_properties, "AuthenticationFailed")


def check_soft_deletion():
    client = container()
    service().set_service_properties(delete_retention_policy=storage.RetentionPolicy(True, 3))
    try:
        blob = client.upload_blob("kept", "kept")
        client.upload_blob("gone", "gone").delete_blob()
        blob.delete_blob()
        refused(ResourceNotFoundError, blob.download_blob, "BlobNotFound")
        assert list(client.list_blob_names()) == []
        deleted = {each.name: each for each in client.list_blobs(include=["deleted"])}
        assert set(deleted) == {"kept", "gone"} and deleted["kept"].deleted
        assert deleted["kept"].remaining_retention_days in (2, 3) and deleted["kept"].deleted_time
        blob.undelete_blob()
        assert blob.download_blob().readall() == b"kept"
        assert list(client.list_blob_names()) == ["kept"]
        client.upload_blob("gone", "new")
        assert client.get_blob_client("gone").download_blob().readall() == b"new"
    finally:
        service().set_service_properties(delete_retention_policy=storage.RetentionPolicy(False))


def check_identity():
    from azure.identity import ManagedIdentityCredential

    credential = ManagedIdentityCredential()
    assert credential.get_token("https://storage.azure.com/.default").token.startswith("ey")


if __name__ == "__main__":
    globals()[f"check_{sys.argv[1]}"]()
