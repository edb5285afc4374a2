import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import {
  decodeSafetensors,
  type NamedTensor,
  readSafetensors,
  writeSafetensors,
} from '../../lib/formats/safetensors.ts';

describe('safetensors', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'recurra-'));
  });
  afterEach(() => {
    rmSync(folder, { recursive: true });
  });

  const tensors = new Map<string, NamedTensor>([
    ['a', { shape: [3], data: Uint8Array.of(1, 2, 3) }],
    ['b', { shape: [2, 2], data: Float32Array.of(1.5, -2, Number.NaN, Infinity) }],
    ['c', { shape: [], data: Float64Array.of(Math.PI) }],
    ['d', { shape: [0, 4], data: new Int32Array(0) }],
    ['e', { shape: [1], data: BigInt64Array.of(-(2n ** 62n)) }],
  ]);
  const write = async (name = 'x.safetensors') => {
    const path = join(folder, name);
    await writeSafetensors(path, { tensors, metadata: new Map([['note', 'ein Gruß']]) });
    return path;
  };
  const failure = async (bytes: Uint8Array) => {
    try {
      decodeSafetensors(bytes, 'x');
    } catch (error) {
      return error as Error & { code: string };
    }
    throw new Error('expected an error');
  };

  it('reads back what it wrote', async () => {
    const file = await readSafetensors(await write());
    expect([...file.tensors.keys()].sort()).to.deep.equal([...tensors.keys()]);
    for (const [name, tensor] of tensors) expect(file.tensors.get(name)).to.deep.equal(tensor);
    expect(file.metadata.get('note')).to.equal('ein Gruß');
  });

  it('starts every tensor at a multiple of its element size', async () => {
    const bytes = readFileSync(await write());
    const length = Number(bytes.readBigUInt64LE(0));
    expect((8 + length) % 64).to.equal(0);
    const header = JSON.parse(bytes.toString('utf8', 8, 8 + length));
    for (const [name, { data }] of tensors) expect(header[name].data_offsets[0] % data.BYTES_PER_ELEMENT).to.equal(0);
  });

  it('leaves no other file behind', async () => {
    await write();
    expect(readdirSync(folder)).to.deep.equal(['x.safetensors']);
  });

  it('keeps the old file where the new one cannot be written', async () => {
    const path = await write();
    const before = readFileSync(path);
    const broken = new Map([['a', { shape: [4], data: Uint8Array.of(1) }]]);
    let code = '';
    await writeSafetensors(path, { tensors: broken, metadata: new Map() }).catch(error => {
      code = error.code;
    });
    expect(code).to.equal('ERR_SHAPE');
    expect(readFileSync(path)).to.deep.equal(before);
  });

  it('says which file is missing', async () => {
    const error = await readSafetensors(join(folder, 'none')).catch(e => e);
    expect(error).to.include({ code: 'ERR_FILE' });
    expect(error.message).to.contain('none');
  });

  it('refuses a file cut off anywhere', async () => {
    const bytes = readFileSync(await write());
    for (let length = 0; length < bytes.length; length += 7)
      expect((await failure(bytes.subarray(0, length))).code, `${length} bytes`).to.equal('ERR_FORMAT');
  });

  it('refuses other kinds of file and damaged headers', async () => {
    const header = (json: string) => {
      const text = Buffer.from(json);
      const start = Buffer.alloc(8);
      start.writeBigUInt64LE(BigInt(text.length));
      return Buffer.concat([start, text]);
    };
    const cases = [
      Buffer.from('not a tensor file at all, but long enough to have a header'),
      header('[]'),
      header('null'),
      header('{"a":1}'),
      header('{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,8]}}'),
      header('{"a":{"dtype":"F32","shape":[-1],"data_offsets":[0,4]}}'),
      header('{"a":{"dtype":"F99","shape":[1],"data_offsets":[0,4]}}'),
      header('{"a":{"dtype":"F32","shape":[1e300],"data_offsets":[0,4]}}'),
      header('{"a":{"dtype":"F32","shape":[1],"data_offsets":[4,0]}}'),
    ];
    for (const bytes of cases) expect((await failure(bytes)).code, bytes.toString('latin1')).to.equal('ERR_FORMAT');
  });

  it('is not confused by a tensor named __proto__', async () => {
    const text = Buffer.from('{"__proto__":{"dtype":"U8","shape":[1],"data_offsets":[0,1]}}');
    const start = Buffer.alloc(8);
    start.writeBigUInt64LE(BigInt(text.length));
    const path = join(folder, 'p.safetensors');
    writeFileSync(path, Buffer.concat([start, text, Buffer.of(7)]));
    expect((await readSafetensors(path)).tensors.get('__proto__')?.data).to.deep.equal(Uint8Array.of(7));
  });
});
