"""The client of the original README: `requests.post`, the calls of Arlo's login, and a poll until it is complete."""

import base64
import os
import time

import requests

AUTH = "https://ocapi-app.arlo.com/api"
email, password = os.environ["MAILBOX"], os.environ["PASSWORD"]
headers = {"Content-Type": "application/json; charset=UTF-8", "Source": "arloCamWeb"}


def data(response):
    response.raise_for_status()
    body = response.json()
    assert body["meta"]["code"] == 200, body
    return body["data"]


def authorize(token):
    headers["Authorization"] = base64.b64encode(token.encode()).decode()


encoded = base64.b64encode(password.encode()).decode()
credentials = {"email": email, "password": encoded, "language": "en", "EnvSource": "prod"}
auth = data(requests.post(f"{AUTH}/auth", json=credentials, headers=headers))
authorize(auth["token"])
if auth["mfa"]:
    factors = data(requests.get(f"{AUTH}/getFactors?data%20=%20{auth['authenticated']}", headers=headers))["items"]
    factor_id = next(factor["factorId"] for factor in factors if factor["factorType"] == "EMAIL")

    prestage = requests.post(os.environ["MFA_RELAY_URL"], json={"email": email})
    prestage.raise_for_status()
    status_url = prestage.text

    started = data(requests.post(f"{AUTH}/startAuth", json={"factorId": factor_id}, headers=headers))
    while True:
        status = requests.get(status_url).json()
        if status["status"] == "complete":
            break
        assert status["status"] == "pending", status
        time.sleep(0.2)
    finish = {"factorAuthCode": started["factorAuthCode"], "otp": status["code"]}
    auth = data(requests.post(f"{AUTH}/finishAuth", json=finish, headers=headers))
    authorize(auth["token"])
data(requests.get(f"{AUTH}/validateAccessToken", headers=headers))
session = requests.get(
    "https://my.arlo.com/hmsweb/users/session/v2", headers={"Auth-Version": "2", "Authorization": auth["token"]}
)
assert data(session)["userId"] == auth["userId"]
