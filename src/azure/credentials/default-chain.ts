/** The sources of DefaultAzureCredential, in its order. https://learn.microsoft.com/azure/developer/javascript/sdk/authentication/credential-chains */
import { Chain, SourceUnavailable } from "../../auth/chain.js";
import type { AccessToken } from "../../auth/credentials.js";
import type { Environment } from "../../auth/environment.js";
import { invalidInput, isCloudError } from "../../internal/cloud-error.js";
import type { TokenContext, TokenSource } from "./context.js";
import { azureCliSource, azureDeveloperCliSource, azurePowerShellSource } from "./developer-tools.js";
import { environmentSource } from "./environment.js";
import { managedIdentitySource } from "./managed-identity.js";
import { workloadIdentitySource } from "./workload-identity.js";

/** Names as AZURE_TOKEN_CREDENTIALS takes them. */
const DEPLOYED: Readonly<Record<string, TokenSource>> = {
  EnvironmentCredential: environmentSource,
  WorkloadIdentityCredential: workloadIdentitySource,
  ManagedIdentityCredential: managedIdentitySource,
};

const DEVELOPER: Readonly<Record<string, TokenSource>> = {
  AzureCliCredential: azureCliSource,
  AzurePowerShellCredential: azurePowerShellSource,
  AzureDeveloperCliCredential: azureDeveloperCliSource,
};

/** AZURE_TOKEN_CREDENTIALS: `prod`, `dev`, or the name of one source. */
export function defaultChain({ env }: Pick<Environment, "env">): Chain<AccessToken, TokenContext> {
  return chainOf(selected(env.AZURE_TOKEN_CREDENTIALS?.trim()));
}

export function chainOf(sources: readonly TokenSource[]): Chain<AccessToken, TokenContext> {
  return new Chain(sources, {
    describe: ({ expiresAt }) => (expiresAt ? `a token until ${expiresAt.toISOString()}` : "a token"),
    missing: "Cannot get an Azure token",
  });
}

function selected(wanted: string | undefined): readonly TokenSource[] {
  const developer = Object.values(DEVELOPER).map(forgiving);
  if (!wanted) return [...Object.values(DEPLOYED), ...developer];
  if (wanted.toLowerCase() === "prod") return Object.values(DEPLOYED);
  if (wanted.toLowerCase() === "dev") return developer;
  const one = Object.entries({ ...DEPLOYED, ...DEVELOPER }).find(
    ([name]) => name.toLowerCase() === wanted.toLowerCase(),
  );
  if (one === undefined) {
    const names = ["dev", "prod", ...Object.keys(DEPLOYED), ...Object.keys(DEVELOPER)].join(", ");
    throw invalidInput(`Cannot use AZURE_TOKEN_CREDENTIALS: must be one of ${names}, is ${wanted}`);
  }
  const source = one[1];
  return [
    { name: source.name, provide: (context, signal) => source.provide({ ...context, alone: true }, signal) },
  ];
}

/** A developer's tool that fails does not end the search: another may be signed in. */
function forgiving(source: TokenSource): TokenSource {
  return {
    name: source.name,
    async provide(context, signal) {
      try {
        return await source.provide(context, signal);
      } catch (error) {
        if (error instanceof SourceUnavailable || (isCloudError(error) && error.kind === "invalidInput"))
          throw error;
        throw new SourceUnavailable(error instanceof Error ? error.message : String(error));
      }
    },
  };
}
