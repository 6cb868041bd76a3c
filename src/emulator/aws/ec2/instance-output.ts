/** How an instance looks in outputs. */
import type { Reservation } from "../../../gen/aws/ec2.js";
import type { Answered } from "../../service.js";
import type { Instance } from "./compute-resources.js";
import { tagList } from "./filters.js";
import { stateName, stateOutput } from "./instance-state.js";
import { vcpusOf } from "./instance-types.js";
import type { NetworkInterface } from "./network-resources.js";
import type { SecurityGroup } from "./security-resources.js";
import type { Ec2Region } from "./store.js";

export function reservationOutput(region: Ec2Region, instances: readonly Instance[]) {
  const [first] = instances;
  return {
    ReservationId: first?.reservationId,
    OwnerId: first?.owner,
    Groups: [],
    Instances: instances.map((instance) => describeInstance(region, instance)),
  };
}

export function privateDnsName(region: Ec2Region, { privateIp }: Pick<Instance, "privateIp">): string {
  const suffix = region.name === "us-east-1" ? "ec2.internal" : `${region.name}.compute.internal`;
  return `ip-${privateIp.replaceAll(".", "-")}.${suffix}`;
}

export function publicDnsName(region: Ec2Region, { publicIp }: Instance): string {
  if (publicIp === undefined) return "";
  const suffix = region.name === "us-east-1" ? "compute-1" : `${region.name}.compute`;
  return `ec2-${publicIp.replaceAll(".", "-")}.${suffix}.amazonaws.com`;
}

export function groupsOf(region: Ec2Region, instance: Instance): SecurityGroup[] {
  return instance.groupIds.map((id) => region.groups.get(id)).filter((group) => group !== undefined);
}

export function describeInstance(region: Ec2Region, instance: Instance) {
  const state = stateName(instance, region.clock.now());
  const { image } = instance;
  const gone = state === "terminated";
  const addressed = state === "running" || state === "pending";
  const groups = groupsOf(region, instance).map(({ id, name }) => ({ GroupId: id, GroupName: name }));
  return {
    InstanceId: instance.id,
    ImageId: image.id,
    State: stateOutput(state),
    PrivateDnsName: gone ? "" : privateDnsName(region, instance),
    PublicDnsName: addressed ? publicDnsName(region, instance) : "",
    StateTransitionReason: instance.reason,
    StateReason: stateReason(instance, state),
    KeyName: instance.keyName,
    AmiLaunchIndex: instance.launchIndex,
    ProductCodes: [],
    InstanceType: instance.type,
    LaunchTime: instance.launched,
    Placement: { AvailabilityZone: instance.zone, ...instance.placement },
    Platform: image.platform,
    Monitoring: { State: instance.monitoring ? "enabled" : "disabled" },
    SubnetId: gone ? undefined : instance.subnetId,
    VpcId: gone ? undefined : instance.vpcId,
    PrivateIpAddress: gone ? undefined : instance.privateIp,
    Ipv6Address: gone ? undefined : instance.ipv6Addresses[0],
    PublicIpAddress: addressed ? instance.publicIp : undefined,
    Architecture: image.architecture,
    BlockDeviceMappings: devices(region, instance),
    ClientToken: instance.clientToken ?? "",
    EbsOptimized: instance.ebsOptimized,
    EnaSupport: true,
    Hypervisor: "xen",
    IamInstanceProfile:
      instance.profile === undefined ? undefined : { Arn: instance.profile.arn, Id: instance.profile.id },
    InstanceLifecycle: instance.spot ? "spot" : undefined,
    NetworkInterfaces: gone
      ? []
      : [networkInterface(region, instance, groups), ...furtherInterfaces(region, instance)],
    RootDeviceName: image.rootDevice,
    RootDeviceType: "ebs",
    SecurityGroups: gone ? [] : groups,
    SourceDestCheck: gone ? undefined : instance.sourceDestCheck,
    Tags: tagList(instance.tags),
    VirtualizationType: "hvm",
    CpuOptions: {
      CoreCount: Math.max(1, vcpusOf(instance.type) / 2),
      ThreadsPerCore: vcpusOf(instance.type) > 1 ? 2 : 1,
    },
    CapacityReservationSpecification: { CapacityReservationPreference: "open" },
    HibernationOptions: { Configured: instance.hibernates },
    MetadataOptions: {
      State: state === "pending" ? "pending" : "applied",
      HttpTokens: instance.tokensRequired ? "required" : "optional",
      HttpPutResponseHopLimit: instance.tokensRequired ? 2 : 1,
      HttpEndpoint: "enabled",
      HttpProtocolIpv6: "disabled",
      InstanceMetadataTags: "disabled",
      ...instance.metadataOptions,
    },
    EnclaveOptions: { Enabled: false },
    PlatformDetails: image.platform === "windows" ? "Windows" : "Linux/UNIX",
    UsageOperation: image.platform === "windows" ? "RunInstances:0002" : "RunInstances",
    UsageOperationUpdateTime: instance.launched,
    PrivateDnsNameOptions: {
      HostnameType: "ip-name",
      EnableResourceNameDnsARecord: false,
      EnableResourceNameDnsAAAARecord: false,
    },
    MaintenanceOptions: { AutoRecovery: "default" },
    CurrentInstanceBootMode: "legacy-bios",
  } satisfies Answered<NonNullable<Reservation["Instances"]>[number]>;
}

function stateReason(instance: Instance, state: string) {
  if (state === "pending") return { Code: "pending", Message: "pending" };
  if (instance.goal === "running") return undefined;
  return {
    Code: "Client.UserInitiatedShutdown",
    Message: "Client.UserInitiatedShutdown: User initiated shutdown",
  };
}

function devices(region: Ec2Region, instance: Instance) {
  return [...region.volumes.values()].flatMap(({ id, attachment }) =>
    attachment?.instanceId === instance.id
      ? [
          {
            DeviceName: attachment.device,
            Ebs: {
              AttachTime: attachment.at,
              DeleteOnTermination: attachment.deleteOnTermination,
              Status: "attached" as const,
              VolumeId: id,
            },
          },
        ]
      : [],
  );
}

function secondaryAddresses(region: Ec2Region, each: NetworkInterface | undefined) {
  return (each?.secondaryIps ?? []).map((privateIp) => ({
    Primary: false,
    PrivateDnsName: each && privateDnsName(region, { ...each, privateIp }),
    PrivateIpAddress: privateIp,
  }));
}

/** Those beside the first. */
function furtherInterfaces(region: Ec2Region, { id, networkInterfaceId }: Instance) {
  return [...region.networkInterfaces.values()]
    .filter((each) => each.attachment?.instanceId === id && each.id !== networkInterfaceId)
    .map((each) => {
      const groups = each.groupIds.map((groupId) => region.groups.get(groupId));
      const dnsName = privateDnsName(region, each);
      return {
        Attachment: each.attachment && {
          AttachTime: each.attachment.at,
          AttachmentId: each.attachment.id,
          DeleteOnTermination: each.attachment.deleteOnTermination,
          DeviceIndex: each.attachment.deviceIndex,
          Status: "attached" as const,
          NetworkCardIndex: 0,
        },
        Description: each.description,
        Groups: groups
          .filter((group) => group !== undefined)
          .map((group) => ({ GroupId: group.id, GroupName: group.name })),
        Ipv6Addresses: each.ipv6Addresses.map((Ipv6Address) => ({ Ipv6Address })),
        MacAddress: each.macAddress,
        NetworkInterfaceId: each.id,
        OwnerId: region.account,
        PrivateDnsName: dnsName,
        PrivateIpAddress: each.privateIp,
        PrivateIpAddresses: [
          { Primary: true, PrivateDnsName: dnsName, PrivateIpAddress: each.privateIp },
          ...secondaryAddresses(region, each),
        ],
        SourceDestCheck: each.sourceDestCheck,
        Status: "in-use" as const,
        SubnetId: each.subnetId,
        VpcId: each.vpcId,
        InterfaceType: "interface",
      };
    });
}

function networkInterface(
  region: Ec2Region,
  instance: Instance,
  groups: readonly { readonly GroupId: string; readonly GroupName: string }[],
) {
  const association =
    instance.publicIp === undefined
      ? undefined
      : { IpOwnerId: "amazon", PublicDnsName: publicDnsName(region, instance), PublicIp: instance.publicIp };
  // One that was there before its instance keeps what it had.
  const own = region.networkInterfaces.get(instance.networkInterfaceId);
  return {
    Association: association,
    Attachment: {
      AttachTime: instance.launched,
      AttachmentId: instance.attachmentId,
      DeleteOnTermination: own?.attachment?.deleteOnTermination ?? true,
      DeviceIndex: 0,
      Status: "attached" as const,
      NetworkCardIndex: 0,
    },
    Description: own?.description ?? "",
    Groups: groups,
    Ipv6Addresses: (own?.ipv6Addresses ?? instance.ipv6Addresses).map((Ipv6Address) => ({ Ipv6Address })),
    MacAddress: instance.macAddress,
    NetworkInterfaceId: instance.networkInterfaceId,
    OwnerId: instance.owner,
    PrivateDnsName: privateDnsName(region, instance),
    PrivateIpAddress: instance.privateIp,
    PrivateIpAddresses: [
      {
        Association: association,
        Primary: true,
        PrivateDnsName: privateDnsName(region, instance),
        PrivateIpAddress: instance.privateIp,
      },
      ...secondaryAddresses(region, own),
    ],
    SourceDestCheck: instance.sourceDestCheck,
    Status: "in-use" as const,
    SubnetId: instance.subnetId,
    VpcId: instance.vpcId,
    InterfaceType: "interface",
  };
}
