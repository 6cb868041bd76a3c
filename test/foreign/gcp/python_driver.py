"""Google's Python clients against the emulator: `python_driver.py <case> <url> <key file>`. Exits 1 when a case fails."""

import datetime
import json
import os
import sys

URL, KEY_FILE = sys.argv[2], sys.argv[3]
SCOPES = ["https://www.googleapis.com/auth/cloud-platform"]
AT = {"project": "local-project", "zone": "us-central1-a"}


def bucket_named(name):
    from google.cloud import storage

    return storage.Client().create_bucket(name)


def check_objects():
    bucket = bucket_named("py-objects")
    blob = bucket.blob("dir/a b.txt")
    blob.metadata = {"a": "b"}
    blob.upload_from_string("hello", content_type="text/plain")
    assert blob.download_as_text() == "hello"
    assert blob.download_as_bytes(start=1, end=3) == b"ell"
    blob.metadata = {"x": "y"}
    blob.patch()
    assert blob.metageneration == 2
    copied = bucket.copy_blob(blob, bucket, "copied")
    bucket.rename_blob(copied, "renamed")
    assert bucket.blob("renamed").exists() and not bucket.blob("copied").exists()
    composed = bucket.blob("composed")
    composed.compose([blob, bucket.blob("renamed")])
    assert composed.download_as_text() == "hellohello"


def check_resumable():
    bucket = bucket_named("py-resumable")
    data = os.urandom(1_000_000)
    blob = bucket.blob("big", chunk_size=262_144)
    blob.upload_from_string(data)
    assert blob.download_as_bytes() == data


def check_xml_multipart():
    import tempfile

    from google.cloud.storage import transfer_manager

    bucket = bucket_named("py-multipart")
    data = os.urandom(1_000_000)
    with tempfile.NamedTemporaryFile() as file:
        file.write(data)
        file.flush()
        transfer_manager.upload_chunks_concurrently(
            file.name, bucket.blob("parts"), chunk_size=400_000, worker_type=transfer_manager.THREAD
        )
    assert bucket.blob("parts").download_as_bytes() == data


def check_listing_and_batch():
    bucket = bucket_named("py-listing")
    for index in range(5):
        bucket.blob(f"l/{index}").upload_from_string(str(index))
    assert [each.name for each in bucket.list_blobs(page_size=2)] == [f"l/{index}" for index in range(5)]
    found = bucket.list_blobs(delimiter="/")
    assert list(found) == [] and found.prefixes == {"l/"}
    with bucket.client.batch():
        for index in range(3):
            bucket.blob(f"l/{index}").delete()
    assert [each.name for each in bucket.list_blobs()] == ["l/3", "l/4"]


def check_errors():
    from google.api_core import exceptions

    bucket = bucket_named("py-errors")
    blob = bucket.blob("x")
    for call, error in [
        (blob.download_as_bytes, exceptions.NotFound),
        (lambda: bucket_named("py-errors"), exceptions.Conflict),
        (lambda: blob.upload_from_string("x", if_generation_match=7), exceptions.PreconditionFailed),
    ]:
        try:
            call()
        except error:
            continue
        raise AssertionError(f"{error} was not raised")


def check_access():
    bucket = bucket_named("py-access")
    policy = bucket.get_iam_policy(requested_policy_version=3)
    policy.bindings.append({"role": "roles/storage.objectViewer", "members": {"allUsers"}})
    bucket.set_iam_policy(policy)
    blob = bucket.blob("x")
    blob.upload_from_string("x")
    blob.acl.all().grant_read()
    blob.acl.save()
    bucket.notification(topic_name="topic", topic_project="my-project").create()
    assert len(list(bucket.list_notifications())) == 1
    key, _ = bucket.client.create_hmac_key("default@local-project.iam.gserviceaccount.com")
    key.state = "INACTIVE"
    key.update()
    key.delete()


def check_signed_urls():
    import requests
    from google.cloud import storage
    from google.oauth2 import service_account

    bucket_named("py-signed").blob("x").upload_from_string("hello")
    with open(KEY_FILE) as file:
        credentials = service_account.Credentials.from_service_account_info(json.load(file))
    client = storage.Client(credentials=credentials, project="local-project")
    for version in ["v4", "v2"]:
        url = client.bucket("py-signed").blob("x").generate_signed_url(
            version=version, expiration=datetime.timedelta(minutes=5), api_access_endpoint=URL
        )
        assert requests.get(url).text == "hello", version
        assert requests.get(url.replace("/x?", "/y?")).status_code == 403, version


def check_tokens():
    import google.auth
    from google.auth.transport.requests import Request
    from google.oauth2 import service_account

    by_key = service_account.Credentials.from_service_account_file(KEY_FILE, scopes=SCOPES)
    by_machine, project = google.auth.default()
    for credentials in [by_key, by_machine]:
        credentials.refresh(Request())
        assert credentials.token.startswith("ya29.")
    assert project == "local-project"


def check_compute():
    import google.auth
    from google.cloud import compute_v1
    from googleapiclient.discovery import build

    credentials, _ = google.auth.default()
    options = {"api_endpoint": f"{URL}/compute/v1/"}
    compute = build("compute", "v1", credentials=credentials, client_options=options, static_discovery=True)
    body = {"name": "vm-py", "machineType": "zones/us-central1-a/machineTypes/e2-micro"}
    begun = compute.instances().insert(**AT, body=body).execute()
    assert compute.zoneOperations().wait(**AT, operation=begun["name"]).execute()["status"] == "DONE"
    instances = compute_v1.InstancesClient(credentials=credentials, client_options={"api_endpoint": URL})
    assert [(each.name, each.status) for each in instances.list(**AT)] == [("vm-py", "RUNNING")]
    scopes = instances.aggregated_list(project="local-project")
    assert [each.name for _, scope in scopes for each in scope.instances] == ["vm-py"]


if __name__ == "__main__":
    globals()[f"check_{sys.argv[1]}"]()
