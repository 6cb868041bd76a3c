/** The project that gcloud works in: its active configuration. */
import type { CredentialsContext } from "./credentials/credentials.js";
import { gcloudFolder } from "./credentials/file.js";

export async function gcloudProject(context: CredentialsContext): Promise<string | undefined> {
  const { env, readFile } = context.environment;
  const named = env.CLOUDSDK_CORE_PROJECT;
  if (named) return named;
  const folder = gcloudFolder(context);
  if (folder === undefined) return undefined;
  const active = env.CLOUDSDK_ACTIVE_CONFIG_NAME ?? (await readFile(`${folder}/active_config`))?.trim();
  const text = await readFile(`${folder}/configurations/config_${active || "default"}`);
  return text === undefined ? undefined : coreProject(text);
}

/** `project` in the section `[core]`. */
function coreProject(text: string): string | undefined {
  let section = "";
  for (const line of text.split(/\r?\n/)) {
    section = /^\s*\[([^\]]+)\]/.exec(line)?.[1]?.trim() ?? section;
    const project = /^\s*project\s*=\s*(\S+)/.exec(line)?.[1];
    if (section === "core" && project !== undefined) return project;
  }
  return undefined;
}
