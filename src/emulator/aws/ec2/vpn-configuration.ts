/**
 * What a VPN connection tells the customer's side to set up, as XML. Tools read the ends of the tunnels and their keys from it.
 * See https://docs.aws.amazon.com/vpn/latest/s2svpn/cgw-dynamic-routing-examples.html
 */
import { escapeXml } from "../../../protocol/codec/xml-writer.js";
import type { Ec2Region } from "./store.js";
import type { VpnConnection, VpnTunnel } from "./transit-resources.js";

type Content = string | number | readonly Element[];
type Element = readonly [name: string, content: Content];

export function customerConfiguration(region: Ec2Region, connection: VpnConnection): string {
  const customer = region.customerGateways.get(connection.customerGatewayId);
  const attachment = region.transitAttachments.get(connection.attachmentId ?? "");
  const amazonAsn =
    region.vpnGateways.get(connection.vpnGatewayId ?? "")?.amazonAsn ??
    region.transitGateways.get(attachment?.gatewayId ?? "")?.options.AmazonSideAsn ??
    0;
  const isStatic = connection.options.StaticRoutesOnly === true;
  const content: Element[] = [
    ["customer_gateway_id", connection.customerGatewayId],
    attachment === undefined
      ? ["vpn_gateway_id", connection.vpnGatewayId ?? ""]
      : ["transit_gateway_id", attachment.gatewayId],
    ["vpn_connection_type", "ipsec.1"],
    ...(isStatic ? [["vpn_connection_attributes", "NoBGPVPNConnection"] as const] : []),
    ...connection.tunnels.map((tunnel): Element => {
      const [amazonInside, customerInside] = insideAddresses(tunnel);
      const asnOf = (asn: string | number) => (isStatic ? undefined : asn);
      return [
        "ipsec_tunnel",
        [
          ["customer_gateway", end(customer?.address ?? "", customerInside, asnOf(customer?.bgpAsn ?? ""))],
          ["vpn_gateway", end(tunnel.outsideAddress, amazonInside, asnOf(amazonAsn))],
          ["ike", [...PHASE_1, ["pre_shared_key", tunnel.preSharedKey]]],
          ["ipsec", PHASE_2],
        ],
      ];
    }),
  ];
  const id = escapeXml(connection.id);
  return `<?xml version="1.0" encoding="UTF-8"?>\n<vpn_connection id="${id}">\n${write(content, "  ")}</vpn_connection>`;
}

const PHASE_1: readonly Element[] = [
  ["authentication_protocol", "sha1"],
  ["encryption_protocol", "aes-128-cbc"],
  ["lifetime", 28_800],
  ["perfect_forward_secrecy", "group2"],
  ["mode", "main"],
];

const PHASE_2: readonly Element[] = [
  ["protocol", "esp"],
  ["authentication_protocol", "hmac-sha1-96"],
  ["encryption_protocol", "aes-128-cbc"],
  ["lifetime", 3600],
  ["perfect_forward_secrecy", "group2"],
  ["mode", "tunnel"],
  ["clear_df_bit", "true"],
  ["fragmentation_before_encryption", "true"],
  ["tcp_mss_adjustment", 1379],
  [
    "dead_peer_detection",
    [
      ["interval", 10],
      ["retries", 3],
    ],
  ],
];

function end(outside: string, inside: string, asn: string | number | undefined): Element[] {
  const insideParts: Element[] = [
    ["ip_address", inside],
    ["network_mask", "255.255.255.252"],
    ["network_cidr", 30],
  ];
  const bgp: Element[] =
    asn === undefined
      ? []
      : [
          [
            "bgp",
            [
              ["asn", asn],
              ["hold_time", 30],
            ],
          ],
        ];
  return [
    ["tunnel_outside_address", [["ip_address", outside]]],
    ["tunnel_inside_address", insideParts],
    ...bgp,
  ];
}

/** Amazon's and the customer's. */
function insideAddresses({ insideCidr }: VpnTunnel): readonly [string, string] {
  const [a, b, c, d = 0] = (insideCidr.split("/")[0] ?? "").split(".").map(Number);
  return [`${a}.${b}.${c}.${d + 1}`, `${a}.${b}.${c}.${d + 2}`];
}

function write(elements: readonly Element[], indent: string): string {
  return elements
    .map(([name, content]) => {
      const inner =
        typeof content === "object"
          ? `\n${write(content, `${indent}  `)}${indent}`
          : escapeXml(String(content));
      return `${indent}<${name}>${inner}</${name}>\n`;
    })
    .join("");
}
