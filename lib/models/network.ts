import { rangeError } from '../errors.ts';
import { buildLayer } from '../layers/index.ts';
import { inputFeed, layoutOf, soleInput } from '../layers/input.ts';
import { type CarriedState, describeFlow, type Flow, type Layer, type LayerDescription } from '../layers/layer.ts';
import { type Merge, merge, mergedFlow } from '../layers/merge.ts';
import type { Parameter } from '../layers/parameter.ts';
import type { Recording } from '../program/recording.ts';
import type { Tensor } from '../program/tensor.ts';
import { Random } from '../random/random.ts';
import type { Stretch } from '../training/trainable.ts';

/** A layer in its place. What it reads are names of layers, of their parts (`layer.part`), or of the network's inputs. */
export interface NodeDescription {
  readonly name: string;
  /** Or the name of a node before, whose layer, weights and all, this is once more. */
  readonly layer: LayerDescription | string;
  readonly from: readonly string[];
  /** How several sources become one. Default 'concat'. */
  readonly merge?: Merge;
  /** What gives the states that the layer starts from: a layer with the same states, or a source for each that is given. */
  readonly state?: string | Readonly<Record<string, string>>;
  /** What the layer looks at while it goes along its input: a sequence of any lengths. */
  readonly memory?: string;
}

/** Plain data: what a network is, without its weights. */
export interface NetworkDescription {
  /** What it reads as `input`. */
  readonly input?: Flow;
  /** In place of `input`: what it reads, by name. Sequences of each have lengths of their own. */
  readonly inputs?: Readonly<Record<string, Flow>>;
  readonly nodes: readonly NodeDescription[];
  /** Name of the node whose output is the network's. */
  readonly output: string;
  /** Keys initial weights and dropout masks. */
  readonly seed: number;
}

interface Node extends NodeDescription {
  readonly layer: LayerDescription;
  readonly reads: { readonly input: Flow; readonly memory: Flow | undefined };
  /** Names of what it reads beside `from`: what its states start from, and its memory. */
  readonly beside: readonly string[];
  readonly built: Layer;
  /** Of the layer, where no node before has it. */
  readonly parameters: readonly Parameter[];
}

/** What is known from elsewhere, by the names of flows, and stands in place of what the layers give. */
interface Given {
  readonly given: ReadonlyMap<string, Tensor>;
}

/** Layers joined to one function from inputs to an output. */
export class Network {
  readonly description: NetworkDescription;
  readonly nodes: readonly Node[];
  readonly parameters: readonly Parameter[];
  readonly inputs: Readonly<Record<string, Flow>>;
  readonly output: Flow;
  /** What can be read: inputs, layers and their parts. */
  readonly flows: ReadonlyMap<string, Flow>;

  constructor(description: NetworkDescription) {
    const { nodes, output, seed } = description;
    this.inputs = description.inputs ?? { [soleInput]: description.input! };
    const flows = new Map(Object.entries(this.inputs).map(([name, flow]) => [name, along(name, flow)]));
    const parameters: Parameter[] = [];
    const known = new Map<string, Node>();
    let masks = 0;
    nodes.forEach((node, index) => {
      if (flows.has(node.name)) throw rangeError('ERR_ARGUMENT', `network: the name ${node.name} is used twice`);
      const reads = { input: joined(node, flows), memory: memoryOf(node, flows) };
      const build = (layer: LayerDescription) => {
        const built = buildLayer(layer, {
          name: node.name,
          ...reads,
          find: name => parameters.find(parameter => parameter.name === name),
          random: new Random(seed, index),
          seed,
          nextMask: () => masks++,
        });
        return { layer, built, parameters: built.parameters };
      };
      const {
        layer,
        built,
        parameters: own,
      } = typeof node.layer === 'string' ? again(node.name, node.layer, reads, known) : build(node.layer);
      const beside = Object.values(stateSources(node, built)).concat(node.memory ?? []);
      known.set(node.name, { ...node, layer, reads, beside, built, parameters: own });
      checkStates(node, built, flows);
      if (reads.memory && !built.attends)
        throw rangeError(
          'ERR_ARGUMENT',
          `network: ${node.name} does not attend to a memory, and is given ${node.memory}`,
        );
      parameters.push(...own);
      const { layout } = reads.input;
      flows.set(node.name, along(layout, built.output));
      for (const [part, flow] of Object.entries(built.parts ?? {}))
        flows.set(`${node.name}.${part}`, along(layout, flow));
    });
    this.nodes = [...known.values()];
    const last = flows.get(output);
    if (!last) throw rangeError('ERR_ARGUMENT', `network: the output ${output} is not one of its layers`);
    if (last.kind === 'apart')
      throw rangeError('ERR_SHAPE', `network: the output ${output} is kept apart; read its parts and join them`);
    this.description = description;
    this.flows = flows;
    this.parameters = parameters;
    this.output = last;
  }

  /** By `layer.state`. @throws ERR_ARGUMENT where a layer needs its sequences in one piece */
  get carried(): Readonly<Record<string, CarriedState>> {
    const carried = new Map<string, CarriedState>();
    for (const { name, state, memory, built } of this.nodes) {
      if (state !== undefined)
        throw rangeError(
          'ERR_ARGUMENT',
          `network: ${name} starts from states that it is given, and cannot go on from its own`,
        );
      if (!built.cuttable || memory !== undefined)
        throw rangeError(
          'ERR_ARGUMENT',
          `network: ${name} reads sequences as a whole, and cannot be trained on parts of them, on windows or with carry`,
        );
      for (const [letter, of] of Object.entries(built.states ?? {})) carried.set(`${name}.${letter}`, of);
    }
    return Object.fromEntries(carried);
  }

  /** Records the network from its input feeds to its output. */
  record(recording: Recording, stretch?: Stretch): Tensor {
    return this.recordLayers(recording, stretch).get(this.description.output)!;
  }

  /** Records the network; gives everything that `flows` names. */
  recordLayers(
    recording: Recording,
    { layout, states: carried = {}, given = new Map() }: Partial<Stretch & Given> = {},
  ): ReadonlyMap<string, Tensor> {
    const values = new Map<string, Tensor>();
    const set = (name: string, value: Tensor) => values.set(name, given.get(name) ?? value);
    for (const [name, flow] of Object.entries(this.inputs))
      set(name, inputFeed(recording, flow, layout ?? layoutOf(name)));
    for (const node of this.nodes) {
      const { name, from, merge: how = 'concat', memory, built } = node;
      const find = (source: string) => values.get(source)!;
      const x = merge(from.map(find), how);
      if (!built.applyInParts) {
        set(name, built.apply(x));
        continue;
      }
      const started = Object.entries(stateSources(node, built)).map(
        ([state, source]) => [state, find(source)] as const,
      );
      const own = Object.keys(built.states ?? {}).filter(state => carried[`${name}.${state}`]);
      const states = Object.fromEntries([
        ...started,
        ...own.map(state => [state, carried[`${name}.${state}`]!] as const),
      ]);
      const { output, parts } = built.applyInParts(x, states, memory === undefined ? undefined : find(memory));
      for (const state of own) carried[`${name}.${state}`] = parts[state]!;
      set(name, output);
      for (const [part, tensor] of Object.entries(parts)) set(`${name}.${part}`, tensor);
    }
    return values;
  }
}

/** What gives each state that is given. */
function stateSources({ state = {} }: NodeDescription, { states = {} }: Layer): Readonly<Record<string, string>> {
  if (typeof state !== 'string') return state;
  const common = Object.keys(states).filter(name => !states[name]!.peculiar);
  return Object.fromEntries(common.map(name => [name, `${state}.${name}`]));
}

/** What a node reads when its sources are joined. */
function joined({ name, from, merge: how = 'concat' }: NodeDescription, flows: ReadonlyMap<string, Flow>): Flow {
  if (from.length === 0) throw rangeError('ERR_ARGUMENT', `network: ${name} reads nothing; name its sources in 'from'`);
  const sources = from.map(source => flowOf(name, source, flows));
  if (from.length === 1) return sources[0]!;
  const layouts = [...new Set(sources.flatMap(({ layout = [] }) => layout))];
  if (layouts.length > 1)
    throw rangeError(
      'ERR_SHAPE',
      `network: ${name} reads ${from.join(' and ')}, which have the lengths of ${layouts.join(' and ')} and cannot be joined step by step; make one vector of each sequence (output: 'last'), or attend to one (memory)`,
    );
  const flow = mergedFlow(sources, how);
  if (!flow || flow.kind === 'ids' || flow.kind === 'apart')
    throw rangeError(
      'ERR_SHAPE',
      `network: ${name} reads ${from.join(' and ')}, which are ${sources.map(describeFlow).join(' and ')} and cannot be joined by '${how}'`,
    );
  return along(layouts[0], flow);
}

/** A node with the layer of one before. @throws ERR_ARGUMENT where there is none; ERR_SHAPE where that one reads another thing */
function again(
  name: string,
  of: string,
  reads: Node['reads'],
  known: ReadonlyMap<string, Node>,
): Pick<Node, 'layer' | 'built' | 'parameters'> {
  const first = known.get(of);
  if (!first)
    throw rangeError(
      'ERR_ARGUMENT',
      `network: ${name} is the layer ${of} once more, which is not among those before it`,
    );
  for (const source of ['input', 'memory'] as const) {
    const [read, got] = [first.reads[source], reads[source]];
    if (read?.kind !== got?.kind || read?.size !== got?.size)
      throw rangeError(
        'ERR_SHAPE',
        `network: ${name} is the layer ${of} once more, whose ${source} is ${read ? describeFlow(read) : 'none'}, but gets ${got ? describeFlow(got) : 'none'}`,
      );
  }
  return { layer: first.layer, built: first.built, parameters: [] };
}

/** What goes along the steps of an input, saying so. */
function along(layout: string | undefined, flow: Flow): Flow {
  return layout !== undefined && (flow.kind === 'ids' || flow.kind === 'sequence') ? { ...flow, layout } : flow;
}

/** @throws ERR_SHAPE where it is no sequence of vectors */
function memoryOf({ name, memory }: NodeDescription, flows: ReadonlyMap<string, Flow>): Flow | undefined {
  if (memory === undefined) return undefined;
  const flow = flowOf(name, memory, flows);
  if (flow.kind === 'sequence') return flow;
  throw rangeError(
    'ERR_SHAPE',
    `network: the memory of ${name} is a sequence of vectors, ${memory} gives ${describeFlow(flow)}${flow.kind === 'vector' ? "; give it output: 'sequence'" : ''}`,
  );
}

/** @throws ERR_ARGUMENT for states that the layer does not have; ERR_SHAPE where what gives them does not fit */
function checkStates(node: NodeDescription, built: Layer, flows: ReadonlyMap<string, Flow>): void {
  const { name } = node;
  const { states = {} } = built;
  if (node.state !== undefined && Object.keys(states).length === 0)
    throw rangeError('ERR_ARGUMENT', `network: ${name} has no state to start from`);
  for (const [state, source] of Object.entries(stateSources(node, built))) {
    const wanted = states[state];
    if (!wanted)
      throw rangeError(
        'ERR_ARGUMENT',
        `network: ${name} has no state ${state} to start from; it has ${Object.keys(states).join(', ')}`,
      );
    const flow = flowOf(name, source, flows);
    if (flow.kind !== 'vector' || flow.size !== wanted.size)
      throw rangeError(
        'ERR_SHAPE',
        `network: the state ${state} of ${name} is one vector per sequence of ${wanted.size} features, ${source} gives ${describeFlow(flow)}`,
      );
  }
}

function flowOf(reader: string, source: string, flows: ReadonlyMap<string, Flow>): Flow {
  const flow = flows.get(source);
  if (flow) return flow;
  throw rangeError(
    'ERR_ARGUMENT',
    `network: ${reader} reads ${source}, which is not among what comes before it: ${[...flows.keys()].join(', ')}`,
  );
}
