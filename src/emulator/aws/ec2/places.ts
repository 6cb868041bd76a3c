/** Handlers of what is there without being made: regions, zones, account attributes. */
import type { EC2 } from "../../../gen/aws/ec2.js";
import type { Handlers } from "../../service.js";
import { dryRun, invalidParameter } from "./errors.js";
import { applyFilters, type FilterFields } from "./filters.js";
import { REGIONS, zonesOf } from "./regions.js";
import { regionOf } from "./store.js";

const NO_TAGS: ReadonlyMap<string, string> = new Map();

export const placeHandlers: Handlers<EC2> = {
  describeRegions(input) {
    if (input.DryRun) throw dryRun();
    const all = Object.entries(REGIONS).map(([name, { optIn }]) => ({
      name,
      endpoint: `ec2.${name}.amazonaws.com`,
      status: optIn ? "not-opted-in" : "opt-in-not-required",
    }));
    const unknown = input.RegionNames?.find((name) => !(name in REGIONS));
    if (unknown !== undefined) throw invalidParameter(`Invalid region provided: ${unknown}`);
    const shown = all.filter(
      ({ name, status }) =>
        input.RegionNames?.includes(name) ?? (input.AllRegions || status !== "not-opted-in"),
    );
    const fields: FilterFields<(typeof all)[number]> = {
      "region-name": ({ name }) => name,
      endpoint: ({ endpoint }) => endpoint,
      "opt-in-status": ({ status }) => status,
    };
    return {
      Regions: applyFilters(shown, input.Filters, fields, () => NO_TAGS).map(
        ({ name, endpoint, status }) => ({
          RegionName: name,
          Endpoint: endpoint,
          OptInStatus: status,
        }),
      ),
    };
  },

  describeAvailabilityZones(input, context) {
    if (input.DryRun) throw dryRun();
    const region = regionOf(context).name;
    const zones = zonesOf(region);
    const unknown = input.ZoneNames?.find((name) => !zones.some((zone) => zone.name === name));
    if (unknown !== undefined) throw invalidParameter(`Invalid availability zone: [${unknown}]`);
    const named = zones.filter(
      ({ name, id }) => (input.ZoneNames?.includes(name) ?? true) && (input.ZoneIds?.includes(id) ?? true),
    );
    const fields: FilterFields<(typeof zones)[number]> = {
      "zone-name": ({ name }) => name,
      "zone-id": ({ id }) => id,
      "region-name": () => region,
      state: () => "available",
      "zone-type": () => "availability-zone",
      "opt-in-status": () => "opt-in-not-required",
      "group-name": () => `${region}-zg-1`,
    };
    return {
      AvailabilityZones: applyFilters(named, input.Filters, fields, () => NO_TAGS).map(({ name, id }) => ({
        State: "available" as const,
        OptInStatus: "opt-in-not-required" as const,
        Messages: [],
        RegionName: region,
        ZoneName: name,
        ZoneId: id,
        GroupName: `${region}-zg-1`,
        NetworkBorderGroup: region,
        ZoneType: "availability-zone",
      })),
    };
  },

  describeAccountAttributes(input, context) {
    const region = regionOf(context);
    const all = {
      "supported-platforms": ["VPC"],
      "default-vpc": [region.defaultVpc?.id ?? "none"],
      "max-instances": ["20"],
      "vpc-max-security-groups-per-interface": ["5"],
      "max-elastic-ips": ["5"],
      "vpc-max-elastic-ips": ["5"],
    };
    const asked = input.AttributeNames;
    return {
      AccountAttributes: Object.entries(all)
        .filter(([name]) => asked === undefined || asked.length === 0 || asked.includes(name))
        .map(([AttributeName, values]) => ({
          AttributeName,
          AttributeValues: values.map((AttributeValue) => ({ AttributeValue })),
        })),
    };
  },
};
