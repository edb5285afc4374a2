import { wasm } from '../../lib/index.ts';
import { serve } from '../serve.ts';
import { orAbsent } from './or-absent.ts';
import { recurra } from './recurra.ts';

await serve(async workload =>
  recurra(
    workload,
    orAbsent(() => wasm()),
  ),
);
