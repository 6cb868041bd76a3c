/** Handler that reads from an instance what a launch template would say to launch another like it. */
import type { EC2, ResponseLaunchTemplateData } from "../../../gen/aws/ec2.js";
import type { Answered, Handlers } from "../../service.js";
import type { Instance } from "./compute-resources.js";
import { dryRun } from "./errors.js";
import { tagList } from "./filters.js";
import { describeInstance } from "./instance-output.js";
import { chosen } from "./network.js";
import { type Ec2Region, regionOf } from "./store.js";

export const instanceTemplateDataHandlers: Handlers<EC2> = {
  getLaunchTemplateData(input, context) {
    const region = regionOf(context);
    const [instance] = chosen(region.instances, [input.InstanceId], "i") as [Instance];
    if (input.DryRun) throw dryRun();
    return { LaunchTemplateData: dataOf(region, instance) };
  },
};

/** See the example of https://docs.aws.amazon.com/cli/latest/reference/ec2/get-launch-template-data.html */
function dataOf(region: Ec2Region, instance: Instance): Answered<ResponseLaunchTemplateData> {
  const shown = describeInstance(region, instance);
  const tags = tagList(instance.tags)?.filter(({ Key }) => !Key.startsWith("aws:")) ?? [];
  return {
    ImageId: instance.image.id,
    InstanceType: instance.type as "t3.micro",
    KeyName: instance.keyName,
    EbsOptimized: instance.ebsOptimized,
    IamInstanceProfile: instance.profile && { Arn: instance.profile.arn },
    Monitoring: { Enabled: instance.monitoring },
    Placement: { AvailabilityZone: instance.zone, ...instance.placement },
    DisableApiTermination: instance.terminationProtected,
    DisableApiStop: instance.stopProtected,
    InstanceInitiatedShutdownBehavior: instance.shutdownBehavior as "stop",
    UserData: instance.userData,
    HibernationOptions: { Configured: instance.hibernates },
    CpuOptions: shown.CpuOptions,
    CapacityReservationSpecification: shown.CapacityReservationSpecification,
    BlockDeviceMappings: volumesOf(region, instance),
    NetworkInterfaces: shown.NetworkInterfaces.map((each) => ({
      Description: each.Description,
      DeviceIndex: each.Attachment?.DeviceIndex,
      DeleteOnTermination: each.Attachment?.DeleteOnTermination,
      Groups: each.Groups.map(({ GroupId }) => GroupId),
      InterfaceType: "interface",
      Ipv6Addresses: each.Ipv6Addresses,
      NetworkInterfaceId: each.NetworkInterfaceId,
      PrivateIpAddress: each.PrivateIpAddress,
      PrivateIpAddresses: each.PrivateIpAddresses.map(({ Primary, PrivateIpAddress }) => ({
        Primary,
        PrivateIpAddress,
      })),
      SubnetId: each.SubnetId,
    })),
    TagSpecifications: tags.length === 0 ? [] : [{ ResourceType: "instance", Tags: tags }],
  };
}

function volumesOf(region: Ec2Region, { id }: Instance) {
  return [...region.volumes.values()].flatMap(({ attachment, ...volume }) =>
    attachment?.instanceId === id
      ? [
          {
            DeviceName: attachment.device,
            Ebs: {
              DeleteOnTermination: attachment.deleteOnTermination,
              Encrypted: volume.encrypted,
              Iops: volume.iops,
              SnapshotId: volume.snapshotId || undefined,
              Throughput: volume.throughput,
              VolumeSize: volume.sizeGib,
              VolumeType: volume.type as "gp3",
            },
          },
        ]
      : [],
  );
}
