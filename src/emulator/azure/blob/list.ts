/** Listings of blobs: flat and by delimiter, with snapshots, uncommitted blobs, metadata, tags; and searches by tag. */
import type { Blob } from "../../../gen/azure/blob.js";
import type { Handlers } from "../../service.js";
import { pageSize } from "./containers.js";
import { itemShown, tagSet } from "./shown.js";
import { BASE, deletedShown, isVersionKey, purge } from "./soft-delete.js";
import { accountOf, type BlobEntry, type BlobState, type Container, containerOf } from "./store.js";
import { parseTagSearch, tagsNamed } from "./tags.js";

interface Listed {
  /** What the marker names: a blob's name with its snapshot, or a prefix. */
  readonly key: string;
  readonly item?: ReturnType<typeof itemShown> & { readonly hasVersionsOnly?: boolean };
  readonly prefix?: string;
}

/** Between a name and its snapshot or version in a marker: sorts before every character of names. */
const SEPARATOR = "\u0001";
/** Current contents come after all snapshots and versions of their name. */
const CURRENT = "\uffff";

export const listHandlers: Handlers<Blob> = {
  listBlobs(
    { containerName, prefix = "", delimiter = "", marker = "", maxPageSize, include = [], startFrom },
    context,
  ) {
    const container = containerOf(context, containerName);
    purge(context, container);
    const size = pageSize(maxPageSize);
    const from = marker === "" ? (startFrom ?? "") : decodeMarker(marker);
    const listed = listPage(container, {
      prefix,
      delimiter,
      from,
      size,
      include: new Set(include.map((each) => each.toLowerCase())),
      now: context.clock.now(),
    });
    const next = listed[size];
    const page = listed.slice(0, size);
    return {
      serviceEndpoint: `${context.request.origin}/`,
      containerName,
      prefix,
      ...(marker !== "" && { marker }),
      ...(maxPageSize !== undefined && { maxPageSize }),
      ...(delimiter !== "" && { delimiter }),
      segment: {
        blobPrefixes: page.flatMap(({ prefix: name }) => (name === undefined ? [] : [{ name }])),
        blobItems: page.flatMap(({ item }) => (item === undefined ? [] : [item])),
      },
      continuationToken: next === undefined ? "" : encodeMarker(next.key),
    };
  },

  findBlobsByTags({ where = "", marker = "", maxPageSize }, context) {
    return found(
      [...accountOf(context).containers.values()],
      where,
      marker,
      pageSize(maxPageSize),
      context.request.origin,
    );
  },
  findBlobsByTagsInContainer({ containerName, where = "", marker = "", maxPageSize }, context) {
    return found(
      [containerOf(context, containerName)],
      where,
      marker,
      pageSize(maxPageSize),
      context.request.origin,
    );
  },
};

interface ListOptions {
  readonly prefix: string;
  readonly delimiter: string;
  readonly from: string;
  readonly size: number;
  readonly include: ReadonlySet<string>;
  readonly now: number;
}

/** One more than a page, so that the next marker is known. */
function listPage(container: Container, options: ListOptions): Listed[] {
  const { prefix, delimiter, from, size } = options;
  const listed: Listed[] = [];
  const names = [...container.blobs.keys()].filter((name) => name.startsWith(prefix)).sort();
  let last: string | undefined;
  for (const name of names) {
    const cut = delimiter === "" ? -1 : name.indexOf(delimiter, prefix.length);
    if (cut >= 0) {
      const group = name.slice(0, cut + delimiter.length);
      if (group === last || group < from) continue;
      const shown = listEntry(container.blobs.get(name) as BlobEntry, options).length > 0;
      if (!shown) continue;
      last = group;
      listed.push({ key: group, prefix: group });
    } else {
      for (const each of listEntry(container.blobs.get(name) as BlobEntry, options))
        if (each.key >= from) listed.push(each);
    }
    if (listed.length > size) break;
  }
  return listed;
}

function listEntry(entry: BlobEntry, { include, now }: ListOptions): Listed[] {
  const listed: Listed[] = include.has("deleted") ? deletedOf(entry, include, now) : [];
  if (include.has("snapshots")) {
    for (const [time, state] of [...entry.snapshots].sort(([a], [b]) => (a < b ? -1 : 1))) {
      listed.push({
        key: entry.name + SEPARATOR + time,
        item: itemShown(entry.name, state, entry, include, now, time),
      });
    }
  }
  if (include.has("versions")) {
    for (const [id, state] of entry.versions)
      listed.push({
        key: entry.name + SEPARATOR + id,
        item: itemShown(entry.name, state, entry, include, now),
      });
  }
  listed.sort((a, b) => (a.key < b.key ? -1 : 1));
  if (entry.current !== undefined) {
    const key = listed.length === 0 ? entry.name : entry.name + SEPARATOR + CURRENT;
    listed.push({ key, item: itemShown(entry.name, entry.current, entry, include, now) });
  } else if (entry.versions.size > 0 && include.has("deletedwithversions")) {
    listed.push({ key: entry.name + SEPARATOR + CURRENT, item: withVersionsOnly(entry, include, now) });
  } else if (entry.staged.size > 0 && include.has("uncommittedblobs")) {
    listed.push({ key: entry.name, item: uncommitted(entry, now) });
  }
  return listed;
}

/** A deleted blob of which there are versions: told by the last of them. */
function withVersionsOnly(
  { name, versions }: BlobEntry,
  include: ReadonlySet<string>,
  now: number,
): NonNullable<Listed["item"]> {
  const [last] = [...versions].sort(([a], [b]) => (a < b ? 1 : -1));
  const [versionId, state] = last as [string, BlobState];
  return { ...itemShown(name, state, undefined, include, now), versionId, hasVersionsOnly: true };
}

/** Deleted snapshots and versions are that too: listed where both are asked for. */
function deletedOf(entry: BlobEntry, include: ReadonlySet<string>, now: number): Listed[] {
  return [...entry.softDeleted]
    .filter(([key]) => key === BASE || include.has(isVersionKey(key) ? "versions" : "snapshots"))
    .map(([key, kept]) => {
      const snapshot = key === BASE || isVersionKey(key) ? undefined : key;
      const item = itemShown(entry.name, kept.state, undefined, include, now, snapshot);
      return {
        key: entry.name + SEPARATOR + (isVersionKey(key) ? kept.state.versionId : key),
        item: { ...item, deleted: true, properties: { ...item.properties, ...deletedShown(kept, now) } },
      };
    });
}

function uncommitted(entry: BlobEntry, now: number): NonNullable<Listed["item"]> {
  const time = new Date(Math.floor(now / 1000) * 1000);
  return {
    name: entry.name,
    properties: {
      createdOn: time,
      lastModified: time,
      etag: "",
      contentLength: 0,
      blobType: "BlockBlob",
      contentType: "",
      contentEncoding: "",
      contentLanguage: "",
      contentMD5: undefined,
      cacheControl: "",
      contentDisposition: "",
      serverEncrypted: true,
    },
  };
}

function found(
  containers: readonly Container[],
  where: string,
  marker: string,
  size: number,
  origin: string,
) {
  const test = parseTagSearch(where);
  // Only the tags that the search names are told.
  const named = new Set(tagsNamed(where));
  const from = marker === "" ? "" : decodeMarker(marker);
  const matches = containers
    .flatMap((container) =>
      [...container.blobs.values()].flatMap(({ name, current }) =>
        current !== undefined && Object.keys(current.tags).length > 0 && test(current.tags, container.name)
          ? [
              {
                key: `${container.name}/${name}`,
                name,
                containerName: container.name,
                tags: { blobTagSet: tagSet(current.tags).filter(({ key }) => named.has(key)) },
              },
            ]
          : [],
      ),
    )
    .filter(({ key }) => key >= from)
    .sort((a, b) => (a.key < b.key ? -1 : 1));
  const next = matches[size];
  return {
    serviceEndpoint: `${origin}/`,
    where,
    blobs: matches.slice(0, size).map(({ key: _, ...blob }) => blob),
    continuationToken: next === undefined ? "" : encodeMarker(next.key),
  };
}

/** Opaque, as the service's own: nobody should build one. */
function encodeMarker(key: string): string {
  return Buffer.from(key).toString("base64url");
}

function decodeMarker(marker: string): string {
  return Buffer.from(marker, "base64url").toString();
}
