/** Handlers that change volumes, and tell of their health. */
import type { EC2 } from "../../../gen/aws/ec2.js";
import type { Answered, Handlers } from "../../service.js";
import type { Volume } from "./compute-resources.js";
import { clientError, dryRun, invalidParameter, notFound } from "./errors.js";
import { applyFilters, type FilterFields, page } from "./filters.js";
import { regionOf } from "./store.js";
import { checkVolume, findVolume } from "./tags.js";

export const volumeChangeHandlers: Handlers<EC2> = {
  modifyVolume(input, context) {
    const region = regionOf(context);
    const volume = findVolume(region, input.VolumeId);
    const type = input.VolumeType ?? volume.type;
    if (input.Size !== undefined && input.Size < volume.sizeGib) {
      throw invalidParameter("New size cannot be smaller than existing size");
    }
    const provisioned = type === "io1" || type === "io2" ? volume.iops : undefined;
    checkVolume(type, input.Size ?? volume.sizeGib, input.Iops ?? provisioned);
    if (input.DryRun) throw dryRun();
    const from = {
      sizeGib: volume.sizeGib,
      type: volume.type,
      iops: volume.iops,
      throughput: volume.throughput,
    };
    volume.sizeGib = input.Size ?? volume.sizeGib;
    volume.type = type;
    volume.iops = input.Iops ?? (type === "gp3" ? (volume.iops ?? 3000) : provisioned);
    volume.throughput = type === "gp3" ? (input.Throughput ?? volume.throughput ?? 125) : undefined;
    const to = { sizeGib: volume.sizeGib, type, iops: volume.iops, throughput: volume.throughput };
    volume.modification = { at: region.clock.date(), from, to };
    return {
      VolumeModification: {
        ...modificationOutput(volume),
        ModificationState: "modifying" as const,
        Progress: 0,
        EndTime: undefined,
      },
    };
  },

  describeVolumesModifications(input, context) {
    const region = regionOf(context);
    if (input.DryRun) throw dryRun();
    const ids = input.VolumeIds ?? [];
    const missing = ids.filter((id) => !region.volumes.has(id));
    if (missing.length > 0) throw notFound("vol", missing);
    const untouched = ids.find((id) => region.volumes.get(id)?.modification === undefined);
    if (untouched !== undefined) {
      throw clientError(
        "InvalidVolumeModification.NotFound",
        `Modification for volume '${untouched}' does not exist.`,
      );
    }
    const all = [...region.volumes.values()].filter(
      ({ id, modification }) => modification !== undefined && (ids.length === 0 || ids.includes(id)),
    );
    const fields: FilterFields<Volume> = {
      "volume-id": ({ id }) => id,
      "modification-state": () => "completed",
      "target-size": ({ modification }) => modification?.to.sizeGib,
      "target-volume-type": ({ modification }) => modification?.to.type,
      "original-size": ({ modification }) => modification?.from.sizeGib,
      "original-volume-type": ({ modification }) => modification?.from.type,
    };
    const { items, NextToken } = page(
      applyFilters(all, input.Filters, fields, ({ tags }) => tags),
      input,
    );
    return { VolumesModifications: items.map(modificationOutput), NextToken };
  },

  describeVolumeStatus(input, context) {
    const region = regionOf(context);
    if (input.DryRun) throw dryRun();
    const ids = input.VolumeIds ?? [];
    const missing = ids.filter((id) => !region.volumes.has(id));
    if (missing.length > 0) throw notFound("vol", missing);
    const all = [...region.volumes.values()].filter(({ id }) => ids.length === 0 || ids.includes(id));
    const fields: FilterFields<Volume> = {
      "availability-zone": ({ zone }) => zone,
      "volume-status.status": () => "ok",
    };
    const { items, NextToken } = page(
      applyFilters(all, input.Filters, fields, ({ tags }) => tags),
      input,
    );
    const details = [
      { Name: "io-enabled" as const, Status: "passed" },
      { Name: "io-performance" as const, Status: "not-applicable" },
    ];
    return {
      VolumeStatuses: items.map(({ id, zone }) => ({
        VolumeId: id,
        AvailabilityZone: zone,
        VolumeStatus: { Status: "ok" as const, Details: details },
        Actions: [],
        Events: [],
      })),
      NextToken,
    };
  },

  describeVolumeAttribute(input, context) {
    const { id } = findVolume(regionOf(context), input.VolumeId);
    if (input.DryRun) throw dryRun();
    if (input.Attribute === "autoEnableIO") return { VolumeId: id, AutoEnableIO: { Value: false } };
    if (input.Attribute === "productCodes") return { VolumeId: id, ProductCodes: [] };
    throw invalidParameter(
      `Value (${input.Attribute}) for parameter attribute is invalid. Unknown attribute.`,
    );
  },
};

type Modification = NonNullable<
  Awaited<ReturnType<NonNullable<Handlers<EC2>["modifyVolume"]>>>["VolumeModification"]
>;

/** Done at once: EC2 needs minutes to hours. */
function modificationOutput({ id, modification }: Volume): Answered<Modification> {
  const { at, from, to } = modification as NonNullable<Volume["modification"]>;
  return {
    VolumeId: id,
    ModificationState: "completed",
    TargetSize: to.sizeGib,
    TargetIops: to.iops,
    TargetVolumeType: to.type as "gp3",
    TargetThroughput: to.throughput,
    TargetMultiAttachEnabled: false,
    OriginalSize: from.sizeGib,
    OriginalIops: from.iops,
    OriginalVolumeType: from.type as "gp3",
    OriginalThroughput: from.throughput,
    OriginalMultiAttachEnabled: false,
    Progress: 100,
    StartTime: at,
    EndTime: at,
  };
}
