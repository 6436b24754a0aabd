"""A shop with something of everything, so that what is asked can be there."""

import itertools
import json
import urllib.request
import uuid

PASSWORD = "una frase de prueba"
PIN = "4711"
phones = itertools.count(930_000_000)


def ask(url, method, path, body=None, authorization=None):
    """Asks the API; raises what it refused."""
    headers = {"Content-Type": "application/json", "Idempotency-Key": str(uuid.uuid4())}
    if authorization:
        headers["Authorization"] = authorization
    request = urllib.request.Request(f"{url}/api/v1{path}", method=method, headers=headers, data=json.dumps(body or {}).encode() if method != "GET" else None)
    with urllib.request.urlopen(request, timeout=60) as answer:
        return json.loads(answer.read() or b"null")


def open_shop(url):
    """What the shop's ids are by the word of their path, and how its people sign in."""
    email = f"duena-{uuid.uuid4().hex[:12]}@prueba.pe"
    signed_up = ask(url, "POST", "/auth/signup", {"business": {"name": "Café Prueba"}, "owner": {"name": "Lucía Paredes", "email": email, "password": PASSWORD}})
    owner = f"Bearer {signed_up['access_token']}"
    slug = signed_up["business"]["slug"]

    def by_owner(path, body=None):
        return ask(url, "POST", path, body, owner)

    rules = {"max_per_visit": 20, "min_minutes_between": 0, "max_per_day": 0}
    program = by_owner("/programs", {"name": "Café de la casa", "stamps_required": 10, "rewards": [{"at": 10, "title": "Un café"}], "rules": rules})
    location = by_owner("/locations", {"name": "Centro"})
    stamper = by_owner("/members", {"name": "Luz Mamani", "role": "stamper", "pin": PIN})
    device = ask(url, "POST", "/devices/pair", {"pairing_code": by_owner("/devices")["pairing_code"], "name": "Mostrador"})
    form = {"slug": slug, "name": "Rosa Quispe", "age_ok": True, "consents": {"program": True, "marketing": False}}
    customers = [ask(url, "POST", "/enrollments", form | {"phone": f"+51{next(phones)}"}) for _ in range(2)]
    stamped = by_owner("/stamps", {"card_id": customers[0]["card"]["id"], "count": 11})
    wording = {"language": "es", "template": "news", "variables": ["{first_name}", "{business}", "dos por uno"]}
    campaign = by_owner("/campaigns", {"name": "Jueves", "audience": {"all": []}, "channel_policy": "whatsapp", "wordings": [wording]})
    return {
        "email": email,
        "slug": slug,
        "device_token": device["device_token"],
        "code": customers[0]["card"]["code"],
        "ids": {
            "members": stamper["id"],
            "locations": location["id"],
            "devices": device["device_id"],
            "api-keys": by_owner("/api-keys", {"name": "Caja registradora"})["id"],
            "programs": program["id"],
            "cards": customers[0]["card"]["id"],
            "stamps": stamped["stamp_id"],
            "rewards": stamped["rewards_unlocked"][0]["id"],
            "campaigns": campaign["campaign_id"],
            "customers": customers[0]["customer_id"],
            "inbox": customers[0]["customer_id"],
            "others": customers[1]["customer_id"],
        },
    }


def sign_in(url, shop, role):
    """A fresh `Authorization` of the shop's owner or stamper."""
    if role == "owner":
        tokens = ask(url, "POST", "/auth/login", {"email": shop["email"], "password": PASSWORD})
    else:
        tokens = ask(url, "POST", "/auth/pin", {"device_token": shop["device_token"], "member_id": shop["ids"]["members"], "pin": PIN})
    return f"Bearer {tokens['access_token']}"
