import assert from "node:assert/strict";
import { test } from "node:test";
import { amazonIpv6Range, formatIpv6, ipv6Contains, parseIpv6, parseIpv6Range } from "./ipv6.js";

test("addresses are read in each form and written in the shortest", () => {
  const forms: readonly (readonly [string, string])[] = [
    ["2001:0db8:0000:0000:0000:0000:0000:0001", "2001:db8::1"],
    ["2001:db8:0:1:0:0:0:1", "2001:db8:0:1::1"],
    ["::", "::"],
    ["::1", "::1"],
    ["1::", "1::"],
    ["1:0:2:3:4:5:6:7", "1:0:2:3:4:5:6:7"],
    ["FE80::A", "fe80::a"],
  ];
  for (const [given, short] of forms) assert.equal(formatIpv6(parseIpv6(given) ?? -1n), short, given);
  for (const bad of ["", "1", "1::2::3", "1:2:3:4:5:6:7:8:9", "::g", "1:2:3:4:5:6:7", "1:2:3:4::5:6:7:8"])
    assert.equal(parseIpv6(bad), undefined, bad);
});

test("a subnet's range is one of its VPC's", () => {
  const outer = parseIpv6Range("2600:1f00:1:100::/56", 44, 60);
  assert.ok(ipv6Contains(outer, parseIpv6Range("2600:1f00:1:1ff::/64", 44, 64)));
  assert.ok(!ipv6Contains(outer, parseIpv6Range("2600:1f00:1:200::/64", 44, 64)));
  assert.throws(() => parseIpv6Range("2600::/65", 44, 64), { code: "InvalidParameterValue" });
  const amazon = amazonIpv6Range();
  assert.match(amazon, /^2600:1f[0-9a-f]{2}:.*::\/56$/);
});
