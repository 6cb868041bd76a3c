/** Records of security groups and prefix lists. */
import type { Tagged } from "./tagged.js";

export interface Rule extends Tagged {
  readonly egress: boolean;
  readonly protocol: string;
  readonly fromPort: number | undefined;
  readonly toPort: number | undefined;
  /** One of these is the other side. */
  readonly cidrIpv4?: string | undefined;
  readonly cidrIpv6?: string | undefined;
  readonly groupId?: string | undefined;
  readonly prefixListId?: string | undefined;
  description: string | undefined;
}

export interface SecurityGroup extends Tagged {
  readonly name: string;
  readonly description: string;
  readonly vpcId: string;
  rules: Rule[];
}

export interface PrefixList extends Tagged {
  name: string;
  readonly family: string;
  maxEntries: number;
  /** What each version holds: description by range. The last is the present one. */
  readonly versions: ReadonlyMap<string, string | undefined>[];
  state: "create-complete" | "modify-complete" | "delete-complete";
  deleted: Date | undefined;
}
