/** The protocol that a service's model names. */
import type { ProtocolName, ServiceTraits } from "../model/ir.js";
import { awsCbor } from "../protocol/aws-cbor.js";
import { awsJson } from "../protocol/aws-json.js";
import { awsEc2, awsQuery } from "../protocol/aws-query.js";
import { awsRestJson } from "../protocol/aws-rest-json.js";
import { awsRestXml } from "../protocol/aws-rest-xml.js";
import type { Protocol } from "../protocol/protocol.js";

const PROTOCOLS: Readonly<Partial<Record<ProtocolName, Protocol>>> = {
  "aws-cbor": awsCbor,
  "aws-ec2": awsEc2,
  "aws-json": awsJson,
  "aws-query": awsQuery,
  "aws-rest-json": awsRestJson,
  "aws-rest-xml": awsRestXml,
};

export function protocolOf({ id, protocol }: ServiceTraits): Protocol {
  const found = PROTOCOLS[protocol];
  if (found === undefined) throw new Error(`Cannot speak ${protocol}, the protocol of ${id}`);
  return found;
}
