# requires: google-cloud-storage
from google.auth.credentials import AnonymousCredentials
from google.cloud import storage

client = storage.Client(project="p", credentials=AnonymousCredentials())
bucket = client.bucket("b")
blob = bucket.blob("a/ü.txt")
print(blob.path, bucket.lifecycle_rules.__class__.__name__, client.project, blob.public_url.endswith(".txt"))
