/** Containers that are deleted while the account keeps them: listed on demand, given back by Restore Container. https://learn.microsoft.com/azure/storage/blobs/soft-delete-container-overview */
import type { Blob } from "../../../gen/azure/blob.js";
import type { Context, Handlers } from "../../service.js";
import { blobError } from "./errors.js";
import { noLease } from "./lease.js";
import { accountOf, type Container, contentsOf } from "./store.js";

export interface DeletedContainer {
  readonly container: Container;
  readonly version: string;
  readonly deletedAt: number;
  readonly days: number;
}

const DAY_MS = 86_400_000;

export const deletedContainerHandlers: Handlers<Blob> = {
  restoreContainer({ containerName, deletedContainerName, deletedContainerVersion }, context) {
    const account = accountOf(context);
    const kept = deletedContainers(context).find(
      ({ container, version }) =>
        container.name === deletedContainerName && version === deletedContainerVersion,
    );
    if (kept === undefined) throw blobError("ContainerNotFound");
    // The service gives a container back under its own name.
    if (containerName !== deletedContainerName) throw blobError("InvalidHeaderValue");
    if (account.containers.has(containerName)) throw blobError("ContainerAlreadyExists");
    account.deletedContainers = account.deletedContainers.filter((each) => each !== kept);
    account.containers.set(containerName, kept.container);
    return {};
  },
};

/** Keeps a deleted container for the account's days, or gives back what it holds. */
export function discardContainer(context: Context, container: Container): void {
  const account = accountOf(context);
  account.containers.delete(container.name);
  const { containerRetentionDays: days } = account;
  if (days === undefined) return releaseContainer(context, container);
  container.lease = noLease();
  const version = Buffer.from(crypto.getRandomValues(new Uint8Array(8)))
    .toString("hex")
    .toUpperCase();
  account.deletedContainers.push({ container, version, deletedAt: context.clock.now(), days });
}

/** Those whose days are not over; the others are let go. */
export function deletedContainers(context: Context): readonly DeletedContainer[] {
  const account = accountOf(context);
  const now = context.clock.now();
  const isOver = ({ deletedAt, days }: DeletedContainer) => now >= deletedAt + days * DAY_MS;
  for (const each of account.deletedContainers) if (isOver(each)) releaseContainer(context, each.container);
  account.deletedContainers = account.deletedContainers.filter((each) => !isOver(each));
  return account.deletedContainers;
}

export function deletedContainerShown({ version, deletedAt, days }: DeletedContainer, now: number) {
  return {
    version,
    deletedOn: new Date(Math.floor(deletedAt / 1000) * 1000),
    remainingRetentionDays: Math.max(0, Math.ceil(days - (now - deletedAt) / DAY_MS)),
  };
}

function releaseContainer({ memory }: Context, { blobs }: Container): void {
  for (const entry of blobs.values()) {
    const held = new Set(contentsOf(entry).map(({ bytes }) => bytes));
    for (const { length } of held) memory.release(length);
    for (const { bytes } of entry.staged.values()) memory.release(bytes.length);
  }
}
