"""A moto that checks signatures and permissions, and users with chosen ones. For tests with a moto of their own: it holds
for the whole server."""
import json
import urllib.request

import rig
from lab import Failure

MOTO_WITHOUT_KEYS = rig.Server("moto", rig.moto().url, "unknown", "unknown")


def new_user(name, actions):
    """An IAM user who may do just this, as a server to Seshat."""
    iam = MOTO_WITHOUT_KEYS.client("iam")
    iam.create_user(UserName=name)
    policy = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": list(actions), "Resource": "*"}]}
    iam.put_user_policy(UserName=name, PolicyName="all-it-may", PolicyDocument=json.dumps(policy))
    key = iam.create_access_key(UserName=name)["AccessKey"]
    return rig.Server("moto", MOTO_WITHOUT_KEYS.url, key["AccessKeyId"], key["SecretAccessKey"])


def enforce():
    # As a form, which is urllib's own choice, moto would not see the text.
    request = urllib.request.Request(f"{MOTO_WITHOUT_KEYS.url}/moto-api/reset-auth", data=b"0", method="POST",
                                     headers={"Content-Type": "text/plain"})
    with urllib.request.urlopen(request, timeout=20) as answer:
        if answer.status != 200:
            raise Failure(f"moto does not enforce: {answer.status}")
