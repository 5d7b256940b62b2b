import { behind } from './behind.js';

behind('lighttpd');
