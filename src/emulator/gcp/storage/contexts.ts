/** Object contexts: what users tell of an object, each with its times, and lists filtered by it. https://cloud.google.com/storage/docs/object-contexts */
import type { Object as ObjectResource } from "../../../gen/gcp/storage.js";
import { EmulatorError } from "../../service.js";

type Contexts = ObjectResource["contexts"];

/** Contexts as they are stored; undefined for none. A value that did not change keeps its times. */
export function timedContexts(next: Contexts, before: Contexts, now: string): Contexts {
  const entries = Object.entries(next?.custom ?? {}).filter(([, each]) => typeof each?.value === "string");
  if (entries.length === 0) return undefined;
  const custom = entries.map(([key, { value }]) => {
    const was = before?.custom?.[key];
    const createTime = was?.createTime ?? now;
    const updateTime = was?.value === value ? (was?.updateTime ?? now) : now;
    return [key, { value: value as string, createTime, updateTime }] as const;
  });
  return { custom: Object.fromEntries(custom) };
}

/** `contexts."key"="value"` or `contexts."key":*`, either after a `-` that turns it round. */
const FILTER = /^(-?)\s*contexts\.(?:"([^"]+)"|([\w.-]+))\s*(?:=\s*"([^"]*)"|:\s*(\*))$/;

/** Whether an object's contexts fit a list's filter. */
export function contextFilter(filter: string): (contexts: Contexts) => boolean {
  const parsed = FILTER.exec(filter.trim());
  if (parsed === null) throw new EmulatorError("invalid", `Invalid filter: ${filter}`, 400);
  const [, minus, quoted, bare, value] = parsed;
  const key = quoted ?? bare ?? "";
  return (contexts) => {
    const found = contexts?.custom?.[key]?.value;
    const fits = value === undefined ? found !== undefined : found === value;
    return fits === (minus === "");
  };
}
