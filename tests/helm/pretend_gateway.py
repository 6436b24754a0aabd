"""A gateway that says who it is, and hands back what it is told: pretend_gateway.py <address> <port>. It is made to be killed."""

import base64
import hashlib
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

# RFC 6455, section 1.3.
WORD = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"


class Answer(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    # What is written in two pieces would wait for the other side's acknowledgement.
    disable_nagle_algorithm = True

    def do_GET(self):
        if self.headers.get("Upgrade", "").lower() == "websocket":
            return self.live()
        self.tell(b"")

    def do_POST(self):
        self.tell(self.rfile.read(int(self.headers["Content-Length"])))

    def tell(self, body):
        self.send_response(200)
        self.send_header("X-Gateway", self.server.server_address[0])
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def live(self):
        accept = base64.b64encode(hashlib.sha1((self.headers["Sec-WebSocket-Key"] + WORD).encode()).digest()).decode()
        self.send_response(101)
        self.send_header("X-Gateway", self.server.server_address[0])
        self.send_header("Upgrade", "websocket")
        self.send_header("Connection", "Upgrade")
        self.send_header("Sec-WebSocket-Accept", accept)
        self.end_headers()
        # Bytes are enough: who stands in between reads no frames.
        while said := self.rfile.read1(65_536):
            self.wfile.write(said)
        self.close_connection = True

    def log_message(self, *_):
        pass


class Gateway(ThreadingHTTPServer):
    request_queue_size = 128


Gateway((sys.argv[1], int(sys.argv[2])), Answer).serve_forever()
