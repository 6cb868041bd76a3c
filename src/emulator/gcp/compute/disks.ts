/** Disks, and what they are made of and into: images and snapshots. */
import type { Values } from "../../../protocol/protocol.js";
import { type AnyHandler, type Context, EmulatorError } from "../../service.js";
import { DISK_TYPES, PUBLIC_IMAGES } from "./catalog.js";
import {
  begin,
  type Collection,
  changed,
  findResource,
  handlersOf,
  make,
  placeOf,
  referred,
} from "./resources.js";
import {
  computeStore,
  lastPart,
  link,
  notFound,
  type Place,
  pathOf,
  type Resource,
  type StoredResource,
} from "./store.js";

export const DISKS: Collection = {
  group: "disks",
  segment: "disks",
  parameter: "disk",
  kind: "compute#disk",
  scope: "zone",
  verbs: ["aggregatedList", "setLabels", "update", "policy"],
  statuses: ["CREATING", "READY"],
  create(body, { context, place, input }) {
    const { project, zone = "" } = place;
    const sourceImage = (body.sourceImage ?? input.sourceImage) as string | undefined;
    const source = sourceOf(context, project, { ...body, sourceImage });
    const type = diskType(body.type as string | undefined);
    const least = Number(source?.resource.diskSizeGb ?? 0);
    const sizeGb = Number(body.sizeGb ?? (least || DISK_TYPES[type]));
    if (sizeGb < least) {
      throw new EmulatorError(
        "invalid",
        `Invalid value for field 'resource.sizeGb': '${sizeGb}'. Requested disk size cannot be smaller than the ${source?.resource.kind === "compute#image" ? "image" : "snapshot"} size (${least} GB)`,
        400,
      );
    }
    return {
      ...body,
      ...(source && sourceMembers(source)),
      sizeGb: String(sizeGb),
      type: link(context, `projects/${project}/zones/${zone}/diskTypes/${type}`),
      status: "READY",
      physicalBlockSizeBytes: String(body.physicalBlockSizeBytes ?? 4096),
      enableConfidentialCompute: false,
    };
  },
};

export const IMAGES: Collection = {
  group: "images",
  segment: "images",
  parameter: "image",
  kind: "compute#image",
  scope: "global",
  verbs: ["setLabels", "patch", "policy"],
  statuses: ["PENDING", "READY"],
  create(body, { context, place }) {
    const source = sourceOf(context, place.project, body);
    const { rawDisk, diskSizeGb } = body as { rawDisk?: { source?: string }; diskSizeGb?: string };
    if (source === undefined && rawDisk?.source === undefined) {
      throw new EmulatorError(
        "invalid",
        "Invalid value for field 'resource': ''. Exactly one of sourceDisk, sourceImage, sourceSnapshot or rawDisk must be given.",
        400,
      );
    }
    const sizeGb = String(diskSizeGb ?? source?.resource.sizeGb ?? source?.resource.diskSizeGb ?? 10);
    return { ...imageMembers(sizeGb), ...body, ...(source && sourceMembers(source)), diskSizeGb: sizeGb };
  },
};

export const SNAPSHOTS: Collection = {
  group: "snapshots",
  segment: "snapshots",
  parameter: "snapshot",
  kind: "compute#snapshot",
  scope: "global",
  verbs: ["setLabels", "policy"],
  statuses: ["CREATING", "READY"],
  create(body, { context, place }) {
    const source = sourceOf(context, place.project, body);
    if (source === undefined) {
      throw new EmulatorError(
        "required",
        "Invalid value for field 'resource.sourceDisk': ''. A source disk must be given.",
        400,
      );
    }
    return {
      ...body,
      ...sourceMembers(source),
      diskSizeGb: String(source.resource.sizeGb),
      status: "READY",
      storageBytes: "0",
      storageBytesStatus: "UP_TO_DATE",
      downloadBytes: "0",
      snapshotType: "STANDARD",
    };
  },
};

export const diskHandlers: Readonly<Record<string, AnyHandler>> = {
  ...handlersOf(DISKS),
  ...handlersOf(IMAGES),
  ...handlersOf(SNAPSHOTS),

  "disks.resize": (input, context) =>
    changed(
      context,
      "resizeDisk",
      input,
      () => diskAt(input, context),
      ({ resource }) => {
        const { sizeGb } = (input.body ?? {}) as { readonly sizeGb?: string };
        if (!(Number(sizeGb) > Number(resource.sizeGb))) {
          throw new EmulatorError(
            "invalid",
            `Invalid value for field 'sizeGb': '${sizeGb ?? ""}'. New disk size '${sizeGb ?? ""}' must be larger than existing size '${resource.sizeGb}'.`,
            400,
          );
        }
        resource.sizeGb = String(sizeGb);
      },
    ),

  "disks.createSnapshot"(input, context) {
    const disk = diskAt(input, context);
    const { project } = disk.place;
    const body = { ...(input.body as Resource), sourceDisk: disk.resource.selfLink };
    const snapshot = make(context, SNAPSHOTS, { project }, body);
    snapshot.resource.status = "CREATING";
    return begin(context, disk, "createSnapshot", input, () => {
      snapshot.resource.status = "READY";
    });
  },

  "images.getFromFamily"({ project, family }, context) {
    return familyImage(context, String(project), String(family)).resource;
  },

  "images.deprecate": (input, context) =>
    changed(
      context,
      "deprecate",
      input,
      () => findResource(context, IMAGES, placeOf(IMAGES, input), String(input.image)),
      ({ resource }) => {
        const { state } = (input.body ?? {}) as { readonly state?: string };
        if (state === undefined || state === "ACTIVE") delete resource.deprecated;
        else resource.deprecated = input.body;
      },
    ),
};

function diskAt(input: Values, context: Context): StoredResource {
  return findResource(context, DISKS, placeOf(DISKS, input), String(input.disk));
}

/** The type's name, by any form of its address. */
export function diskType(url: string | undefined): string {
  const type = lastPart(url ?? "pd-standard");
  if (Object.hasOwn(DISK_TYPES, type)) return type;
  throw new EmulatorError(
    "invalid",
    `Invalid value for field 'resource.type': '${url}'. The referenced diskType resource cannot be found.`,
    400,
  );
}

const SOURCES = ["sourceImage", "sourceSnapshot", "sourceDisk"] as const;

/** What a new disk, image or snapshot takes its bytes from. */
function sourceOf(context: Context, project: string, body: Resource): StoredResource | undefined {
  for (const field of SOURCES) {
    const url = body[field];
    if (typeof url !== "string" || url === "") continue;
    const path = pathOf(url, project);
    const [, owner, family] = /^projects\/([^/]+)\/global\/images\/family\/(.+)$/.exec(path) ?? [];
    if (owner !== undefined) return familyImage(context, owner, family ?? "");
    const [, of] = /^projects\/([^/]+)\/global\/images\//.exec(path) ?? [];
    if (of !== undefined) seedImages(context, of);
    return referred(context, { field, url, project, what: field.slice("source".length).toLowerCase() });
  }
  return undefined;
}

function sourceMembers({ resource }: StoredResource): Resource {
  const field = {
    "compute#image": "sourceImage",
    "compute#snapshot": "sourceSnapshot",
    "compute#disk": "sourceDisk",
  }[String(resource.kind)] as string;
  return { [field]: resource.selfLink, [`${field}Id`]: resource.id };
}

/** The newest of a family that is not deprecated. */
export function familyImage(context: Context, project: string, family: string): StoredResource {
  seedImages(context, project);
  const store = context.store(computeStore);
  store.settle();
  const found = [...store.resources.values()].filter(
    ({ collection, place, resource }) =>
      collection === IMAGES.group &&
      place.project === project &&
      resource.family === family &&
      resource.deprecated === undefined,
  );
  const newest = found.at(-1);
  if (newest === undefined) throw notFound(`projects/${project}/global/images/family/${family}`);
  return newest;
}

/** The public images of a project that has some. */
export function seedImages(context: Context, project: string): void {
  const images = Object.hasOwn(PUBLIC_IMAGES, project) ? PUBLIC_IMAGES[project] : undefined;
  const { projects } = context.store(computeStore);
  if (images === undefined || projects.has(project)) return;
  projects.add(project);
  const place: Place = { project };
  for (const [name, family, sizeGb] of images) {
    const collection = {
      ...IMAGES,
      create: (body: Resource) => ({ ...body, ...imageMembers(String(sizeGb)) }),
    };
    make(context, collection, place, { name, family });
  }
}

function imageMembers(diskSizeGb: string): Resource {
  return { status: "READY", sourceType: "RAW", diskSizeGb, archiveSizeBytes: "0", architecture: "X86_64" };
}
