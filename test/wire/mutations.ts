/** Ways to break a request. */
import type { Random } from "../oracle/random.js";
import { type RawRequest, serialize } from "./raw-http.js";

export interface Wire {
  readonly pieces: readonly Uint8Array[];
  /** Methods of the requests in the pieces. Default: the sample's alone. */
  readonly methods?: readonly string[];
  /** Whether the client shuts its side after writing. */
  readonly end?: boolean;
}

export interface Mutation {
  /** The request may be another service's afterwards, or nobody's. */
  readonly reroutes?: boolean;
  make(request: RawRequest, random: Random): Wire;
}

const whole = (request: RawRequest): Wire => ({ pieces: [serialize(request)], methods: [request.method] });

type Headers = [string, string][];

function withHeaders(request: RawRequest, change: (headers: Headers) => void): RawRequest {
  const headers = request.headers.map(([name, value]): [string, string] => [name, value]);
  change(headers);
  return { ...request, headers };
}

function setHeader(request: RawRequest, name: string, value: string | undefined): RawRequest {
  return withHeaders(request, (headers) => {
    const at = headers.findIndex(([each]) => each === name);
    if (at >= 0) headers.splice(at, 1);
    if (value !== undefined) headers.push([name, value]);
  });
}

/** With a body of its own, of the right length. */
function withBody(request: RawRequest, body: Uint8Array): RawRequest {
  return setHeader({ ...request, body }, "content-length", String(body.length));
}

const latin = (text: string) => Buffer.from(text, "latin1");

const ODD_TEXTS = [
  "",
  "%",
  "%zz",
  "%00",
  "%FF%FE",
  "%2e%2e%2f",
  "..",
  "//",
  "a b",
  "\u00e9",
  "\ud83d\ude00",
  "'\"<>&",
  "-1",
  "99999999999999999999",
  "NaN",
  "true",
  "null",
  "undefined",
  "__proto__",
  "constructor",
  "toString",
  "*",
  "?",
  "#",
  "+",
  "x".repeat(3000),
] as const;

const ODD_BODIES: readonly string[] = [
  "",
  " ",
  "{",
  "}",
  "[]",
  "[[[[",
  "null",
  "true",
  "0",
  '"text"',
  "{}",
  '{"name":null}',
  '{"name":{"a":[1]}}',
  '{"sourceObjects":"x"}',
  '{"metadata":[],"labels":1,"name":["a"]}',
  '{"__proto__":{"polluted":1}}',
  '{"location":7,"tags":"x"}',
  `${"[".repeat(5000)}${"]".repeat(5000)}`,
  "<",
  "<a",
  "<a>",
  "<a></b>",
  "<a/>",
  "<?xml version='1.0'?>",
  "<Delete/>",
  "<Delete><Object/></Delete>",
  "<Delete><Object><Key/></Object></Delete>",
  "<CompleteMultipartUpload/>",
  "<CompleteMultipartUpload><Part/></CompleteMultipartUpload>",
  "<CompleteMultipartUpload><Part><PartNumber>x</PartNumber></Part></CompleteMultipartUpload>",
  "<CreateBucketConfiguration><LocationConstraint/></CreateBucketConfiguration>",
  "<CORSConfiguration><CORSRule/></CORSConfiguration>",
  "<BlockList><Latest/></BlockList>",
  "<BlockList><Other>a</Other></BlockList>",
  "<Tags><TagSet><Tag/></TagSet></Tags>",
  "<Tags/>",
  "<!DOCTYPE a [<!ENTITY b 'c'>]><a>&b;</a>",
  "<a>&unknown;</a>",
  "<a>&#xFFFFFFFF;</a>",
  `${"<a>".repeat(3000)}${"</a>".repeat(3000)}`,
  "Action",
  "Action=",
  "Action=GetCallerIdentity&Action=ListUsers&Version=",
  "Action=RunInstances&Version=2016-11-15&MinCount=x&MaxCount=&ImageId",
  "Action=DescribeInstances&Version=2016-11-15&Filter.1.Name=&Filter.x.Value=1&Filter.1.Value.-1=2",
  "Action=CreateUser&Version=2010-05-08&UserName=%",
  "Action=AssumeRole&Version=2011-06-15&DurationSeconds=NaN",
  "grant_type=client_credentials",
  "grant_type=%",
  "\u0000\u0001\u0002",
  "\u00ff\u00fe",
  "--boundary\r\n\r\n--boundary--",
];

function mangled(text: string, random: Random): string {
  if (text === "") return random.pick(ODD_TEXTS);
  const at = random.below(text.length);
  switch (random.below(5)) {
    case 0:
      return text.slice(0, at) + text.slice(at + 1);
    case 1:
      return text.slice(0, at) + String.fromCharCode(33 + random.below(94)) + text.slice(at + 1);
    case 2:
      return text.slice(0, at) + random.pick(ODD_TEXTS).slice(0, 40) + text.slice(at);
    case 3:
      return text.slice(0, at);
    default:
      return random.pick(ODD_TEXTS);
  }
}

/** Header text that node:http lets through and the parser accepts. */
const headerText = (text: string) => Buffer.from(text.replace(/[\r\n\0]/g, ""), "utf8").toString("latin1");
/** Nothing in a target may end the request line. */
const targetText = (text: string) =>
  Buffer.from(text.replace(/[\0-\u0020\u007f]/g, ""), "utf8").toString("latin1") || "/";

export const MUTATIONS: Readonly<Record<string, Mutation>> = {
  "a header's value changed": {
    reroutes: true,
    make: (request, random) =>
      whole(
        withHeaders(request, (headers) => {
          const header = random.pick(headers.filter(([name]) => name !== "content-length"));
          header[1] = headerText(mangled(header[1], random));
        }),
      ),
  },

  "a header missing": {
    reroutes: true,
    make: (request, random) => {
      const names = request.headers.map(([name]) => name).filter((name) => name !== "content-length");
      return whole(setHeader(request, random.pick(names), undefined));
    },
  },

  "a header twice": {
    reroutes: true,
    make: (request, random) =>
      whole(
        withHeaders(request, (headers) => {
          const [name, value] = random.pick(headers);
          headers.push([name, random.chance(0.5) ? value : headerText(mangled(value, random))]);
        }),
      ),
  },

  "a header that the service knows, with an odd value": {
    reroutes: true,
    make: (request, random) => {
      const name = random.pick([
        "range",
        "x-ms-range",
        "if-match",
        "if-none-match",
        "if-modified-since",
        "x-ms-date",
        "x-amz-date",
        "x-amz-content-sha256",
        "x-amz-decoded-content-length",
        "x-amz-copy-source",
        "x-amz-tagging",
        "x-amz-checksum-crc32",
        "x-amz-sdk-checksum-algorithm",
        "x-amz-trailer",
        "x-amz-acl",
        "x-amz-storage-class",
        "x-amz-object-lock-retain-until-date",
        "x-amz-expected-bucket-owner",
        "x-amz-server-side-encryption-customer-key",
        "x-ms-copy-source",
        "x-ms-lease-duration",
        "x-ms-blob-type",
        "x-ms-blob-content-length",
        "x-ms-tags",
        "x-ms-if-tags",
        "x-ms-access-tier",
        "x-ms-blob-content-md5",
        "x-ms-version",
        "x-ms-client-request-id",
        "x-goog-encryption-key",
        "x-goog-user-project",
        "content-md5",
        "content-type",
        "content-range",
        "content-encoding",
        "origin",
        "expect",
        "accept-encoding",
        "x-http-method-override",
      ]);
      return whole(setHeader(request, name, headerText(random.pick(ODD_TEXTS))));
    },
  },

  "a signature changed": {
    reroutes: true,
    make: (request, random) => {
      const authorization = request.headers.find(([name]) => name === "authorization")?.[1] ?? "";
      const kinds = [
        mangled(authorization, random),
        "AWS4-HMAC-SHA256",
        "AWS4-HMAC-SHA256 Credential=/, SignedHeaders=, Signature=",
        "AWS4-HMAC-SHA256 Credential=test/20260101/us-east-1/s3/aws4_request,SignedHeaders=host,Signature=%",
        "AWS4-ECDSA-P256-SHA256 Credential=test/20260101/s3/aws4_request,SignedHeaders=host,Signature=00",
        "AWS test:AAAA",
        "AWS :",
        "SharedKey",
        "SharedKey wire:",
        "SharedKey wire:%%%",
        "SharedKeyLite wire:AAAA",
        "Bearer",
        "Bearer ",
        "Bearer a.b.c",
        "Bearer eyJhbGciOiJub25lIn0.e30.",
        "Bearer eyJhbGciOiJSUzI1NiJ9.bm90IGpzb24.AAAA",
        "Basic dGVzdDp0ZXN0",
        "Negotiate",
        "",
      ];
      return whole(setHeader(request, "authorization", headerText(random.pick(kinds))));
    },
  },

  "the query's parameters changed": {
    reroutes: true,
    make: (request, random) => {
      const [path = "/", query = ""] = request.target.split("?");
      const extra = random.pick([
        "X-Amz-Signature=0&X-Amz-Algorithm=AWS4-HMAC-SHA256",
        "X-Amz-Credential=%",
        "X-Amz-Credential=test%2F20260101%2Fus-east-1%2Fs3%2Faws4_request&X-Amz-Date=x&X-Amz-Expires=-1",
        "AWSAccessKeyId=test&Signature=%&Expires=x",
        "sv=2020&sig=%&sp=r&sr=b&se=x",
        "sv=&sig=",
        "X-Goog-Algorithm=GOOG4-RSA-SHA256&X-Goog-Signature=zz",
        "GoogleAccessId=a&Signature=b&Expires=c",
        "max-keys=x",
        "max-keys=-1",
        "list-type=2&continuation-token=%FF",
        "partNumber=x&uploadId=y",
        "versionId=x",
        "uploads",
        "restype=container&comp=list&maxresults=x",
        "comp=nothing",
        "restype=service&comp=properties",
        "uploadType=resumable&upload_id=x",
        "uploadType=nothing",
        "alt=x",
        "maxResults=x&pageToken=%",
        "Action=Nothing",
        "api-version=0",
        "&&==&=",
        "%",
        "__proto__=1",
        "a[b]=c",
        "x=".repeat(500),
      ]);
      const next = random.chance(0.5)
        ? `${query}&${extra}`
        : random.chance(0.5)
          ? extra
          : mangled(query, random);
      return whole({ ...request, target: targetText(`${path}?${next}`) });
    },
  },

  "a path of another kind": {
    reroutes: true,
    make: (request, random) => {
      const [path = "/", query = ""] = request.target.split("?");
      const odd = [
        mangled(path, random),
        "/",
        "//",
        "///",
        "/%",
        "/%FF",
        "/wire/%",
        "/wire/%C3%28",
        "/wire/../../etc",
        "/wire//",
        "/wire/./x",
        "/wire/%00",
        "/devstoreaccount1",
        "/devstoreaccount1/%",
        "/devstoreaccount1/wire/%FF",
        "/storage/v1/b/%/o/%",
        "/storage/v1/b/wire/o/%FF",
        "/upload/storage/v1/b/wire/o",
        "/batch/storage/v1",
        "/compute/v1/projects/%/zones",
        "/subscriptions/%/resourcegroups/x",
        "/latest/meta-data/%",
        "/computeMetadata/v1/%",
        "/metadata/identity/oauth2/token",
        "/token",
        "/v2/credentials/%",
        "*",
        "http://%/x",
        "http://wire.s3.amazonaws.com/a",
        "relative",
        "/\u00e9",
        `/${"a/".repeat(2000)}`,
      ];
      return whole({
        ...request,
        target: targetText(query === "" ? random.pick(odd) : `${random.pick(odd)}?${query}`),
      });
    },
  },

  "another method": {
    reroutes: true,
    make: (request, random) => {
      const method = random.pick([
        "GET",
        "HEAD",
        "PUT",
        "POST",
        "DELETE",
        "PATCH",
        "OPTIONS",
        "PROPFIND",
        "TRACE",
        "MERGE",
        "LINK",
      ]);
      return whole({ ...request, method });
    },
  },

  "another host": {
    reroutes: true,
    make: (request, random) => {
      const host = random.pick([
        "unknown.example",
        "localhost",
        ".localhost",
        "a..localhost",
        "%.localhost",
        "s3.amazonaws.com",
        ".s3.amazonaws.com",
        "wire.s3.amazonaws.com",
        "_.s3.amazonaws.com",
        "x.blob.core.windows.net",
        ".blob.core.windows.net",
        "storage.googleapis.com",
        ".storage.googleapis.com",
        "unknown.googleapis.com",
        "unknown.us-east-1.amazonaws.com",
        "management.azure.com",
        "login.microsoftonline.com",
        "169.254.169.254",
        "metadata.google.internal",
        "[::1]:80",
        "[",
        "a b",
        "",
        "x".repeat(300),
        "\u00e9",
      ]);
      return whole(setHeader(request, "host", headerText(host)));
    },
  },

  "another body": {
    make: (request, random) => whole(withBody(request, latin(random.pick(ODD_BODIES)))),
  },

  "a body changed in one place": {
    make: (request, random) =>
      whole(withBody(request, latin(mangled(Buffer.from(request.body).toString("latin1"), random)))),
  },

  "a body shorter than declared": {
    make: (request, random) => {
      const body = request.body.length > 0 ? request.body : latin("body");
      const sized = withBody(request, body);
      return { pieces: [serialize({ ...sized, body: body.subarray(0, random.below(body.length)) })] };
    },
  },

  "a length that is none": {
    reroutes: true,
    make: (request, random) =>
      whole(
        setHeader(
          request,
          "content-length",
          random.pick(["-1", "x", "1e3", "0x10", "1, 2", "99999999999999999999", " ", "+1"]),
        ),
      ),
  },

  "a body in chunks, well coded": {
    make: (request, random) => {
      const bare = setHeader(setHeader(request, "content-length", undefined), "transfer-encoding", "chunked");
      const pieces: Uint8Array[] = [serialize({ ...bare, body: new Uint8Array(0) })];
      for (let at = 0; at < request.body.length; ) {
        const size = 1 + random.below(request.body.length);
        const chunk = request.body.subarray(at, at + size);
        pieces.push(latin(`${chunk.length.toString(16)}\r\n`), chunk, latin("\r\n"));
        at += size;
      }
      pieces.push(latin("0\r\n\r\n"));
      return { pieces };
    },
  },

  "a body in chunks, badly coded": {
    make: (request, random) => {
      const bare = setHeader(setHeader(request, "content-length", undefined), "transfer-encoding", "chunked");
      const tail = random.pick([
        "zz\r\nabc\r\n0\r\n\r\n",
        "5\r\nabc",
        "5\r\nabcdefgh\r\n0\r\n\r\n",
        "-1\r\n\r\n",
        "FFFFFFFFFFFFFFFFFF\r\n",
        "3\nabc\n0\n\n",
        "3;ext=\0\r\nabc\r\n0\r\n\r\n",
        "",
        "0\r\n",
        "0\r\nbad trailer\r\n\r\n",
      ]);
      return { pieces: [serialize({ ...bare, body: latin(tail) })] };
    },
  },

  "both a length and chunks": {
    reroutes: true,
    make: (request) => ({
      pieces: [serialize(withHeaders(request, (headers) => headers.push(["transfer-encoding", "chunked"])))],
    }),
  },

  "aws-chunked, badly coded": {
    make: (request, random) => {
      const tail = random.pick([
        "5;chunk-signature=0\r\nhello\r\n0;chunk-signature=0\r\n\r\n",
        "5\r\nhello\r\n0\r\n",
        "5\r\nhel",
        "zz\r\nhello\r\n0\r\n\r\n",
        "5\r\nhello0\r\n\r\n",
        "5\r\nhello\r\n0\r\nx-amz-checksum-crc32:AAAA\r\n\r\n",
        "5\r\nhello\r\n0\r\nx-amz-checksum-crc32\r\n\r\n",
        "FFFFFFFFFFFF\r\n",
        "",
      ]);
      let odd = withBody(request, latin(tail));
      odd = setHeader(odd, "content-encoding", "aws-chunked");
      odd = setHeader(odd, "x-amz-trailer", random.pick(["x-amz-checksum-crc32", "x-nothing", ""]));
      odd = setHeader(odd, "x-amz-decoded-content-length", random.pick(["5", "4", "x", "-1"]));
      return whole(odd);
    },
  },

  "Expect: 100-continue": {
    make: (request) => ({
      pieces: [
        serialize(setHeader({ ...request, body: new Uint8Array(0) }, "expect", "100-continue")),
        request.body,
      ],
    }),
  },

  "an expectation that nobody knows": {
    reroutes: true,
    make: (request) => whole(setHeader(request, "expect", "the-impossible")),
  },

  "requests one after the other without waiting": {
    make: (request, random) => {
      const count = 2 + random.below(4);
      return {
        pieces: [Buffer.concat(Array.from({ length: count }, () => serialize(request)))],
        methods: Array.from({ length: count }, () => request.method),
      };
    },
  },

  "rubbish behind a good request": {
    reroutes: true,
    make: (request, random) => ({
      pieces: [
        serialize(request),
        latin(random.pick(["\r\n\r\nGARBAGE\r\n\r\n", "GET\r\n\r\n", "\0\0\0", "GET / HTTP/9.9\r\n\r\n"])),
      ],
      methods: [request.method, "GET"],
    }),
  },

  "a client that writes byte by byte": {
    make: (request) => {
      const bytes = serialize(request);
      const slow = Array.from(bytes.subarray(0, 40), (byte) => Uint8Array.of(byte));
      return { pieces: [...slow, bytes.subarray(40)] };
    },
  },

  "a request cut anywhere": {
    reroutes: true,
    make: (request, random) => {
      const bytes = serialize(request);
      return { pieces: [bytes.subarray(0, 1 + random.below(bytes.length - 1))] };
    },
  },

  "a byte changed anywhere": {
    reroutes: true,
    make: (request, random) => {
      const bytes = Uint8Array.from(serialize(request));
      bytes[random.below(bytes.length)] = random.below(256);
      return { pieces: [bytes] };
    },
  },

  "a request line that is none": {
    reroutes: true,
    make: (_request, random) => ({
      pieces: [
        latin(
          random.pick([
            "\r\n\r\nrubbish\r\n\r\n",
            "GET\r\n\r\n",
            "GET /\r\n\r\n",
            "GET / HTTP/9.9\r\nhost: a\r\n\r\n",
            "GET  /  HTTP/1.1\r\nhost: a\r\n\r\n",
            "get / HTTP/1.1\r\nhost: a\r\n\r\n",
            "NOTHING / HTTP/1.1\r\nhost: a\r\n\r\n",
            "GET / HTTP/1.1\r\nhost a\r\n\r\n",
            "GET / HTTP/1.1\r\n: a\r\n\r\n",
            "GET / HTTP/1.1\r\n\r\n",
            "GET / HTTP/1.1\r\nhost: a\r\nhost: b\r\n\r\n",
            "GET / HTTP/1.1\nhost: a\n\n",
            "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
            "CONNECT a:443 HTTP/1.1\r\nhost: a:443\r\n\r\n",
            "OPTIONS * HTTP/1.1\r\nhost: a\r\n\r\n",
            "GET http://a:b/ HTTP/1.1\r\nhost: a\r\n\r\n",
            "GET / HTTP/1.0\r\n\r\n",
            "\x16\x03\x01\x02\0\x01\0\x01\xfc\x03\x03",
            "GET / HTTP/1.1\r\nhost: a\r\nupgrade: websocket\r\nconnection: upgrade\r\n\r\n",
            "POST / HTTP/1.1\r\nhost: a\r\ntransfer-encoding: gzip\r\n\r\n",
          ]),
        ),
      ],
      methods: ["GET"],
    }),
  },

  "headers too long": {
    reroutes: true,
    make: (request, random) =>
      whole(
        withHeaders(request, (headers) =>
          headers.push([
            random.pick(["x-amz-meta-a", "x-ms-meta-a", "cookie"]),
            "y".repeat(20_000 + random.below(200_000)),
          ]),
        ),
      ),
  },

  "headers too many": {
    reroutes: true,
    make: (request, random) =>
      whole(
        withHeaders(request, (headers) => {
          for (let n = 0; n < 200 + random.below(3000); n++) headers.push([`x-many-${n}`, "1"]);
        }),
      ),
  },
};
