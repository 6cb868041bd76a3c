/** What boto3 adds to its resources by hand. */
import type { Values } from "../../protocol/protocol.js";
import type { Resource } from "./resource.js";

type Methods = Readonly<Record<string, (this: Resource, ...given: never[]) => unknown>>;

/** No operation reads one bucket: its creation date stands in the list of all. */
const bucket: Methods = {
  async load(): Promise<Resource> {
    const { Buckets } = await this.meta.call("ListBuckets", {});
    const own = (Buckets as Values[] | undefined)?.find(({ Name }) => Name === this.meta.identifiers.Name);
    this.meta.data = own ?? {};
    return this;
  },
  uploadFile(path: string, key: string, input?: Values, options?: object) {
    return transfer(this, "uploadFile")(
      path,
      { ...input, Bucket: this.meta.identifiers.Name, Key: key },
      options,
    );
  },
  downloadFile(key: string, path: string, input?: Values, options?: object) {
    return transfer(this, "downloadFile")(
      { ...input, Bucket: this.meta.identifiers.Name, Key: key },
      path,
      options,
    );
  },
};

const object: Methods = {
  uploadFile(path: string, input?: Values, options?: object) {
    return transfer(this, "uploadFile")(path, { ...input, ...whereabouts(this) }, options);
  },
  downloadFile(path: string, input?: Values, options?: object) {
    return transfer(this, "downloadFile")({ ...input, ...whereabouts(this) }, path, options);
  },
};

/** A listing tells less of an object than HEAD does, under the same names but for the size. */
const objectSummary: Methods = {
  async load(): Promise<Resource> {
    const { ContentLength, ...head } = await this.meta.call("HeadObject", whereabouts(this));
    this.meta.data = { ...head, Size: ContentLength };
    return this;
  },
};

function whereabouts({ meta: { identifiers } }: Resource): Values {
  return { Bucket: identifiers.BucketName, Key: identifiers.Key };
}

function transfer({ meta: { client } }: Resource, name: string): (...given: unknown[]) => unknown {
  const methods = client as unknown as Record<string, (...given: unknown[]) => unknown>;
  return (...given) => methods[name]?.(...given);
}

/** boto3 tags several resources at once from the service, and untags one from itself. */
const ec2: Methods = {
  async createTags(input: Values): Promise<Resource[]> {
    await this.meta.call("CreateTags", input);
    const { Resources = [], Tags = [] } = input as { Resources?: string[]; Tags?: Values[] };
    return Resources.flatMap((ResourceId) =>
      Tags.map(({ Key, Value }) => this.meta.make("Tag", { ResourceId, Key, Value })),
    );
  },
};

const tagged: Methods = {
  deleteTags(input: Values = {}) {
    return this.meta.call("DeleteTags", { Resources: [this.meta.identifiers.Id], ...input });
  },
};

const EXTENSIONS: Readonly<Record<string, Methods>> = {
  "s3.Bucket": bucket,
  "s3.Object": object,
  "s3.ObjectSummary": { ...object, ...objectSummary },
  "ec2.EC2": ec2,
};

export function extendResource(service: string, type: string, prototype: object): void {
  const methods = EXTENSIONS[`${service}.${type}`];
  if (methods !== undefined) add(prototype, methods);
  if (service === "ec2" && "createTags" in prototype && type !== "EC2") add(prototype, tagged);
}

function add(prototype: object, methods: Methods): void {
  for (const [name, value] of Object.entries(methods)) {
    Object.defineProperty(prototype, name, { value, configurable: true, writable: true });
    if (name === "load")
      Object.defineProperty(prototype, "reload", { value, configurable: true, writable: true });
  }
}
