/** Handlers of parts of a subnet that are set aside. They are kept and described; addresses are still given out of them. */
import type { EC2 } from "../../../gen/aws/ec2.js";
import type { Handlers } from "../../service.js";
import { clientError, dryRun, invalidParameter } from "./errors.js";
import { applyFilters, type FilterFields, newId, requestedTags, tagList } from "./filters.js";
import { ipv6Contains, parseIpv6Range } from "./ipv6.js";
import { chosen, contains, overlap } from "./network.js";
import type { Subnet, SubnetReservation } from "./network-resources.js";
import { type Ec2Region, regionOf } from "./store.js";

export const subnetReservationHandlers: Handlers<EC2> = {
  createSubnetCidrReservation(input, context) {
    const region = regionOf(context);
    const [subnet] = chosen(region.subnets, [input.SubnetId], "subnet") as [Subnet];
    const cidr = input.Cidr;
    const ranges = isIpv6(cidr) ? [...subnet.ipv6Ranges.values()] : [subnet.cidr];
    if (!ranges.some((range) => holds(range, cidr))) {
      throw invalidParameter(`Reservation CIDR should be within subnet CIDR block (${ranges.join(", ")})`);
    }
    if (subnet.reservations.some((each) => meet(each.cidr, cidr))) {
      throw invalidParameter(`Reservation CIDR ${cidr} has overlap with existing reserved CIDR block`);
    }
    if (input.DryRun) throw dryRun();
    const reservation: SubnetReservation = {
      id: newId("scr"),
      tags: requestedTags(input.TagSpecifications, "subnet-cidr-reservation"),
      cidr,
      type: input.ReservationType,
      description: input.Description,
    };
    subnet.reservations.push(reservation);
    return { SubnetCidrReservation: reservationOutput(region, subnet, reservation) };
  },

  getSubnetCidrReservations(input, context) {
    const region = regionOf(context);
    const [subnet] = chosen(region.subnets, [input.SubnetId], "subnet") as [Subnet];
    if (input.DryRun) throw dryRun();
    const fields: FilterFields<SubnetReservation> = {
      reservationType: ({ type }) => type,
      "subnet-id": () => subnet.id,
    };
    const found = applyFilters(subnet.reservations, input.Filters, fields, ({ tags }) => tags);
    const of = (wanted: boolean) =>
      found
        .filter(({ cidr }) => isIpv6(cidr) === wanted)
        .map((each) => reservationOutput(region, subnet, each));
    return { SubnetIpv4CidrReservations: of(false), SubnetIpv6CidrReservations: of(true) };
  },

  deleteSubnetCidrReservation(input, context) {
    const region = regionOf(context);
    const id = input.SubnetCidrReservationId;
    for (const subnet of region.subnets.values()) {
      const index = subnet.reservations.findIndex((each) => each.id === id);
      if (index < 0) continue;
      if (input.DryRun) throw dryRun();
      const [gone] = subnet.reservations.splice(index, 1) as [SubnetReservation];
      return { DeletedSubnetCidrReservation: reservationOutput(region, subnet, gone) };
    }
    throw clientError(
      "InvalidSubnetCidrReservationID.NotFound",
      `The subnet CIDR reservation ID '${id}' does not exist`,
    );
  },
};

const isIpv6 = (cidr: string) => cidr.includes(":");

function holds(outer: string, inner: string): boolean {
  return isIpv6(outer)
    ? ipv6Contains(parseIpv6Range(outer, 0, 128), parseIpv6Range(inner, 0, 128))
    : contains(outer, inner);
}

function meet(one: string, other: string): boolean {
  if (isIpv6(one) !== isIpv6(other)) return false;
  return isIpv6(one) ? holds(one, other) || holds(other, one) : overlap(one, other);
}

function reservationOutput(region: Ec2Region, subnet: Subnet, reservation: SubnetReservation) {
  return {
    SubnetCidrReservationId: reservation.id,
    SubnetId: subnet.id,
    Cidr: reservation.cidr,
    ReservationType: reservation.type as "prefix",
    OwnerId: region.account,
    Description: reservation.description,
    Tags: tagList(reservation.tags) ?? [],
  };
}
