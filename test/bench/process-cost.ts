import { readFileSync } from 'node:fs';

const TICKS_PER_SECOND = 100; // USER_HZ, the same on every Linux that Node runs on

/** Seconds of CPU that a process and all that it started have used: `man 5 proc_pid_stat`. */
export function cpuSeconds(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const ticks = fields.slice(11, 15).reduce((sum, field) => sum + Number(field), 0); // utime, stime, and of ended children
  return childrenOf(pid).reduce((sum, child) => sum + cpuSeconds(child), ticks / TICKS_PER_SECOND);
}

/** The most memory that a process and all that it started have held so far, in MiB. */
export function peakMebibytes(pid: number): number {
  return statusMebibytes(pid, /^VmHWM:\s+(\d+) kB$/m);
}

/** The memory that a process and all that it started hold now, in MiB. */
export function mebibytes(pid: number): number {
  return statusMebibytes(pid, /^VmRSS:\s+(\d+) kB$/m);
}

function statusMebibytes(pid: number, line: RegExp): number {
  const status = readFileSync(`/proc/${pid}/status`, 'latin1');
  const own = Number(line.exec(status)?.[1]) / 1024;
  return childrenOf(pid).reduce((sum, child) => sum + statusMebibytes(child, line), own);
}

function childrenOf(pid: number): number[] {
  const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'latin1').trim();
  return children === '' ? [] : children.split(' ').map(Number);
}
