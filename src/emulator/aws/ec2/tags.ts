/** Handlers of tags and key pairs and volumes. */
import type { EC2 } from "../../../gen/aws/ec2.js";
import { EmulatorError, type Handlers } from "../../service.js";
import type { KeyPair, Volume } from "./compute-resources.js";
import { clientError, dryRun, invalidParameter, notFound } from "./errors.js";
import { applyFilters, type FilterFields, newId, page, requestedTags, tagList } from "./filters.js";
import { kindOfPrefix, prefixOf } from "./id-kinds.js";
import { makeKeyPair, readPublicKey } from "./key-material.js";
import { zonesOf } from "./regions.js";
import { type Ec2Region, regionOf } from "./store.js";
import { checkTagKeys } from "./tag-specifications.js";
import type { Tagged } from "./tagged.js";

const TAGS_MAX = 50;

export const tagHandlers: Handlers<EC2> = {
  createTags(input, context) {
    const region = regionOf(context);
    const resources = input.Resources.map((id) => findTagged(region, id));
    checkTagKeys(input.Tags);
    if (input.DryRun) throw dryRun();
    for (const { tags } of resources) {
      const after = new Set([...tags.keys(), ...input.Tags.map(({ Key = "" }) => Key)]);
      if (after.size > TAGS_MAX)
        throw clientError("TagLimitExceeded", "The maximum number of Tags for a resource has been reached.");
      for (const { Key = "", Value = "" } of input.Tags) tags.set(Key, Value);
    }
    return {};
  },

  deleteTags(input, context) {
    const region = regionOf(context);
    const resources = input.Resources.map((id) => findTagged(region, id));
    if (input.DryRun) throw dryRun();
    for (const { tags } of resources) {
      if (input.Tags === undefined) tags.clear();
      // With a value, only a tag that has this value goes.
      for (const { Key = "", Value } of input.Tags ?? []) {
        if (Value === undefined || tags.get(Key) === Value) tags.delete(Key);
      }
    }
    return {};
  },

  describeTags(input, context) {
    const region = regionOf(context);
    const all = region
      .allTagged()
      .flatMap(({ id, tags }) => Array.from(tags, ([key, value]) => ({ id, key, value, type: typeOf(id) })));
    const fields: FilterFields<(typeof all)[number]> = {
      "resource-id": ({ id }) => id,
      "resource-type": ({ type }) => type,
      key: ({ key }) => key,
      value: ({ value }) => value,
    };
    const found = applyFilters(all, input.Filters, fields, ({ key, value }) => new Map([[key, value]]));
    const { items, NextToken } = page(found, input);
    return {
      Tags: items.map(({ id, key, value, type }) => ({
        Key: key,
        ResourceId: id,
        ResourceType: type as "instance",
        Value: value,
      })),
      NextToken,
    };
  },
};

export const keyPairHandlers: Handlers<EC2> = {
  async createKeyPair(input, context) {
    const region = regionOf(context);
    checkNewKey(region, input.KeyName);
    if (input.DryRun) throw dryRun();
    const type = input.KeyType === "ed25519" ? "ed25519" : "rsa";
    if (input.KeyFormat === "ppk")
      throw new EmulatorError("NotImplemented", "The emulator writes no keys for PuTTY", 501);
    const { privateKey, publicKey, fingerprint } = await makeKeyPair(type);
    const pair: KeyPair = {
      id: newId("key"),
      tags: requestedTags(input.TagSpecifications, "key-pair"),
      name: input.KeyName,
      fingerprint,
      type,
      publicKey,
      created: region.clock.date(),
    };
    region.keyPairs.set(pair.name, pair);
    return {
      KeyName: pair.name,
      KeyPairId: pair.id,
      KeyFingerprint: fingerprint,
      KeyMaterial: privateKey,
      Tags: tagList(pair.tags),
    };
  },

  async importKeyPair(input, context) {
    const region = regionOf(context);
    checkNewKey(region, input.KeyName);
    const publicKey = Buffer.from(input.PublicKeyMaterial).toString("utf8");
    const { type, fingerprint } = await readPublicKey(publicKey);
    if (input.DryRun) throw dryRun();
    const pair: KeyPair = {
      id: newId("key"),
      tags: requestedTags(input.TagSpecifications, "key-pair"),
      name: input.KeyName,
      fingerprint,
      type,
      publicKey,
      created: region.clock.date(),
    };
    region.keyPairs.set(pair.name, pair);
    return {
      KeyName: pair.name,
      KeyPairId: pair.id,
      KeyFingerprint: pair.fingerprint,
      Tags: tagList(pair.tags),
    };
  },

  describeKeyPairs(input, context) {
    const region = regionOf(context);
    if (input.DryRun) throw dryRun();
    const missing = input.KeyNames?.find((name) => !region.keyPairs.has(name));
    if (missing !== undefined)
      throw clientError("InvalidKeyPair.NotFound", `The key pair '${missing}' does not exist`);
    const all = [...region.keyPairs.values()];
    const missingId = input.KeyPairIds?.find((id) => !all.some((pair) => pair.id === id));
    if (missingId !== undefined)
      throw clientError("InvalidKeyPair.NotFound", `The key pair ID '${missingId}' does not exist`);
    const named = all.filter(
      ({ name, id }) => (input.KeyNames?.includes(name) ?? true) && (input.KeyPairIds?.includes(id) ?? true),
    );
    const fields: FilterFields<KeyPair> = {
      "key-name": ({ name }) => name,
      "key-pair-id": ({ id }) => id,
      fingerprint: ({ fingerprint }) => fingerprint,
    };
    return {
      KeyPairs: applyFilters(named, input.Filters, fields, ({ tags }) => tags).map((pair) => ({
        KeyPairId: pair.id,
        KeyName: pair.name,
        KeyFingerprint: pair.fingerprint,
        KeyType: pair.type,
        Tags: tagList(pair.tags),
        PublicKey: input.IncludePublicKey ? pair.publicKey : undefined,
        CreateTime: pair.created,
      })),
    };
  },

  deleteKeyPair(input, context) {
    const region = regionOf(context);
    const pair = [...region.keyPairs.values()].find(
      ({ name, id }) => name === input.KeyName || id === input.KeyPairId,
    );
    if (input.DryRun) throw dryRun();
    // One that is not there is deleted as well.
    if (pair !== undefined) region.keyPairs.delete(pair.name);
    return { Return: true, KeyPairId: pair?.id };
  },
};

export const volumeHandlers: Handlers<EC2> = {
  createVolume(input, context) {
    const region = regionOf(context);
    const zone = input.AvailabilityZone ?? zonesOf(region.name)[0]?.name ?? "";
    if (!zonesOf(region.name).some(({ name }) => name === zone)) {
      throw clientError("InvalidZone.NotFound", `The zone '${zone}' does not exist.`);
    }
    if (input.Size === undefined && input.SnapshotId === undefined) {
      throw clientError("MissingParameter", "The request must contain the parameter size/snapshot");
    }
    const snapshot = input.SnapshotId === undefined ? undefined : region.snapshots.get(input.SnapshotId);
    if (input.SnapshotId !== undefined && snapshot === undefined) throw notFound("snap", [input.SnapshotId]);
    const type = input.VolumeType ?? "gp2";
    checkVolume(type, input.Size, input.Iops);
    checkVolumeOptions(type, input);
    if (input.DryRun) throw dryRun();
    const volume: Volume = {
      id: newId("vol"),
      tags: requestedTags(input.TagSpecifications, "volume"),
      sizeGib: input.Size ?? snapshot?.sizeGib ?? 8,
      type,
      iops: input.Iops ?? (type === "gp3" ? 3000 : undefined),
      throughput: input.Throughput ?? (type === "gp3" ? 125 : undefined),
      encrypted: input.Encrypted === true || snapshot?.encrypted === true || region.ebsEncryption.byDefault,
      kmsKeyId: input.KmsKeyId,
      multiAttach: input.MultiAttachEnabled === true,
      snapshotId: input.SnapshotId ?? "",
      zone,
      created: region.clock.date(),
      attachment: undefined,
    };
    region.volumes.set(volume.id, volume);
    return { ...volumeOutput(volume), State: "creating" as const };
  },

  describeVolumes(input, context) {
    const region = regionOf(context);
    if (input.DryRun) throw dryRun();
    const ids = input.VolumeIds ?? [];
    const malformed = ids.find((id) => !/^vol-([0-9a-f]{8}|[0-9a-f]{17})$/.test(id));
    if (malformed !== undefined) {
      throw invalidParameter(`Value (${malformed}) for parameter volumes is invalid. Expected: 'vol-...'.`);
    }
    const missing = ids.filter((id) => !region.volumes.has(id));
    if (missing.length > 0) throw notFound("vol", missing);
    const named =
      ids.length > 0 ? ids.map((id) => region.volumes.get(id) as Volume) : [...region.volumes.values()];
    const { items, NextToken } = page(
      applyFilters(named, input.Filters, VOLUME_FIELDS, ({ tags }) => tags),
      input,
    );
    return { Volumes: items.map(volumeOutput), NextToken };
  },

  attachVolume(input, context) {
    const region = regionOf(context);
    const volume = findVolume(region, input.VolumeId);
    const instance = region.instances.get(input.InstanceId);
    if (instance === undefined) throw notFound("i", [input.InstanceId]);
    if (volume.attachment !== undefined)
      throw clientError("VolumeInUse", `${volume.id} is already attached to an instance`);
    if (volume.zone !== instance.zone) {
      throw clientError(
        "InvalidVolume.ZoneMismatch",
        `The volume '${volume.id}' is not in the same availability zone as instance '${instance.id}'`,
      );
    }
    if (input.DryRun) throw dryRun();
    volume.attachment = {
      instanceId: instance.id,
      device: input.Device,
      at: region.clock.date(),
      deleteOnTermination: false,
    };
    return { ...attachmentOutput(volume), State: "attaching" as const };
  },

  detachVolume(input, context) {
    const volume = findVolume(regionOf(context), input.VolumeId);
    if (volume.attachment === undefined) {
      throw clientError("IncorrectState", `Volume '${volume.id}' is in the 'available' state.`);
    }
    const { instanceId, device } = volume.attachment;
    const { InstanceId = instanceId, Device = device } = input;
    if (InstanceId !== instanceId || Device !== device) {
      throw clientError(
        "InvalidAttachment.NotFound",
        `The volume ${volume.id} is not attached to instance ${InstanceId} as device ${Device}`,
      );
    }
    if (input.DryRun) throw dryRun();
    const output = { ...attachmentOutput(volume), State: "detaching" as const };
    volume.attachment = undefined;
    return output;
  },

  deleteVolume(input, context) {
    const region = regionOf(context);
    const volume = findVolume(region, input.VolumeId);
    if (volume.attachment !== undefined) {
      throw clientError(
        "VolumeInUse",
        `Volume ${volume.id} is currently attached to ${volume.attachment.instanceId}`,
      );
    }
    if (input.DryRun) throw dryRun();
    region.volumes.delete(volume.id);
    return {};
  },
};

/** GiB of the least and of the most by type: https://docs.aws.amazon.com/ebs/latest/userguide/ebs-volume-types.html */
const SIZES: Readonly<Record<string, readonly [minimum: number, maximum: number]>> = {
  standard: [1, 1024],
  gp2: [1, 16_384],
  gp3: [1, 65_536],
  io1: [4, 16_384],
  io2: [4, 65_536],
  st1: [125, 16_384],
  sc1: [125, 16_384],
};

export function checkVolume(type: string, size: number | undefined, iops: number | undefined): void {
  const sizes = SIZES[type];
  if (sizes === undefined) {
    throw clientError("UnknownVolumeType", `Unsupported volume type '${type}' for volume creation.`);
  }
  const [minimum, maximum] = sizes;
  if (size !== undefined && size < minimum) {
    throw invalidParameter(
      `Volume of ${size}GiB is too small for volume type ${type}; minimum is ${minimum}GiB.`,
    );
  }
  if (size !== undefined && size > maximum) {
    throw invalidParameter(
      `Volume of ${size}GiB is too large for volume type ${type}; maximum is ${maximum}GiB.`,
    );
  }
  if ((type === "io1" || type === "io2") && iops === undefined) {
    throw clientError(
      "InvalidParameterDependency",
      "The parameter [VolumeType] requires the parameter Iops to be set.",
    );
  }
}

interface VolumeOptions {
  readonly Encrypted?: boolean;
  readonly KmsKeyId?: string;
  readonly Throughput?: number;
  readonly MultiAttachEnabled?: boolean;
}

function checkVolumeOptions(type: string, options: VolumeOptions): void {
  const refused = (message: string) => clientError("InvalidParameterDependency", message);
  if (options.KmsKeyId !== undefined && options.Encrypted !== true)
    throw refused("The parameter KmsKeyId requires the parameter Encrypted to be set.");
  if (options.Throughput !== undefined && type !== "gp3")
    throw refused(`The parameter Throughput is not supported for ${type} volumes.`);
  if (options.MultiAttachEnabled && type !== "io1" && type !== "io2")
    throw refused(`The parameter MultiAttachEnabled is not supported for ${type} volumes.`);
}

const VOLUME_FIELDS: FilterFields<Volume> = {
  "volume-id": ({ id }) => id,
  status: ({ attachment }) => (attachment ? "in-use" : "available"),
  size: ({ sizeGib }) => sizeGib,
  "volume-type": ({ type }) => type,
  encrypted: ({ encrypted }) => encrypted,
  "availability-zone": ({ zone }) => zone,
  "snapshot-id": ({ snapshotId }) => snapshotId,
  "attachment.instance-id": ({ attachment }) => attachment?.instanceId,
  "attachment.device": ({ attachment }) => attachment?.device,
  "attachment.status": ({ attachment }) => attachment && "attached",
};

function volumeOutput(volume: Volume) {
  return {
    VolumeId: volume.id,
    Size: volume.sizeGib,
    SnapshotId: volume.snapshotId,
    AvailabilityZone: volume.zone,
    State: volume.attachment ? ("in-use" as const) : ("available" as const),
    CreateTime: volume.created,
    Attachments: volume.attachment ? [{ ...attachmentOutput(volume), State: "attached" as const }] : [],
    Encrypted: volume.encrypted,
    Iops: volume.iops,
    Throughput: volume.throughput,
    VolumeType: volume.type,
    KmsKeyId: volume.kmsKeyId,
    MultiAttachEnabled: volume.multiAttach === true,
    Tags: tagList(volume.tags),
  };
}

function attachmentOutput({ id, attachment }: Volume) {
  return {
    VolumeId: id,
    InstanceId: attachment?.instanceId,
    Device: attachment?.device,
    AttachTime: attachment?.at,
    DeleteOnTermination: attachment?.deleteOnTermination,
  };
}

export function findVolume(region: Ec2Region, id: string): Volume {
  const volume = region.volumes.get(id);
  if (volume === undefined) throw notFound("vol", [id]);
  return volume;
}

function findTagged(region: Ec2Region, id: string): Tagged {
  const found = region.tagged(id);
  if (found !== undefined) return found;
  const prefix = prefixOf(id);
  if (prefix === undefined) throw clientError("InvalidID", `The ID '${id}' is not valid`);
  if (prefix === "ami") throw clientError("InvalidAMIID.NotFound", `The image id '[${id}]' does not exist`);
  throw notFound(prefix, [id]);
}

/** Empty for what is no id: `instance` of `i-0123456789abcdef0`. */
export function typeOf(id: string): string {
  return kindOfPrefix(prefixOf(id) ?? "")?.type ?? "";
}

function checkNewKey(region: Ec2Region, name: string): void {
  if (region.keyPairs.has(name)) {
    throw clientError("InvalidKeyPair.Duplicate", `The keypair already exists`);
  }
}
