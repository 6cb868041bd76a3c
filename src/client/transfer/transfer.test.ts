import assert from "node:assert/strict";
import { mkdtempSync } from "node:fs";
import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import { after, test } from "node:test";
import { transportError } from "../../http/transport-error.js";
import { CloudError } from "../../internal/cloud-error.js";
import { type DownloadSource, downloadAsBody, downloadToFile } from "./download.js";
import type { TransferOptions, TransferProgress, TransferState } from "./options.js";
import { Pace } from "./pace.js";
import { inOrder, inParallel } from "./parallel.js";
import { fittingPartBytes, planParts } from "./parts.js";
import { bodySource, fileSource } from "./source.js";
import { type UploadTarget, upload } from "./upload.js";

const folder = mkdtempSync(join(tmpdir(), "trivet-transfer-"));
after(() => rm(folder, { recursive: true }));

const pattern = (length: number) =>
  Buffer.from(Array.from({ length }, (_, index) => (index * 31 + (index >> 8)) & 255));
const tick = () => new Promise((resolve) => setImmediate(resolve));

test("parts: cut, fitted to the limits", () => {
  assert.deepEqual(
    [...planParts(25, 10)],
    [
      { number: 1, offset: 0, length: 10 },
      { number: 2, offset: 10, length: 10 },
      { number: 3, offset: 20, length: 5 },
    ],
  );
  assert.deepEqual([...planParts(0, 10)], []);
  const limits = { partsMax: 10, partBytesMin: 5, partBytesMax: 1_000 };
  assert.equal(fittingPartBytes(8, 80, limits), 8);
  assert.equal(fittingPartBytes(8, 81, limits), 16);
  assert.equal(fittingPartBytes(2, 4, limits), 5);
  assert.equal(fittingPartBytes(2_000, undefined, limits), 1_000);
  assert.throws(() => fittingPartBytes(0, 1, limits), { code: "InvalidInput" });
});

test("parallel: never more than the limit, the first failure stops the rest and is thrown", async () => {
  let running = 0;
  let most = 0;
  await inParallel(
    Array.from({ length: 20 }, (_, i) => i),
    3,
    undefined,
    async () => {
      most = Math.max(most, ++running);
      await tick();
      running--;
    },
  );
  assert.equal(most, 3);
  const failure = new Error("first");
  let started = 0;
  let aborted = 0;
  const work = inParallel(
    Array.from({ length: 20 }, (_, i) => i),
    4,
    undefined,
    async (item, signal) => {
      started++;
      if (item === 2) throw failure;
      await new Promise<void>((resolve) => signal.addEventListener("abort", () => resolve()));
      aborted++;
    },
  );
  await assert.rejects(work, failure);
  assert.deepEqual([started, aborted], [4, 3]);
});

test("parallel: in order, no further ahead than the limit", async () => {
  let started = 0;
  const seen: number[] = [];
  const results = inOrder([5, 1, 4, 2, 3], 2, undefined, async (item) => {
    started++;
    for (let i = 0; i < item; i++) await tick();
    return item;
  });
  for await (const result of results) {
    seen.push(result);
    assert.ok(started <= seen.length + 1, `${started} started when ${seen.length} were taken`);
  }
  assert.deepEqual(seen, [5, 1, 4, 2, 3]);
});

test("pace: holds bytes to the limit", async () => {
  const pace = new Pace({ bytesPerSecond: 1_000 }, undefined, () => 0);
  await pace.admit(500, undefined);
  const abort = new AbortController();
  const waiting = pace.admit(500, abort.signal);
  abort.abort();
  await assert.rejects(waiting, { kind: "aborted" });
});

interface Store {
  whole?: Buffer;
  parts: Map<number, Buffer>;
  completed?: Buffer;
  abandoned: string[];
  begun: number;
}

function target(
  store: Store,
  onPart: (number: number, signal?: AbortSignal) => Promise<void> | void = () => {},
): UploadTarget<string> {
  return {
    limits: { partsMax: 10_000, partBytesMin: 1, partBytesMax: 1_000_000 },
    async whole(bytes) {
      store.whole = Buffer.from(bytes);
      return "whole";
    },
    async begin() {
      store.begun++;
      return "id";
    },
    async part(_, part, signal) {
      await onPart(part.number, signal);
      store.parts.set(part.number, Buffer.from(part.bytes));
      return { tag: part.number };
    },
    async complete(_, parts, size) {
      assert.deepEqual(
        parts.map(({ result }) => result),
        parts.map(({ number }) => ({ tag: number })),
      );
      store.completed = Buffer.concat(parts.map(({ number }) => store.parts.get(number) as Buffer));
      assert.equal(store.completed.length, size);
      return "parts";
    },
    async abandon(id) {
      store.abandoned.push(id);
    },
  };
}

const newStore = (): Store => ({ parts: new Map(), abandoned: [], begun: 0 });
const SMALL: TransferOptions = { thresholdBytes: 100, partBytes: 100, concurrency: 3 };

test("upload: every kind of source, whole or in parts, whatever its chunks", async () => {
  for (const size of [0, 1, 99, 100, 101, 1_000, 1_050]) {
    const bytes = pattern(size);
    const path = join(folder, `source-${size}`);
    await writeFile(path, bytes);
    async function* chunks(length: number) {
      for (let offset = 0; offset < size; offset += length) yield bytes.subarray(offset, offset + length);
    }
    const sources = {
      file: await fileSource(path),
      bytes: bodySource(bytes),
      blob: bodySource(new Blob([bytes])),
      drip: bodySource(chunks(1)),
      gush: bodySource(chunks(777)),
      node: bodySource(Readable.from(chunks(33))),
      web: bodySource(new Blob([bytes]).stream() as ReadableStream<Uint8Array>),
    };
    for (const [name, source] of Object.entries(sources)) {
      const store = newStore();
      const progress: TransferProgress[] = [];
      const result = await upload(source, target(store), {
        ...SMALL,
        onProgress: (each) => progress.push(each),
      });
      await source.close();
      const what = `${size} bytes from ${name}`;
      assert.equal(result, size < 100 ? "whole" : "parts", what);
      assert.ok((store.whole ?? store.completed)?.equals(bytes), what);
      assert.equal(progress.at(-1)?.transferredBytes, size, what);
    }
  }
});

test("upload: memory is bounded by parts in flight", async () => {
  let produced = 0;
  async function* endless() {
    for (let i = 0; i < 100; i++) {
      produced += 100;
      yield pattern(100);
    }
  }
  let ahead = 0;
  let stored = 0;
  await upload(
    bodySource(endless()),
    target(newStore(), async () => {
      ahead = Math.max(ahead, produced - stored);
      await tick();
      await tick();
      stored += 100;
    }),
    SMALL,
  );
  assert.ok(ahead <= 500, `${ahead} bytes were held`);
});

test("upload: a failure abandons the parts, closes the source and is what is thrown", async () => {
  let closed = false;
  async function* source() {
    try {
      for (;;) yield pattern(100);
    } finally {
      closed = true;
    }
  }
  const store = newStore();
  const failure = new CloudError("no", { kind: "accessDenied", code: "AccessDenied" });
  const failing = upload(
    bodySource(source()),
    target(store, (number) => {
      if (number === 5) throw failure;
    }),
    SMALL,
  );
  await assert.rejects(failing, failure);
  assert.deepEqual(store.abandoned, ["id"]);
  assert.equal(closed, true);
});

test("upload: a source that fails abandons the parts", async () => {
  async function* source() {
    yield pattern(350);
    throw new Error("disk on fire");
  }
  const store = newStore();
  await assert.rejects(upload(bodySource(source()), target(store), SMALL), /disk on fire/);
  assert.deepEqual(store.abandoned, ["id"]);
  assert.equal(store.completed, undefined);
});

test("upload: abort abandons the parts; with a state it pauses, and goes on", async () => {
  const bytes = pattern(1_000);
  const path = join(folder, "resumed");
  await writeFile(path, bytes);
  const run = async (state: TransferState | undefined, store: Store) => {
    const abort = new AbortController();
    const source = await fileSource(path);
    const onPart = async (number: number) => {
      if (number === 4) abort.abort();
    };
    const transfer = upload(source, target(store, onPart), {
      ...SMALL,
      concurrency: 1,
      signal: abort.signal,
      state,
    });
    await assert.rejects(transfer, { kind: "aborted" });
    await source.close();
  };
  const abandoned = newStore();
  await run(undefined, abandoned);
  assert.deepEqual(abandoned.abandoned, ["id"]);

  const paused = newStore();
  const state: TransferState = {};
  await run(state, paused);
  assert.deepEqual(paused.abandoned, []);
  const thawed = JSON.parse(JSON.stringify(state)) as TransferState;
  const sent: number[] = [];
  const source = await fileSource(path);
  const progress: number[] = [];
  await upload(
    source,
    target(paused, (number) => void sent.push(number)),
    {
      ...SMALL,
      state: thawed,
      onProgress: ({ transferredBytes }) => progress.push(transferredBytes),
    },
  );
  await source.close();
  assert.deepEqual(sent, [5, 6, 7, 8, 9, 10]);
  assert.equal(paused.begun, 1);
  assert.ok(paused.completed?.equals(bytes));
  assert.equal(progress.at(-1), 1_000);
  assert.deepEqual(thawed, {});

  const changed = newStore();
  const other: TransferState = JSON.parse(JSON.stringify(state));
  await writeFile(path, pattern(900));
  const again = await fileSource(path);
  await upload(again, target(changed), { ...SMALL, state: other });
  await again.close();
  assert.equal(changed.begun, 1);
  assert.ok(changed.completed?.equals(pattern(900)));
});

/** Serves `bytes` in chunks of 30, breaking off where `cut` says. */
function remote(
  bytes: Buffer,
  cut: (offset: number, opened: number) => number | undefined = () => undefined,
) {
  const opened: (string | undefined)[] = [];
  const source: DownloadSource = {
    size: bytes.length,
    version: "v1",
    async open(range) {
      opened.push(range && `${range.offset}+${range.length}`);
      const { offset, length } = range ?? { offset: 0, length: bytes.length };
      const stop = cut(offset, opened.length);
      return (async function* () {
        for (let at = offset; at < offset + length; at += 30) {
          if (stop !== undefined && at - offset >= stop) throw transportError("BodyTruncated", "cut");
          await tick();
          yield bytes.subarray(at, Math.min(at + 30, offset + length));
        }
      })();
    },
  };
  return { source, opened };
}

test("download: to a file and as a body, whole or in parts", async () => {
  for (const size of [0, 1, 99, 100, 101, 1_000, 1_050]) {
    const bytes = pattern(size);
    const path = join(folder, `target-${size}`);
    const progress: TransferProgress[] = [];
    const { source, opened } = remote(bytes);
    await downloadToFile(source, path, { ...SMALL, onProgress: (each) => progress.push(each) });
    assert.ok((await readFile(path)).equals(bytes), `${size} bytes to a file`);
    if (size > 0) assert.deepEqual(progress.at(-1), { transferredBytes: size, totalBytes: size });
    assert.equal(opened.length, Math.ceil(size / 100));
    const body = downloadAsBody(source, SMALL);
    assert.equal(body.contentLength, size);
    assert.ok(bytes.equals(await body.bytes()), `${size} bytes as a body`);
  }
  assert.deepEqual(
    (await readdir(folder)).filter((name) => name.includes(".trivet-")),
    [],
  );
});

test("download: a body that breaks off is taken up where it broke, up to the attempts", async () => {
  const bytes = pattern(1_000);
  const path = join(folder, "broken");
  const once = remote(bytes, (offset) => (offset === 300 ? 60 : undefined));
  await downloadToFile(once.source, path, { ...SMALL, concurrency: 1 });
  assert.ok((await readFile(path)).equals(bytes));
  assert.ok(once.opened.includes("360+40"));
  const always = remote(bytes, () => 0);
  await assert.rejects(
    downloadToFile(always.source, join(folder, "never"), { ...SMALL, concurrency: 1, bodyAttempts: 3 }),
    {
      code: "BodyTruncated",
    },
  );
  assert.equal(always.opened.length, 3);
});

test("download: damage begins the part again", async () => {
  const bytes = pattern(1_000);
  let damaged = true;
  const { source } = remote(bytes);
  const open = source.open.bind(source);
  const bad: DownloadSource = {
    ...source,
    async open(range, signal) {
      const chunks = await open(range, signal);
      if (range?.offset !== 200 || !damaged) return chunks;
      damaged = false;
      return (async function* () {
        for await (const chunk of chunks) yield new Uint8Array(chunk.length);
        throw new CloudError("damaged", { kind: "unavailable", code: "ChecksumMismatch" });
      })();
    },
  };
  const path = join(folder, "damaged");
  const progress: number[] = [];
  await downloadToFile(bad, path, {
    ...SMALL,
    onProgress: ({ transferredBytes }) => progress.push(transferredBytes),
  });
  assert.ok((await readFile(path)).equals(bytes));
  assert.equal(progress.at(-1), 1_000);
});

test("download: an answer of another length is never taken for the part", async () => {
  const bytes = pattern(300);
  const { source } = remote(bytes);
  const lengths: [number, string][] = [
    [-1, "fewer"],
    [1, "more"],
  ];
  for (const [by, relation] of lengths) {
    const lying: DownloadSource = {
      ...source,
      open: (range, signal) => source.open(range && { ...range, length: range.length + by }, signal),
    };
    const path = join(folder, `lying-${relation}`);
    const run = downloadToFile(lying, path, { ...SMALL, bodyAttempts: 1 });
    await assert.rejects(run, new RegExp(`answered ${relation} bytes`));
    await assert.rejects(readFile(path), { code: "ENOENT" });
  }
});

test("download: failure and abort leave nothing behind, and what was there before stays", async () => {
  const own = await mkdtemp(join(folder, "clean-"));
  const path = join(own, "file");
  await writeFile(path, "before");
  const abort = new AbortController();
  const { source } = remote(pattern(1_000), (offset) => {
    if (offset === 300) abort.abort();
    return undefined;
  });
  await assert.rejects(downloadToFile(source, path, { ...SMALL, signal: abort.signal }), { kind: "aborted" });
  const denied = new CloudError("no", { kind: "accessDenied", code: "AccessDenied" });
  const failing: DownloadSource = {
    ...source,
    open: async () => {
      throw denied;
    },
  };
  await assert.rejects(downloadToFile(failing, path, SMALL), denied);
  assert.deepEqual(await readdir(own), ["file"]);
  assert.equal(await readFile(path, "utf8"), "before");
});

test("download: pauses by abort with a state, and goes on with the parts it lacks", async () => {
  const own = await mkdtemp(join(folder, "resume-"));
  const path = join(own, "file");
  const bytes = pattern(1_000);
  const state: TransferState = {};
  const abort = new AbortController();
  const first = remote(bytes, (offset) => {
    if (offset === 500) abort.abort();
    return undefined;
  });
  const options = { ...SMALL, concurrency: 1 };
  await assert.rejects(downloadToFile(first.source, path, { ...options, signal: abort.signal, state }), {
    kind: "aborted",
  });
  assert.equal((await readdir(own)).length, 1);
  const thawed = JSON.parse(JSON.stringify(state)) as TransferState;
  const second = remote(bytes);
  await downloadToFile(second.source, path, { ...options, state: thawed });
  assert.ok((await readFile(path)).equals(bytes));
  assert.deepEqual(await readdir(own), ["file"]);
  assert.ok(
    second.opened.length < 10 && second.opened.length >= 4,
    `${second.opened.length} parts were fetched again`,
  );
  assert.deepEqual(thawed, {});
});

test("download: a body that is left stops what is in flight", async () => {
  let stopped = 0;
  const { source } = remote(pattern(1_000));
  const watched: DownloadSource = {
    ...source,
    async open(range, signal) {
      signal?.addEventListener("abort", () => stopped++);
      return source.open(range, signal);
    },
  };
  for await (const _ of downloadAsBody(watched, SMALL)) break;
  assert.ok(stopped >= 2);
});

test("upload: a file that changes meanwhile is not completed", async () => {
  const path = join(folder, "changing");
  await writeFile(path, pattern(1_000));
  const source = await fileSource(path);
  const store = newStore();
  const changing = upload(
    source,
    target(store, async (number) => {
      if (number === 5) await writeFile(path, pattern(1_001));
    }),
    SMALL,
  );
  await assert.rejects(changing, { code: "FileChanged" });
  await source.close();
  assert.equal(store.completed, undefined);
  assert.deepEqual(store.abandoned, ["id"]);
});

test("upload: a state that the service has forgotten starts anew at the next attempt", async () => {
  const path = join(folder, "forgotten");
  await writeFile(path, pattern(1_000));
  const state: TransferState = {};
  const gone = new CloudError("gone", { kind: "notFound", code: "NoSuchUpload" });
  const attempt = async (fail: boolean, store: Store, name: string) => {
    const source = await fileSource(path);
    const sink = target(store, (number) => {
      if (fail && number === 3) throw gone;
    });
    await upload(source, { ...sink, name }, { ...SMALL, state }).finally(() => source.close());
  };
  await assert.rejects(attempt(true, newStore(), "a"), gone);
  assert.deepEqual(state, {});
  const again = newStore();
  await attempt(false, again, "a");
  assert.equal(again.begun, 1);
  assert.ok(again.completed?.equals(pattern(1_000)));
});

test("a file's parts are read into memory that was released", async () => {
  const path = join(folder, "pooled");
  await writeFile(path, new Uint8Array(25));
  const source = await fileSource(path);
  const buffers = new Set<ArrayBufferLike>();
  for await (const part of source.parts(10)) {
    if (part.length === 10) buffers.add(part.bytes.buffer);
    source.release?.(part);
  }
  await source.close();
  assert.equal(buffers.size, 1);
});
