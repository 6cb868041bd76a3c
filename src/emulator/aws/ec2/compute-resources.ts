/** Records of instances and of what they are made of. */
import type {
  CreateFleetRequest,
  RequestLaunchTemplateData,
  RequestSpotInstancesRequest,
  SpotFleetRequestConfigData,
} from "../../../gen/aws/ec2.js";
import type { Received } from "../../service.js";
import type { Image } from "./images.js";
import type { Tagged } from "./tagged.js";

export interface KeyPair extends Tagged {
  readonly name: string;
  readonly fingerprint: string;
  readonly type: "rsa" | "ed25519";
  readonly publicKey: string;
  readonly created: Date;
}

export interface Volume extends Tagged {
  sizeGib: number;
  type: string;
  iops: number | undefined;
  throughput: number | undefined;
  readonly encrypted: boolean;
  readonly kmsKeyId?: string | undefined;
  readonly multiAttach?: boolean;
  readonly snapshotId: string;
  readonly zone: string;
  readonly created: Date;
  attachment: VolumeAttachment | undefined;
  /** The last one. */
  modification?: VolumeModification;
}

export interface VolumeModification {
  readonly at: Date;
  readonly from: Pick<Volume, "sizeGib" | "type" | "iops" | "throughput">;
  readonly to: Pick<Volume, "sizeGib" | "type" | "iops" | "throughput">;
}

export interface VolumeAttachment {
  readonly instanceId: string;
  readonly device: string;
  readonly at: Date;
  readonly deleteOnTermination: boolean;
}

export interface Snapshot extends Tagged {
  readonly volumeId: string;
  readonly sizeGib: number;
  readonly encrypted: boolean;
  readonly description: string;
  readonly started: Date;
  /** Who may make volumes of it: accounts, and the group `all`. */
  readonly sharedWith: Set<string>;
}

export interface SpotRequest extends Tagged {
  readonly input: Received<RequestSpotInstancesRequest>;
  readonly instanceId: string;
  readonly zone: string;
  readonly created: Date;
  cancelled: boolean;
}

export interface TemplateVersion {
  readonly number: number;
  readonly description: string | undefined;
  readonly created: Date;
  /** As it was given. */
  readonly data: Received<RequestLaunchTemplateData>;
}

export interface LaunchTemplate extends Tagged {
  readonly name: string;
  readonly created: Date;
  readonly createdBy: string;
  defaultVersion: number;
  readonly versions: TemplateVersion[];
  versionsMade: number;
}

export interface Instance extends Tagged {
  readonly reservationId: string;
  readonly owner: string;
  readonly launchIndex: number;
  readonly image: Image;
  readonly keyName: string | undefined;
  readonly zone: string;
  readonly placement: {
    readonly GroupName: string;
    readonly Tenancy: string;
    readonly HostId?: string;
    readonly Affinity?: string;
    readonly PartitionNumber?: number;
  };
  readonly subnetId: string;
  readonly vpcId: string;
  readonly privateIp: string;
  readonly networkInterfaceId: string;
  readonly attachmentId: string;
  readonly macAddress: string;
  /** Of its first interface, unless that was there before. */
  readonly ipv6Addresses: readonly string[];
  readonly hibernates: boolean;
  readonly clientToken: string | undefined;
  readonly spot: boolean;
  tokensRequired: boolean;
  /** Members of `MetadataOptions` that were changed. */
  metadataOptions?: Readonly<Record<string, unknown>>;
  profile: InstanceProfileAssociation | undefined;
  /** `standard` or `unlimited`, once it was said. */
  credits?: string | undefined;
  launched: Date;
  type: string;
  publicIp: string | undefined;
  groupIds: readonly string[];
  monitoring: boolean;
  ebsOptimized: boolean;
  sourceDestCheck: boolean;
  terminationProtected: boolean;
  stopProtected: boolean;
  shutdownBehavior: string;
  userData: string | undefined;
  /** The state that it goes to, and when it began to; what it is now follows from the clock. */
  goal: "running" | "stopped" | "terminated";
  changedAt: number;
  reason: string;
}

export interface InstanceProfileAssociation {
  readonly associationId: string;
  readonly arn: string;
  readonly id: string;
  readonly at: Date;
}

export interface PlacementGroup extends Tagged {
  readonly name: string;
  readonly strategy: string;
  readonly partitions: number | undefined;
  readonly spread: string | undefined;
}

/** What fleets of both kinds have. */
export interface FleetRecord extends Tagged {
  readonly created: Date;
  /** Instances that it launched, also those that are gone by now. */
  readonly members: FleetMember[];
  readonly failures: FleetFailure[];
}

export interface FleetMember {
  readonly instanceId: string;
  readonly weight: number;
  readonly spot: boolean;
  /** Index of what was launched. */
  readonly option: number;
}

export interface FleetFailure {
  readonly at: Date;
  readonly spot: boolean;
  readonly option: number;
  readonly code: string;
  readonly message: string;
}

export interface Fleet extends FleetRecord {
  given: Received<CreateFleetRequest>;
  state: "active" | "deleted_running" | "deleted_terminating";
}

export interface SpotFleet extends FleetRecord {
  config: Received<SpotFleetRequestConfigData>;
  state: "active" | "cancelled_running" | "cancelled_terminating";
}

export interface Host extends Tagged {
  readonly zone: string;
  readonly zoneId: string;
  readonly clientToken: string | undefined;
  readonly allocated: Date;
  autoPlacement: string;
  recovery: string;
  maintenance: string;
  /** One of these says what runs on it. */
  instanceType: string | undefined;
  family: string | undefined;
  /** When it was released. */
  deleted: Date | undefined;
}
