/** Every conformance suite there is, in the order in which `npm run vectors` prints them. */
import * as config from "./aws-config.js";
import * as credentials from "./aws-credentials.js";
import { engine, services } from "./aws-endpoint-rules.js";
import * as sas from "./azure-sas.js";
import * as sharedKey from "./azure-shared-key.js";
import * as cbor from "./cbor.js";
import * as eventStream from "./event-stream.js";
import * as retry from "./gcp-retry.js";
import * as v4 from "./gcp-v4.js";
import * as protocolsInput from "./protocols-input.js";
import * as protocolsOutput from "./protocols-output.js";
import * as sigv4 from "./sigv4.js";
import type { SuiteResult } from "./suite.js";
import * as timestamps from "./timestamps.js";

export const suites: readonly (() => Promise<SuiteResult>)[] = [
  protocolsInput.run,
  protocolsOutput.run,
  cbor.run,
  timestamps.run,
  eventStream.run,
  engine,
  services,
  sigv4.run,
  config.run,
  credentials.run,
  sas.run,
  sharedKey.run,
  v4.run,
  retry.run,
];
