import { accessSync, constants, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { parseArgs } from 'node:util';
import { pinClient } from './cores.js';
import { isInstalled } from '../is-installed.js';
import { CEPH_PROGRAMS, startCeph } from '../s3/ceph.js';
import { downloadDuels, type DownloadDuel } from './downloads.js';
import { duel, type Pace } from './duel.js';
import { machine } from './machine.js';
import { s3Duels, type S3Duel } from './s3.js';
import { nginxVersion } from './servers/nginx.js';
import { HEADINGS, lineOf, markdown, padded, type Line } from './table.js';
import { flushedUploadDuels, uploadDuels, type UploadDuel } from './uploads.js';

// npm run bench [-- [--quick] WORDS...]   each of WORDS has to be in a line's first four columns: "4 KiB", fastify, "by key", nginx

const FULL: Pace = { rounds: 5, roundMs: 600, warmUpMs: 1000 };
const QUICK: Pace = { rounds: 3, roundMs: 400, warmUpMs: 1000 };

const { values, positionals } = parseArgs({
  options: { quick: { type: 'boolean', default: false } },
  allowPositionals: true,
});

function isWanted({
  row,
  adapter,
  ours,
  theirs,
  goal,
}: DownloadDuel | UploadDuel | S3Duel): boolean {
  const title = ` ${row.name} ${adapter} ${ours.name} ${theirs.name} `.toLowerCase();
  const isChosen = positionals.every((word) => title.includes(` ${word.toLowerCase()} `));
  const isShort = goal !== undefined && ours.name !== 'by key';
  return isChosen && (!values.quick || isShort);
}

function print(text: string): void {
  process.stdout.write(`${text}\n`);
}

const PREFIX = 'nestjs-private-storage-';
const folder = mkdtempSync(join(memoryFolder(), PREFIX));
const disk = mkdtempSync(join(tmpdir(), PREFIX));
try {
  pinClient();
  const hasNginx = nginxVersion() !== undefined;
  print(`${machine(folder)}\n`);
  if (!hasNginx) print('nginx is not installed: its rows are left out.\n');
  await measure('Downloads', await downloadDuels(folder, hasNginx));
  await measure('Uploads', uploadDuels(folder));
  await measure(`Uploads to ${disk}`, flushedUploadDuels(disk));
  await measureOnCeph();
} finally {
  for (const each of [folder, disk]) rmSync(each, { recursive: true, force: true });
}

/** Last, and only while it is needed: what runs beside the others distorts them. */
async function measureOnCeph() {
  if (!CEPH_PROGRAMS.every(isInstalled)) {
    print('Ceph is not installed: its rows are left out.\n');
    return;
  }
  const ceph = await startCeph();
  try {
    await measure('Through the app, from S3 and into it', await s3Duels(folder, ceph));
  } finally {
    await ceph.stop();
  }
}

async function measure(title: string, duels: readonly (DownloadDuel | UploadDuel | S3Duel)[]) {
  const wanted = duels.filter(isWanted);
  if (wanted.length === 0) return;
  print(`${title}\n\n${padded(HEADINGS)}`);
  const lines: Line[] = [];
  for (const one of wanted) {
    const { ours, theirs, row } = one;
    const pace = { ...(values.quick ? QUICK : FULL), ...row.pace };
    const result = await duel(ours, theirs, row.connections, pace);
    const line = lineOf(one, result);
    lines.push(line);
    print(padded(line));
  }
  print(`\nAs markdown:\n\n${markdown(lines)}\n`);
}

/** A disk would be measured along with the servers. */
function memoryFolder(): string {
  try {
    accessSync('/dev/shm', constants.W_OK);
    return '/dev/shm';
  } catch {
    return tmpdir();
  }
}
