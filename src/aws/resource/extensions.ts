/** What boto3 adds to its resources by hand. */
import type { Values } from "../../protocol/protocol.js";
import type { Resource } from "./resource.js";

type Methods = Readonly<Record<string, (this: Resource, ...given: never[]) => unknown>>;

/** Managed transfers that say what first, then where: `uploadFile(path, input, options)`. */
const TO_OBJECT = ["uploadFile", "uploadStream", "copy"] as const;

const object: Methods = {
  ...Object.fromEntries(TO_OBJECT.map((name) => [name, sendTo(name)])),
  downloadFile(path: string, input?: Values, options?: object) {
    return transfer(this, "downloadFile")({ ...input, ...whereabouts(this) }, path, options);
  },
  downloadStream(input?: Values, options?: object) {
    return transfer(this, "downloadStream")({ ...input, ...whereabouts(this) }, options);
  },
};

const bucket: Methods = {
  load: loadBucket,
  reload: loadBucket,
  ...Object.fromEntries(TO_OBJECT.map((name) => [name, sendInto(name)])),
  downloadFile(key: string, path: string, input?: Values, options?: object) {
    return transfer(this, "downloadFile")({ ...input, ...inBucket(this, key) }, path, options);
  },
  downloadStream(key: string, input?: Values, options?: object) {
    return transfer(this, "downloadStream")({ ...input, ...inBucket(this, key) }, options);
  },
};

const EXTENSIONS: Readonly<Record<string, Methods>> = {
  "s3.Bucket": bucket,
  "s3.Object": object,
  "s3.ObjectSummary": { ...object, load: loadSummary, reload: loadSummary },
  "ec2.EC2": { createTags },
};

/** Adds the methods of a kind to its prototype. */
export function extendResource(service: string, type: string, prototype: object): void {
  const methods: Record<string, unknown> = { ...EXTENSIONS[`${service}.${type}`] };
  if (service === "ec2" && type !== "EC2" && "createTags" in prototype) methods.deleteTags = deleteTags;
  for (const [name, value] of Object.entries(methods)) {
    Object.defineProperty(prototype, name, { value, configurable: true, writable: true });
  }
}

/** No operation reads one bucket: its creation date stands in the list of all. */
async function loadBucket(this: Resource): Promise<Resource> {
  const { Buckets } = await this.meta.call("ListBuckets", {});
  const own = (Buckets as Values[] | undefined)?.find(({ Name }) => Name === this.meta.identifiers.Name);
  this.meta.data = own ?? {};
  return this;
}

/** A listing tells less of an object than HEAD does, under the same names but for the size. */
async function loadSummary(this: Resource): Promise<Resource> {
  const { ContentLength, ...head } = await this.meta.call("HeadObject", whereabouts(this));
  this.meta.data = { ...head, Size: ContentLength };
  return this;
}

function sendTo(name: string) {
  return function (this: Resource, what: unknown, input?: Values, options?: object): unknown {
    return transfer(this, name)(what, { ...input, ...whereabouts(this) }, options);
  };
}

function sendInto(name: string) {
  return function (this: Resource, what: unknown, key: string, input?: Values, options?: object): unknown {
    return transfer(this, name)(what, { ...input, ...inBucket(this, key) }, options);
  };
}

function inBucket({ meta: { identifiers } }: Resource, key: string): Values {
  return { Bucket: identifiers.Name, Key: key };
}

function whereabouts({ meta: { identifiers } }: Resource): Values {
  return { Bucket: identifiers.BucketName, Key: identifiers.Key };
}

/** The client's managed transfer of that name. */
function transfer({ meta: { client } }: Resource, name: string): (...given: unknown[]) => unknown {
  const methods = client as unknown as Record<string, (...given: unknown[]) => unknown>;
  return (...given) => methods[name]?.(...given);
}

/** Tags several resources at once. */
async function createTags(this: Resource, input: Values): Promise<Resource[]> {
  await this.meta.call("CreateTags", input);
  const { Resources = [], Tags = [] } = input as { Resources?: string[]; Tags?: Values[] };
  return Resources.flatMap((ResourceId) =>
    Tags.map(({ Key, Value }) => this.meta.make("Tag", { ResourceId, Key, Value })),
  );
}

function deleteTags(this: Resource, input: Values = {}): Promise<Values> {
  return this.meta.call("DeleteTags", { Resources: [this.meta.identifiers.Id], ...input });
}
