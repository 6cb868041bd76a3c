/** Launch templates, their versions, and what they give an instance. */
import type { EC2 } from "../../../gen/aws/ec2.js";
import type { Handlers } from "../../service.js";
import type { LaunchTemplate, TemplateVersion } from "./compute-resources.js";
import { clientError, dryRun } from "./errors.js";
import { applyFilters, type FilterFields, newId, page, requestedTags, tagList } from "./filters.js";
import { type Ec2Region, regionOf } from "./store.js";

export interface TemplateReference {
  readonly LaunchTemplateId?: string;
  readonly LaunchTemplateName?: string;
  readonly Version?: string;
}

export const templateHandlers: Handlers<EC2> = {
  createLaunchTemplate(input, context) {
    const region = regionOf(context);
    const taken = [...region.launchTemplates.values()].some(({ name }) => name === input.LaunchTemplateName);
    if (taken) {
      throw clientError(
        "InvalidLaunchTemplateName.AlreadyExistsException",
        "Launch template name already in use.",
      );
    }
    if (input.DryRun) throw dryRun();
    const created = region.clock.date();
    const template: LaunchTemplate = {
      id: newId("lt"),
      name: input.LaunchTemplateName,
      tags: requestedTags(input.TagSpecifications, "launch-template"),
      created,
      createdBy: context.caller?.id ?? "",
      defaultVersion: 1,
      versions: [
        { number: 1, description: input.VersionDescription, created, data: input.LaunchTemplateData },
      ],
      versionsMade: 1,
    };
    region.launchTemplates.set(template.id, template);
    return { LaunchTemplate: templateOutput(template) };
  },

  createLaunchTemplateVersion(input, context) {
    const region = regionOf(context);
    const template = findTemplate(region, input);
    const source = input.SourceVersion === undefined ? undefined : findVersion(template, input.SourceVersion);
    if (input.DryRun) throw dryRun();
    template.versionsMade += 1;
    const version: TemplateVersion = {
      number: template.versionsMade,
      description: input.VersionDescription,
      created: region.clock.date(),
      data: { ...source?.data, ...input.LaunchTemplateData },
    };
    template.versions.push(version);
    return { LaunchTemplateVersion: versionOutput(template, version) };
  },

  describeLaunchTemplates(input, context) {
    const region = regionOf(context);
    const { LaunchTemplateIds: ids = [], LaunchTemplateNames: names = [] } = input;
    const named =
      ids.length + names.length === 0
        ? [...region.launchTemplates.values()]
        : [
            ...ids.map((LaunchTemplateId) => findTemplate(region, { LaunchTemplateId })),
            ...names.map((name) => templateNamed(region, name)),
          ];
    const fields: FilterFields<LaunchTemplate> = {
      "launch-template-name": ({ name }) => name,
      "create-time": ({ created }) => created.toISOString(),
    };
    const { items, NextToken } = page(
      applyFilters(named, input.Filters, fields, ({ tags }) => tags),
      input,
      1,
    );
    return { LaunchTemplates: items.map(templateOutput), NextToken };
  },

  describeLaunchTemplateVersions(input, context) {
    const region = regionOf(context);
    const { Versions = [], MinVersion, MaxVersion } = input;
    if (input.LaunchTemplateId === undefined && input.LaunchTemplateName === undefined) {
      const { items, NextToken } = page(versionsOfAll(region, Versions), input, 1);
      return { LaunchTemplateVersions: items, NextToken };
    }
    const template = findTemplate(region, input);
    const asked =
      Versions.length > 0
        ? Versions.map((each) => findVersion(template, each))
        : template.versions.filter(
            ({ number }) =>
              number >= Number(MinVersion ?? 0) && number <= Number(MaxVersion ?? template.versionsMade),
          );
    const newestFirst = [...asked].sort((a, b) => b.number - a.number);
    const { items, NextToken } = page(newestFirst, input, 1);
    return { LaunchTemplateVersions: items.map((each) => versionOutput(template, each)), NextToken };
  },

  modifyLaunchTemplate(input, context) {
    if (input.LaunchTemplateId !== undefined && input.LaunchTemplateName !== undefined) {
      throw clientError(
        "InvalidParameterCombination",
        "Either provide launch template ID or launch template name to modify the template.",
      );
    }
    const template = findTemplate(regionOf(context), input);
    const wanted = input.DefaultVersion;
    const version = wanted === undefined ? undefined : versionAt(template, wanted);
    if (wanted !== undefined && version === undefined) {
      throw clientError(
        "InvalidLaunchTemplateId.VersionNotFound",
        `The launch template version ${wanted} is not found for the specified launch template.`,
      );
    }
    if (input.DryRun) throw dryRun();
    template.defaultVersion = version?.number ?? template.defaultVersion;
    return { LaunchTemplate: templateOutput(template) };
  },

  deleteLaunchTemplate(input, context) {
    const region = regionOf(context);
    const template = findTemplate(region, input);
    if (input.DryRun) throw dryRun();
    region.launchTemplates.delete(template.id);
    return { LaunchTemplate: templateOutput(template) };
  },
};

/** What a template's version says of an instance; a request's own members go over it. */
export function templateData(region: Ec2Region, reference: TemplateReference) {
  const template = findTemplate(region, reference);
  const { number, data } = findVersion(template, reference.Version ?? "$Default");
  return { id: template.id, version: number, data };
}

function findTemplate(region: Ec2Region, reference: TemplateReference): LaunchTemplate {
  const { LaunchTemplateId: id, LaunchTemplateName: name } = reference;
  if ((id === undefined) === (name === undefined)) {
    throw clientError(
      "MissingParameter",
      "Either a launch template ID or a launch template name must be specified in the request.",
    );
  }
  const found = [...region.launchTemplates.values()].find((each) => each.id === id || each.name === name);
  if (found !== undefined) return found;
  throw id === undefined
    ? clientError(
        "InvalidLaunchTemplateName.NotFoundException",
        `The specified launch template, with template name ${name}, does not exist.`,
      )
    : clientError(
        "InvalidLaunchTemplateId.NotFound",
        `The specified launch template, with template ID ${id}, does not exist.`,
      );
}

/** DescribeLaunchTemplates has words of its own. */
function templateNamed(region: Ec2Region, name: string): LaunchTemplate {
  const found = [...region.launchTemplates.values()].find((each) => each.name === name);
  if (found !== undefined) return found;
  throw clientError(
    "InvalidLaunchTemplateName.NotFoundException",
    "At least one of the launch templates specified in the request does not exist.",
  );
}

/** The latest or default version of each template: no more can be asked for of all. */
function versionsOfAll(region: Ec2Region, asked: readonly string[]) {
  const unnumbered = asked.every((each) => each === "$Latest" || each === "$Default");
  if (asked.length === 0 || !unnumbered) {
    throw clientError(
      asked.length === 0 ? "MissingParameter" : "InvalidParameterValue",
      "To describe the launch template data for all your launch templates, for ‘--versions’ specify ‘$Latest’, ‘$Default’, or both, and omit ‘--launch-template-id’, ‘--launch-template-name’, and version numbers. To describe the launch template data for a specific launch template, specify ‘--launch-template-id’ or ‘--launch-template-name’, and for ‘--versions’ specify one or more of the following values: ‘$Latest’, ‘$Default’, or one or more version numbers.",
    );
  }
  return [...region.launchTemplates.values()].flatMap((template) => {
    const versions = new Set(asked.map((each) => findVersion(template, each)));
    return [...versions].map((version) => versionOutput(template, version));
  });
}

function versionAt(template: LaunchTemplate, asked: string): TemplateVersion | undefined {
  const latest = template.versions.at(-1)?.number;
  const number =
    asked === "$Latest" ? latest : asked === "$Default" ? template.defaultVersion : Number(asked);
  return template.versions.find((each) => each.number === number);
}

function findVersion(template: LaunchTemplate, asked: string): TemplateVersion {
  const version = versionAt(template, asked);
  if (version !== undefined) return version;
  throw clientError(
    "InvalidLaunchTemplateId.VersionNotFound",
    `Could not find the specified version ${asked} for the launch template with ID ${template.id}.`,
  );
}

function templateOutput(template: LaunchTemplate) {
  return {
    LaunchTemplateId: template.id,
    LaunchTemplateName: template.name,
    CreateTime: template.created,
    CreatedBy: template.createdBy,
    DefaultVersionNumber: template.defaultVersion,
    LatestVersionNumber: template.versions.at(-1)?.number,
    Tags: tagList(template.tags),
  };
}

function versionOutput(template: LaunchTemplate, version: TemplateVersion) {
  return {
    LaunchTemplateId: template.id,
    LaunchTemplateName: template.name,
    VersionNumber: version.number,
    VersionDescription: version.description,
    CreateTime: version.created,
    CreatedBy: template.createdBy,
    DefaultVersion: version.number === template.defaultVersion,
    LaunchTemplateData: version.data,
  };
}
