# requires: pyjwt[crypto]
import jwt
from cryptography.hazmat.primitives.asymmetric import ed25519

token = jwt.encode({"sub": "a"}, "key" * 11, algorithm="HS256")
print(token, jwt.decode(token, "key" * 11, algorithms=["HS256"]))
key = ed25519.Ed25519PrivateKey.generate()
print(jwt.decode(jwt.encode({"x": 1}, key, algorithm="EdDSA"), key.public_key(), algorithms=["EdDSA"]))
try:
    jwt.decode(token, "other" * 7, algorithms=["HS256"])
except jwt.InvalidSignatureError as error:
    print(error)
