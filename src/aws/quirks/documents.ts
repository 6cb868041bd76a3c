/** Members that hold a document: user data, console output, policies, templates. */
import type { Values } from "../../protocol/protocol.js";
import { base64Of, textOfBase64 } from "./encoding.js";
import type { Quirk } from "./quirk.js";

/** Sent as Base64. https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_RunInstances.html */
export const userData: Quirk = {
  fill(input) {
    const data = input.UserData;
    if (typeof data !== "string" && !(data instanceof Uint8Array)) return input;
    return { ...input, UserData: base64Of(data) };
  },
};

/** Received as Base64. https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_GetConsoleOutput.html */
export const consoleOutput: Quirk = {
  output(output) {
    const text = output.Output;
    if (typeof text === "string") output.Output = textOfBase64(text);
    return output;
  },
};

/** IAM answers policies percent-encoded. https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetRolePolicy.html */
export const policyDocuments: Quirk = {
  output(output) {
    decodePolicies(output);
    return output;
  },
};

const POLICY_MEMBERS = new Set(["PolicyDocument", "AssumeRolePolicyDocument", "Document"]);

/** Policies stand in roles, in lists of roles, in lists of policies of roles. */
function decodePolicies(value: unknown): void {
  if (Array.isArray(value)) {
    for (const each of value) decodePolicies(each);
  } else if (typeof value === "object" && value !== null && !(value instanceof Date)) {
    const values = value as Values;
    for (const [name, member] of Object.entries(values)) {
      if (typeof member === "string" && POLICY_MEMBERS.has(name))
        values[name] = parsed(decodeURIComponent(member));
      else decodePolicies(member);
    }
  }
}

/** A template may be YAML: that stays text. https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_GetTemplate.html */
export const templateBody: Quirk = {
  output(output) {
    const body = output.TemplateBody;
    if (typeof body === "string") output.TemplateBody = parsed(body);
    return output;
  },
};

function parsed(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return text;
  }
}
