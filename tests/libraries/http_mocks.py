# requires: freezegun responses requests-mock vcrpy respx
import requests, responses, requests_mock, datetime, respx, httpx, vcr, time, re
from freezegun import freeze_time
with freeze_time("2020-01-02 03:04:05") as f:
    print(datetime.datetime.now(), time.time()); f.tick(10); print(datetime.date.today(), datetime.datetime.utcnow())
with responses.RequestsMock() as m:
    m.add("GET", "http://a/x", json={"a": 1}, status=201); r = requests.get("http://a/x"); print(r.status_code, r.json())
    m.add(responses.POST, re.compile("http://b/.*"), body="z"); print(requests.post("http://b/q", data={"a": 1}).text)
with requests_mock.Mocker() as m:
    m.get("http://c/", text="mocked", headers={"X": "y"}); r = requests.get("http://c/"); print(r.text, r.headers["X"])
with respx.mock: 
    respx.get("https://d/").respond(json=[1]); print(httpx.get("https://d/").json())
open("/tmp/c.yaml", "w").write("interactions:\n- request:\n    body: null\n    headers: {}\n    method: GET\n    uri: http://e.org/\n  response:\n    body: {string: recorded}\n    headers: {}\n    status: {code: 200, message: OK}\nversion: 1\n")
with vcr.use_cassette("/tmp/c.yaml", record_mode="none"): print(requests.get("http://e.org/").text)
