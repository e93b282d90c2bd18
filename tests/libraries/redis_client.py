# requires: redis hiredis
import socket
import threading

import redis


def serve(listener):
    while True:
        connection, _ = listener.accept()
        threading.Thread(target=answer, args=(connection,), daemon=True).start()


def answer(connection):
    store = {}
    reader = connection.makefile("rb")
    while header := reader.readline():
        words = []
        for _ in range(int(header[1:])):
            reader.readline()
            words.append(reader.readline().strip())
        if words[0] == b"SET":
            store[words[1]] = words[2]
            connection.sendall(b"+OK\r\n")
        elif words[0] == b"GET":
            value = store.get(words[1])
            connection.sendall(b"$-1\r\n" if value is None else b"$%d\r\n%s\r\n" % (len(value), value))
        else:
            connection.sendall(b"+OK\r\n")


listener = socket.create_server(("127.0.0.1", 0))
threading.Thread(target=serve, args=(listener,), daemon=True).start()
client = redis.Redis(port=listener.getsockname()[1], decode_responses=True, protocol=2)
print(client.set("a", "ü"), client.get("a"), client.get("b"), redis.utils.HIREDIS_AVAILABLE)
