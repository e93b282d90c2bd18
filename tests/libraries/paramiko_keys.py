# requires: paramiko
import io
import socket
import threading

import paramiko

key = paramiko.RSAKey.generate(2048)
out = io.StringIO()
key.write_private_key(out, password="p")
print(paramiko.RSAKey.from_private_key(io.StringIO(out.getvalue()), password="p") == key, key.get_name())


class Server(paramiko.ServerInterface):
    def check_auth_password(self, username, password):
        return paramiko.AUTH_SUCCESSFUL if password == "secret" else paramiko.AUTH_FAILED

    def check_channel_request(self, kind, chanid):
        return paramiko.OPEN_SUCCEEDED


a, b = socket.socketpair()
server = paramiko.Transport(a)
server.add_server_key(key)
threading.Thread(target=server.start_server, kwargs={"server": Server()}).start()
client = paramiko.Transport(b)
client.connect(username="u", password="secret")
print(client.is_authenticated(), client.remote_version.startswith("SSH-2.0-paramiko"))
client.close()
server.close()
