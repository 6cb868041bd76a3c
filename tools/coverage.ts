/** The tables of `docs/emulator.md`: which operations each emulated service answers, from its handlers. */
import { awsCloud } from "../src/emulator/aws/cloud.js";
import { azureCloud } from "../src/emulator/azure/cloud.js";
import { gcpCloud } from "../src/emulator/gcp/cloud.js";
import type { EmulatedService } from "../src/emulator/service.js";
import { memberPath } from "../src/model/names.js";

const CLOUDS = [
  { title: "AWS", cloud: awsCloud },
  { title: "Azure", cloud: azureCloud },
  { title: "Google Cloud", cloud: gcpCloud },
] as const;
const WIDTH_MAX = 128;

export interface Coverage {
  readonly id: string;
  /** Client members, sorted. */
  readonly answered: readonly string[];
  /** Operations of the model; 0 for an endpoint that has none. */
  readonly modelled: number;
}

export async function coverageTables(): Promise<string> {
  const parts: string[] = [];
  for (const { title, cloud } of CLOUDS) {
    const services = await Promise.all(Object.values(cloud.services).map((load) => load()));
    const coverages = services.map(coverageOf).sort((a, b) => a.id.localeCompare(b.id));
    parts.push(`### ${title}\n\n${tableOf(coverages)}\n`);
    for (const coverage of coverages) {
      if (coverage.modelled > 0) parts.push(wrapped(`**${coverage.id}**: ${coverage.answered.join(", ")}.`));
    }
  }
  return `\n${parts.join("\n")}\n`;
}

/** Throws for a handler that no operation of the model leads to: it would never run. */
export function coverageOf({ id, model, handlers = {} }: EmulatedService): Coverage {
  const modelled = new Set(model?.operationNames.map((name) => memberPath(name).join(".")));
  const answered = Object.keys(handlers).sort();
  const stray = answered.filter((member) => !modelled.has(member));
  if (stray.length > 0)
    throw new Error(`Handlers of ${id} that its model does not know: ${stray.join(", ")}`);
  return { id, answered, modelled: modelled.size };
}

function tableOf(coverages: readonly Coverage[]): string {
  const rows = coverages.map(({ id, answered, modelled }) =>
    modelled === 0
      ? `| ${id} | endpoint without a model | |`
      : `| ${id} | ${answered.length} | ${modelled} |`,
  );
  return ["| service | operations answered | of |", "| --- | ---: | ---: |", ...rows].join("\n");
}

function wrapped(text: string): string {
  const lines: string[] = [];
  let line = "";
  for (const word of text.split(" ")) {
    if (line !== "" && line.length + 1 + word.length > WIDTH_MAX) {
      lines.push(line);
      line = word;
    } else line += line === "" ? word : ` ${word}`;
  }
  return `${[...lines, line].join("\n")}\n`;
}
