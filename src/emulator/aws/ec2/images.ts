/** Images that are there before anybody makes one. */

export interface LaunchPermission {
  readonly UserId?: string;
  readonly Group?: string;
  readonly OrganizationArn?: string;
  readonly OrganizationalUnitArn?: string;
}

export interface Image {
  readonly id: string;
  readonly name: string;
  description: string;
  readonly owner: string;
  readonly ownerAlias: string | undefined;
  readonly architecture: string;
  readonly platform: "windows" | undefined;
  readonly rootDevice: string;
  readonly rootSizeGib: number;
  readonly snapshotId: string;
  readonly created: string;
  /** Who may launch it: accounts, organizations, and the group `all`. */
  launchPermissions: readonly LaunchPermission[];
  readonly sourceInstanceId: string | undefined;
  readonly tags: Map<string, string>;
}

const AMAZON = "137112412989";
const CANONICAL = "099720109477";
const MICROSOFT = "801119661308";

type Seed = readonly [id: string, name: string, description: string, owner: string, architecture?: "arm64"];

/** Names as their owners give them; ids of our own, and the two that AWS's examples of commands have. */
const SEEDS: readonly Seed[] = [
  [
    "ami-0abcdef1234567890",
    "al2023-ami-2023.6.20250115.0-kernel-6.1-x86_64",
    "Amazon Linux 2023 AMI 2023.6 x86_64 HVM kernel-6.1",
    AMAZON,
  ],
  [
    "ami-1234567890abcdef0",
    "amzn2-ami-hvm-2.0.20250113.0-x86_64-gp2",
    "Amazon Linux 2 AMI 2.0 x86_64 HVM gp2",
    AMAZON,
  ],
  [
    "ami-0a1b2c3d4e5f60718",
    "al2023-ami-2023.6.20250115.0-kernel-6.1-arm64",
    "Amazon Linux 2023 AMI 2023.6 arm64 HVM kernel-6.1",
    AMAZON,
    "arm64",
  ],
  [
    "ami-12c6146b",
    "amzn-ami-hvm-2017.09.1.20171103-x86_64-gp2",
    "Amazon Linux AMI 2017.09.1 x86_64 HVM GP2",
    AMAZON,
  ],
  [
    "ami-0b1c2d3e4f5061728",
    "ubuntu/images/hvm-ssd/ubuntu-jammy-22.04-amd64-server-20250112",
    "Canonical, Ubuntu, 22.04 LTS, amd64 jammy image",
    CANONICAL,
  ],
  [
    "ami-0c1d2e3f405162738",
    "ubuntu/images/hvm-ssd-gp3/ubuntu-noble-24.04-amd64-server-20250115",
    "Canonical, Ubuntu, 24.04 LTS, amd64 noble image",
    CANONICAL,
  ],
  [
    "ami-0d1e2f30415263748",
    "ubuntu/images/hvm-ssd-gp3/ubuntu-noble-24.04-arm64-server-20250115",
    "Canonical, Ubuntu, 24.04 LTS, arm64 noble image",
    CANONICAL,
    "arm64",
  ],
  [
    "ami-0e1f203142536475a",
    "Windows_Server-2022-English-Full-Base-2025.01.15",
    "Microsoft Windows Server 2022 Full Locale English AMI provided by Amazon",
    MICROSOFT,
  ],
];

export function publicImages(): Image[] {
  return SEEDS.map(
    ([id, name, description, owner, architecture]): Image => ({
      id,
      name,
      description,
      owner,
      ownerAlias: owner === CANONICAL ? undefined : "amazon",
      architecture: architecture ?? "x86_64",
      platform: owner === MICROSOFT ? "windows" : undefined,
      rootDevice: owner === AMAZON ? "/dev/xvda" : "/dev/sda1",
      rootSizeGib: owner === MICROSOFT ? 30 : 8,
      snapshotId: `snap-${id.slice(4)}`,
      created: "2025-01-16T00:00:00.000Z",
      launchPermissions: [{ Group: "all" }],
      sourceInstanceId: undefined,
      tags: new Map(),
    }),
  );
}

export function isPublic({ launchPermissions }: Image): boolean {
  return launchPermissions.some(({ Group }) => Group === "all");
}
