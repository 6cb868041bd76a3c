"""Further scenarios of IAM and STS."""

import json

from differential_scenarios import scenario

TRUST = json.dumps({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": {"Service": "ec2.amazonaws.com"}, "Action": "sts:AssumeRole"}]})
ALLOW = json.dumps({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:*", "Resource": "*"}]})


@scenario
def iam_pages(cloud):
    iam = cloud.client("iam")
    for n in range(5):
        iam.create_user(UserName=f"page-user-{n}", Path=f"/pages/{n % 2}/")
        iam.create_role(RoleName=f"page-role-{n}", Path="/pages/", AssumeRolePolicyDocument=TRUST)
        iam.create_policy(PolicyName=f"page-policy-{n}", Path="/pages/", PolicyDocument=ALLOW)
        iam.create_group(GroupName=f"page-group-{n}", Path="/pages/")
        iam.add_user_to_group(GroupName="page-group-0", UserName=f"page-user-{n}")
        iam.put_role_policy(RoleName="page-role-0", PolicyName=f"inline-{n}", PolicyDocument=ALLOW)
        iam.attach_role_policy(RoleName="page-role-0", PolicyArn=f"arn:aws:iam::{cloud.account}:policy/pages/page-policy-{n}")
    for operation, key, inputs in (
        ("list_users", "Users", {"PathPrefix": "/pages/"}),
        ("list_users", "Users", {"PathPrefix": "/pages/1/"}),
        ("list_roles", "Roles", {"PathPrefix": "/pages/"}),
        ("list_policies", "Policies", {"PathPrefix": "/pages/", "Scope": "Local"}),
        ("list_groups", "Groups", {"PathPrefix": "/pages/"}),
        ("get_group", "Users", {"GroupName": "page-group-0"}),
        ("list_role_policies", "PolicyNames", {"RoleName": "page-role-0"}),
        ("list_attached_role_policies", "AttachedPolicies", {"RoleName": "page-role-0"}),
    ):
        marker, pages = {}, []
        for _ in range(8):
            page = getattr(iam.unnoted, operation)(**inputs, MaxItems=2, **marker)
            pages.append([each if isinstance(each, str) else next(value for name, value in each.items() if name.endswith("Name")) for each in page.get(key, [])])
            if not page.get("IsTruncated"):
                break
            marker = {"Marker": page["Marker"]}
        # The order within is each cloud's own.
        cloud.note(operation, [[len(names) for names in pages], sorted(sum(pages, []))])
    iam.list_users(MaxItems=0)
    iam.list_users(MaxItems=1001)
    iam.list_users(PathPrefix="nonsense")
    iam.list_policies(OnlyAttached=True, Scope="Local")
    iam.list_entities_for_policy(PolicyArn=f"arn:aws:iam::{cloud.account}:policy/pages/page-policy-0")


@scenario
def iam_roles(cloud):
    iam = cloud.client("iam")
    iam.create_role(RoleName="full", AssumeRolePolicyDocument=TRUST, Description="d", MaxSessionDuration=7200, Tags=[{"Key": "a", "Value": "1"}], PermissionsBoundary="arn:aws:iam::aws:policy/ReadOnlyAccess")
    iam.get_role(RoleName="full")
    iam.update_role(RoleName="full", Description="e", MaxSessionDuration=3600)
    iam.update_role_description(RoleName="full", Description="f")
    iam.update_role(RoleName="none", Description="e")
    iam.update_role(RoleName="full", MaxSessionDuration=60)
    iam.delete_role_permissions_boundary(RoleName="full")
    iam.put_role_permissions_boundary(RoleName="full", PermissionsBoundary="nonsense")
    iam.get_role(RoleName="full")
    iam.update_assume_role_policy(RoleName="full", PolicyDocument="nonsense")
    iam.update_assume_role_policy(RoleName="full", PolicyDocument=TRUST)
    iam.list_role_tags(RoleName="full")
    iam.tag_role(RoleName="full", Tags=[{"Key": "b", "Value": "2"}])
    iam.tag_role(RoleName="none", Tags=[{"Key": "b", "Value": "2"}])
    iam.untag_role(RoleName="full", TagKeys=["a", "none"])
    iam.list_role_tags(RoleName="full")
    iam.create_role(RoleName="x" * 65, AssumeRolePolicyDocument=TRUST)
    iam.create_role(RoleName="bad path", AssumeRolePolicyDocument=TRUST, Path="nonsense")
    iam.create_role(RoleName="tags", AssumeRolePolicyDocument=TRUST, Tags=[{"Key": f"k{n}", "Value": "v"} for n in range(51)])
    iam.create_role(RoleName="tags", AssumeRolePolicyDocument=TRUST, Tags=[{"Key": "a", "Value": "1"}, {"Key": "a", "Value": "2"}])
    iam.create_instance_profile(InstanceProfileName="roles-profile", Path="/p/", Tags=[{"Key": "a", "Value": "1"}])
    iam.add_role_to_instance_profile(InstanceProfileName="roles-profile", RoleName="full")
    iam.add_role_to_instance_profile(InstanceProfileName="roles-profile", RoleName="full")
    iam.delete_role(RoleName="full")
    iam.list_instance_profiles(PathPrefix="/p/")
    iam.remove_role_from_instance_profile(InstanceProfileName="roles-profile", RoleName="full")
    iam.delete_role(RoleName="full")
    iam.delete_role(RoleName="full")
    iam.delete_instance_profile(InstanceProfileName="roles-profile")
    iam.delete_instance_profile(InstanceProfileName="roles-profile")


@scenario
def iam_versions(cloud):
    iam = cloud.client("iam")
    arn = iam.create_policy(PolicyName="versions", PolicyDocument=ALLOW, Description="d", Tags=[{"Key": "a", "Value": "1"}]).get("Policy", {}).get("Arn", "")
    for _ in range(5):
        iam.create_policy_version(PolicyArn=arn, PolicyDocument=ALLOW)
    iam.create_policy_version(PolicyArn=arn, PolicyDocument="nonsense")
    iam.set_default_policy_version(PolicyArn=arn, VersionId="v3")
    iam.set_default_policy_version(PolicyArn=arn, VersionId="v9")
    iam.get_policy(PolicyArn=arn)
    iam.delete_policy_version(PolicyArn=arn, VersionId="v3")
    iam.delete_policy_version(PolicyArn=arn, VersionId="v1")
    iam.create_policy_version(PolicyArn=arn, PolicyDocument=ALLOW, SetAsDefault=True)
    iam.get_policy_version(PolicyArn=arn, VersionId="v6")
    iam.delete_policy(PolicyArn=arn)
    iam.list_policy_tags(PolicyArn=arn)
    iam.get_policy(PolicyArn="nonsense")
    for document in (
        {"Statement": [{"Effect": "Allow", "Action": "s3:*", "Resource": "*"}]},
        {"Version": "2012-10-17"},
        {"Version": "2012-10-17", "Statement": []},
        {"Version": "nonsense", "Statement": [{"Effect": "Allow", "Action": "s3:*", "Resource": "*"}]},
        {"Version": "2012-10-17", "Statement": [{"Effect": "allow", "Action": "s3:*", "Resource": "*"}]},
        {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Resource": "*"}]},
        {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:*"}]},
        {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:*", "Resource": "nonsense"}]},
        {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "nonsense", "Resource": "*"}]},
    ):
        iam.create_policy(PolicyName="checked", PolicyDocument=json.dumps(document))


@scenario
def iam_credentials(cloud):
    iam = cloud.client("iam")
    iam.create_user(UserName="cred")
    certificate = "-----BEGIN CERTIFICATE-----\nnonsense\n-----END CERTIFICATE-----"
    key = iam.upload_ssh_public_key(UserName="cred", SSHPublicKeyBody="ssh-rsa AAAAB3NzaC1yc2EAAAADAQABAAABAQ cred").get("SSHPublicKey", {}).get("SSHPublicKeyId", "APKAAAAAAAAAAAAAAAAA")
    iam.get_ssh_public_key(UserName="cred", SSHPublicKeyId=key, Encoding="SSH")
    iam.list_ssh_public_keys(UserName="cred")
    iam.update_ssh_public_key(UserName="cred", SSHPublicKeyId=key, Status="Inactive")
    iam.get_ssh_public_key(UserName="cred", SSHPublicKeyId=key, Encoding="SSH")
    iam.delete_user(UserName="cred")
    iam.delete_ssh_public_key(UserName="cred", SSHPublicKeyId=key)
    iam.get_ssh_public_key(UserName="cred", SSHPublicKeyId=key, Encoding="SSH")
    iam.upload_server_certificate(ServerCertificateName="cert", CertificateBody=certificate, PrivateKey="key", Path="/c/")
    iam.upload_server_certificate(ServerCertificateName="cert", CertificateBody=certificate, PrivateKey="key")
    iam.get_server_certificate(ServerCertificateName="cert")
    iam.get_server_certificate(ServerCertificateName="none")
    iam.list_server_certificates()
    iam.delete_server_certificate(ServerCertificateName="cert")
    iam.delete_server_certificate(ServerCertificateName="cert")
    iam.create_user(UserName="signs")
    iam.upload_signing_certificate(UserName="signs", CertificateBody="nonsense")
    signing = iam.upload_signing_certificate(UserName="signs", CertificateBody=certificate).get("Certificate", {}).get("CertificateId", "x" * 24)
    iam.list_signing_certificates(UserName="signs")
    iam.update_signing_certificate(UserName="signs", CertificateId=signing, Status="Inactive")
    iam.delete_signing_certificate(UserName="signs", CertificateId=signing)
    iam.delete_signing_certificate(UserName="signs", CertificateId=signing)
    iam.create_service_specific_credential(UserName="signs", ServiceName="codecommit.amazonaws.com")
    iam.list_service_specific_credentials(UserName="signs")
    iam.enable_mfa_device(UserName="signs", SerialNumber="123456789", AuthenticationCode1="234567", AuthenticationCode2="987654")
    iam.list_mfa_devices(UserName="signs")
    iam.delete_user(UserName="signs")
    iam.deactivate_mfa_device(UserName="signs", SerialNumber="123456789")
    iam.deactivate_mfa_device(UserName="signs", SerialNumber="123456789")
    iam.update_account_password_policy(MinimumPasswordLength=12, RequireNumbers=True)
    iam.create_login_profile(UserName="signs", Password="short")
    iam.create_login_profile(UserName="signs", Password="long but numberless")
    iam.create_login_profile(UserName="signs", Password="long with 1 number", PasswordResetRequired=True)
    iam.delete_account_password_policy()


@scenario
def iam_reports(cloud):
    iam = cloud.client("iam")
    iam.get_credential_report()
    iam.generate_credential_report()
    iam.generate_credential_report()
    report = iam.unnoted.get_credential_report()
    cloud.note("report", report.get("Content", b"").decode().split("\n")[0])
    iam.create_user(UserName="detailed", Path="/d/")
    iam.put_user_policy(UserName="detailed", PolicyName="in", PolicyDocument=ALLOW)
    found = iam.unnoted.get_account_authorization_details(Filter=["User"])
    cloud.note("details", sorted(found))
    iam.get_account_authorization_details(Filter=["Role"], MaxItems=1)


@scenario
def sts_errors(cloud):
    sts = cloud.client("sts")
    iam = cloud.client("iam")
    arn = iam.create_role(RoleName="sts-role", AssumeRolePolicyDocument=TRUST).get("Role", {}).get("Arn", "")
    sts.assume_role(RoleArn="nonsense", RoleSessionName="session")
    sts.assume_role(RoleArn=arn, RoleSessionName="x")
    sts.assume_role(RoleArn=arn, RoleSessionName="x" * 65)
    sts.assume_role(RoleArn=arn, RoleSessionName="session", DurationSeconds=60)
    sts.assume_role(RoleArn=arn, RoleSessionName="session", DurationSeconds=7200)
    sts.assume_role(RoleArn=arn, RoleSessionName="session", Policy="nonsense")
    sts.assume_role(RoleArn=arn, RoleSessionName="session", Tags=[{"Key": "a", "Value": "1"}], TransitiveTagKeys=["a"], SourceIdentity="me", ExternalId="external")
    sts.get_session_token(DurationSeconds=1)
    sts.get_federation_token(Name="x")
    sts.get_federation_token(Name="bad name")
    sts.decode_authorization_message(EncodedMessage="nonsense")
    sts.get_access_key_info(AccessKeyId="short")
    made = sts.unnoted.assume_role(RoleArn=arn, RoleSessionName="session")["Credentials"]
    wrong = cloud.client("sts", keys=(made["AccessKeyId"], made["SecretAccessKey"]), token="nonsense")
    wrong.get_caller_identity()
    none = cloud.client("sts", keys=(made["AccessKeyId"], made["SecretAccessKey"]))
    none.get_caller_identity()
    cloud.client("sts", keys=("AKIAIOSFODNN7NOTHERE", "nonsense")).get_caller_identity()
    cloud.client("iam", keys=("AKIAIOSFODNN7NOTHERE", "nonsense")).list_users()
    cloud.client("ec2", keys=("AKIAIOSFODNN7NOTHERE", "nonsense")).describe_vpcs()
    cloud.client("sts", keys=("test", "wrong")).get_caller_identity()
    cloud.client("ec2", keys=("test", "wrong")).describe_vpcs()
    session = cloud.client("sts", keys=(made["AccessKeyId"], made["SecretAccessKey"]), token=made["SessionToken"])
    session.get_session_token()
    session.get_federation_token(Name="federated")
    key = iam.unnoted.create_access_key(UserName=(iam.unnoted.create_user(UserName="caller") or {}).get("User", {}).get("UserName", "caller")).get("AccessKey", {})
    mine = cloud.client("sts", keys=(key.get("AccessKeyId", "none"), key.get("SecretAccessKey", "none")))
    mine.get_caller_identity()
    cloud.client("iam", keys=(key.get("AccessKeyId", "none"), key.get("SecretAccessKey", "none"))).get_user()
    iam.update_access_key(UserName="caller", AccessKeyId=key.get("AccessKeyId", "none"), Status="Inactive")
    mine.get_caller_identity()


@scenario
def iam_limits(cloud):
    iam = cloud.client("iam")
    document = json.dumps({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]})
    for tags in (
        [{"Key": "a", "Value": ""}, {"Key": "A", "Value": ""}],
        [{"Key": "k" * 129, "Value": ""}],
        [{"Key": "k", "Value": "v" * 257}],
        [{"Key": "NOWAY!", "Value": ""}],
        [{"Key": f"k{n}", "Value": ""} for n in range(51)],
    ):
        iam.create_policy(PolicyName="limits", PolicyDocument=document, Tags=tags)
    iam.update_account_password_policy(MaxPasswordAge=1096, MinimumPasswordLength=129, PasswordReusePrevention=25)
    iam.create_open_id_connect_provider(Url="https://limits.example.org", ThumbprintList=["a" * 40] * 6)
    iam.create_open_id_connect_provider(Url="https://limits.example.org", ThumbprintList=["a" * 40], ClientIDList=[str(n) for n in range(101)])


@scenario
def iam_checks(cloud):
    iam = cloud.client("iam")
    arn = iam.create_policy(PolicyName="untagged", PolicyDocument=ALLOW).get("Policy", {}).get("Arn", "")
    for keys in ([f"k{n}" for n in range(51)], ["k" * 129], ["NOWAY!"], ["none"]):
        iam.untag_policy(PolicyArn=arn, TagKeys=keys)
    iam.create_virtual_mfa_device(VirtualMFADeviceName="checked", Path="nonsense")
    iam.create_virtual_mfa_device(VirtualMFADeviceName="checked", Path=f"/{'p' * 511}/")
    provider = iam.create_open_id_connect_provider(Url="https://checks.example.org", ThumbprintList=["a" * 40]).get("OpenIDConnectProviderArn", "")
    for _ in range(2):
        iam.delete_open_id_connect_provider(OpenIDConnectProviderArn=provider)
    iam.create_service_linked_role(AWSServiceName="custom-resource.application-autoscaling.amazonaws.com")
    for statement in (
        {"Action": "s3:ListBucket", "Resource": "arn:aws:iam:::example"},
        {"Action": "s3:ListBucket", "Resource": "arn:aws::::example"},
        {"Action": "s3:ListBucket", "Resource": "*", "Condition": {"DateGreaterThan": {"aws:CurrentTime": "nonsense"}}},
        {"Action": "s3:ListBucket", "Resource": "*", "Condition": {"DateLessThan": {"aws:EpochTime": "9223372036854775808"}}},
        {"Condition": {"DateLessThan": {"aws:CurrentTime": "nonsense"}}},
        {"Action": "s3:ListBucket", "Resource": "arn:nowhere:s3:::example", "Condition": {"DateLessThan": {"aws:CurrentTime": "nonsense"}}},
        {"Action": "s3:ListBucket", "Resource": "*", "Condition": {"DateLessThan": {"aws:CurrentTime": "2026-01-01T00:00:00.123+01:00"}}},
    ):
        iam.create_policy(PolicyName="dated", PolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": {"Effect": "Allow", **statement}}))


@scenario
def sts_limits(cloud):
    sts = cloud.client("sts")
    long = json.dumps({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:*", "Resource": f"arn:aws:s3:::{'b' * 60}-{n}/*"} for n in range(20)]})
    sts.get_federation_token(Name="long", Policy=long)


@scenario
def iam_partitions(cloud):
    for region in ("cn-north-1", "us-gov-west-1"):
        iam = cloud.client("iam", region=region)
        role = iam.create_role(RoleName=f"there-{region}", AssumeRolePolicyDocument=TRUST).get("Role", {}).get("Arn", "")
        iam.create_policy(PolicyName=f"there-{region}", PolicyDocument=ALLOW)
        iam.attach_role_policy(RoleName=f"there-{region}", PolicyArn=f"arn:{role.split(':')[1] if role else 'aws'}:iam::aws:policy/ReadOnlyAccess")
        iam.list_attached_role_policies(RoleName=f"there-{region}")
        made = cloud.client("sts", region=region).assume_role(RoleArn=role, RoleSessionName="session").get("Credentials", {})
        keys = (made.get("AccessKeyId", "none"), made.get("SecretAccessKey", "none"))
        cloud.client("sts", region=region, keys=keys, token=made.get("SessionToken")).get_caller_identity()
