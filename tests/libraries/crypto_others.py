# requires: bcrypt argon2-cffi pynacl pycryptodome passlib itsdangerous
import argon2
import bcrypt
import itsdangerous
import nacl.secret
import nacl.signing
from Crypto.Cipher import AES
from Crypto.Hash import SHA3_256
from passlib.hash import pbkdf2_sha256, sha512_crypt

print(bcrypt.checkpw(b"p", bcrypt.hashpw(b"p", b"$2b$04$" + b"abcdefghijklmnopqrstuu")), argon2.PasswordHasher(1, 8, 1).verify(argon2.PasswordHasher(1, 8, 1).hash("x"), "x"))
print(nacl.secret.SecretBox(b"k" * 32).encrypt(b"m", b"n" * 24).hex(), len(nacl.signing.SigningKey(b"s" * 32).sign(b"m").signature))
print(AES.new(b"k" * 16, AES.MODE_GCM, nonce=b"n" * 12).encrypt(b"data").hex(), SHA3_256.new(b"x").hexdigest()[:8])
print(pbkdf2_sha256.verify("p", pbkdf2_sha256.using(rounds=10, salt=b"saltsalt").hash("p")), sha512_crypt.using(rounds=1000, salt="ab").hash("p")[:20], itsdangerous.Signer("k").sign("v"))
