import { behind } from './behind.js';

behind('apache');
