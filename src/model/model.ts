/** The model of one service at run time: reads the packed text of `pack.ts` line by line, as calls need it. */
import type { ServiceTraits, ShapeType, WaiterTraits } from "./ir.js";
import {
  type PackedMember,
  type PackedOperation,
  type PackedShape,
  unpackOperation,
  unpackShape,
} from "./unpack.js";

interface Header extends ServiceTraits {
  readonly operations: number;
  readonly shapes: number;
  readonly waiters?: number;
  readonly resources?: number;
}

export class Model {
  readonly service: ServiceTraits;
  /** Wire names, in the model's order: `GetObject`, `instances.list`. */
  readonly operationNames: readonly string[];
  /** Work that the service's protocol does once a service: owned by that protocol alone. */
  plan: unknown = undefined;
  readonly #lines: readonly string[];
  readonly #header: Header;
  readonly #operations = new Map<string, OperationModel>();
  readonly #shapes: (Shape | undefined)[] = [];
  #names: readonly string[] | undefined;
  #waiters: Readonly<Record<string, WaiterTraits>> | undefined;

  constructor(text: string) {
    this.#lines = text.split("\n");
    this.#header = this.#parse(0) as Header;
    this.service = this.#header;
    this.operationNames = (this.#lines[1] as string).split(" ");
  }

  /** The operation of that wire name, or undefined. */
  operation(name: string): OperationModel | undefined {
    const known = this.#operations.get(name);
    if (known !== undefined) return known;
    const number = this.operationNames.indexOf(name);
    if (number === -1) return undefined;
    const traits = unpackOperation(this.#lines[this.#header.operations + number] as string);
    const operation = new OperationModel(this, name, traits);
    this.#operations.set(name, operation);
    return operation;
  }

  /** @internal The shape on that line of the shapes section. */
  shape(number: number): Shape {
    let shape = this.#shapes[number];
    if (shape === undefined) {
      shape = new Shape(
        this,
        unpackShape(this.#lines[this.#header.shapes + number] as string, this.#memberNames()),
      );
      this.#shapes[number] = shape;
    }
    return shape;
  }

  #memberNames(): readonly string[] {
    this.#names ??= (this.#lines[2] as string).split(" ");
    return this.#names;
  }

  get waiters(): Readonly<Record<string, WaiterTraits>> {
    const line = this.#header.waiters;
    this.#waiters ??= line === undefined ? {} : (this.#parse(line) as Record<string, WaiterTraits>);
    return this.#waiters;
  }

  /** The object layer's data, as its cloud's code knows it; undefined when the service has none. */
  get resources(): unknown {
    const line = this.#header.resources;
    return line === undefined ? undefined : this.#parse(line);
  }

  #parse(line: number): unknown {
    return JSON.parse(this.#lines[line] as string);
  }
}

export class OperationModel {
  readonly model: Model;
  readonly name: string;
  readonly traits: PackedOperation;
  readonly method: string;
  readonly path: string;
  /** Work that the service's protocol does once an operation: owned by that protocol alone. */
  plan: unknown = undefined;
  #input: Shape | undefined;
  #output: Shape | undefined;

  constructor(model: Model, name: string, traits: PackedOperation) {
    this.model = model;
    this.name = name;
    this.traits = traits;
    this.method = traits.method ?? "POST";
    this.path = traits.path ?? "/";
  }

  get service(): ServiceTraits {
    return this.model.service;
  }

  get input(): Shape | undefined {
    if (this.#input === undefined && this.traits.input !== undefined)
      this.#input = this.model.shape(this.traits.input);
    return this.#input;
  }

  get output(): Shape | undefined {
    if (this.#output === undefined && this.traits.output !== undefined)
      this.#output = this.model.shape(this.traits.output);
    return this.#output;
  }

  /** Shapes of the modelled errors. */
  get errors(): Shape[] {
    return (this.traits.errors ?? []).map((number) => this.model.shape(number));
  }

  /** Shape of a long-running operation's final result, where it is not the output. */
  get result(): Shape | undefined {
    const number = this.traits.lro?.result;
    return number === undefined ? undefined : this.model.shape(number);
  }
}

export class Shape {
  readonly type: ShapeType;
  /** Of a modelled error, and of the root of an XML body; empty for other shapes. */
  readonly name: string;
  readonly traits: PackedShape["traits"];
  /** Members of a structure, in the model's order; empty for other types. */
  readonly members: readonly Member[];
  /** Element of a list, value of a map. */
  readonly element: Member | undefined;
  /** Key of a map. */
  readonly key: Member | undefined;
  /** Work that the service's protocol does once a shape: owned by that protocol alone. */
  plan: unknown = undefined;
  #byName: Map<string, Member> | undefined;

  constructor(model: Model, { type, name, traits, members }: PackedShape) {
    this.type = type;
    this.name = name;
    this.traits = traits;
    const all = members.map((each) => new Member(model, each));
    const structure = type === "structure";
    this.members = structure ? all : [];
    this.element = structure ? undefined : all[all.length - 1];
    this.key = type === "map" ? all[0] : undefined;
  }

  /** The member of that name, or undefined. */
  member(name: string): Member | undefined {
    this.#byName ??= new Map(this.members.map((each) => [each.name, each]));
    return this.#byName.get(name);
  }
}

export class Member {
  readonly name: string;
  readonly traits: PackedMember["traits"];
  /** Name on the wire. */
  readonly wireName: string;
  readonly #model: Model;
  readonly #number: number;
  #shape: Shape | undefined;

  constructor(model: Model, { name, shape, traits }: PackedMember) {
    this.name = name;
    this.traits = traits;
    this.wireName = traits.name ?? name;
    this.#model = model;
    this.#number = shape;
  }

  get shape(): Shape {
    this.#shape ??= this.#model.shape(this.#number);
    return this.#shape;
  }
}
