/**
 * Handlers of what an account turns on as a whole: root access of the organization that it manages, tokens for others, the form
 * of STS's tokens. Every account here is the management account of an organization of its own.
 */
import type { IAM } from "../../../gen/aws/iam.js";
import { type Context, EmulatorError, type Handlers } from "../../service.js";
import { accountOf } from "./entities.js";
import type { Account } from "./store.js";

export const featureHandlers: Handlers<IAM> = {
  enableOrganizationsRootCredentialsManagement(_input, context) {
    accountOf(context).organizationFeatures.add("RootCredentialsManagement");
    return featuresOutput(accountOf(context));
  },
  disableOrganizationsRootCredentialsManagement(_input, context) {
    accountOf(context).organizationFeatures.delete("RootCredentialsManagement");
    return featuresOutput(accountOf(context));
  },
  enableOrganizationsRootSessions(_input, context) {
    accountOf(context).organizationFeatures.add("RootSessions");
    return featuresOutput(accountOf(context));
  },
  disableOrganizationsRootSessions(_input, context) {
    accountOf(context).organizationFeatures.delete("RootSessions");
    return featuresOutput(accountOf(context));
  },
  listOrganizationsFeatures: (_input, context) => featuresOutput(accountOf(context)),

  enableOutboundWebIdentityFederation(_input, context) {
    const account = accountOf(context);
    if (account.issuer?.enabled) {
      throw new EmulatorError(
        "FeatureEnabled",
        "Outbound web identity federation is already enabled for this account.",
        409,
      );
    }
    // The issuer's name stays the same when it is turned off and on again.
    const url = account.issuer?.url ?? `https://${crypto.randomUUID()}.tokens.sts.global.api.aws`;
    account.issuer = { url, enabled: true };
    return { IssuerIdentifier: url };
  },
  disableOutboundWebIdentityFederation(_input, context) {
    issuerOf(context).enabled = false;
    return {};
  },
  getOutboundWebIdentityFederationInfo(_input, context) {
    const { url, enabled } = issuerOf(context);
    return { IssuerIdentifier: url, JwtVendingEnabled: enabled };
  },

  setSecurityTokenServicePreferences(input, context) {
    accountOf(context).globalTokenVersion = input.GlobalEndpointTokenVersion === "v2Token" ? 2 : 1;
    return {};
  },
};

function featuresOutput({ id, organizationFeatures }: Account) {
  return { OrganizationId: organizationId(id), EnabledFeatures: [...organizationFeatures] };
}

/** The same for an account each time, in the form that such ids have. */
function organizationId(accountId: string): string {
  return `o-${BigInt(accountId).toString(36).padStart(10, "a")}`;
}

function issuerOf(context: Context) {
  const { issuer } = accountOf(context);
  if (issuer?.enabled) return issuer;
  throw new EmulatorError(
    "FeatureDisabled",
    "Outbound web identity federation is not enabled for this account.",
    404,
  );
}
