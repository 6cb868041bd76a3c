import assert from "node:assert/strict";
import { test } from "node:test";
import { pack } from "../../src/model/pack.js";
import { applyPatches } from "../patch.js";
import type { DiscoveryDocument, Schema } from "./discovery.js";
import { identities } from "./identity.js";
import { importDocument } from "./import.js";

const object = (properties: Record<string, Schema>, id?: string): Schema => ({
  type: "object",
  properties,
  ...(id && { id }),
});
const text: Schema = { type: "string", description: "Prose that must not be kept." };
const listOf = (items: Schema): Schema => ({ type: "array", items });

const DOCUMENT: DiscoveryDocument = {
  name: "zoo",
  version: "v1",
  rootUrl: "https://zoo.googleapis.com/",
  servicePath: "",
  parameters: { fields: { ...text, location: "query" } },
  auth: { oauth2: { scopes: { "https://www.googleapis.com/auth/cloud-platform": {}, other: {} } } },
  schemas: {
    Animal: object({
      name: text,
      createTime: { type: "string", format: "google-datetime", readOnly: true },
      legs: { type: "integer", format: "int32" },
      weight: { type: "string", format: "int64" },
      image: { type: "string", format: "byte" },
      fingerprint: { type: "string", format: "byte" },
      kind: { type: "string", enum: ["CAT", "DOG"] },
      home: object({ city: text }),
      id: { ...text, description: "[Output Only] Set by the zoo." },
    }),
    Keeper: object({ home: object({ city: { ...text, description: "Other prose." } }) }),
    // The name that a list of animals would get.
    AnimalList: object({ animals: listOf({ $ref: "Animal" }), warnings: listOf(text), nextPageToken: text }),
    Scoped: object({ animals: listOf({ $ref: "Animal" }) }),
    Aggregated: object({
      items: { type: "object", additionalProperties: { $ref: "Scoped" } },
      nextPageToken: text,
    }),
    Operation: object({
      name: text,
      done: { type: "boolean" },
      response: { type: "any" },
      error: { type: "any" },
    }),
  },
  resources: {
    operations: {
      methods: {
        get: method("operations.get", "GET", "v1/{+name}", { name: path("^operations/.*$") }, "Operation"),
      },
    },
    animals: {
      methods: {
        get: {
          ...method(
            "animals.get",
            "GET",
            "v1/{+name}",
            { name: path("^projects/[^/]+/animals/[^/]+$") },
            "Animal",
          ),
          flatPath: "v1/projects/{projectsId}/animals/{animalsId}",
          supportsMediaDownload: true,
        },
        list: method(
          "animals.list",
          "GET",
          "v1/{+project}/animals",
          { project: path("^projects/[^/]+$"), pageToken: query(), pageSize: query() },
          "AnimalList",
        ),
        aggregatedList: method(
          "animals.aggregatedList",
          "GET",
          "v1/projects/{project}/all",
          { project: path(), pageToken: query() },
          "Aggregated",
        ),
        insert: {
          ...method(
            "animals.insert",
            "POST",
            "v1/projects/{project}/animals",
            { project: path(), requestId: { ...query(), description: "A UUID." } },
            "Operation",
          ),
          request: { $ref: "Animal" },
          mediaUpload: { protocols: { simple: { path: "/upload/v1/projects/{project}/animals" } } },
        },
        keepers: method("animals.keepers", "GET", "v1/keepers", {}, "Keeper"),
      },
      resources: {
        keepers: { methods: { get: method("animals.keepers.get", "GET", "v1/keepers/one", {}, "Keeper") } },
      },
    },
  },
};

function method(id: string, httpMethod: string, at: string, parameters: object, response: string) {
  return { id, httpMethod, path: at, parameters: parameters as never, response: { $ref: response } };
}

function path(pattern?: string) {
  return { type: "string", location: "path", required: true, ...(pattern !== undefined && { pattern }) };
}

function query() {
  return { type: "string", location: "query" };
}

const model = importDocument(DOCUMENT, { id: "zoo", name: "Zoo" });

test("no prose is kept, and every reference holds", () => {
  assert.doesNotMatch(JSON.stringify(model), /prose|zoo\.",|UUID/i);
  assert.doesNotThrow(() => pack(model));
});

test("scalars have the form that they have on the wire", () => {
  const { members } = model.shapes.Animal ?? {};
  const types = Object.entries(members ?? {}).map(
    ([name, { shape }]) => `${name} ${model.shapes[shape]?.type}`,
  );
  assert.deepEqual(types, [
    "name string",
    "createTime string",
    "legs integer",
    "weight string",
    "image blob",
    "fingerprint string",
    "kind string",
    "home structure",
    "id string",
  ]);
  assert.deepEqual(
    [members?.createTime?.readOnly, members?.id?.readOnly, members?.name?.readOnly],
    [true, true, undefined],
  );
});

test("structures that are repeated inline are one, and no list takes a schema's name", () => {
  assert.equal(model.shapes.Animal?.members?.home?.shape, "Home");
  assert.equal(model.shapes.Keeper?.members?.home?.shape, "Home");
  assert.equal(model.shapes.AnimalList?.type, "structure");
});

test("pages are found, with their items", () => {
  assert.deepEqual(model.operations["animals.list"]?.page, {
    inputToken: "pageToken",
    outputToken: "nextPageToken",
    items: ["animals"],
    limit: "pageSize",
  });
  assert.deepEqual(model.operations["animals.aggregatedList"]?.page?.items, ["items.*.animals[]"]);
});

test("the project comes from the session, in the form that the path wants", () => {
  assert.equal(model.shapes.AnimalsListRequest?.members?.project?.session, "projectName");
  assert.equal(model.shapes.AnimalsInsertRequest?.members?.project?.session, "project");
});

test("long-running operations, request ids, media and downloads are known", () => {
  assert.deepEqual(model.operations["animals.insert"]?.lro, {
    style: "gcp-longrunning",
    poll: "operations.get",
  });
  const { members } = model.shapes.AnimalsInsertRequest ?? {};
  assert.equal(members?.requestId?.idempotencyToken, true);
  assert.equal(members?.media?.streaming, true);
  assert.equal(model.operations["animals.getMedia"]?.path, "/v1/{name+}?alt=media");
  assert.equal(model.operations["animals.get"]?.gcp?.flat, "/v1/projects/{}/animals/{}");
});

test("a method with the name of a resource is called by another", () => {
  assert.deepEqual(
    Object.keys(model.operations).filter((name) => name.includes("keepers")),
    ["animals.keepers.call", "animals.keepers.get"],
  );
});

test("the stable version has the API's name, others have theirs", () => {
  const version = (name: string, each: string) => ({ ...DOCUMENT, name, version: each });
  const documents = [
    version("zoo", "v1beta1"),
    version("zoo", "v2"),
    version("zoo", "v1"),
    version("admin", "users_v1"),
  ];
  const found = identities(documents, [{ name: "zoo", version: "v1beta1", preferred: true }]);
  assert.deepEqual(
    [...found.values()],
    [
      { id: "zoo-v1beta1", name: "ZooV1beta1" },
      { id: "zoo", name: "Zoo" },
      { id: "zoo-v1", name: "ZooV1" },
      { id: "admin-users", name: "AdminUsers" },
    ],
  );
});

test("a patch lays over what it names, and refuses what is not there", () => {
  const link = "https://example.com";
  const patched = applyPatches(model, [
    { why: "w", link, operations: { "animals.get": { idempotent: true } } },
  ]);
  assert.equal(patched.operations["animals.get"]?.idempotent, true);
  assert.equal(patched.operations["animals.get"]?.method, "GET");
  assert.throws(
    () => applyPatches(model, [{ why: "w", link, operations: { "animals.gone": {} } }]),
    /no operation "animals\.gone"/,
  );
});
