// `npm run bench [-- --json] [-- --quick]`: each budget of the design beside its peer and its floor, in one run.
import { spawnSync } from "node:child_process";
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import {
  bundledBytes,
  coldMs,
  cpuUs,
  firstLineMs,
  folderBytes,
  median,
  packageBytes,
  startServer,
} from "./measure.mjs";
import { transferFigures } from "./transfer.mjs";

const json = process.argv.includes("--json");
const quick = process.argv.includes("--quick");
const only = process.argv
  .find((each) => each.startsWith("--only="))
  ?.slice("--only=".length)
  .split(",");
const here = import.meta.dirname;
const root = resolve(here, "..");
const rounds = quick ? 5 : 15;
const rows = [];
const server = await startServer(join(here, "server.mjs"));
const endpoint = `http://127.0.0.1:${server.port}`;

try {
  cold(
    "cold-s3-get",
    "first S3 GetObject, whole process",
    ["node:http", "trivet", "aws-sdk v3", "aws4fetch"],
    "get",
    "1k",
    1.3,
  );
  cold(
    "cold-ec2-describe",
    "first DescribeInstances of 500, whole process",
    ["node:http", "trivet", "aws-sdk v3"],
    "describe",
    "",
    1.6,
  );
  cpu(
    "cpu-s3-get-1k",
    "CPU of a 1 KiB GetObject, 50 at a time",
    ["node:http", "trivet", "aws-sdk v3", "s3mini"],
    { call: "get", key: "1k", calls: 4000, width: 50 },
    { floorTimes: 2 },
  );
  cpu(
    "cpu-s3-get-1m",
    "CPU of a 1 MiB GetObject",
    ["node:http", "trivet", "aws-sdk v3", "s3mini"],
    { call: "get", key: "1m", calls: 300, width: 4 },
    { floorTimes: 1.3 },
  );
  cpu(
    "cpu-s3-list-1000",
    "CPU of ListObjectsV2 of 1,000 keys",
    ["node:http", "trivet", "aws-sdk v3", "s3mini"],
    { call: "list", calls: 300, width: 4 },
    { peerShare: 1 / 4.8 },
  );
  cpu(
    "cpu-ec2-describe-500",
    "CPU of DescribeInstances of 500",
    ["node:http", "trivet", "aws-sdk v3"],
    { call: "describe", calls: 200, width: 4 },
    { peerShare: 1 / 7.7 },
  );
  await bundle("bundle-s3", "S3 client bundled, minified, gzipped", "S3", "s3", 45);
  await bundle("bundle-ec2", "EC2 client bundled, minified, gzipped", "EC2", "ec2", 150);
  await transfer("upload", 1);
  await transfer("download", 1);
  installSize();
  types();
  await emulator();
} finally {
  server.stop();
}

if (json) console.log(JSON.stringify(rows));
else {
  for (const { id, what, value, unit, floor, peer, ratio, budget, ok } of rows) {
    const beside = [
      floor && `floor ${floor.value} (${floor.name})`,
      peer && `peer ${peer.value} (${peer.name})`,
    ]
      .filter(Boolean)
      .join(", ");
    console.log(
      `${ok ? "ok  " : "OVER"} ${id.padEnd(22)} ${String(value).padStart(8)} ${unit.padEnd(3)} ${beside}; ratio ${ratio ?? "-"}, budget ${budget}   ${what}`,
    );
  }
}
process.exitCode = rows.every(({ ok }) => ok) ? 0 : 1;

function wanted(id) {
  return only === undefined || only.includes(id);
}

function add(row) {
  rows.push(row);
  if (!json) console.error(`  measured ${row.id}`);
}

function cold(id, what, names, call, key, times) {
  if (!wanted(id)) return;
  const ms = coldMs(names, rounds, call, endpoint, key);
  against(id, what, "ms", ms, `<= ${times} x floor`, ms.trivet <= times * ms["node:http"]);
}

function cpu(id, what, names, work, { floorTimes, peerShare }) {
  if (!wanted(id)) return;
  const us = cpuUs(names, quick ? 1 : 3, work, endpoint);
  const budget = floorTimes ? `<= ${floorTimes} x floor` : `<= peer / ${(1 / peerShare).toFixed(1)}`;
  against(
    id,
    what,
    "us",
    us,
    budget,
    us.trivet <= (floorTimes ? floorTimes * us["node:http"] : peerShare * us["aws-sdk v3"]),
  );
}

function against(id, what, unit, figures, budget, ok) {
  const floor = figures["node:http"];
  add({
    id,
    what,
    value: round(figures.trivet),
    unit,
    floor: { name: "node:http", value: round(floor) },
    peer: { name: "aws-sdk v3", value: round(figures["aws-sdk v3"]) },
    others: Object.fromEntries(
      Object.entries(figures)
        .filter(([name]) => !["node:http", "trivet", "aws-sdk v3"].includes(name))
        .map(([name, value]) => [name, round(value)]),
    ),
    ratio: budget.includes("floor")
      ? round(figures.trivet / floor)
      : round(figures.trivet / figures["aws-sdk v3"]),
    budget,
    ok,
  });
}

async function bundle(id, what, name, module, budgetKb) {
  if (!wanted(id)) return;
  const ours = await bundledBytes(`export { ${name} } from "trivet/aws/${module}";`);
  const theirs = await bundledBytes(`export * from "@aws-sdk/client-${module}";`);
  add({
    id,
    what,
    value: round(ours / 1000),
    unit: "kB",
    floor: null,
    peer: { name: `@aws-sdk/client-${module}`, value: round(theirs / 1000) },
    ratio: round(ours / theirs),
    budget: `<= ${budgetKb} kB`,
    ok: ours <= budgetKb * 1000,
  });
}

/**
 * Beside boto3's s3transfer and @aws-sdk/lib-storage. An upload over plain http is bound by the SHA-256 that its signature
 * needs, which boto3 and we take in several threads.
 */
async function transfer(direction, times) {
  const id = `transfer-${direction}-256m`;
  if (!wanted(id)) return;
  const { trivet, ...peers } = await transferFigures(direction, quick ? 3 : 9);
  const [name, peer] = Object.entries(peers).sort(([, a], [, b]) => a.wallMs - b.wallMs)[0];
  const rounded = ({ wallMs, cpuMs, rssMb }) => ({
    wallMs: round(wallMs),
    cpuMs: round(cpuMs),
    rssMb: round(rssMb),
  });
  add({
    id,
    what: `${direction}File of 256 MiB, wall; CPU ${round(trivet.cpuMs)} ms, ${round(trivet.rssMb)} MB; ${Object.entries(
      peers,
    )
      .map(
        ([other, each]) =>
          `${other} ${round(each.wallMs)} ms, CPU ${round(each.cpuMs)} ms, ${round(each.rssMb)} MB`,
      )
      .join("; ")}`,
    value: round(trivet.wallMs),
    unit: "ms",
    floor: null,
    peer: { name, value: round(peer.wallMs) },
    others: Object.fromEntries(
      Object.entries({ trivet, ...peers }).map(([each, figures]) => [each, rounded(figures)]),
    ),
    ratio: round(trivet.wallMs / peer.wallMs),
    budget: `<= ${times} x the fastest peer`,
    ok: trivet.wallMs <= times * peer.wallMs,
  });
}

function installSize() {
  if (!wanted("install-size")) return;
  const ours = packageBytes(root) / 1e6;
  const theirs =
    folderBytes(join(here, "node_modules/@aws-sdk")) / 1e6 +
    folderBytes(join(here, "node_modules/@smithy")) / 1e6;
  add({
    id: "install-size",
    what: "installed: three clouds, all services of the package",
    value: round(ours),
    unit: "MB",
    floor: null,
    peer: { name: "@aws-sdk s3 + ec2 alone", value: round(theirs) },
    ratio: round(ours / theirs),
    budget: "<= 40 MB",
    ok: ours <= 40,
  });
}

function types() {
  if (!wanted("types-s3-ec2")) return;
  const folder = join(root, ".cache/bench-types");
  mkdirSync(folder, { recursive: true });
  const check = (name, text) => {
    writeFileSync(join(folder, `${name}.ts`), text);
    const times = [];
    for (let run = 0; run < (quick ? 3 : 7); run++) {
      const start = process.hrtime.bigint();
      const tsc = join(root, "node_modules/.bin/tsc");
      const options = [
        "--ignoreConfig",
        "--noEmit",
        "--strict",
        "--skipLibCheck",
        "--module",
        "nodenext",
        "--target",
        "es2023",
        "--types",
        "node",
      ];
      const { status, stdout } = spawnSync(tsc, [...options, join(folder, `${name}.ts`)], {
        cwd: folder,
        encoding: "utf8",
      });
      if (status !== 0) throw new Error(stdout);
      times.push(Number(process.hrtime.bigint() - start) / 1e6);
    }
    return median(times);
  };
  const floor = check("empty", "export {};\n");
  const ours = check(
    "user",
    'import { EC2 } from "trivet/aws/ec2";\nimport { S3 } from "trivet/aws/s3";\nconst { Contents = [] } = await new S3().listObjectsV2({ Bucket: "b" });\nconst { Reservations = [] } = await new EC2().describeInstances();\nexport const sizes = Contents.map((each) => each.Size ?? 0);\nexport const ids = Reservations.flatMap((each) => each.Instances ?? []).map((each) => each.InstanceId);\n',
  );
  rmSync(folder, { recursive: true, force: true });
  add({
    id: "types-s3-ec2",
    what: "tsc 7 on a file that uses S3 and EC2",
    value: round(ours),
    unit: "ms",
    floor: { name: "an empty file", value: round(floor) },
    peer: null,
    ratio: round(ours / floor),
    budget: "<= 500 ms",
    ok: ours <= 500,
  });
}

async function emulator() {
  if (wanted("emulator-in-process")) {
    const inner = spawnSync(process.execPath, [join(here, "programs/emulator.mjs")], { encoding: "utf8" });
    const times = [Number(inner.stdout)];
    for (let run = 0; run < rounds; run++)
      times.push(
        Number(
          spawnSync(process.execPath, [join(here, "programs/emulator.mjs")], { encoding: "utf8" }).stdout,
        ),
      );
    const ours = median(times);
    add({
      id: "emulator-in-process",
      what: "Emulator.start() in a process, import included",
      value: round(ours),
      unit: "ms",
      floor: null,
      peer: null,
      ratio: null,
      budget: "<= 60 ms",
      ok: ours <= 60,
    });
  }
  if (wanted("emulator-server")) {
    const ours = await firstLineMs(
      process.execPath,
      [join(root, "tools/emulator.mjs"), "--port", "0"],
      rounds,
    );
    const azurite = await firstLineMs(
      process.execPath,
      [
        join(here, "node_modules/azurite/dist/src/blob/main.js"),
        "--blobPort",
        "0",
        "--inMemoryPersistence",
        "--skipApiVersionCheck",
      ],
      quick ? 2 : 5,
    );
    add({
      id: "emulator-server",
      what: "emulator as a server, start to its first line",
      value: round(ours),
      unit: "ms",
      floor: null,
      peer: { name: "azurite", value: round(azurite) },
      ratio: round(ours / azurite),
      budget: "<= 250 ms",
      ok: ours <= 250,
    });
  }
}

function round(value) {
  return Number(value.toFixed(value < 10 ? 2 : value < 100 ? 1 : 0));
}
