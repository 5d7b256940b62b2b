import { behind } from './behind.js';

behind('caddy');
