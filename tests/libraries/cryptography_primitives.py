# requires: cryptography
import datetime

from cryptography import x509
from cryptography.fernet import Fernet, InvalidToken
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa
from cryptography.hazmat.primitives.ciphers.aead import AESGCM, ChaCha20Poly1305
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt
from cryptography.x509.oid import NameOID

key = Fernet(b"A" * 43 + b"=")
print(key.decrypt(key.encrypt(b"x")), AESGCM(b"k" * 16).encrypt(b"n" * 12, b"d", None).hex(), ChaCha20Poly1305(b"k" * 32).encrypt(b"n" * 12, b"d", None).hex())
try:
    key.decrypt(b"x")
except InvalidToken as error:
    print(type(error).__name__)
private = rsa.generate_private_key(65537, 2048)
signature = private.sign(b"m", padding.PSS(padding.MGF1(hashes.SHA256()), 32), hashes.SHA256())
private.public_key().verify(signature, b"m", padding.PSS(padding.MGF1(hashes.SHA256()), 32), hashes.SHA256())
pem = private.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.BestAvailableEncryption(b"p"))
print(serialization.load_pem_private_key(pem, b"p").key_size, ec.generate_private_key(ec.SECP256R1()).curve.name)
print(Scrypt(b"s" * 8, 32, 16, 8, 1).derive(b"p").hex()[:16], len(ed25519.Ed25519PrivateKey.generate().sign(b"x")))
name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "n")])
day = datetime.datetime(2024, 1, 1)
certificate = (x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(private.public_key()).serial_number(7)
               .not_valid_before(day).not_valid_after(day + datetime.timedelta(9)).sign(private, hashes.SHA256()))
print(certificate.subject.rfc4514_string(), certificate.serial_number)
