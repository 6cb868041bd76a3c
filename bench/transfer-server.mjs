// The neutral server of the transfers: takes parts and throws them away, serves ranges of canned bytes, says nothing of S3 that
// a client must check. A process of its own. Prints its port.
import { createServer } from "node:http";

const SIZE = 256 * 1024 * 1024;
const block = Buffer.alloc(1024 * 1024);
for (let at = 0; at < block.length; at++) block[at] = (at * 31) & 255;

const xml = (text) => Buffer.from(`<?xml version="1.0" encoding="UTF-8"?>\n${text}`);
const begun = xml(
  "<InitiateMultipartUploadResult><Bucket>bucket</Bucket><Key>key</Key><UploadId>upload</UploadId></InitiateMultipartUploadResult>",
);
const completed = xml(
  '<CompleteMultipartUploadResult><Bucket>bucket</Bucket><Key>key</Key><ETag>"d41d8cd98f00b204e9800998ecf8427e-32"</ETag></CompleteMultipartUploadResult>',
);
const object = {
  etag: '"d41d8cd98f00b204e9800998ecf8427e-32"',
  "last-modified": "Tue, 24 Nov 2026 10:00:00 GMT",
};

const server = createServer((request, response) => {
  if (request.method === "GET") return serve(request, response);
  request.resume();
  request.on("end", () => {
    if (request.method === "PUT") response.writeHead(200, { etag: object.etag, "content-length": 0 }).end();
    else if (request.method === "HEAD") response.writeHead(200, { ...object, "content-length": SIZE }).end();
    else {
      const body = request.url.includes("uploads") ? begun : completed;
      response.writeHead(200, { "content-type": "application/xml", "content-length": body.length }).end(body);
    }
  });
});

function serve(request, response) {
  const [, from, to] = /^bytes=(\d+)-(\d+)$/.exec(request.headers.range ?? "") ?? [];
  const start = Number(from ?? 0);
  const end = Math.min(Number(to ?? SIZE - 1), SIZE - 1) + 1;
  const head = { ...object, "accept-ranges": "bytes", "content-length": end - start };
  if (from === undefined) response.writeHead(200, head);
  else response.writeHead(206, { ...head, "content-range": `bytes ${start}-${end - 1}/${SIZE}` });
  let at = start;
  const more = () => {
    while (at < end) {
      const offset = at % block.length;
      const piece = block.subarray(offset, Math.min(block.length, offset + end - at));
      at += piece.length;
      if (!response.write(piece)) return response.once("drain", more);
    }
    response.end();
  };
  more();
}

server.keepAliveTimeout = 60_000;
server.listen(0, "127.0.0.1", () => console.log(server.address().port));
