/** The emulator's half of each protocol, loaded when it is asked for: a client has only its own. */
import type { ProtocolName } from "../model/ir.js";
import type { ServerProtocol } from "./protocol.js";

const SERVERS: Readonly<Record<ProtocolName, () => Promise<ServerProtocol>>> = {
  "aws-cbor": async () => (await import("./aws-cbor.js")).awsCborServer,
  "aws-ec2": async () => (await import("./aws-query.js")).awsEc2Server,
  "aws-json": async () => (await import("./aws-json.js")).awsJsonServer,
  "aws-query": async () => (await import("./aws-query.js")).awsQueryServer,
  "aws-rest-json": async () => (await import("./aws-rest-json.js")).awsRestJsonServer,
  "aws-rest-xml": async () => (await import("./aws-rest-xml.js")).awsRestXmlServer,
  "azure-json": async () => (await import("./azure-json.js")).azureJsonServer,
  "azure-xml": async () => (await import("./azure-xml.js")).azureXmlServer,
  "gcp-rest": async () => (await import("./gcp-rest.js")).gcpRestServer,
};

export function serverOf(protocol: ProtocolName): Promise<ServerProtocol> {
  return SERVERS[protocol]();
}
