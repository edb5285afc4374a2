import { js } from '../../lib/index.ts';
import { serve } from '../serve.ts';
import { recurra } from './recurra.ts';

await serve(async workload => recurra(workload, js()));
