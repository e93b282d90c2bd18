# requires: boto3
import boto3
from botocore.stub import Stubber

session = boto3.Session("a", "b", region_name="eu-central-1")
for service in ("s3", "dynamodb", "sqs", "ec2", "lambda"):
    client = session.client(service)
    print(service, client.meta.endpoint_url, len(client.meta.service_model.operation_names) > 20)
s3 = session.client("s3")
with Stubber(s3) as stub:
    stub.add_response("list_buckets", {"Buckets": [{"Name": "x"}]})
    print([b["Name"] for b in s3.list_buckets()["Buckets"]])
print(s3.generate_presigned_url("get_object", {"Bucket": "b", "Key": "k"}).split("?")[0], session.resource("s3").Bucket("n").name)
print(s3.get_paginator("list_objects_v2").__class__.__name__, session.resource("dynamodb").Table("t").name, session.client("ec2").waiter_names[0])
