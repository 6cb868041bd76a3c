"""botocore's CloudFrontSigner on the cases of cloudfront.test.ts. The signature is RFC 8017's: botocore leaves it to its user."""
import datetime
import hashlib
import json
import sys

from botocore.signers import CloudFrontSigner

SHA1 = bytes.fromhex("3021300906052b0e03021a05000414")
asked = json.load(sys.stdin)
modulus, exponent, size = int(asked["modulus"], 16), int(asked["exponent"], 16), len(asked["modulus"]) // 2


def sign(message):
    digest = SHA1 + hashlib.sha1(message).digest()
    padded = b"\x00\x01" + b"\xff" * (size - len(digest) - 3) + b"\x00" + digest
    return pow(int.from_bytes(padded, "big"), exponent, modulus).to_bytes(size, "big")


def time(text):
    return text and datetime.datetime.fromisoformat(text)


def url(signer, case):
    end, start, address = time(case["expiresOn"]), time(case.get("startsOn")), case.get("ipAddress")
    if start or address or "resource" in case:
        policy = signer.build_policy(case.get("resource", case["url"]), end, start, address)
        return signer.generate_presigned_url(case["url"], policy=policy)
    return signer.generate_presigned_url(case["url"], date_less_than=end)


print(json.dumps([url(CloudFrontSigner(asked["keyPairId"], sign), case) for case in asked["cases"]]))
