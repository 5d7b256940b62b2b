#!/usr/bin/env node
import { runCommand } from './command.js';

const { exitCode, stdout, stderr } = runCommand(process.argv.slice(2));
process.stdout.write(stdout);
process.stderr.write(stderr);
process.exitCode = exitCode;
