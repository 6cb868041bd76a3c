/** Containers: create, list, properties, metadata, access policies, leases. */
import type { Blob } from "../../../gen/azure/blob.js";
import type { Handlers } from "../../service.js";
import { checkWrite } from "./conditions.js";
import { deletedContainerShown, deletedContainers, discardContainer } from "./deleted-containers.js";
import { blobError } from "./errors.js";
import {
  acquire,
  breakLease,
  change,
  checkLease,
  leaseShown,
  noLease,
  releaseLease,
  renew,
} from "./lease.js";
import { metadataOf } from "./metadata.js";
import {
  type AccessPolicy,
  accountOf,
  type Container,
  containerOf,
  nextEtag,
  nowOf,
  touch,
} from "./store.js";

const PAGE_SIZE_MAX = 5_000;
const NAME_LENGTH_MAX = 63;
const POLICIES_MAX = 5;
/** Between the name and the version of a deleted container in a marker: in no name. */
const SEPARATOR = "!";
/** `$root`, `$web` and `$logs` are the service's own. Names of one or two characters, which Azure refuses, are let through: examples use them. */
const NAME = /^(\$root|\$web|\$logs|[a-z0-9](-?[a-z0-9])*)$/;

export const containerHandlers: Handlers<Blob> = {
  createContainer({ containerName, metadata, access }, context) {
    if (!NAME.test(containerName)) throw blobError("InvalidResourceName");
    if (containerName.length > NAME_LENGTH_MAX) throw blobError("OutOfRangeInput");
    const { containers } = accountOf(context);
    if (containers.has(containerName)) throw blobError("ContainerAlreadyExists");
    const container: Container = {
      name: containerName,
      etag: nextEtag(context),
      lastModified: nowOf(context),
      metadata: metadataOf({ metadata }),
      publicAccess: access,
      policies: [],
      lease: noLease(),
      blobs: new Map(),
    };
    containers.set(containerName, container);
    return changed(container);
  },

  getContainerProperties({ containerName, leaseId }, context) {
    const container = containerOf(context, containerName);
    checkLease(container.lease, leaseId, context.clock.now(), "Container", false);
    return {
      ...changed(container),
      metadata: container.metadata,
      ...leaseShown(container.lease, context.clock.now()),
      ...(container.publicAccess !== undefined && { blobPublicAccess: container.publicAccess }),
      hasImmutabilityPolicy: false,
      hasLegalHold: false,
      defaultEncryptionScope: "$account-encryption-key",
      denyEncryptionScopeOverride: false,
      isImmutableStorageWithVersioningEnabled: false,
    };
  },

  deleteContainer({ containerName, leaseId, ...conditions }, context) {
    const container = containerOf(context, containerName);
    checkLease(container.lease, leaseId, context.clock.now(), "Container", true);
    checkWrite(conditions, container);
    discardContainer(context, container);
    return {};
  },

  setContainerMetadata({ containerName, metadata, leaseId, ...conditions }, context) {
    const container = containerOf(context, containerName);
    checkLease(container.lease, leaseId, context.clock.now(), "Container", false);
    checkWrite(conditions, container);
    container.metadata = metadataOf({ metadata });
    touch(container, context);
    return changed(container);
  },

  getContainerAcl({ containerName, leaseId }, context) {
    const container = containerOf(context, containerName);
    checkLease(container.lease, leaseId, context.clock.now(), "Container", false);
    return {
      ...changed(container),
      ...(container.publicAccess !== undefined && { blobPublicAccess: container.publicAccess }),
      body: container.policies.map((policy) => ({ id: policy.id, accessPolicy: policy.accessPolicy ?? {} })),
    };
  },

  setContainerAcl({ containerName, access, containerAcl, leaseId, ...conditions }, context) {
    const container = containerOf(context, containerName);
    checkLease(container.lease, leaseId, context.clock.now(), "Container", false);
    checkWrite(conditions, container);
    if ((containerAcl ?? []).length > POLICIES_MAX) throw blobError("InvalidXmlDocument");
    container.publicAccess = access;
    container.policies = (containerAcl ?? []) as AccessPolicy[];
    touch(container, context);
    return changed(container);
  },

  listContainers({ prefix = "", marker = "", maxPageSize, include = [] }, context) {
    const account = accountOf(context);
    const size = pageSize(maxPageSize);
    const asked = new Set<string>(include.map((each) => each.toLowerCase()));
    const now = context.clock.now();
    const deleted = asked.has("deleted") ? deletedContainers(context) : [];
    const all = [
      ...[...account.containers.values()].map((container) => ({
        key: container.name,
        container,
        kept: undefined,
      })),
      ...deleted.map((kept) => ({
        key: `${kept.container.name}${SEPARATOR}${kept.version}`,
        container: kept.container,
        kept,
      })),
    ]
      .filter(({ key, container }) => container.name.startsWith(prefix) && key >= marker)
      .sort((a, b) => (a.key < b.key ? -1 : 1));
    const containerItems = all.slice(0, size).map(({ container, kept }) => {
      const { version, ...gone } = kept === undefined ? {} : deletedContainerShown(kept, now);
      return {
        name: container.name,
        ...(version !== undefined && { deleted: true, version }),
        properties: {
          lastModified: container.lastModified,
          etag: container.etag,
          ...leaseShown(container.lease, now),
          ...(container.publicAccess !== undefined && { publicAccess: container.publicAccess }),
          hasImmutabilityPolicy: false,
          hasLegalHold: false,
          ...gone,
        },
        ...(asked.has("metadata") && { metadata: container.metadata }),
      };
    });
    return {
      serviceEndpoint: `${context.request.origin}/`,
      prefix,
      ...(marker !== "" && { marker }),
      ...(maxPageSize !== undefined && { maxPageSize }),
      containerItems,
      continuationToken: all[size]?.key ?? "",
    };
  },

  acquireContainerLease({ containerName, duration, proposedLeaseId, ...conditions }, context) {
    const container = containerOf(context, containerName);
    checkWrite(conditions, container);
    container.lease = acquire(container.lease, duration, proposedLeaseId, context.clock.now());
    return { ...changed(container), leaseId: container.lease.id };
  },
  renewContainerLease({ containerName, leaseId, ...conditions }, context) {
    const container = containerOf(context, containerName);
    checkWrite(conditions, container);
    container.lease = renew(container.lease, leaseId, context.clock.now());
    return { ...changed(container), leaseId: container.lease.id };
  },
  changeContainerLease({ containerName, leaseId, proposedLeaseId, ...conditions }, context) {
    const container = containerOf(context, containerName);
    checkWrite(conditions, container);
    container.lease = change(container.lease, leaseId, proposedLeaseId, context.clock.now());
    return { ...changed(container), leaseId: container.lease.id };
  },
  releaseContainerLease({ containerName, leaseId, ...conditions }, context) {
    const container = containerOf(context, containerName);
    checkWrite(conditions, container);
    container.lease = releaseLease(container.lease, leaseId);
    return changed(container);
  },
  breakContainerLease({ containerName, breakPeriod, ...conditions }, context) {
    const container = containerOf(context, containerName);
    checkWrite(conditions, container);
    const broken = breakLease(container.lease, breakPeriod, context.clock.now());
    container.lease = broken.lease;
    return { ...changed(container), leaseTime: broken.seconds };
  },
};

function changed({ etag, lastModified }: Container) {
  return { etag, lastModified };
}

export function pageSize(wanted: number | undefined): number {
  if (wanted !== undefined && !(wanted >= 1)) throw blobError("InvalidQueryParameterValue");
  return Math.min(wanted ?? PAGE_SIZE_MAX, PAGE_SIZE_MAX);
}
