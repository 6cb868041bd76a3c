"""Google's Python clients against the emulator: `python_driver.py <function> <url> <key file>`. Exits 1 when a case fails."""

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


def check_preconditions_and_sums():
    from google.api_core import exceptions

    bucket = bucket_named("py-preconditions")
    blob = bucket.blob("x")
    for checksum in ("md5", "crc32c", "auto"):
        blob.upload_from_string("hello", checksum=checksum)
    assert blob.download_as_bytes(checksum="md5") == b"hello"
    for call in (
        lambda: blob.upload_from_string("again", if_generation_match=0),
        lambda: blob.delete(if_generation_match=1),
        lambda: blob.patch(if_metageneration_match=99),
        lambda: bucket.copy_blob(blob, bucket, "copy", if_source_generation_match=1),
    ):
        try:
            call()
        except exceptions.PreconditionFailed:
            continue
        raise AssertionError("not refused")
    assert blob.exists(if_generation_match=blob.generation)
    with blob.open("w", chunk_size=262_144) as stream:
        stream.write("line\n" * 100_000)
    blob = bucket.get_blob("x")
    with blob.open("r") as stream:
        assert sum(1 for _ in stream) == 100_000
    token, rewritten, total = bucket.blob("rewritten").rewrite(blob)
    assert token is None and rewritten == total == 500_000
    assert blob.update_storage_class("NEARLINE") is None and blob.storage_class == "NEARLINE"


def check_settings():
    bucket = bucket_named("py-settings")
    bucket.add_lifecycle_delete_rule(age=3, matches_prefix=["a/"])
    bucket.add_lifecycle_set_storage_class_rule("COLDLINE", age=5)
    bucket.labels = {"a": "b"}
    bucket.cors = [{"origin": ["*"], "method": ["GET"], "maxAgeSeconds": 5}]
    bucket.retention_period = 100
    bucket.default_event_based_hold = True
    bucket.iam_configuration.uniform_bucket_level_access_enabled = True
    bucket.patch()
    bucket.reload()
    assert len(list(bucket.lifecycle_rules)) == 2 and bucket.labels == {"a": "b"}
    assert bucket.retention_period == 100 and bucket.retention_policy_effective_time is not None
    assert bucket.iam_configuration.uniform_bucket_level_access_locked_time is not None
    policy = bucket.get_iam_policy(requested_policy_version=3)
    policy.bindings.append({"role": "roles/storage.objectViewer", "members": {"user:a@example.com"}})
    bucket.set_iam_policy(policy)
    assert any("user:a@example.com" in each["members"] for each in bucket.get_iam_policy().bindings)
    notification = bucket.notification("topic", event_types=["OBJECT_FINALIZE"])
    notification.create()
    assert len(list(bucket.list_notifications())) == 1
    notification.delete()


def check_holds_and_deletions():
    from google.api_core import exceptions

    bucket = bucket_named("py-holds")
    blob = bucket.blob("x")
    blob.upload_from_string("hello")
    blob.temporary_hold = True
    blob.patch()
    try:
        blob.delete()
        raise AssertionError("not refused")
    except exceptions.Forbidden:
        pass
    blob.temporary_hold = False
    blob.patch()
    generation = blob.generation
    blob.delete()
    deleted = [each.generation for each in bucket.list_blobs(soft_deleted=True)]
    assert deleted == [generation], (deleted, generation)
    restored = bucket.restore_blob("x", generation=generation)
    assert restored.download_as_bytes() == b"hello"
    assert [each.name for each in bucket.list_blobs(match_glob="?", fields="items(name)")] == ["x"]


def check_policies_and_urls():
    import google.auth
    import requests
    from google.cloud import storage
    from google.oauth2 import service_account

    bucket = bucket_named("py-signing")
    credentials = service_account.Credentials.from_service_account_file(KEY_FILE)
    blob = bucket.blob("a b/c")
    hour = datetime.timedelta(hours=1)
    for version in ("v2", "v4"):
        put = blob.generate_signed_url(hour, version=version, method="PUT", credentials=credentials,
                                       api_access_endpoint=URL)
        assert requests.put(put, data="hello").status_code == 200
        get = blob.generate_signed_url(hour, version=version, credentials=credentials, api_access_endpoint=URL)
        assert requests.get(get).text == "hello"
        assert requests.get(get.replace("/c?", "/d?")).status_code == 403
    begin = blob.generate_signed_url(hour, version="v4", method="RESUMABLE", credentials=credentials,
                                     api_access_endpoint=URL)
    begun = requests.post(begin, headers={"x-goog-resumable": "start"})
    assert begun.status_code == 201
    assert requests.put(begun.headers["location"], data="resumed").status_code == 200
    assert blob.download_as_bytes() == b"resumed"
    form = storage.Client().generate_signed_post_policy_v4(
        bucket.name, "form", hour, conditions=[["content-length-range", 0, 5]], credentials=credentials)
    url = f"{URL}/{bucket.name}/"
    assert requests.post(url, data=form["fields"], files={"file": b"hello"}).status_code == 204
    assert requests.post(url, data=form["fields"], files={"file": b"too long"}).status_code == 403
    assert bucket.blob("form").download_as_bytes() == b"hello"


def print_signed_url_v2(options):
    from google.cloud import storage
    from google.oauth2 import service_account

    given = json.loads(options)
    credentials = service_account.Credentials.from_service_account_file(KEY_FILE)
    blob = storage.Client().bucket(given.pop("bucket")).blob(given.pop("object"))
    print(blob.generate_signed_url(version="v2", credentials=credentials, api_access_endpoint=URL, **given))


def check_batches():
    from google.api_core import exceptions

    bucket = bucket_named("py-batches")
    blobs = [bucket.blob(str(index)) for index in range(3)]
    for blob in blobs:
        blob.upload_from_string("x")
    with bucket.client.batch():
        for blob in blobs:
            blob.metadata = {"a": "b"}
            blob.patch()
    assert bucket.get_blob("1").metadata == {"a": "b"}
    try:
        with bucket.client.batch():
            blobs[0].delete()
            bucket.blob("none").delete()
        raise AssertionError("not refused")
    except exceptions.NotFound:
        assert not blobs[0].exists()
    with bucket.client.batch(raise_exception=False) as batch:
        bucket.blob("none").delete()
        blobs[1].delete()
    assert [each.status_code for each in batch._responses] == [404, 204]


def check_compute_operations():
    import google.auth
    from google.api_core import exceptions
    from google.cloud import compute_v1

    credentials, _ = google.auth.default()
    instances = compute_v1.InstancesClient(credentials=credentials, client_options={"api_endpoint": URL})
    operations = compute_v1.ZoneOperationsClient(credentials=credentials, client_options={"api_endpoint": URL})

    # `result()` of what a call returns asks Google's own host.
    def done(begun):
        assert operations.wait(**AT, operation=begun.name).status == compute_v1.Operation.Status.DONE

    resource = compute_v1.Instance(name="vm-ops", machine_type="zones/us-central1-a/machineTypes/e2-small")
    done(instances.insert(**AT, instance_resource=resource))
    assert instances.get(**AT, instance="vm-ops").status == "RUNNING"
    for error, call in (
        (exceptions.Conflict, lambda: instances.insert(**AT, instance_resource=resource)),
        (exceptions.NotFound, lambda: instances.get(**AT, instance="vm-none")),
        (exceptions.BadRequest, lambda: instances.insert(
            **AT, instance_resource=compute_v1.Instance(name="Bad_Name", machine_type="e2-small"))),
        (exceptions.NotFound, lambda: instances.list(project="local-project", zone="nowhere")),
    ):
        try:
            call()
        except error:
            continue
        raise AssertionError(error)
    instance = instances.get(**AT, instance="vm-ops")
    metadata = compute_v1.Metadata(items=[compute_v1.Items(key="k", value="v")],
                                   fingerprint=instance.metadata.fingerprint)
    done(instances.set_metadata(**AT, instance="vm-ops", metadata_resource=metadata))
    assert instances.get(**AT, instance="vm-ops").metadata.items[0].value == "v"
    done(instances.stop(**AT, instance="vm-ops"))
    assert instances.get(**AT, instance="vm-ops").status == "TERMINATED"
    assert [each.name for each in instances.list({**AT, "filter": "status = TERMINATED"})] == ["vm-ops"]
    done(instances.delete(**AT, instance="vm-ops"))


def check_compute_resources():
    import google.auth
    from google.api_core import exceptions
    from google.cloud import compute_v1

    credentials, _ = google.auth.default()

    def client(name):
        return getattr(compute_v1, name)(credentials=credentials, client_options={"api_endpoint": URL})

    zonal, regional, globally = (client(f"{name}OperationsClient") for name in ("Zone", "Region", "Global"))
    project, region = {"project": "local-project"}, {"project": "local-project", "region": "us-central1"}
    networks, subnetworks, disks = (client(f"{name}Client") for name in ("Networks", "Subnetworks", "Disks"))
    instances, images = client("InstancesClient"), client("ImagesClient")
    begun = networks.insert(**project, network_resource=compute_v1.Network(name="py-net", auto_create_subnetworks=False))
    globally.wait(**project, operation=begun.name)
    subnetwork = compute_v1.Subnetwork(name="py-sub", ip_cidr_range="10.1.0.0/24", network="global/networks/py-net")
    regional.wait(**region, operation=subnetworks.insert(**region, subnetwork_resource=subnetwork).name)
    image = images.get_from_family(project="debian-cloud", family="debian-12")
    boot = compute_v1.AttachedDisk(
        boot=True, auto_delete=True, initialize_params=compute_v1.AttachedDiskInitializeParams(source_image=image.self_link)
    )
    resource = compute_v1.Instance(
        name="py-full",
        machine_type="zones/us-central1-a/machineTypes/e2-small",
        disks=[boot],
        network_interfaces=[compute_v1.NetworkInterface(subnetwork="regions/us-central1/subnetworks/py-sub")],
    )
    zonal.wait(**AT, operation=instances.insert(**AT, instance_resource=resource).name)
    vm = instances.get(**AT, instance="py-full")
    assert vm.network_interfaces[0].network_i_p == "10.1.0.2", vm.network_interfaces
    assert disks.get(**AT, disk="py-full").users == [vm.self_link]
    try:
        disks.delete(**AT, disk="py-full")
        raise AssertionError("the disk is in use")
    except exceptions.BadRequest as error:
        assert error.errors[0]["reason"] == "resourceInUseByAnotherResource", error.errors
    found = disks.list({**AT, "filter": "(name = py-*) AND sizeGb >= 10", "order_by": "creationTimestamp desc"})
    assert [each.name for each in found] == ["py-full"]
    scopes = {scope: [each.name for each in listed.subnetworks] for scope, listed in subnetworks.aggregated_list(**project)}
    assert "py-sub" in scopes["regions/us-central1"], scopes
    zonal.wait(**AT, operation=instances.delete(**AT, instance="py-full").name)
    assert list(disks.list(**AT)) == []


def check_lists_and_restored_buckets():
    from google.api_core import exceptions
    from google.cloud import storage
    from google.cloud.storage.blob import ObjectContexts, ObjectCustomContextPayload

    client = storage.Client()
    bucket = bucket_named("py-lists")
    blob = bucket.blob("a")
    blob.contexts = ObjectContexts(blob, custom={"k": ObjectCustomContextPayload(value="v")})
    blob.upload_from_string("x")
    bucket.blob("b").upload_from_string("x")
    assert [each.name for each in bucket.list_blobs(filter_='contexts."k"="v"')] == ["a"]
    blob.make_public()
    assert "READER" in blob.acl.all().get_roles()
    blob.make_private()
    blob.acl.reload()
    assert "READER" not in blob.acl.all().get_roles()
    blob.reload()
    for wanted, error in (({"if_etag_match": "kittens"}, exceptions.PreconditionFailed),
                          ({"if_etag_not_match": blob.etag}, exceptions.NotModified)):
        try:
            blob.download_as_bytes(**wanted)
            raise AssertionError(wanted)
        except error:
            pass
    bucket.reload()
    generation = bucket.generation
    bucket.delete(force=True)
    deleted = client.get_bucket("py-lists", generation=generation, soft_deleted=True)
    assert deleted.soft_delete_time is not None
    assert client.restore_bucket("py-lists", generation=generation).soft_delete_time is None
    assert bucket.exists()


if __name__ == "__main__":
    globals()[sys.argv[1]](*sys.argv[4:])
