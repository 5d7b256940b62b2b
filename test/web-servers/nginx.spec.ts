import { behind } from './behind.js';

behind('nginx');
