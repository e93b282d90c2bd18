# requires: moto[s3,sqs,dynamodb]
import os

os.environ.update(AWS_ACCESS_KEY_ID="a", AWS_SECRET_ACCESS_KEY="b", AWS_DEFAULT_REGION="us-east-1")
import boto3  # noqa: E402
from moto import mock_aws  # noqa: E402

with mock_aws():
    s3 = boto3.client("s3")
    s3.create_bucket(Bucket="bucket")
    s3.put_object(Bucket="bucket", Key="k", Body=b"data")
    print(s3.get_object(Bucket="bucket", Key="k")["Body"].read(), [o["Key"] for o in s3.list_objects_v2(Bucket="bucket")["Contents"]])
    sqs = boto3.resource("sqs")
    queue = sqs.create_queue(QueueName="q")
    queue.send_message(MessageBody="m")
    print(queue.receive_messages()[0].body)
