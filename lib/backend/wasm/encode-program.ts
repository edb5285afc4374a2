import type { Attribute, BufferSpec, ProgramData, Step } from '../../program/program.ts';

/**
 * A program in bytes, for native/wasm/program_reader.cc: its fields in their order, a number as float64, a text as its bytes
 * after their number, a list as its items after theirs. What shapes and buffers refer to by name they refer to by index, -1 for
 * nothing.
 * @param sizes names that its shapes may use
 */
export function encodeProgram(program: ProgramData, sizes: readonly string[] = program.sizes): Uint8Array {
  const writer = new Writer();
  writeProgram(writer, program, sizes);
  return writer.bytes;
}

function writeProgram(to: Writer, { storages, buffers, steps, commit, checks }: ProgramData, sizes: readonly string[]) {
  to.list(sizes, name => to.text(name));
  to.list(storages, ({ name, dtype, elements }) => {
    to.text(name);
    to.text(dtype);
    to.number(elements);
  });
  const names = storages.map(({ name }) => name);
  to.list(buffers, buffer => writeBuffer(to, buffer, sizes, names));
  to.list(steps, step => writeStep(to, step));
  to.number(commit);
  to.list(checks, id => to.number(id));
}

function writeBuffer(
  to: Writer,
  { name, role, dtype, shape, storage }: BufferSpec,
  sizes: readonly string[],
  storages: readonly string[],
): void {
  to.text(name);
  to.text(role);
  to.text(dtype);
  to.list(shape, dimension => {
    to.number(typeof dimension === 'number' ? dimension : 0);
    to.number(typeof dimension === 'number' ? -1 : sizes.indexOf(dimension));
  });
  to.number(storage ? storages.indexOf(storage.name) : -1);
  to.number(storage?.offset ?? 0);
}

function writeStep(to: Writer, { op, attributes, inputs, outputs }: Step): void {
  to.text(op);
  to.list(Object.entries(attributes), ([name, attribute]) => {
    to.text(name);
    writeAttribute(to, attribute);
  });
  for (const slots of [inputs, outputs])
    to.list(Object.entries(slots), ([name, id]) => {
      to.text(name);
      to.number(id);
    });
}

function writeAttribute(to: Writer, attribute: Attribute): void {
  if (typeof attribute === 'object' && 'steps' in attribute) {
    to.text('program');
    writeProgram(to, attribute, attribute.sizes);
  } else if (typeof attribute === 'object') {
    // A list may hold extents besides names.
    const isNumbers = attribute.length > 0 && attribute.every(item => typeof item === 'number');
    to.text(isNumbers ? 'numbers' : 'strings');
    to.list(attribute, item => (isNumbers ? to.number(item as number) : to.text(String(item))));
  } else {
    to.text(typeof attribute);
    if (typeof attribute === 'string') to.text(attribute);
    else to.number(Number(attribute));
  }
}

class Writer {
  #bytes = new Uint8Array(4096);
  #count = 0;

  get bytes(): Uint8Array {
    return this.#bytes.subarray(0, this.#count);
  }

  number(value: number): void {
    const at = this.#take(8);
    new DataView(this.#bytes.buffer).setFloat64(at, value, true);
  }

  text(value: string): void {
    const bytes = new TextEncoder().encode(value);
    this.number(bytes.length);
    const at = this.#take(bytes.length);
    this.#bytes.set(bytes, at);
  }

  list<Item>(items: readonly Item[], write: (item: Item) => void): void {
    this.number(items.length);
    for (const item of items) write(item);
  }

  /** Makes room for so many bytes more; where they begin. */
  #take(bytes: number): number {
    const at = this.#count;
    this.#count += bytes;
    if (this.#count > this.#bytes.length) {
      const wider = new Uint8Array(2 * this.#count);
      wider.set(this.#bytes);
      this.#bytes = wider;
    }
    return at;
  }
}
