import assert from "node:assert/strict";
import { test } from "node:test";
import { proxyOf } from "./proxy.js";

const proxy = "http://proxy.test:3128";
const chosen = (url: string, env: Record<string, string>) => proxyOf(new URL(url), env)?.href;

test("chooses by scheme, lower case before upper, ALL_PROXY last", () => {
  const env = {
    HTTPS_PROXY: "http://upper.test",
    https_proxy: proxy,
    HTTP_PROXY: "plain.test:80",
    ALL_PROXY: "http://all.test",
  };
  assert.equal(chosen("https://a.test", env), "http://proxy.test:3128/");
  assert.equal(chosen("http://a.test", env), "http://plain.test/");
  assert.equal(chosen("http://a.test", { ALL_PROXY: "http://all.test" }), "http://all.test/");
  assert.equal(chosen("https://a.test", {}), undefined);
  assert.throws(() => chosen("https://a.test", { HTTPS_PROXY: "socks5://a.test" }), { code: "ProxyFailed" });
});

test("NO_PROXY names domains, ports, everything; this machine and metadata services are never proxied", () => {
  const env = (list: string) => ({ HTTPS_PROXY: proxy, HTTP_PROXY: proxy, NO_PROXY: list });
  for (const [url, list] of [
    ["https://example.com", "example.com"],
    ["https://a.example.com", "example.com"],
    ["https://a.example.com", "x.test, .example.com"],
    ["https://a.example.com", "*.example.com"],
    ["https://a.example.com", "*"],
    ["https://example.com:8443", "example.com:8443"],
    ["https://example.com", "EXAMPLE.com:443"],
    ["http://localhost:4566", ""],
    ["http://127.0.0.1", ""],
    ["http://[::1]:80", ""],
    ["http://169.254.169.254", ""],
  ] as const) {
    assert.equal(chosen(url, env(list)), undefined, `${url} with ${list}`);
  }
  for (const [url, list] of [
    ["https://notexample.com", "example.com"],
    ["https://example.com", "example.com:8443"],
    ["https://example.com", "a.example.com"],
    ["https://10.0.0.1", "10.0.0.2"],
  ] as const) {
    assert.equal(chosen(url, env(list)), "http://proxy.test:3128/", `${url} with ${list}`);
  }
});
