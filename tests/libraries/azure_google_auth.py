# requires: google-auth azure-core azure-storage-blob azure-identity
from google.oauth2 import service_account, credentials
from google.auth import jwt as gj, crypt, exceptions
import google.auth
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives import serialization as s
pem = rsa.generate_private_key(65537, 2048).private_bytes(s.Encoding.PEM, s.PrivateFormat.TraditionalOpenSSL, s.NoEncryption()).decode()
c = service_account.Credentials.from_service_account_info({"client_email": "a@b", "private_key": pem, "token_uri": "http://t", "type": "service_account"}, scopes=["x"]); print(c.service_account_email, c.valid, len(c.sign_bytes(b"x")))
try: google.auth.default()
except Exception as e: print(type(e).__name__)
from azure.core.pipeline import Pipeline, policies
from azure.core.pipeline.transport import HttpRequest, RequestsTransport
from azure.core.exceptions import ServiceRequestError
from azure.storage.blob import BlobServiceClient, generate_blob_sas, BlobSasPermissions
from azure.identity import ClientSecretCredential, DefaultAzureCredential
import datetime, base64
k = base64.b64encode(b"k" * 32).decode()
b = BlobServiceClient("http://127.0.0.1:1/dev", credential={"account_name": "dev", "account_key": k}, retry_total=0, connection_timeout=1)
try: b.get_blob_client("c", "n").upload_blob(b"x")
except Exception as e: print(type(e).__name__)
print(len(generate_blob_sas("a", "c", "b", account_key=k, permission=BlobSasPermissions(read=True), expiry=datetime.datetime(2030, 1, 1), start=datetime.datetime(2020, 1, 1))) > 50)
with Pipeline(RequestsTransport(), [policies.RetryPolicy(retry_total=0), policies.HeadersPolicy({"a": "b"})]) as p:
    try: p.run(HttpRequest("GET", "http://127.0.0.1:1/"))
    except ServiceRequestError as e: print("refused")
print(type(ClientSecretCredential("t" * 8, "c", "s")).__name__)
