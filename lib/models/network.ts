import { rangeError } from '../errors.ts';
import { buildLayer } from '../layers/index.ts';
import { inputFeed } from '../layers/input.ts';
import type { Flow, Layer, LayerDescription } from '../layers/layer.ts';
import type { Parameter } from '../layers/parameter.ts';
import { concat } from '../ops/concat.ts';
import type { Recording } from '../program/recording.ts';
import type { Tensor } from '../program/tensor.ts';
import { Random } from '../random/random.ts';

/** A layer in its place: the names of what it reads, `input` being the network's own. Several sources stand side by side. */
export interface NodeDescription {
  readonly name: string;
  readonly layer: LayerDescription;
  readonly from: readonly string[];
}

/** Plain data: what a network is, without its weights. */
export interface NetworkDescription {
  readonly input: Flow;
  readonly nodes: readonly NodeDescription[];
  /** Name of the node whose output is the network's. */
  readonly output: string;
  /** Keys initial weights and dropout masks. */
  readonly seed: number;
}

interface Node extends NodeDescription {
  readonly built: Layer;
}

/** Layers joined to one function from an input to an output. */
export class Network {
  readonly description: NetworkDescription;
  readonly nodes: readonly Node[];
  readonly parameters: readonly Parameter[];
  readonly output: Flow;

  constructor(description: NetworkDescription) {
    const { input, nodes, output, seed } = description;
    const flows = new Map<string, Flow>([['input', input]]);
    let masks = 0;
    this.nodes = nodes.map((node, index) => {
      if (flows.has(node.name)) throw rangeError('ERR_ARGUMENT', `network: the name ${node.name} is used twice`);
      const built = buildLayer(node.layer, {
        name: node.name,
        input: join(node, flows),
        random: new Random(seed, index),
        seed,
        nextMask: () => masks++,
      });
      flows.set(node.name, built.output);
      return { ...node, built };
    });
    const last = flows.get(output);
    if (!last) throw rangeError('ERR_ARGUMENT', `network: the output ${output} is not one of its layers`);
    this.description = description;
    this.parameters = this.nodes.flatMap(({ built }) => built.parameters);
    this.output = last;
  }

  /** Records the network from its input feed to its output. */
  record(recording: Recording): Tensor {
    const values = new Map<string, Tensor>([['input', inputFeed(recording, this.description.input)]]);
    for (const { name, from, built } of this.nodes)
      values.set(name, built.apply(concat(from.map(source => values.get(source)!))));
    return values.get(this.description.output)!;
  }
}

/** What a node reads when its sources are put side by side. */
function join({ name, from }: NodeDescription, flows: ReadonlyMap<string, Flow>): Flow {
  const sources = from.map(source => {
    const flow = flows.get(source);
    if (!flow)
      throw rangeError(
        'ERR_ARGUMENT',
        `network: ${name} reads ${source}, which is not among the layers before it: ${[...flows.keys()].join(', ')}`,
      );
    return flow;
  });
  const first = sources[0];
  if (!first) throw rangeError('ERR_ARGUMENT', `network: ${name} reads nothing; name its sources in 'from'`);
  if (sources.some(({ kind }) => kind !== first.kind) || (sources.length > 1 && first.kind === 'ids'))
    throw rangeError(
      'ERR_SHAPE',
      `network: ${name} reads ${from.join(' and ')}, which are ${sources.map(({ kind }) => kind).join(' and ')} and cannot stand side by side`,
    );
  return { kind: first.kind, size: sources.reduce((sum, { size }) => sum + size, 0) };
}
